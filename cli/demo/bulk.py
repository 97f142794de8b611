"""A unit of work that keeps what the register's verbs write, and inserts it in bulk.

Thousands of residents go through the same `register_holder`, `issue`, `grant` and `block` as anybody at a desk; only
the inserts are gathered. What is kept is not seen by queries until `flush`, the media of a pass excepted.
"""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.passes import Medium, Pass
from domain.people import Beneficiary, Holder, Household
from domain.ports import Ids
from domain.products import Entitlement
from store.passes import SqlPasses
from store.people import SqlPeople
from store.products import SqlProducts
from store.rows import to_row
from store.tables.passes import medium, pass_
from store.tables.people import beneficiary, holder, household
from store.tables.products import entitlement
from store.unit import SqlUnit


class BulkPeople(SqlPeople):
    """Keeps persons, households and memberships."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self.holders: list[Holder] = []
        self.households: list[Household] = []
        self.beneficiaries: list[Beneficiary] = []

    async def add_holder(self, new: Holder) -> None:
        """Keep a holder."""
        self.holders.append(new)

    async def add_household(self, new: Household) -> None:
        """Keep a household."""
        self.households.append(new)

    async def add_beneficiary(self, new: Beneficiary) -> None:
        """Keep whose rights a holder may spend."""
        self.beneficiaries.append(new)


class BulkPasses(SqlPasses):
    """Keeps passes and media, and every number given out: two passes of the city never draw the same."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self.passes: dict[UUID, Pass] = {}
        self.kept_media: defaultdict[UUID, dict[int, Medium]] = defaultdict(dict)
        self._numbers: set[str] = set()
        self._indexes: set[tuple[UUID, int, int]] = set()

    async def add(self, new: Pass) -> None:
        """Keep a pass."""
        self._numbers.add(new.number)
        self.passes[new.id] = new

    async def save(self, changed: Pass) -> None:
        """Keep a pass's new status."""
        self.passes[changed.id] = changed

    async def add_medium(self, new: Medium) -> None:
        """Keep a medium."""
        self._indexes.add((new.authority_id, new.status_list, new.status_index))
        self.kept_media[new.pass_id][new.id] = new

    async def save_medium(self, changed: Medium) -> None:
        """Keep a medium's new status."""
        self.kept_media[changed.pass_id][changed.id] = changed

    async def media(self, pass_id: UUID) -> list[Medium]:
        """List the media kept for a pass, oldest first."""
        return list(self.kept_media[pass_id].values())

    async def number_taken(self, number: str) -> bool:
        """Tell whether the city has given this number out; the table's own constraint guards the rest."""
        return number in self._numbers

    async def status_index_taken(self, authority_id: UUID, status_list: int, status_index: int) -> bool:
        """Tell whether the city has given this place out; the table's own constraint guards the rest."""
        return (authority_id, status_list, status_index) in self._indexes


class BulkProducts(SqlProducts):
    """Keeps rights."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self.kept: list[Entitlement] = []

    async def add_entitlement(self, new: Entitlement) -> None:
        """Keep a right."""
        self.kept.append(new)


class BulkUnit(SqlUnit):
    """`domain.ports.Unit` for founding a city: call `flush` before leaving the transaction."""

    people: BulkPeople
    passes: BulkPasses
    products: BulkProducts

    def __init__(self, connection: AsyncConnection, ids: Ids) -> None:
        super().__init__(connection, ids)
        self.people = BulkPeople(connection)
        self.passes = BulkPasses(connection)
        self.products = BulkProducts(connection)

    async def flush(self) -> None:
        """Insert what was kept, each table in one go, parents first."""
        people, passes = self.people, self.passes
        media = (one for of_pass in passes.kept_media.values() for one in of_pass.values())
        await self._insert(holder, people.holders)
        await self._insert(household, people.households)
        await self._insert(beneficiary, people.beneficiaries)
        await self._insert(pass_, passes.passes.values())
        await self._insert(medium, media)
        await self._insert(entitlement, self.products.kept)
        for kept in (people.holders, people.households, people.beneficiaries, self.products.kept):
            kept.clear()
        passes.passes.clear()
        passes.kept_media.clear()

    async def _insert(self, table: Table, structs: Iterable[Struct]) -> None:
        rows = [to_row(struct) for struct in structs]
        if rows:
            await self.connection.execute(insert(table), rows)
