"""Queries on authorities, territory and doors."""

from collections.abc import Container
from datetime import date
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, exists, select, update
from sqlalchemy import insert as insert_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.agents import Place
from domain.errors.places import AuthorityNotFound, GateNotFound, SiteNotFound
from domain.offline_policy import OfflinePolicy
from domain.periods import FOREVER
from domain.places import Authority, Commune, Gate, Site, Zone
from domain.text import Text
from store.bank_days import AnyOf, BankDays
from store.catalogue import has_changed
from store.rows import insert, only, to_row, to_struct
from store.tables import places as t

_AUTHORITY = select(t.authority).where(t.authority.c.id == bindparam("authority"))
"""Put together once: whatever is asked is asked of one."""


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

    async def communes(self, authority_id: UUID) -> list[Commune]:
        """List the communes of an authority's territory, by name."""
        found = await self._connection.execute(
            select(t.commune).where(t.commune.c.authority_id == authority_id).order_by(t.commune.c.name)
        )
        return [to_struct(row, Commune) for row in found]

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

    async def save_offline(self, authority_id: UUID, site_code: str, policy: OfflinePolicy | None) -> None:
        """Write what a site's gates do alone; None: what its service says."""
        content = None if policy is None else msgspec.to_builtins(policy)
        done = await self._connection.execute(
            update(t.site)
            .where(t.site.c.authority_id == authority_id, t.site.c.code == site_code)
            .values(offline=content)
        )
        if not done.rowcount:
            raise SiteNotFound(f"No site has the code {site_code}.")
        await has_changed(self._connection)

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
        row = (await self._connection.execute(_AUTHORITY, {"authority": authority_id})).one_or_none()
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

    async def place(self, authority_id: UUID, site_code: str) -> Place:
        """Find a site as roles name it."""
        usable = site_code.isprintable()  # PostgreSQL would not even compare another
        found = await self._connection.execute(
            select(t.site.c.code.label("site"), t.site.c.service_code.label("service")).where(
                t.site.c.authority_id == authority_id, t.site.c.code == (site_code if usable else "")
            )
        )
        return only(found, Place, SiteNotFound(f"No site has the code {site_code}."))

    async def places(self, authority_id: UUID) -> list[Place]:
        """List the sites of an authority as roles name them."""
        asked = select(t.site.c.code.label("site"), t.site.c.service_code.label("service"))
        found = await self._connection.execute(asked.where(t.site.c.authority_id == authority_id))
        return [Place(row.site, row.service) for row in found]

    async def place_of_gate(self, gate_id: UUID) -> Place:
        """Find the site of a gate as roles name it."""
        found = await self._connection.execute(
            select(t.site.c.code.label("site"), t.site.c.service_code.label("service"))
            .join(t.zone, t.zone.c.site_id == t.site.c.id)
            .join(t.gate, t.gate.c.zone_id == t.zone.c.id)
            .where(t.gate.c.id == gate_id)
        )
        return only(found, Place, GateNotFound("This gate does not exist any more."))

    async def site_names(self, authority_id: UUID) -> list[tuple[str, Text]]:
        """List the sites of an authority by code: code and name."""
        asked = select(t.site.c.code, t.site.c.name).where(t.site.c.authority_id == authority_id)
        found = await self._connection.execute(asked.order_by(t.site.c.code))
        return [(row.code, msgspec.convert(row.name, Text)) for row in found]

    async def open_site_names(self, authority_id: UUID, day: date) -> list[tuple[str, Text]]:
        """List the sites of an authority that have not closed for good by a day: code and name."""
        ended = exists().where(
            t.closure.c.site_id == t.site.c.id, t.closure.c.last_day == FOREVER, t.closure.c.first_day <= day
        )
        asked = select(t.site.c.code, t.site.c.name).where(t.site.c.authority_id == authority_id, ~ended)
        found = await self._connection.execute(asked.order_by(t.site.c.code))
        return [(row.code, msgspec.convert(row.name, Text)) for row in found]

    async def bank_days(self, authority_id: UUID, service_code: str) -> Container[date]:
        """Look up the bank holidays of the authority's sites of one service, in whichever regions they lie."""
        s = t.site.c
        found = await self._connection.execute(
            select(s.holiday_region).where(s.authority_id == authority_id, s.service_code == service_code).distinct()
        )
        regions = [row.holiday_region for row in found]
        return AnyOf(tuple(BankDays(region) for region in regions or [None]))


async def all_places(connection: AsyncConnection, authority_id: UUID) -> list[Place]:
    """List the sites of an authority as roles name them, by code."""
    s = t.site.c
    asked = select(s.code.label("site"), s.service_code.label("service")).where(s.authority_id == authority_id)
    found = await connection.execute(asked.order_by(s.code))
    return [Place(row.site, row.service) for row in found]
