"""Adding households and organisations with their people to a register that others use meanwhile.

What it knows of them is asked once for a whole batch, and what verbs write is inserted in bulk, as for cards.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors.people import HolderNotFound, OrganisationNotFound
from domain.guardians import Guardianship
from domain.import_kinds import ImportKind
from domain.import_known import KnownGroup, KnownPerson, Register
from domain.import_lines import name_key
from domain.import_members import Member
from domain.newcomers import reference_of
from domain.organisations import Organisation
from domain.people import Beneficiary, Holder
from domain.ports import Ids
from store.newcomers import NewcomersUnit, NewPeople, known, pieces
from store.people import SqlPeople
from store.rows import to_struct
from store.tables.passes import card, medium, pass_
from store.tables.people import beneficiary, holder, household, organisation
from store.tables.products import entitlement, product


async def known_groups(
    connection: AsyncConnection,
    authority_id: UUID,
    members: Sequence[Member],
    *,
    kind: ImportKind,
    code: str,
    today: date,
    began_at: datetime | None,
) -> Register:
    """Ask what an authority's register knows of these lines. What has come in since `began_at` is this import's."""
    ask = _Questions(connection, authority_id, today, began_at)
    people = [one.person for one in members if one.person is not None]
    told = await known(connection, authority_id, people, code)
    references = {reference_of(one, code) for one in people}
    references.update(reference for one in members for reference in one.guardians)
    groups = {one.group.reference for one in members}
    numbers = {one.group.firm.registration for one in members if one.group.firm and one.group.firm.registration}
    firms = kind is ImportKind.ORGANISATIONS
    return Register(
        names=told.names,
        people=await ask.people(references),
        chips=told.chips,
        groups=await (ask.organisations(groups, numbers) if firms else ask.households(groups)),
        registrations=await ask.registrations(numbers),
    )


class _Questions:
    """Questions for many lines at once, to one authority's register."""

    def __init__(self, connection: AsyncConnection, authority_id: UUID, today: date, began_at: datetime | None) -> None:
        self._connection = connection
        self._authority_id = authority_id
        self._today = today
        self._began_at = began_at

    async def people(self, references: Iterable[str]) -> dict[str, KnownPerson]:
        """Find people by reference, with their memberships and chips."""
        found: list[Holder] = []
        for some in pieces(set(references)):
            rows = await self._connection.execute(
                select(holder).where(holder.c.authority_id == self._authority_id, holder.c.reference.in_(some))
            )
            found += [to_struct(row, Holder) for row in rows]
        ids = [one.id for one in found]
        stays, chips = await self._stays(ids), await self._chips(ids)
        return {
            one.reference: KnownPerson(
                holder=one,
                name_key=name_key(one.first_name, one.last_name, one.born_on),
                ours=self._is_ours(one.created_at),
                shares=any(stay.former and stay.valid_until > self._today for stay in stays[one.id]),
                stays=tuple(stays[one.id]),
                chips=frozenset(chips[one.id]),
            )
            for one in found
        }

    async def households(self, references: Iterable[str]) -> dict[str, KnownGroup]:
        """Find households by reference, with their rights."""
        found: list[Row[UUID, str, datetime]] = []
        for some in pieces(set(references)):
            rows = await self._connection.execute(
                select(household.c.id, household.c.reference, household.c.created_at).where(
                    household.c.authority_id == self._authority_id, household.c.reference.in_(some)
                )
            )
            found += rows.all()
        rights = await self._rights([row.id for row in found])
        return {
            row.reference: KnownGroup(row.id, None, self._is_ours(row.created_at), frozenset(rights[row.id]))
            for row in found
        }

    async def organisations(self, references: Iterable[str], numbers: Iterable[str]) -> dict[str, KnownGroup]:
        """Find organisations by reference or by registration, with their rights."""
        found: list[Row[UUID, str, str | None, datetime]] = []
        for which, values in ((organisation.c.reference, references), (organisation.c.registration, numbers)):
            for some in pieces(set(values)):
                rows = await self._connection.execute(self._firms().where(which.in_(some)))
                found += rows.all()
        rights = await self._rights([row.id for row in found])
        return {
            row.reference: KnownGroup(
                row.id, row.registration, self._is_ours(row.created_at), frozenset(rights[row.id])
            )
            for row in found
        }

    async def registrations(self, numbers: Iterable[str]) -> dict[str, str]:
        """Tell under which references registrations stand."""
        found: dict[str, str] = {}
        for some in pieces(set(numbers)):
            rows = await self._connection.execute(self._firms().where(organisation.c.registration.in_(some)))
            found.update({row.registration: row.reference for row in rows})
        return found

    def _firms(self) -> Select[UUID, str, str | None, datetime]:
        told = organisation.c
        return select(told.id, told.reference, told.registration, told.created_at).where(
            told.authority_id == self._authority_id
        )

    async def _stays(self, holder_ids: list[UUID]) -> defaultdict[UUID, list[Beneficiary]]:
        found: defaultdict[UUID, list[Beneficiary]] = defaultdict(list)
        for some in pieces(holder_ids):
            rows = await self._connection.execute(
                select(beneficiary).where(
                    beneficiary.c.holder_id.in_(some),
                    beneficiary.c.subject_id != beneficiary.c.holder_id,
                )
            )
            for row in rows:
                found[row.holder_id].append(to_struct(row, Beneficiary))
        return found

    async def _chips(self, holder_ids: list[UUID]) -> defaultdict[UUID, set[bytes]]:
        found: defaultdict[UUID, set[bytes]] = defaultdict(set)
        for some in pieces(holder_ids):
            rows = await self._connection.execute(
                select(pass_.c.holder_id, card.c.uid_digest)
                .join(medium, medium.c.pass_id == pass_.c.id)
                .join(card, card.c.medium_id == medium.c.id)
                .where(pass_.c.holder_id.in_(some))
            )
            for row in rows:
                found[row.holder_id].add(bytes(row.uid_digest))
        return found

    async def _rights(self, group_ids: list[UUID]) -> defaultdict[UUID, set[str]]:
        found: defaultdict[UUID, set[str]] = defaultdict(set)
        for some in pieces(group_ids):
            rows = await self._connection.execute(
                select(entitlement.c.subject_id, product.c.code)
                .join(product, product.c.id == entitlement.c.product_id)
                .where(entitlement.c.subject_id.in_(some), self._runs())
            )
            for row in rows:
                found[row.subject_id].add(row.code)
        return found

    def _runs(self) -> ColumnElement[bool]:
        return entitlement.c.valid_until > self._today

    def _is_ours(self, created_at: datetime) -> bool:
        return self._began_at is not None and created_at >= self._began_at


