"""Queries on modifications of the catalogue, what they change, and what it said before."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.catalogue.changes import Change, Modification, Stage, Version
from domain.catalogue.contents import Content, ProductContent, SiteContent, kind_of
from domain.errors.products import ModificationNotFound
from domain.limits import Limit
from store.offer import check, enforce, in_force
from store.rows import insert as insert_one
from store.rows import only, to_row, to_struct
from store.tables import modifications as m
from store.tables.places import catalogue

MOST_DUE = 100
"""Of one round: the next one takes the rest."""


HIGHEST = 2**31 - 1
"""The number of a modification fits its column."""


class SqlModifications:
    """`domain.catalogue.changes.Modifications` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def next_number(self, authority_id: UUID) -> int:
        """Return the number of the authority's next modification; nobody else gets it before this one is written."""
        await self._lock()
        newest = select(func.max(m.modification.c.number)).where(m.modification.c.authority_id == authority_id)
        return ((await self._connection.execute(newest)).scalar_one() or 0) + 1

    async def add(self, new: Modification) -> None:
        """Write a modification."""
        await insert_one(self._connection, m.modification, new)

    async def save(self, changed: Modification) -> None:
        """Write what became of a modification."""
        await self._connection.execute(
            update(m.modification).where(m.modification.c.id == changed.id).values(to_row(changed, leave_out=("id",)))
        )

    async def one(self, authority_id: UUID, number: int) -> Modification:
        """Find a modification by its number."""
        return await self._one(authority_id, number, hold=False)

    async def hold(self, authority_id: UUID, number: int) -> Modification:
        """Find a modification, and keep others from all of them to the end of the unit: they go one after the other."""
        await self._lock()
        return await self._one(authority_id, number, hold=True)

    async def _lock(self) -> None:
        """Wait for whoever else changes the catalogue: always the first lock, so nobody waits in a circle."""
        await self._connection.execute(select(catalogue.c.version).with_for_update())

    async def _one(self, authority_id: UUID, number: int, *, hold: bool) -> Modification:
        missing = ModificationNotFound(f"No modification has the number {number}.")
        if number > HIGHEST:
            raise missing
        query = select(m.modification).where(
            m.modification.c.authority_id == authority_id, m.modification.c.number == number
        )
        found = await self._connection.execute(query.with_for_update() if hold else query)
        return only(found, Modification, missing)

    async def due(self, now: datetime) -> list[tuple[UUID, int]]:
        """List what is scheduled for now or before."""
        wanted = m.modification.c.state == Stage.SCHEDULED.value
        found = await self._connection.execute(
            select(m.modification.c.authority_id, m.modification.c.number)
            .where(wanted, m.modification.c.takes_effect_at <= now)
            .order_by(m.modification.c.takes_effect_at, m.modification.c.number)
            .limit(MOST_DUE)
        )
        return [(row.authority_id, row.number) for row in found]

    async def listed(
        self, authority_id: UUID, states: Sequence[Stage], *, below: int | None, most: int
    ) -> list[Modification]:
        """List the modifications of an authority in some states, the newest first, from below a number on."""
        query = select(m.modification).where(
            m.modification.c.authority_id == authority_id, m.modification.c.state.in_([one.value for one in states])
        )
        if below is not None:
            query = query.where(m.modification.c.number < min(below, HIGHEST))
        found = await self._connection.execute(query.order_by(m.modification.c.number.desc()).limit(most))
        return [to_struct(row, Modification) for row in found]

    async def numbers(self, ids: list[UUID]) -> dict[UUID, int]:
        """Return the numbers of modifications by their ids."""
        found = await self._connection.execute(
            select(m.modification.c.id, m.modification.c.number).where(m.modification.c.id.in_(ids))
        )
        return {row.id: row.number for row in found}

    async def changes(self, modification_id: UUID) -> list[Change]:
        """List what a modification changes, by code."""
        found = await self._connection.execute(
            select(m.modification_change)
            .where(m.modification_change.c.modification_id == modification_id)
            .order_by(m.modification_change.c.kind, m.modification_change.c.code)
        )
        return [Change(row.modification_id, _content(row.before), _known(row.after)) for row in found]

    async def put(self, change: Change) -> None:
        """Write what a modification says of a product or a site, in the place of what it said."""
        kind, code = kind_of(change.after), change.after.code
        await self.drop(change.modification_id, kind, code)
        values = {"before": msgspec.to_builtins(change.before), "after": msgspec.to_builtins(change.after)}
        await self._connection.execute(
            insert(m.modification_change).values(modification_id=change.modification_id, kind=kind, code=code, **values)
        )

    async def drop(self, modification_id: UUID, kind: str, code: str) -> None:
        """Leave a product or a site out of a modification."""
        c = m.modification_change.c
        await self._connection.execute(
            delete(m.modification_change).where(c.modification_id == modification_id, c.kind == kind, c.code == code)
        )

    async def in_force(self, authority_id: UUID, kind: str, code: str) -> Content | None:
        """Return what a product or a site says now; None if there is none."""
        return await in_force(self._connection, authority_id, kind, code)

    async def check(self, authority_id: UUID, content: Content) -> None:
        """Refuse a content that contradicts itself."""
        await check(self._connection, authority_id, content)

    async def enforce(self, authority_id: UUID, content: Content) -> None:
        """Write what a product or a site says from now on."""
        await enforce(self._connection, authority_id, content)

    async def limits_ever(self, authority_id: UUID, code: str) -> list[Limit]:
        """List the limits that a product had in any of its versions, the newest version's first."""
        versions = await self.versions(authority_id, "product", code)
        return [
            limit
            for version in reversed(versions)
            if isinstance(version.content, ProductContent)
            for limit in version.content.limits
        ]

    async def add_version(self, authority_id: UUID, before: Content | None, version: Version) -> None:
        """Write a version after the others."""
        v = m.catalogue_version.c
        kind, code = kind_of(version.content), version.content.code
        newest = select(func.max(v.number)).where(v.authority_id == authority_id, v.kind == kind, v.code == code)
        number = (await self._connection.execute(newest)).scalar_one()
        rows = [version]
        if number is None and before is not None:
            rows.insert(0, Version(before, None, None))
        await self._connection.execute(
            insert(m.catalogue_version),
            [
                {
                    "authority_id": authority_id,
                    "kind": kind,
                    "code": code,
                    "number": place,
                    "since": row.since,
                    "modification_id": row.modification_id,
                    "content": msgspec.to_builtins(row.content),
                }
                for place, row in enumerate(rows, (number or 0) + 1)
            ],
        )

    async def versions(self, authority_id: UUID, kind: str, code: str) -> list[Version]:
        """List what a product or a site said, the oldest first; none where nobody ever changed it here."""
        v = m.catalogue_version.c
        found = await self._connection.execute(
            select(m.catalogue_version)
            .where(v.authority_id == authority_id, v.kind == kind, v.code == code)
            .order_by(v.number)
        )
        return [Version(_known(row.content), row.since, row.modification_id) for row in found]


def _content(value: Any) -> Content | None:  # noqa: ANN401 - what JSON gives
    return None if value is None else _known(value)


def _known(value: Any) -> Content:  # noqa: ANN401 - what JSON gives
    kept: ProductContent | SiteContent = msgspec.convert(value, ProductContent | SiteContent)
    return kept
