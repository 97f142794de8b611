"""Queries on authorities, territory, doors and devices."""

from collections.abc import Container
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy import insert as insert_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import AuthorityNotFound, GateNotFound, TerminalNotFound
from domain.places import Authority, Commune, Gate, Pairing, Site, Terminal, Zone
from store.bank_days import AnyOf, BankDays
from store.catalogue import has_changed
from store.rows import insert, only, to_row, to_struct
from store.tables import places as t


class SqlPlaces:
    """`domain.ports.Places` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_authority(self, new: Authority) -> None:
        """Write an authority."""
        await insert(self._connection, t.authority, new)

    async def add_commune(self, new: Commune) -> None:
        """Write a commune."""
        await insert(self._connection, t.commune, new)

    async def add_site(self, new: Site) -> None:
        """Write a site with its calendar."""
        calendar = new.calendar
        values = to_row(new, leave_out=("calendar",))
        values |= {"bank_holidays": calendar.bank_holidays, "last_entry_minutes": calendar.last_entry_minutes}
        await self._connection.execute(insert_(t.site).values(values))
        await has_changed(self._connection)
        for table, parts in (
            (t.opening, calendar.hours),
            (t.closure, calendar.closures),
            (t.site_session, calendar.sessions),
        ):
            if parts:
                await self._connection.execute(insert_(table), [{"site_id": new.id, **to_row(part)} for part in parts])

    async def add_zone(self, new: Zone) -> None:
        """Write a zone."""
        await insert(self._connection, t.zone, new)
        await has_changed(self._connection)

    async def add_gate(self, new: Gate) -> None:
        """Write a gate."""
        await insert(self._connection, t.gate, new)
        await has_changed(self._connection)

    async def authority(self, code: str) -> Authority:
        """Find an authority by its code."""
        found = await self._connection.execute(select(t.authority).where(t.authority.c.code == code))
        return only(found, Authority, AuthorityNotFound(f"No authority has the code {code}."))

    async def authority_by_id(self, authority_id: UUID) -> Authority:
        """Find an authority by its id."""
        row = (
            await self._connection.execute(select(t.authority).where(t.authority.c.id == authority_id))
        ).one_or_none()
        if row is None:
            raise AuthorityNotFound("No such authority.")
        return to_struct(row, Authority)

    async def authorities(self) -> list[Authority]:
        """List the authorities that this installation hosts."""
        found = await self._connection.execute(select(t.authority).order_by(t.authority.c.code))
        return [to_struct(row, Authority) for row in found]

    async def gate(self, authority_id: UUID, code: str) -> Gate:
        """Find a gate by its code."""
        found = await self._connection.execute(
            select(t.gate).where(t.gate.c.authority_id == authority_id, t.gate.c.code == code)
        )
        return only(found, Gate, GateNotFound(f"No gate has the code {code}."))

    async def bank_days(self, authority_id: UUID, service_code: str) -> Container[date]:
        """Look up the bank holidays of the authority's sites of one service, in whichever regions they lie."""
        s = t.site.c
        found = await self._connection.execute(
            select(s.holiday_region).where(s.authority_id == authority_id, s.service_code == service_code).distinct()
        )
        regions = [row.holiday_region for row in found]
        return AnyOf(tuple(BankDays(region) for region in regions or [None]))

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

    async def add_terminal(self, terminal: Terminal, gate_ids: tuple[UUID, ...]) -> None:
        """Write a terminal and the gates it serves."""
        await insert(self._connection, t.terminal, terminal)
        await self._connection.execute(
            insert_(t.terminal_gate), [{"terminal_id": terminal.id, "gate_id": gate_id} for gate_id in gate_ids]
        )

    async def terminal(self, authority_id: UUID, terminal_id: UUID) -> Terminal:
        """Find a terminal of this authority."""
        found = await self._connection.execute(
            select(t.terminal).where(t.terminal.c.authority_id == authority_id, t.terminal.c.id == terminal_id)
        )
        return only(found, Terminal, TerminalNotFound("No such terminal."))

    async def claimed_terminal(self, terminal_id: UUID) -> Terminal | None:
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

    async def terminals(self, authority_id: UUID) -> list[Terminal]:
        """List the terminals of an authority by name."""
        found = await self._connection.execute(
            select(t.terminal).where(t.terminal.c.authority_id == authority_id).order_by(t.terminal.c.name)
        )
        return [to_struct(row, Terminal) for row in found]

    async def save_terminal(self, terminal: Terminal) -> None:
        """Write a terminal's status; a revoked terminal loses its tokens with it."""
        await self._connection.execute(
            update(t.terminal).where(t.terminal.c.id == terminal.id).values(status=terminal.status)
        )
        await self._connection.execute(delete(t.terminal_token).where(t.terminal_token.c.terminal_id == terminal.id))