class _Joiners(NewPeople):
    """Keeps organisations too. People who were there before are known by their ids."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self.organisations: dict[tuple[UUID, str], Organisation] = {}
        self.by_reference: dict[tuple[UUID, str], Holder] = {}
        self._new: set[UUID] = set()

    async def add_holder(self, new: Holder) -> None:
        """Keep a holder."""
        await super().add_holder(new)
        self._new.add(new.id)
        self.by_reference[new.authority_id, new.reference] = new

    async def holder(self, authority_id: UUID, reference: str) -> Holder:
        """Find a holder among those kept."""
        try:
            return self.by_reference[authority_id, reference]
        except KeyError:
            raise HolderNotFound("No holder has this reference.") from None

    async def add_organisation(self, new: Organisation) -> None:
        """Keep an organisation."""
        self.organisations[new.authority_id, new.reference] = new

    async def organisation(self, authority_id: UUID, reference: str) -> Organisation:
        """Find an organisation among those kept; those of the register were found before."""
        try:
            return self.organisations[authority_id, reference]
        except KeyError:
            raise OrganisationNotFound(f"No organisation has the reference {reference}.") from None

    async def registration_taken(self, authority_id: UUID, registration: str) -> bool:  # noqa: ARG002 - the port's
        """Tell that it is free: those of the register, and those said twice in the file, were refused before."""
        return False

    async def guardianships(self, ward_id: UUID, guardian_id: UUID) -> list[Guardianship]:
        """List when the one acts for the other: for somebody new, among those kept."""
        kept = await super().guardianships(ward_id, guardian_id)
        if ward_id in self._new:
            return kept
        return [*await SqlPeople.guardianships(self, ward_id, guardian_id), *kept]


class MembersUnit(NewcomersUnit):
    """`domain.ports.Unit` for lines of which the register was asked by `known_groups`: `load` first, `flush` last."""

    people: _Joiners

    def __init__(self, connection: AsyncConnection, ids: Ids) -> None:
        super().__init__(connection, ids)
        self.people = _Joiners(connection)

    async def flush(self) -> None:
        """Insert what was kept, each table in one go."""
        await self.insert(organisation, self.people.organisations.values())
        await super().flush()
        self.people.organisations.clear()
        self.people.by_reference.clear()
