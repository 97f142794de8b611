"""Queries on the devices at gates: pairings, terminals, and how each of them last was."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy import insert as insert_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors.places import TerminalNotFound
from domain.terminals import Heartbeat, Pairing, Terminal
from store.catalogue import has_changed
from store.rows import insert, only, to_row, to_struct
from store.tables import places as t

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class SqlTerminals:
    """`domain.ports.Terminals` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_pairing(self, pairing: Pairing) -> None:
        """Write an open pairing."""
        values = to_row(pairing, leave_out=("gate_ids",))
        values["gate_ids"] = [gate_id.hex for gate_id in pairing.gate_ids]
        await self._connection.execute(insert_(t.pairing).values(values))

    async def take_pairing(self, code_hash: bytes, now: datetime) -> Pairing | None:
        """Spend the pairing that this code opens: the row is deleted as it is read."""
        found = await self._connection.execute(
            delete(t.pairing).where(t.pairing.c.code_hash == code_hash).returning(t.pairing)
        )
        row = found.one_or_none()
        pairing = to_struct(row, Pairing) if row is not None else None
        return pairing if pairing is not None and pairing.expires_at > now else None

    async def add(self, terminal: Terminal, gate_ids: tuple[UUID, ...]) -> None:
        """Write a terminal and the gates it serves."""
        await insert(self._connection, t.terminal, terminal)
        await self._connection.execute(
            insert_(t.terminal_gate), [{"terminal_id": terminal.id, "gate_id": gate_id} for gate_id in gate_ids]
        )

    async def of(self, authority_id: UUID, terminal_id: UUID) -> Terminal:
        """Find a terminal of this authority."""
        found = await self._connection.execute(
            select(t.terminal).where(t.terminal.c.authority_id == authority_id, t.terminal.c.id == terminal_id)
        )
        return only(found, Terminal, TerminalNotFound("No such terminal."))

    async def claimed(self, terminal_id: UUID) -> Terminal | None:
        """Find the terminal that claims this id; its signature is still to be checked."""
        row = (await self._connection.execute(select(t.terminal).where(t.terminal.c.id == terminal_id))).one_or_none()
        return to_struct(row, Terminal) if row is not None else None

    async def gate_codes(self, terminal_id: UUID) -> list[str]:
        """List the codes of the gates that a terminal serves."""
        found = await self._connection.execute(
            select(t.gate.c.code)
            .join(t.terminal_gate, t.terminal_gate.c.gate_id == t.gate.c.id)
            .where(t.terminal_gate.c.terminal_id == terminal_id)
            .order_by(t.gate.c.code)
        )
        return list(found.scalars())

    async def serving(self, authority_id: UUID, site_codes: Collection[str]) -> frozenset[UUID]:
        """Find the terminals that serve a gate of one of these sites of an authority."""
        found = await self._connection.execute(
            select(t.terminal_gate.c.terminal_id)
            .join(t.gate, t.gate.c.id == t.terminal_gate.c.gate_id)
            .join(t.zone, t.zone.c.id == t.gate.c.zone_id)
            .join(t.site, t.site.c.id == t.zone.c.site_id)
            .where(t.site.c.authority_id == authority_id, t.site.c.code.in_(site_codes))
        )
        return frozenset(found.scalars())

    async def served(self, authority_id: UUID) -> dict[UUID, list[str]]:
        """List the codes of the gates that each terminal of an authority serves."""
        served: dict[UUID, list[str]] = {}
        found = await self._connection.execute(
            select(t.terminal_gate.c.terminal_id, t.gate.c.code)
            .join(t.gate, t.terminal_gate.c.gate_id == t.gate.c.id)
            .where(t.gate.c.authority_id == authority_id)
            .order_by(t.gate.c.code)
        )
        for row in found:
            served.setdefault(row.terminal_id, []).append(row.code)
        return served

    async def all_of(self, authority_id: UUID) -> list[Terminal]:
        """List the terminals of an authority by name."""
        found = await self._connection.execute(
            select(t.terminal).where(t.terminal.c.authority_id == authority_id).order_by(t.terminal.c.name)
        )
        return [to_struct(row, Terminal) for row in found]

    async def save(self, terminal: Terminal) -> None:
        """Write a terminal's status and key; whichever has changed, its tokens end with it."""
        await self._connection.execute(
            update(t.terminal)
            .where(t.terminal.c.id == terminal.id)
            .values(status=terminal.status, public_key=terminal.public_key)
        )
        await self._connection.execute(delete(t.terminal_token).where(t.terminal_token.c.terminal_id == terminal.id))

    async def serve(self, terminal: Terminal, gate_ids: tuple[UUID, ...]) -> None:
        """Write the gates that a terminal serves over those it did; its tokens end, and it is told to look anew."""
        await self._connection.execute(delete(t.terminal_gate).where(t.terminal_gate.c.terminal_id == terminal.id))
        await self._connection.execute(
            insert_(t.terminal_gate), [{"terminal_id": terminal.id, "gate_id": gate_id} for gate_id in gate_ids]
        )
        await self.save(terminal)
        await has_changed(self._connection)

    async def beat(self, heartbeat: Heartbeat) -> None:
        """Write how a terminal is, over how it was."""
        values = to_row(heartbeat)
        write = _INSERT[self._connection.dialect.name](t.terminal_heartbeat).values(values)
        await self._connection.execute(
            write.on_conflict_do_update(
                index_elements=[t.terminal_heartbeat.c.terminal_id],
                set_={name: write.excluded[name] for name in values if name != "terminal_id"},
            )
        )

    async def heartbeats(self, authority_id: UUID) -> dict[UUID, Heartbeat]:
        """Find how the terminals of an authority last were, by terminal."""
        found = await self._connection.execute(
            select(t.terminal_heartbeat)
            .join(t.terminal, t.terminal.c.id == t.terminal_heartbeat.c.terminal_id)
            .where(t.terminal.c.authority_id == authority_id)
        )
        return {row.terminal_id: to_struct(row, Heartbeat) for row in found}
