"""Queries on imports of old files."""

from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import AlreadyExists
from domain.errors.imports import ImportMoved, ImportNotFound, MappingNotFound
from domain.import_kinds import Field
from domain.imports import Import, ImportState, LineFlaw, LineReason
from store.rows import insert as insert_one
from store.rows import only, to_row, to_struct
from store.tables.imports import card_import, card_import_file, card_import_flaw, card_import_mapping

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class SqlImports:
    """`domain.imports.Imports` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: Import, content: bytes) -> None:
        """Write an import with its file."""
        try:
            await insert_one(self._connection, card_import, new)
        except IntegrityError as taken:
            raise AlreadyExists(f"There is an import {new.code} already.") from taken
        await self._connection.execute(
            insert(card_import_file).values(
                import_id=new.id, authority_id=new.authority_id, content=content, keep_until=new.keep_until
            )
        )

    async def save(self, changed: Import) -> None:
        """Write where an import stands."""
        await self._connection.execute(
            update(card_import).where(card_import.c.id == changed.id).values(to_row(changed, leave_out=("id",)))
        )

    async def by_code(self, authority_id: UUID, code: str) -> Import:
        """Find an import of this authority."""
        found = await self._connection.execute(
            select(card_import).where(card_import.c.authority_id == authority_id, card_import.c.code == code)
        )
        return only(found, Import, ImportNotFound(f"No import has the code {code}."))

    async def hold(self, authority_id: UUID, code: str) -> Import:
        """Find an import and lock it: of two who take its lines in, one waits for the other."""
        found = await self._connection.execute(
            select(card_import)
            .where(card_import.c.authority_id == authority_id, card_import.c.code == code)
            .with_for_update()
        )
        return only(found, Import, ImportNotFound(f"No import has the code {code}."))

    async def all_of(self, authority_id: UUID) -> list[Import]:
        """List the imports of an authority, newest first."""
        found = await self._connection.execute(
            select(card_import)
            .where(card_import.c.authority_id == authority_id)
            .order_by(card_import.c.created_at.desc(), card_import.c.code)
        )
        return [to_struct(row, Import) for row in found]

    # --- the file -----------------------------------------------------------------------------------

    async def content(self, import_id: UUID) -> bytes:
        """Return the file, while it is kept."""
        found = await self._connection.execute(
            select(card_import_file.c.content).where(card_import_file.c.import_id == import_id)
        )
        content = found.scalar_one_or_none()
        if content is None:
            raise ImportMoved("The file of this import is deleted: add it again under another code.")
        return bytes(content)

    async def forget_content(self, import_id: UUID) -> None:
        """Delete the file."""
        await self._connection.execute(delete(card_import_file).where(card_import_file.c.import_id == import_id))

    # --- what is wrong ------------------------------------------------------------------------------

    async def add_flaws(self, import_id: UUID, flaws: list[LineFlaw]) -> None:
        """Write what is wrong with lines."""
        rows = [
            {"import_id": import_id, "place": place, **to_row(flaw)}
            for _, of_line in groupby(flaws, key=lambda flaw: flaw.line)
            for place, flaw in enumerate(of_line)
        ]
        if rows:
            await self._connection.execute(insert(card_import_flaw), rows)

    async def forget_flaws(self, import_id: UUID) -> None:
        """Delete what was said of lines before."""
        await self._connection.execute(delete(card_import_flaw).where(card_import_flaw.c.import_id == import_id))

    async def flaws(self, import_id: UUID, *, after: int, most: int) -> list[LineFlaw]:
        """List what is wrong with the next lines after one: of `most` lines, all of each."""
        told = card_import_flaw.c
        lines = (
            select(told.line)
            .where(told.import_id == import_id, told.line > after)
            .distinct()
            .order_by(told.line)
            .limit(most)
        )
        found = await self._connection.execute(
            select(card_import_flaw)
            .where(told.import_id == import_id, told.line.in_(lines))
            .order_by(told.line, told.place)
        )
        return [to_struct(row, LineFlaw) for row in found]

    async def tally(self, import_id: UUID) -> dict[LineReason, int]:
        """Count the flaws by reason."""
        found = await self._connection.execute(
            select(card_import_flaw.c.reason, func.count())
            .where(card_import_flaw.c.import_id == import_id)
            .group_by(card_import_flaw.c.reason)
        )
        counted = {LineReason(reason): int(count) for reason, count in found}
        return {reason: counted[reason] for reason in LineReason if reason in counted}

    # --- mappings -----------------------------------------------------------------------------------

    async def keep_mapping(self, authority_id: UUID, name: str, columns: dict[Field, str]) -> None:
        """Keep a mapping under a name, in the place of one before."""
        kept = {field.value: heading for field, heading in columns.items()}
        write = _INSERT[self._connection.dialect.name](card_import_mapping).values(
            authority_id=authority_id, name=name, columns=kept
        )
        await self._connection.execute(
            write.on_conflict_do_update(index_elements=["authority_id", "name"], set_={"columns": kept})
        )

    async def mapping(self, authority_id: UUID, name: str) -> dict[Field, str]:
        """Find a mapping by its name."""
        found = await self._connection.execute(
            select(card_import_mapping.c.columns).where(
                card_import_mapping.c.authority_id == authority_id, card_import_mapping.c.name == name
            )
        )
        columns = found.scalar_one_or_none()
        if columns is None:
            raise MappingNotFound(f"No mapping has the name {name}.")
        return {Field(field): heading for field, heading in columns.items()}

    async def mappings(self, authority_id: UUID) -> list[str]:
        """List the names of the mappings."""
        found = await self._connection.execute(
            select(card_import_mapping.c.name)
            .where(card_import_mapping.c.authority_id == authority_id)
            .order_by(card_import_mapping.c.name)
        )
        return list(found.scalars())


async def at_work(connection: AsyncConnection) -> list[Import]:
    """List the imports that are being checked or taken in, of all authorities, oldest first."""
    found = await connection.execute(
        select(card_import)
        .where(card_import.c.state.in_([ImportState.CHECKING, ImportState.RUNNING]))
        .order_by(card_import.c.created_at, card_import.c.id)
    )
    return [to_struct(row, Import) for row in found]


async def overdue(connection: AsyncConnection, day: date) -> list[tuple[UUID, str]]:
    """List the imports whose file has lain too long."""
    found = await connection.execute(
        select(card_import.c.authority_id, card_import.c.code)
        .join(card_import_file, card_import_file.c.import_id == card_import.c.id)
        .where(card_import_file.c.keep_until <= day)
    )
    return [(authority_id, code) for authority_id, code in found]
