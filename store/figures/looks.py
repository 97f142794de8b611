"""Two small counts that nobody else keeps: terminals that were silent while their site was open, and shown pages."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.access.catalogue import Catalogue
from domain.terminals import HEARTBEAT, MISSED, TerminalStatus
from store.tables import figures as t
from store.tables.places import terminal, terminal_gate, terminal_heartbeat

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


async def look_at_terminals(connection: AsyncConnection, catalogue: Catalogue, now: datetime) -> None:
    """Note which terminals are silent now, of those whose site is open: a device may sleep at night."""
    found = await connection.execute(
        select(terminal.c.id, terminal.c.authority_id, terminal_gate.c.gate_id, terminal_heartbeat.c.seen_at)
        .join(terminal_gate, terminal_gate.c.terminal_id == terminal.c.id)
        .outerjoin(terminal_heartbeat, terminal_heartbeat.c.terminal_id == terminal.c.id)
        .where(terminal.c.status == TerminalStatus.ACTIVE)
    )
    rows: dict[UUID, dict[str, Any]] = {}
    for terminal_id, authority_id, gate_id, seen_at in found:
        day = _open_day(catalogue, gate_id, now)
        if day is not None:
            silent = seen_at is None or now - seen_at > HEARTBEAT * MISSED
            rows[terminal_id] = {
                "terminal_id": terminal_id,
                "day": day,
                "authority_id": authority_id,
                "looks": 1,
                "silent": int(silent),
            }
    await note_looks(connection, list(rows.values()))


async def note_looks(connection: AsyncConnection, rows: list[dict[str, Any]]) -> None:
    """Add looks at terminals to their days."""
    more = {name: t.terminal_day.c[name] for name in ("looks", "silent")}
    await _add(connection, t.terminal_day, ["terminal_id", "day"], more, rows)


def _open_day(catalogue: Catalogue, gate_id: UUID, now: datetime) -> date | None:
    """The local day at an open gate; None where its site is shut, or is gone."""
    doorway = catalogue.doorways.get(gate_id)
    if doorway is None:
        return None
    local = now.astimezone(ZoneInfo(doorway.time_zone))
    minute = local.hour * 60 + local.minute
    hours = catalogue.day_of(doorway, local.date()).hours
    return local.date() if any(opens <= minute < closes for opens, closes in hours) else None


async def note_visits(connection: AsyncConnection, visits: Mapping[tuple[UUID, UUID, date], int]) -> None:
    """Add shown pages to their days: authority, point and day to how often."""
    rows = [
        {"point_id": point_id, "day": day, "authority_id": authority_id, "visits": count}
        for (authority_id, point_id, day), count in visits.items()
    ]
    await _add(connection, t.visit_day, ["point_id", "day"], {"visits": t.visit_day.c.visits}, rows)


async def _add(
    connection: AsyncConnection,
    table: Table,
    key: list[str],
    counts: dict[str, Column[Any]],
    rows: list[dict[str, Any]],
) -> None:
    """Write rows, or add their counts to those that are there.

    In the order of their keys: two workers that write at once do not wait for each other in a circle.
    """
    if rows:
        write = _INSERT[connection.dialect.name](table)
        more = {name: column + write.excluded[name] for name, column in counts.items()}
        ordered = sorted(rows, key=lambda row: [row[name] for name in key])
        await connection.execute(write.on_conflict_do_update(index_elements=key, set_=more), ordered)
