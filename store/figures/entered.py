"""Queries on what managers enter: populations and costs."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors.figures import CostNotFound
from domain.figures.bands import ALL
from domain.figures.entered import Cost, People
from store.rows import insert, to_row, to_struct
from store.tables import figures as t
from store.tables.places import commune

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class SqlEntered:
    """`domain.figures.entered.Entered` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def communes(self, authority_id: UUID) -> dict[str, str]:
        """Return the names of an authority's communes by their code, in the order of their names."""
        found = await self._connection.execute(
            select(commune.c.code, commune.c.name)
            .where(commune.c.authority_id == authority_id)
            .order_by(commune.c.name, commune.c.code)
        )
        return {code: name for code, name in found}  # noqa: C416 - rows are no tuples to a type checker

    async def write_people(self, people: list[People]) -> None:
        """Write populations; those of the same commune, band and day are written over."""
        if people:
            write = _INSERT[self._connection.dialect.name](t.population)
            key = ["authority_id", "commune_code", "band", "valid_from"]
            changed = write.on_conflict_do_update(index_elements=key, set_={"persons": write.excluded.persons})
            await self._connection.execute(changed, [to_row(one) for one in people])

    async def people(self, authority_id: UUID, day: date) -> dict[tuple[str, str], int]:
        """Return who lives where on a day, by commune and band: what was entered last before it.

        Where nobody has entered anything, the whole is what the territory was founded with.
        """
        rows = t.population
        newest = (
            select(rows.c.commune_code, rows.c.band, func.max(rows.c.valid_from).label("valid_from"))
            .where(rows.c.authority_id == authority_id, rows.c.valid_from <= day)
            .group_by(rows.c.commune_code, rows.c.band)
            .subquery()
        )
        same = [rows.c[name] == newest.c[name] for name in ("commune_code", "band", "valid_from")]
        entered = await self._connection.execute(
            select(rows.c.commune_code, rows.c.band, rows.c.persons)
            .join(newest, and_(*same))
            .where(rows.c.authority_id == authority_id)
        )
        founded = await self._connection.execute(
            select(commune.c.code, commune.c.population).where(commune.c.authority_id == authority_id)
        )
        people = {(code, ALL): persons for code, persons in founded}
        return people | {(code, band): persons for code, band, persons in entered}

    async def add_cost(self, new: Cost) -> None:
        """Write a cost."""
        await insert(self._connection, t.cost, new)

    async def remove_cost(self, authority_id: UUID, cost_id: UUID) -> None:
        """Remove a cost.

        Raises:
            CostNotFound: there is none of this authority under this id.
        """
        gone = await self._connection.execute(
            delete(t.cost).where(t.cost.c.authority_id == authority_id, t.cost.c.id == cost_id)
        )
        if gone.rowcount != 1:
            raise CostNotFound("There is no such cost.")

    async def costs(self, authority_id: UUID, first: date, until: date) -> list[Cost]:
        """List the costs of some days, the newest first."""
        found = await self._connection.execute(
            select(t.cost)
            .where(t.cost.c.authority_id == authority_id, t.cost.c.spent_on >= first, t.cost.c.spent_on < until)
            .order_by(t.cost.c.spent_on.desc(), t.cost.c.id.desc())
        )
        return [to_struct(row, Cost) for row in found]
