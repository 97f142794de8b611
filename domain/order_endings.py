"""How what somebody has ordered for a pass comes to its end, whichever way a card takes to the pass.

Every verb that makes a card a medium of a pass calls `end_by_card` in its own transaction: a batch's card at a desk or
by post, a chip that is bound, the replacement of an API. Nobody gets a second card, or is charged twice. A card of
others opens one sector alone, so it ends nothing (ADR 0070).
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from domain.card_batches import BatchCard, stepped
from domain.passes import MediumStatus, Pass
from domain.ports import Unit

if TYPE_CHECKING:
    from domain.ordered_cards import CardOrder

KEPT: Final = timedelta(days=396)
"""How long an order is kept once it is over: the year that `MOST_A_YEAR` looks back on, and a month."""

_NOT_IN_USE = frozenset({MediumStatus.PRODUCED, MediumStatus.SHIPPED, MediumStatus.READY_AT_DESK})
"""A card on its way that can be called back; one that is being made is, once its maker has reported (`settle`)."""


class Ending(StrEnum):
    """What became of an order."""

    DONE = "done"
    """The card that was made for it is in use."""
    ELSEWHERE = "elsewhere"
    """The pass has got another card: none is made for the order, and the one that was opens nothing."""
    CANCELLED = "cancelled"


async def end_by_card(unit: Unit, pass_: Pass, *, card: BatchCard | None, now: datetime) -> "CardOrder | None":
    """End what is ordered for a pass that is given a card at this moment; return what it was.

    `card` is the batch's that is handed over; None for any other. Where it is not the one that was made for the order,
    its account is owed a word, and the one on its way is taken out of use.
    """
    newest = await unit.ordered_cards.newest(pass_.id)
    if newest is None or newest.ending is not None:
        return None
    other = await _on_its_way(unit, pass_, card)
    order = await unit.ordered_cards.hold_open(pass_.id)
    if order is None:
        return None
    if card is not None and card.named:
        return await end(unit, order, Ending.DONE, now=now)
    if other is not None and other.status in _NOT_IN_USE:
        await unit.batches.save_cards([stepped(other, MediumStatus.REVOKED)])
    return await end(unit, order, Ending.ELSEWHERE, now=now)


async def end(unit: Unit, order: "CardOrder", ending: Ending, *, now: datetime) -> "CardOrder":
    """End an order: where it went to is nobody's business any more. Who gets another card is told so."""
    until = min(order.keep_until, now.date() + KEPT)
    ended = replace(order, ended_at=now, ending=ending, address="", keep_until=until)
    await unit.ordered_cards.save(ended, told_from=now if ending is Ending.ELSEWHERE else None)
    return ended


async def _on_its_way(unit: Unit, pass_: Pass, card: BatchCard | None) -> BatchCard | None:
    """Hold the card that is made for a pass by name, unless it is this one: cards are held before orders."""
    underway = await unit.batches.card_underway(pass_.id)
    if underway is None or (card is not None and underway.medium_id == card.medium_id):
        return None
    return await unit.batches.card_by_number(pass_.authority_id, underway.number)
