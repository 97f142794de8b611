"""Several lanes on one database, for the tests that submit at once."""

import asyncio
from collections.abc import Iterable
from uuid import UUID

import msgspec
from msgspec import Struct

from adapters.keyring import KeyRing
from store.database import Database
from store.ledger import Lane, Scan, Settled
from tests.city import City, TestPass, resident
from tests.contract.ledger_world import settle_at_last


class Here(Struct):
    """A city with lanes on it."""

    database: Database
    keyring: KeyRing
    city: City
    lanes: list[Lane]

    async def resident(self, reference: str, *rights: str) -> TestPass:
        return await resident(self.database, self.keyring, self.city, reference, rights=rights)

    @property
    def terminal(self) -> UUID:
        return self.city.terminal.terminal.id


async def everywhere(here: Here, scans: Iterable[Scan]) -> list[Settled]:
    """Submit scans at once, each to the next lane, and insist until each has its answer."""
    found = await asyncio.gather(
        *(settle_at_last(here.lanes[number % len(here.lanes)], one) for number, one in enumerate(scans))
    )
    return [settled for settled, _ in found]


def reasons(answers: Iterable[Settled]) -> list[str]:
    found = []
    for answer in answers:
        assert isinstance(answer, bytes), answer
        found.append(str(msgspec.json.decode(answer)["reason"]))
    return sorted(found)
