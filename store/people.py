"""Queries on the register of persons and households."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import HolderNotFound
from domain.people import Beneficiary, Holder, Household
from store.rows import insert, only, to_struct
from store.tables.people import beneficiary, holder, household


class SqlPeople:
    """`domain.ports.People` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_holder(self, new: Holder) -> None:
        """Write a holder."""
        await insert(self._connection, holder, new)

    async def add_household(self, new: Household) -> None:
        """Write a household."""
        await insert(self._connection, household, new)

    async def add_beneficiary(self, new: Beneficiary) -> None:
        """Write whose rights a holder may spend."""
        await insert(self._connection, beneficiary, new)

    async def holder(self, authority_id: UUID, reference: str) -> Holder:
        """Find a holder by the authority's own reference."""
        found = await self._connection.execute(
            select(holder).where(holder.c.authority_id == authority_id, holder.c.reference == reference)
        )
        return only(found, Holder, HolderNotFound("No holder has this reference."))

    async def holder_by_id(self, authority_id: UUID, holder_id: UUID) -> Holder:
        """Find a holder of this authority."""
        found = await self._connection.execute(
            select(holder).where(holder.c.authority_id == authority_id, holder.c.id == holder_id)
        )
        return only(found, Holder, HolderNotFound("No such holder."))

    async def subjects_of(self, holder_id: UUID, day: date) -> list[UUID]:
        """List the subjects whose rights a holder may spend on a day."""
        found = await self._connection.execute(
            select(beneficiary.c.subject_id).where(
                beneficiary.c.holder_id == holder_id, beneficiary.c.valid_from <= day, beneficiary.c.valid_until > day
            )
        )
        return list(found.scalars())

    async def households_of(self, holder_id: UUID, day: date) -> list[Household]:
        """List the households that a holder belongs to on a day, by reference."""
        found = await self._connection.execute(
            select(household)
            .join(beneficiary, beneficiary.c.subject_id == household.c.id)
            .where(
                beneficiary.c.holder_id == holder_id, beneficiary.c.valid_from <= day, beneficiary.c.valid_until > day
            )
            .order_by(household.c.reference)
        )
        return [to_struct(row, Household) for row in found]
