"""The small city with batches of cards on their way: the verbs with what never changes between calls."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

from msgspec import Struct

from adapters.keyring import KeyRing
from domain import made_cards, personalisation
from domain.agents import Role
from domain.card_batches import BatchCard, CardBatch
from domain.maker_reports import Report, ReportedCard
from domain.passes import Medium
from domain.personalisation import Wanted
from nfc.status_list import Status
from store import status_lists
from store.database import Database
from tests.city import KEEP, NOW, City, TestPass, resident, small_city

UNTIL = NOW + timedelta(days=900)
BLANK = Wanted(UNTIL, KEEP)
SHA = bytes(range(32))


class World(Struct, frozen=True):
    """The small city, two residents, and the verbs with what never changes between calls."""

    database: Database
    city: City
    zoe: TestPass
    max: TestPass

    async def order(self, *wanted: Wanted, code: str = "spring", key_version: int = 1) -> CardBatch:
        async with self.database.begin() as unit:
            return await personalisation.order(
                unit,
                self.city.authority.id,
                code=code,
                wanted=wanted,
                key_version=key_version,
                agent_id=self.city.agents[Role.MANAGER].id,
                now=NOW,
            )

    async def send(self, chips: Sequence[bytes], *, code: str = "spring") -> CardBatch:
        """As the command line does it: paired first, held and sent after."""
        async with self.database.look() as unit:
            batch = await unit.batches.by_code(self.city.authority.id, code)
            paired = await personalisation.pair_chips(unit, batch, chips)
        async with self.database.begin() as unit:
            batch = await unit.batches.hold(self.city.authority.id, code)
            agent = self.city.agents[Role.MANAGER]
            return await personalisation.send(unit, batch, paired, file_digest=SHA, agent_id=agent.id, now=NOW)

    async def settle(self, report: Report, *, code: str = "spring") -> CardBatch:
        async with self.database.begin() as unit:
            batch = await unit.batches.hold(self.city.authority.id, code)
            agent = self.city.agents[Role.MANAGER]
            return await personalisation.settle(unit, batch, report, agent_id=agent.id, now=NOW)

    async def deliver(self, *, code: str = "spring", desk: str = "hall", first: int = 1, last: int = 100) -> None:
        async with self.database.begin() as unit:
            batch = await unit.batches.hold(self.city.authority.id, code)
            await made_cards.deliver_to_desk(unit, batch, desk=desk, first=first, last=last, now=NOW)

    async def bind(self, number: str, owner: TestPass) -> Medium:
        async with self.database.begin() as unit:
            card = await unit.batches.card_by_number(self.city.authority.id, number)
            return await made_cards.bind(unit, card, owner.pass_, now=NOW)

    async def cards(self, code: str = "spring") -> list[BatchCard]:
        async with self.database.look() as unit:
            return await unit.batches.cards((await unit.batches.by_code(self.city.authority.id, code)).id)

    async def at_desk(self, count: int = 2) -> list[BatchCard]:
        """Blank cards that lie at a desk."""
        await self.order(*[BLANK] * count)
        await self.send(chips(count))
        await self.settle(said(await self.cards()))
        await self.deliver()
        return await self.cards()

    async def entries(self) -> dict[int, Status]:
        async with self.database.read() as connection:
            return await status_lists.entries(connection, self.city.authority.id, 1)


def chips(count: int, *, first: int = 0) -> list[bytes]:
    return [number.to_bytes(32, "big") for number in range(first + 1, first + count + 1)]


def said(cards: Sequence[BatchCard], *, spoiled: frozenset[int] = frozenset()) -> Report:
    """The report of a maker who did as was asked."""
    told = [
        ReportedCard(card.sequence, card.number, card.uid_digest or b"", card.sequence not in spoiled, 1)
        for card in cards
    ]
    return Report("spring", SHA, told)


@asynccontextmanager
async def open_world(database_url: str, keyring: KeyRing) -> AsyncIterator[World]:
    """Build it, with two residents, in a migrated database."""
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    yield World(database, city, *[await resident(database, keyring, city, name) for name in ("R1", "R2")])
    await database.close()
