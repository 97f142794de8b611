"""A unit of work that keeps what the register's verbs write, and inserts it in bulk.

It founds a city in an empty database; `store.newcomers` adds people to one that is there. Thousands of residents go
through the same `register_holder`, `issue`, `grant` and `block` as anybody at a desk; only the inserts are gathered.
What is kept is not seen by queries until `flush`, except by those that the verbs ask.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from itertools import chain
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.cards import Card
from domain.circumstances import Circumstance, CircumstanceKind
from domain.errors.people import HouseholdNotFound
from domain.guardians import Guardianship
from domain.passes import Medium, MediumChange, Pass, PassChange
from domain.people import Beneficiary, Holder, Household
from domain.ports import Ids
from domain.products import Entitlement
from domain.replacements import Replacement
from store.passes import SqlPasses
from store.people import SqlPeople, name_rows
from store.products import SqlProducts
from store.replacements import SqlReplacements
from store.rows import to_row
from store.tables.passes import card, medium, medium_change, pass_, pass_change
from store.tables.people import beneficiary, circumstance, guardianship, holder, holder_name, household
from store.tables.products import entitlement
from store.tables.replacements import replacement
from store.unit import SqlUnit


class BulkPeople(SqlPeople):
    """Keeps persons and households with what is told of them."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self.holders: list[Holder] = []
        self.households: dict[tuple[UUID, str], Household] = {}
        self.beneficiaries: defaultdict[tuple[UUID, UUID], list[Beneficiary]] = defaultdict(list)
        self.circumstances_kept: defaultdict[tuple[UUID, CircumstanceKind], list[Circumstance]] = defaultdict(list)
        self.guardianships_kept: defaultdict[tuple[UUID, UUID], list[Guardianship]] = defaultdict(list)

    async def add_holder(self, new: Holder) -> None:
        """Keep a holder."""
        self.holders.append(new)

    async def add_household(self, new: Household) -> None:
        """Keep a household."""
        self.households[new.authority_id, new.reference] = new

    async def add_beneficiary(self, new: Beneficiary) -> None:
        """Keep whose rights a holder may spend."""
        self.beneficiaries[new.holder_id, new.subject_id].append(new)

    async def add_circumstance(self, new: Circumstance) -> None:
        """Keep what holds of a subject."""
        self.circumstances_kept[new.subject_id, new.kind].append(new)

    async def add_guardianship(self, new: Guardianship) -> None:
        """Keep who acts for whom."""
        self.guardianships_kept[new.ward_id, new.guardian_id].append(new)

    async def household(self, authority_id: UUID, reference: str) -> Household:
        """Find a household among those kept."""
        try:
            return self.households[authority_id, reference]
        except KeyError:
            raise HouseholdNotFound(f"No household has the reference {reference}.") from None

    async def memberships(self, holder_id: UUID, subject_id: UUID) -> list[Beneficiary]:
        """List the memberships kept."""
        return self.beneficiaries[holder_id, subject_id]

    async def circumstances_after(self, subject_id: UUID, kind: CircumstanceKind, day: date) -> list[Circumstance]:
        """List what is kept of a subject and goes beyond a day."""
        return [one for one in self.circumstances_kept[subject_id, kind] if one.valid_until > day]

    async def guardianships(self, ward_id: UUID, guardian_id: UUID) -> list[Guardianship]:
        """List the guardianships kept."""
        return self.guardianships_kept[ward_id, guardian_id]


class BulkPasses(SqlPasses):
    """Keeps passes and media, and every number given out: two passes of the city never draw the same."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self.passes: dict[UUID, Pass] = {}
        self.kept_media: defaultdict[UUID, dict[int, Medium]] = defaultdict(dict)
        self.changes: list[MediumChange] = []
        self.pass_changes: list[PassChange] = []
        self.cards: list[Card] = []
        self._numbers: set[str] = set()
        self._indexes: set[tuple[UUID, int, int]] = set()
        self._lists: defaultdict[UUID, int] = defaultdict(int)

    def begin_with(self, authority_id: UUID, status_list: int) -> None:
        """Say which list is the newest already."""
        self._lists[authority_id] = status_list

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
        self._lists[new.authority_id] = max(self._lists[new.authority_id], new.status_list)
        self.kept_media[new.pass_id][new.id] = new

    async def save_medium(self, changed: Medium) -> None:
        """Keep a medium's new status."""
        self.kept_media[changed.pass_id][changed.id] = changed

    async def add_change(self, new: MediumChange) -> None:
        """Keep what a medium was."""
        self.changes.append(new)

    async def add_pass_change(self, new: PassChange) -> None:
        """Keep what a pass was."""
        self.pass_changes.append(new)

    async def add_card(self, new: Card) -> None:
        """Keep the chip of a card."""
        self.cards.append(new)

    async def media(self, pass_id: UUID) -> list[Medium]:
        """List the media kept for a pass, oldest first."""
        return list(self.kept_media[pass_id].values())

    async def number_taken(self, number: str) -> bool:
        """Tell whether the city has given this number out; the table's own constraint guards the rest."""
        return number in self._numbers

    async def newest_status_list(self, authority_id: UUID) -> int:
        """Return the newest list that the city has given places of."""
        return self._lists[authority_id]

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


class BulkReplacements(SqlReplacements):
    """Keeps what took the place of what."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self.kept: list[Replacement] = []

    async def add(self, new: Replacement) -> None:
        """Keep a replacement."""
        self.kept.append(new)


class BulkUnit(SqlUnit):
    """`domain.ports.Unit` for founding a city: call `flush` before leaving the transaction."""

    people: BulkPeople
    passes: BulkPasses
    products: BulkProducts
    replacements: BulkReplacements

    def __init__(self, connection: AsyncConnection, ids: Ids) -> None:
        super().__init__(connection, ids)
        self.people = BulkPeople(connection)
        self.passes = BulkPasses(connection)
        self.products = BulkProducts(connection)
        self.replacements = BulkReplacements(connection)

    async def flush(self) -> None:
        """Insert what was kept, each table in one go, parents first."""
        people, passes = self.people, self.passes
        media = (one for of_pass in passes.kept_media.values() for one in of_pass.values())
        await self.insert(holder, people.holders)
        names = [row for one in people.holders for row in name_rows(one)]
        if names:
            await self.connection.execute(insert(holder_name), names)
        await self.insert(household, people.households.values())
        await self.insert(beneficiary, chain.from_iterable(people.beneficiaries.values()))
        await self.insert(circumstance, chain.from_iterable(people.circumstances_kept.values()))
        await self.insert(guardianship, chain.from_iterable(people.guardianships_kept.values()))
        await self.insert(pass_, passes.passes.values())
        await self.insert(medium, media)
        await self.insert(medium_change, passes.changes)
        await self.insert(pass_change, passes.pass_changes)
        await self.insert(card, passes.cards)
        await self.insert(replacement, self.replacements.kept)
        await self.insert(entitlement, self.products.kept)
        people.holders.clear()
        people.households.clear()
        people.beneficiaries.clear()
        people.circumstances_kept.clear()
        people.guardianships_kept.clear()
        self.products.kept.clear()
        self.replacements.kept.clear()
        passes.passes.clear()
        passes.kept_media.clear()
        passes.changes.clear()
        passes.pass_changes.clear()
        passes.cards.clear()

    async def insert(self, table: Table, structs: Iterable[Struct]) -> None:
        """Insert these in one go."""
        rows = [to_row(struct) for struct in structs]
        if rows:
            await self.connection.execute(insert(table), rows)
