"""Queries on the register of persons, households and organisations."""

from datetime import date
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, FromClause, Table, and_, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.circumstances import Circumstance, CircumstanceKind
from domain.errors import AlreadyExists
from domain.errors.people import HolderNotFound, HouseholdNotFound, OrganisationNotFound
from domain.guardians import Guardianship
from domain.names import name_keys
from domain.organisations import Organisation
from domain.people import Beneficiary, Holder, Household
from store.rows import insert, is_taken, only, to_struct
from store.tables.people import beneficiary, circumstance, guardianship, holder, holder_name, household, organisation


class SqlPeople:
    """`domain.ports.People` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    # --- who there is -------------------------------------------------------------------------------

    async def add_holder(self, new: Holder) -> None:
        """Write a holder, and by which words they are found."""
        await self._add(holder, new)
        await self._connection.execute(holder_name.insert(), name_rows(new))

    async def holder(self, authority_id: UUID, reference: str) -> Holder:
        """Find a holder by the authority's own reference."""
        found = await self._connection.execute(
            select(holder).where(holder.c.authority_id == authority_id, holder.c.reference == reference)
        )
        return only(found, Holder, HolderNotFound("No holder has this reference."))

    async def hold(self, authority_id: UUID, holder_id: UUID) -> None:
        """Keep others from giving somebody a pass or a card to the end of the unit. SQLite has one writer anyway."""
        await self._connection.execute(
            select(holder.c.id)
            .where(holder.c.authority_id == authority_id, holder.c.id == holder_id)
            .with_for_update(key_share=True)
        )

    async def keep_until(self, changed: Holder) -> None:
        """Write until when somebody is kept, with their names, memberships and circumstances."""
        until = {"keep_until": changed.keep_until}
        await self._connection.execute(update(holder).where(holder.c.id == changed.id).values(until))
        for table, whose in (
            (holder_name, holder_name.c.holder_id),
            (beneficiary, beneficiary.c.holder_id),
            (circumstance, circumstance.c.subject_id),
        ):
            await self._connection.execute(update(table).where(whose == changed.id).values(until))

    async def holder_by_id(self, authority_id: UUID, holder_id: UUID) -> Holder:
        """Find a holder of this authority."""
        found = await self._connection.execute(
            select(holder).where(holder.c.authority_id == authority_id, holder.c.id == holder_id)
        )
        return only(found, Holder, HolderNotFound("No such holder."))

    async def add_household(self, new: Household) -> None:
        """Write a household."""
        await self._add(household, new)

    async def household(self, authority_id: UUID, reference: str) -> Household:
        """Find a household by the authority's own reference."""
        found = await self._connection.execute(
            select(household).where(household.c.authority_id == authority_id, household.c.reference == reference)
        )
        return only(found, Household, HouseholdNotFound(f"No household has the reference {reference}."))

    async def hold_household(self, authority_id: UUID, household_id: UUID) -> None:
        """Keep others who hold it too from changing it to the end of the unit. SQLite has one writer anyway."""
        await self._connection.execute(
            select(household.c.id)
            .where(household.c.authority_id == authority_id, household.c.id == household_id)
            .with_for_update(key_share=True)
        )

    async def add_organisation(self, new: Organisation) -> None:
        """Write an organisation."""
        await self._add(organisation, new)

    async def organisation(self, authority_id: UUID, reference: str) -> Organisation:
        """Find an organisation by the authority's own reference."""
        found = await self._connection.execute(
            select(organisation).where(
                organisation.c.authority_id == authority_id, organisation.c.reference == reference
            )
        )
        return only(found, Organisation, OrganisationNotFound(f"No organisation has the reference {reference}."))

    async def registration_taken(self, authority_id: UUID, registration: str) -> bool:
        """Tell whether an organisation of this authority has this SIRET or RNA."""
        found = await self._connection.execute(
            select(organisation.c.id).where(
                organisation.c.authority_id == authority_id, organisation.c.registration == registration
            )
        )
        return found.first() is not None

    # --- who belongs to whom ------------------------------------------------------------------------

    async def add_beneficiary(self, new: Beneficiary) -> None:
        """Write whose rights a holder may spend."""
        await self._add(beneficiary, new)

    async def save_beneficiary(self, changed: Beneficiary) -> None:
        """Write until when a holder may spend."""
        await self._save(beneficiary, changed)

    async def remove_beneficiary(self, gone: Beneficiary) -> None:
        """Take back what was to begin."""
        await self._remove(beneficiary, gone)

    async def memberships(self, holder_id: UUID, subject_id: UUID) -> list[Beneficiary]:
        """List when a holder may spend the rights of a subject, of all times, in order."""
        found = await self._connection.execute(
            select(beneficiary)
            .where(beneficiary.c.holder_id == holder_id, beneficiary.c.subject_id == subject_id)
            .order_by(beneficiary.c.valid_from)
        )
        return [to_struct(row, Beneficiary) for row in found]

    async def members(self, subject_id: UUID, day: date) -> list[tuple[Holder, Beneficiary]]:
        """List who is a beneficiary of a subject on a day or will be, by name."""
        told = (beneficiary.c.subject_id, beneficiary.c.valid_from, beneficiary.c.valid_until, beneficiary.c.former)
        found = await self._connection.execute(
            select(holder, *told)
            .join(beneficiary, beneficiary.c.holder_id == holder.c.id)
            .where(beneficiary.c.subject_id == subject_id, beneficiary.c.valid_until > day)
            .order_by(holder.c.last_name, holder.c.first_name, holder.c.id, beneficiary.c.valid_from)
        )
        return [(to_struct(row, Holder), to_struct(row, Beneficiary, holder_id=row.id)) for row in found]

    async def subjects_of(self, holder_id: UUID, day: date) -> list[UUID]:
        """List the subjects whose rights a holder may spend on a day."""
        found = await self._connection.execute(
            select(beneficiary.c.subject_id).where(beneficiary.c.holder_id == holder_id, _holds(beneficiary, day))
        )
        return list(found.scalars())

    async def households_of(self, holder_id: UUID, day: date) -> list[Household]:
        """List the households where a holder lives on a day, by reference."""
        found = await self._connection.execute(
            select(household)
            .join(beneficiary, beneficiary.c.subject_id == household.c.id)
            .where(beneficiary.c.holder_id == holder_id, ~beneficiary.c.former, _holds(beneficiary, day))
            .order_by(household.c.reference)
        )
        return [to_struct(row, Household) for row in found]

    async def shared_by(self, holder_id: UUID, day: date) -> list[Beneficiary]:
        """List what a holder shares on a day as a former member."""
        found = await self._connection.execute(
            select(beneficiary).where(
                beneficiary.c.holder_id == holder_id, beneficiary.c.former, _holds(beneficiary, day)
            )
        )
        return [to_struct(row, Beneficiary) for row in found]

    async def organisations_of(self, holder_id: UUID, day: date) -> list[Organisation]:
        """List the organisations that a holder belongs to on a day, by reference."""
        found = await self._connection.execute(
            select(organisation)
            .join(beneficiary, beneficiary.c.subject_id == organisation.c.id)
            .where(beneficiary.c.holder_id == holder_id, _holds(beneficiary, day))
            .order_by(organisation.c.reference)
        )
        return [to_struct(row, Organisation) for row in found]

    # --- what holds of them -------------------------------------------------------------------------

    async def add_circumstance(self, new: Circumstance) -> None:
        """Write what holds of a subject."""
        await self._add(circumstance, new)

    async def save_circumstance(self, changed: Circumstance) -> None:
        """Write until when it holds."""
        await self._save(circumstance, changed)

    async def remove_circumstance(self, gone: Circumstance) -> None:
        """Take back what was to hold."""
        await self._remove(circumstance, gone)

    async def circumstances(self, subject_ids: list[UUID], day: date) -> list[Circumstance]:
        """List what holds of these subjects on a day, by kind and value."""
        found = await self._connection.execute(
            select(circumstance)
            .where(circumstance.c.subject_id.in_(subject_ids), _holds(circumstance, day))
            .order_by(circumstance.c.subject_id, circumstance.c.kind, circumstance.c.value)
        )
        return [to_struct(row, Circumstance) for row in found]

    async def circumstances_after(self, subject_id: UUID, kind: CircumstanceKind, day: date) -> list[Circumstance]:
        """List what holds of a subject on a day or will, in order."""
        found = await self._connection.execute(
            select(circumstance)
            .where(
                circumstance.c.subject_id == subject_id, circumstance.c.kind == kind, circumstance.c.valid_until > day
            )
            .order_by(circumstance.c.valid_from, circumstance.c.value)
        )
        return [to_struct(row, Circumstance) for row in found]

    # --- who acts for whom --------------------------------------------------------------------------

    async def add_guardianship(self, new: Guardianship) -> None:
        """Write who acts for whom."""
        await self._add(guardianship, new)

    async def save_guardianship(self, changed: Guardianship) -> None:
        """Write until when."""
        await self._save(guardianship, changed)

    async def remove_guardianship(self, gone: Guardianship) -> None:
        """Take back what was to begin."""
        await self._remove(guardianship, gone)

    async def guardianships(self, ward_id: UUID, guardian_id: UUID) -> list[Guardianship]:
        """List when the one acts for the other, of all times, in order."""
        return await self._guardianships(guardianship.c.ward_id == ward_id, guardianship.c.guardian_id == guardian_id)

    async def guardians_of(self, ward_id: UUID, day: date) -> list[Guardianship]:
        """List who acts for a person on a day."""
        return await self._guardianships(guardianship.c.ward_id == ward_id, _holds(guardianship, day))

    async def wards_of(self, guardian_id: UUID, day: date) -> list[Guardianship]:
        """List for whom a person acts on a day."""
        return await self._guardianships(guardianship.c.guardian_id == guardian_id, _holds(guardianship, day))

    async def _guardianships(self, *which: ColumnElement[bool]) -> list[Guardianship]:
        found = await self._connection.execute(
            select(guardianship)
            .where(*which)
            .order_by(guardianship.c.valid_from, guardianship.c.ward_id, guardianship.c.guardian_id)
        )
        return [to_struct(row, Guardianship) for row in found]

    # --- rows and periods ---------------------------------------------------------------------------

    async def _add(self, table: Table, new: Struct) -> None:
        """Write a row.

        Raises:
            AlreadyExists: another request has just written the same: both had looked, and seen nothing.
        """
        try:
            await insert(self._connection, table, new)
        except IntegrityError as problem:
            if not is_taken(problem):
                raise
            raise AlreadyExists("The same was recorded a moment ago.") from problem

    async def _save(self, table: Table, changed: Beneficiary | Circumstance | Guardianship) -> None:
        """Write the end of a period: the only part of one that ever changes.

        Raises:
            AlreadyExists: as `_add`; a period that goes on may meet one that was written at the same moment.
        """
        try:
            await self._connection.execute(
                update(table).where(_this(table, changed)).values(valid_until=changed.valid_until)
            )
        except IntegrityError as problem:
            if not is_taken(problem):
                raise
            raise AlreadyExists("The same was recorded a moment ago.") from problem

    async def _remove(self, table: Table, gone: Struct) -> None:
        await self._connection.execute(delete(table).where(_this(table, gone)))


def name_rows(of: Holder) -> list[dict[str, object]]:
    """Return the rows by which a holder is found."""
    whose = {"authority_id": of.authority_id, "holder_id": of.id, "keep_until": of.keep_until}
    return [{"key": key, **whose} for key in name_keys(of.first_name, of.last_name)]


def _this(table: Table, struct: Struct) -> ColumnElement[bool]:
    return and_(*(column == getattr(struct, column.name) for column in table.primary_key))


def _holds(table: FromClause, day: date) -> ColumnElement[bool]:
    return and_(table.c.valid_from <= day, table.c.valid_until > day)
