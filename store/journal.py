"""Queries on the journal of what agents do with personal data: one chain for each authority."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Table, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.acts import Act
from domain.journal import Door, Entry, Kind, Line, Link, Object, Origin, Purged, Wanted, beginning, chained
from store.tables.agents import agent
from store.tables.journal import journal_entry, journal_head
from store.tables.ledger import validation
from store.tables.passes import medium, pass_
from store.tables.people import holder, household, organisation
from store.tables.requests import pass_request
from store.tables.sales import sale

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class SqlJournal:
    """`domain.journal.Journal` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, entry: Entry) -> Link:
        """Write an act at the end of its authority's chain. The head's lock is held to the end of the unit."""
        link = chained(await self._next(entry.authority_id), entry)
        await self._connection.execute(journal_entry.insert().values(_row(entry, link)))
        await self._connection.execute(
            update(journal_head).where(journal_head.c.authority_id == entry.authority_id).values(hash=link.hash)
        )
        return link

    async def head(self, authority_id: UUID) -> Link:
        """Return the end of a chain."""
        row = await self._ends(authority_id)
        return Link(row.number, row.hash) if row is not None else beginning(authority_id)

    async def stump(self, authority_id: UUID) -> Link:
        """Return the last line that retention has erased: the chain begins after it."""
        row = await self._ends(authority_id)
        return Link(row.purged_number, row.purged_hash) if row is not None else beginning(authority_id)

    async def lines(self, authority_id: UUID, after: int, limit: int) -> list[Line]:
        """List the lines of a chain in order."""
        found = await self._connection.execute(
            select(journal_entry)
            .where(journal_entry.c.authority_id == authority_id, journal_entry.c.number > after)
            .order_by(journal_entry.c.number)
            .limit(limit)
        )
        return [_line(row) for row in found]

    async def search(self, authority_id: UUID, wanted: Wanted, limit: int) -> list[Line]:
        """List the lines that somebody looks for, newest first."""
        found = await self._connection.execute(
            select(journal_entry)
            .where(journal_entry.c.authority_id == authority_id, *_conditions(wanted))
            .order_by(journal_entry.c.number.desc())
            .limit(limit)
        )
        return [_line(row) for row in found]

    async def holder_of(self, authority_id: UUID, kind: Kind, key: UUID | int) -> UUID | None:
        """Return whose pass, medium, sale or passage it is; None if nobody's that we know."""
        of_pass = select(pass_.c.holder_id).where(pass_.c.authority_id == authority_id)
        asked = {
            Kind.PASS: of_pass.where(pass_.c.id == key),
            Kind.MEDIUM: of_pass.join(medium, medium.c.pass_id == pass_.c.id).where(medium.c.id == key),
            Kind.SALE: of_pass.join(sale, sale.c.pass_id == pass_.c.id).where(sale.c.id == key),
            Kind.PASSAGE: of_pass.join(validation, validation.c.pass_id == pass_.c.id).where(
                validation.c.number == key
            ),
        }
        found: UUID | None = (await self._connection.execute(asked[kind])).scalar()
        return found

    async def purge(self, authority_id: UUID, day: date) -> Purged | None:
        """Erase the lines before the first one that may still be kept, and leave the last one's place as the stump."""
        of_authority = journal_entry.c.authority_id == authority_id
        first_kept = select(func.min(journal_entry.c.number)).where(of_authority, journal_entry.c.keep_until > day)
        kept = (await self._connection.execute(first_kept)).scalar()
        ended = [of_authority] if kept is None else [of_authority, journal_entry.c.number < kept]
        last = (
            await self._connection.execute(
                select(journal_entry.c.number, journal_entry.c.hash)
                .where(*ended)
                .order_by(journal_entry.c.number.desc())
                .limit(1)
            )
        ).one_or_none()
        if last is None:
            return None
        # The stump first: the triggers let nothing go that lies after it.
        await self._connection.execute(
            update(journal_head)
            .where(journal_head.c.authority_id == authority_id)
            .values(purged_number=last.number, purged_hash=last.hash)
        )
        gone = await self._connection.execute(
            delete(journal_entry).where(of_authority, journal_entry.c.number <= last.number)
        )
        return Purged(Link(last.number, last.hash), gone.rowcount)

    async def _next(self, authority_id: UUID) -> Link:
        """Take the lock of a chain, and return its end."""
        mine = journal_head.c.authority_id == authority_id
        taken = (
            update(journal_head)
            .where(mine)
            .values(number=journal_head.c.number + 1)
            .returning(journal_head.c.number, journal_head.c.hash)
        )
        row = (await self._connection.execute(taken)).one_or_none()
        if row is None:
            first = beginning(authority_id)
            await self._connection.execute(
                _INSERT[self._connection.dialect.name](journal_head)
                .values(
                    authority_id=authority_id,
                    number=0,
                    hash=first.hash,
                    purged_number=0,
                    purged_hash=first.hash,
                )
                .on_conflict_do_nothing()
            )
            row = (await self._connection.execute(taken)).one()
        return Link(row.number - 1, row.hash)

    async def _ends(self, authority_id: UUID) -> Row[Any] | None:
        found = await self._connection.execute(select(journal_head).where(journal_head.c.authority_id == authority_id))
        return found.one_or_none()


