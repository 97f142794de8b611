"""Queries on lines of uploads that could not be taken in: kept with their bytes until somebody has looked at them."""

from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors.passes import AlreadySettled, LineNotFound
from domain.terminals import Profile
from store.rows import to_struct
from store.tables.ledger import quarantine
from store.tables.places import authority, gate, terminal, terminal_gate
from store.terminal_tokens import TerminalSession

KEPT = timedelta(days=92)
"""As long as the passages of most services: a line names a credential, and so a person."""


class Held(Struct, frozen=True):
    """A line that was not taken in. `settled_as` is what became of it since: a status of uploads, or `dropped`."""

    number: int
    terminal_id: UUID
    terminal: str
    received_at: datetime
    drift_seconds: int
    line: bytes
    code: str
    settled_at: datetime | None
    settled_as: str | None
    keep_until: date


async def hold(
    connection: AsyncConnection,
    session: TerminalSession,
    lines: list[tuple[bytes, str]],
    *,
    received_at: datetime,
    drift: timedelta,
) -> None:
    """Keep lines with the codes of what is wrong with them. One that is held already is not held twice."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    await connection.execute(
        dialect.insert(quarantine).on_conflict_do_nothing(index_elements=["terminal_id", "digest"]),
        [
            {
                "authority_id": session.authority_id,
                "terminal_id": session.terminal_id,
                "received_at": received_at,
                "drift_seconds": round(drift.total_seconds()),
                "digest": sha256(line).digest(),
                "line": line,
                "code": code,
                "keep_until": received_at.date() + KEPT,
            }
            for line, code in lines
        ],
    )


_HELD = select(quarantine, terminal.c.name.label("terminal")).join(terminal, terminal.c.id == quarantine.c.terminal_id)


async def waiting(connection: AsyncConnection, authority_id: UUID, *, after: int, limit: int) -> list[Held]:
    """List the lines of an authority that nobody has settled, oldest first, after a number."""
    found = await connection.execute(
        _HELD.where(
            quarantine.c.authority_id == authority_id,
            quarantine.c.settled_at.is_(None),
            quarantine.c.number > after,
        )
        .order_by(quarantine.c.number)
        .limit(limit)
    )
    return [to_struct(row, Held) for row in found]


async def count(connection: AsyncConnection, authority_id: UUID) -> int:
    """Count the lines of an authority that nobody has settled."""
    found = await connection.execute(
        select(func.count()).where(quarantine.c.authority_id == authority_id, quarantine.c.settled_at.is_(None))
    )
    return int(found.scalar_one())


async def by_number(connection: AsyncConnection, authority_id: UUID, number: int) -> Held:
    """Find a line, settled or not.

    Raises:
        LineNotFound: none of this authority has this number.
    """
    found = await connection.execute(
        _HELD.where(quarantine.c.authority_id == authority_id, quarantine.c.number == number)
    )
    row = found.one_or_none()
    if row is None:
        raise LineNotFound("No line has this number.")
    return to_struct(row, Held)


async def settle(
    connection: AsyncConnection, authority_id: UUID, number: int, *, settled_as: str, by: UUID, now: datetime
) -> None:
    """Write down what became of a line.

    Raises:
        AlreadySettled: somebody was faster.
    """
    done = await connection.execute(
        update(quarantine)
        .where(
            quarantine.c.authority_id == authority_id,
            quarantine.c.number == number,
            quarantine.c.settled_at.is_(None),
        )
        .values(settled_at=now, settled_as=settled_as, settled_by=by)
    )
    if not done.rowcount:
        raise AlreadySettled("This line was settled before.")


async def sender_of(connection: AsyncConnection, held: Held, now: datetime) -> TerminalSession:
    """Return the terminal of a line with the gates that it serves now, whatever has become of it since."""
    found = await connection.execute(
        select(terminal.c.id, terminal.c.authority_id, authority.c.code, terminal.c.profile)
        .join(authority, authority.c.id == terminal.c.authority_id)
        .where(terminal.c.id == held.terminal_id)
    )
    row = found.one()
    gates = await connection.execute(
        select(gate.c.code, gate.c.id)
        .join(terminal_gate, terminal_gate.c.gate_id == gate.c.id)
        .where(terminal_gate.c.terminal_id == row.id)
    )
    doors = {door.code: door.id for door in gates}
    return TerminalSession(row.id, row.authority_id, row.code, doors, now, Profile(row.profile))
