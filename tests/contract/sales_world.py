"""A city that sells things, with its ledger open, for the tests of sales."""

from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import func, select

from adapters.keyring import KeyRing
from domain import sales
from domain.access.facts import Direction
from domain.orders import Wanted
from domain.sales import Means, Receipt, Sale
from store.database import Database
from store.ledger import Lane
from tests.city import NOW, TODAY, City, TestPass, resident
from tests.contract.ledger_world import scan
from tests.tariffs import order

TEN = Wanted("ten", 2430)


class World(Struct, frozen=True):
    """A city that sells things, with its ledger open."""

    database: Database
    keyring: KeyRing
    city: City
    lane: Lane

    async def resident(self, reference: str, **more: Any) -> TestPass:  # noqa: ANN401 - as `tests.city.resident`
        return await resident(self.database, self.keyring, self.city, reference, **more)

    async def buy(self, who: TestPass, *wanted: Wanted, key: str = "sale-1", gate: str = "pool") -> Receipt:
        return msgspec.json.decode(
            await order(self.database, self.city, who, *wanted, key=key, gate=gate), type=Receipt
        )

    async def cancel(self, sale_id: UUID, *, agent_id: UUID | None = None) -> Sale:
        async with self.database.begin() as unit:
            sale = await unit.sales.hold(self.city.authority.id, sale_id)
            return await sales.cancel(unit, sale, today=TODAY, now=NOW, agent_id=agent_id)

    async def pay(self, sale_id: UUID, reference: str = "T1") -> Sale:
        async with self.database.begin() as unit:
            sale = await unit.sales.hold(self.city.authority.id, sale_id)
            return await sales.settle(unit, sale, means=Means.CARD, reference=reference, now=NOW)

    async def tap(self, who: TestPass, key: str, gate: str = "free", way: Direction = Direction.ENTRY) -> str:
        tap = scan(self.city.terminal.terminal.id, key, self.city.gates[gate].id, who.medium.id, direction=way, at=NOW)
        settled = await self.lane.submit(tap)
        assert isinstance(settled, bytes)
        return str(msgspec.json.decode(settled)["outcome"])

    async def count(self, table: Any) -> int:  # noqa: ANN401 - a table
        async with self.database.read() as connection:
            return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())