async def journal_ends(connection: AsyncConnection, authority_id: UUID, day: date) -> bool:
    """Tell whether the oldest line of an authority has come to its end."""
    oldest = (
        select(journal_entry.c.keep_until)
        .where(journal_entry.c.authority_id == authority_id)
        .order_by(journal_entry.c.number)
        .limit(1)
    )
    until: date | None = (await connection.execute(oldest)).scalar()
    return until is not None and until <= day


async def logins(connection: AsyncConnection, lines: Sequence[Line]) -> dict[UUID, str]:
    """Return the logins of those who acted, as far as their accounts are still there."""
    wanted = {line.entry.agent_id for line in lines} - {None}
    found = await connection.execute(select(agent.c.id, agent.c.login).where(agent.c.id.in_(wanted)))
    return {row.id: row.login for row in found}


async def references(connection: AsyncConnection, lines: Sequence[Line]) -> dict[UUID, str]:
    """Return how the authority's own files name those whom lines speak of, as far as they are still there."""
    wanted = {one for line in lines for one in (line.entry.object.holder_id, line.entry.on_behalf_of)} - {None}
    found = await connection.execute(select(holder.c.id, holder.c.reference).where(holder.c.id.in_(wanted)))
    return {row.id: row.reference for row in found}


async def things_named(connection: AsyncConnection, lines: Sequence[Line]) -> dict[tuple[Kind, str], str]:
    """Return how people call the things that lines speak of by their ids, as far as they are still there.

    Accounts by their login; requests, households and organisations by their reference.
    """
    ids: dict[Kind, set[UUID]] = {kind: set() for kind in _NAMED}
    for line in lines:
        thing = line.entry.object
        if thing.kind in ids:
            with suppress(ValueError):
                ids[thing.kind].add(UUID(thing.id))
    found: dict[tuple[Kind, str], str] = {}
    for kind, wanted in ids.items():
        if wanted:
            table, name = _NAMED[kind]
            rows = await connection.execute(select(table.c.id, table.c[name]).where(table.c.id.in_(wanted)))
            found |= {(kind, str(row[0])): str(row[1]) for row in rows}
    return found


_NAMED: dict[Kind, tuple[Table, str]] = {
    Kind.AGENT: (agent, "login"),
    Kind.REQUEST: (pass_request, "reference"),
    Kind.HOUSEHOLD: (household, "reference"),
    Kind.ORGANISATION: (organisation, "reference"),
}


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    row = journal_entry.c
    conditions: list[ColumnElement[bool]] = [
        column == value
        for column, value in ((row.agent_id, wanted.agent_id), (row.holder_id, wanted.holder_id), (row.act, wanted.act))
        if value is not None
    ]
    if wanted.since is not None:
        conditions.append(row.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(row.at < wanted.until)
    if wanted.before is not None:
        conditions.append(row.number < wanted.before)
    if wanted.object is not None:
        conditions.append(row.kind == wanted.object.kind)
        if wanted.object.id:
            conditions.append(row.object_id == wanted.object.id)
    return conditions


def _row(entry: Entry, link: Link) -> dict[str, Any]:
    return {
        "authority_id": entry.authority_id,
        "number": link.number,
        "at": entry.at,
        "agent_id": entry.agent_id,
        "on_behalf_of": entry.on_behalf_of,
        "act": entry.act.value,
        "kind": entry.object.kind.value,
        "object_id": entry.object.id,
        "holder_id": entry.object.holder_id,
        "why": entry.why,
        "door": entry.origin.door.value,
        "address": entry.origin.address,
        "session_id": entry.origin.session_id,
        "hash": link.hash,
        "keep_until": entry.keep_until,
    }


def _line(row: Row[Any]) -> Line:
    entry = Entry(
        authority_id=row.authority_id,
        agent_id=row.agent_id,
        act=Act(row.act),
        object=Object(Kind(row.kind), row.object_id, row.holder_id),
        origin=Origin(Door(row.door), row.address, row.session_id),
        at=row.at,
        on_behalf_of=row.on_behalf_of,
        why=row.why,
    )
    return Line(entry, Link(row.number, row.hash))
