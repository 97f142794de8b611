"""Erasing somebody who asks for it (GDPR, art. 17), before the days until which they would be kept.

What the law lets an authority keep for now stands in the way, and is said in a sentence each: sums that are due (art.
17-3 b and e), a request that waits for its decision. So does whatever would leave somebody else without help.
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from msgspec import Struct

from domain.errors.people import ErasureRefused
from domain.numbers import number
from domain.people import Holder
from domain.ports import Unit
from domain.text import Text

MOST_NAMED: Final = 10
"""So many things of one kind are named in a sentence; of the others, how many they are."""


class Ground(StrEnum):
    """Why somebody may be erased, in the order of GDPR, art. 17-1 a to e."""

    NOT_NEEDED = "not_needed"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    OBJECTED = "objected"
    UNLAWFUL = "unlawful"
    LEGAL_OBLIGATION = "legal_obligation"


GROUNDS: dict[Ground, Text] = {
    Ground.NOT_NEEDED: Text(fr="Les données ne servent plus (a)", en="The data serve no more (a)"),
    Ground.CONSENT_WITHDRAWN: Text(fr="Le consentement est retiré (b)", en="Consent was withdrawn (b)"),
    Ground.OBJECTED: Text(fr="La personne s’oppose (c)", en="The person objects (c)"),
    Ground.UNLAWFUL: Text(fr="Le traitement est illicite (d)", en="The processing was unlawful (d)"),
    Ground.LEGAL_OBLIGATION: Text(fr="La loi l’impose (e)", en="The law asks for it (e)"),
}


class Hindrance(StrEnum):
    """What may stand in the way of an erasure."""

    BILLS_DUE = "bills_due"
    REQUEST_OPEN = "request_open"
    ONLY_GUARDIAN = "only_guardian"
    CARD_UNDERWAY = "card_underway"


_SENTENCES: dict[Hindrance, Text] = {
    Hindrance.BILLS_DUE: Text(
        fr="{euros} € restent à régler (passages {what} ; RGPD, art. 17-3 b et e). Pour noter le règlement :"
        " multipass bills settle.",
        en="{euros} € are still due (passages {what}; GDPR, art. 17-3 b and e). To write how they were settled:"
        " multipass bills settle.",
    ),
    Hindrance.REQUEST_OPEN: Text(
        fr="Des demandes attendent une décision : {what}. Elles sont d’abord tranchées, ou retirées.",
        en="Requests wait for a decision: {what}. They are decided first, or taken back.",
    ),
    Hindrance.ONLY_GUARDIAN: Text(
        fr="Personne d’autre n’agit pour {what} : un autre représentant est d’abord désigné.",
        en="Nobody else acts for {what}: another guardian is appointed first.",
    ),
    Hindrance.CARD_UNDERWAY: Text(
        fr="Une carte est en fabrication, ou attend d’être remise, pour les pass {what} : son lot est d’abord clos, ou"
        " la carte retirée.",
        en="A card is being made, or waits to be handed over, for the passes {what}: first its batch is closed, or the"
        " card discarded.",
    ),
}


class Obstacle(Struct, frozen=True):
    """One thing in the way: numbers of passages or passes, references of requests or wards, and what is due."""

    hindrance: Hindrance
    what: tuple[str, ...]
    cents: int = 0

    @property
    def sentence(self) -> Text:
        """Say it to whoever handles the request."""
        said = _SENTENCES[self.hindrance]
        return Text(
            said.fr.format(what=_named(self.what, "et {} autres"), euros=number(self.cents / 100, 2, "fr")),
            said.en.format(what=_named(self.what, "and {} more"), euros=number(self.cents / 100, 2, "en")),
        )


class Erased(Struct, frozen=True):
    """What an erasure came to: rows by table (of `validation` and `sale`: that lost their person), photos to remove."""

    rows: dict[str, int]
    photos: tuple[UUID, ...] = ()


class Erasures(Protocol):
    """The erasures of one unit of work."""

    async def hold(self, holder: Holder) -> None:
        """Keep others from giving somebody anything, to the end of the unit."""
        ...

    async def open_requests(self, holder: Holder) -> list[str]:
        """List the references of requests about somebody, or of their account, that nobody has decided."""
        ...

    async def cards_underway(self, holder: Holder) -> list[str]:
        """List the numbers of somebody's passes for which a card is on order, or waits to be handed over."""
        ...

    async def remove(self, holder: Holder, *, today: date, now: datetime) -> Erased:
        """Take somebody out of their passages and sales, and out of the register with all that hangs on them."""
        ...


async def in_the_way(unit: Unit, holder: Holder, *, today: date) -> list[Obstacle]:
    """List what keeps somebody from being erased today."""
    due = await unit.bills.unsettled_of(holder.id)
    found = {
        Hindrance.BILLS_DUE: [str(bill.number) for bill in due],
        Hindrance.REQUEST_OPEN: await unit.erasures.open_requests(holder),
        Hindrance.ONLY_GUARDIAN: await _left_alone(unit, holder, today),
        Hindrance.CARD_UNDERWAY: await unit.erasures.cards_underway(holder),
    }
    cents = sum(bill.billed_cents for bill in due)
    return [
        Obstacle(hindrance, tuple(what), cents if hindrance is Hindrance.BILLS_DUE else 0)
        for hindrance, what in found.items()
        if what
    ]


async def erase(unit: Unit, holder: Holder, *, today: date, now: datetime) -> Erased:
    """Erase somebody, for good. The files of the photos that are returned are to be removed after the commit.

    Raises:
        HolderNotFound: somebody else has erased them a moment ago.
        ErasureRefused: with everything that stands in the way; nothing has changed.
    """
    await unit.erasures.hold(holder)
    await unit.people.holder_by_id(holder.authority_id, holder.id)
    obstacles = await in_the_way(unit, holder, today=today)
    if obstacles:
        raise ErasureRefused(" ".join(one.sentence.en for one in obstacles), tuple(obstacles))
    return await unit.erasures.remove(holder, today=today, now=now)


async def _left_alone(unit: Unit, holder: Holder, today: date) -> list[str]:
    """List the references of those for whom nobody else acts today: minors, and whoever has a tutor."""
    alone = []
    for ward_id in sorted({one.ward_id for one in await unit.people.wards_of(holder.id, today)}):
        guardians = await unit.people.guardians_of(ward_id, today)
        if all(one.guardian_id == holder.id for one in guardians):
            alone.append((await unit.people.holder_by_id(holder.authority_id, ward_id)).reference)
    return alone


def _named(what: Sequence[str], more: str) -> str:
    named = ", ".join(what[:MOST_NAMED])
    return f"{named} {more.format(len(what) - MOST_NAMED)}" if len(what) > MOST_NAMED else named
