"""Which cards an authority orders, until when: blank ones for desks, one for each of these passes, what people want."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from domain.passes import Pass
from domain.personalisation import Wanted
from domain.places import Authority, midnight
from domain.ports import Unit

YEARS: Final = 5
"""How long cards are good for, unless somebody says otherwise."""


def end_of_cards(today: date) -> date:
    """Return the day after the last of cards that are ordered today: the first of a month."""
    return date(today.year + YEARS, today.month, 1)


def blank(authority: Authority, count: int, end: date) -> list[Wanted]:
    """Want so many cards that name nobody."""
    return [Wanted(midnight(end, authority.zone), keep_until=end)] * count


async def for_passes(unit: Unit, authority: Authority, numbers: Sequence[str], end: date) -> list[Wanted]:
    """Want a card for each of these passes, good no longer than the pass is.

    Raises:
        PassNotFound: no pass of this authority has one of these numbers.
    """
    passes = [await unit.passes.by_number(authority.id, number) for number in numbers]
    return _named(authority, passes, end)


async def for_residents(unit: Unit, authority: Authority, end: date, *, most: int) -> list[Wanted]:
    """Want the cards that residents have ordered, those that wait longest, in the order of where they go.

    Their orders are held to the end of the unit: none is cancelled meanwhile.
    """
    return _named(authority, await unit.ordered_cards.take(authority.id, most), end)


def _named(authority: Authority, passes: Sequence[Pass], end: date) -> list[Wanted]:
    return [
        Wanted(midnight(min(end, one.valid_until), authority.zone), keep_until=one.keep_until, pass_=one)
        for one in passes
    ]
