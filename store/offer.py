"""What products and sites say, read and written as a whole: for modifications of the catalogue."""

from typing import Any
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendars import Calendar
from domain.catalogue.contents import Content, ProductContent, SiteContent, content_of_product, content_of_site
from domain.errors.places import SiteNotFound
from domain.errors.products import ProductNotFound
from domain.places import Gate, Site, Zone, check_site, check_zone
from domain.product_checks import check_product
from store.bank_days import BankDays
from store.catalogue import has_changed, site_by_code
from store.ids import RandomIds
from store.products import SqlProducts
from store.rows import to_row, to_struct
from store.tables import places as t
from store.tables import products as p

_NOBODY = UUID(int=0)


async def in_force(connection: AsyncConnection, authority_id: UUID, kind: str, code: str) -> Content | None:
    """Return what a product or a site of an authority says now; None if there is none of this code."""
    if not code.isprintable():  # PostgreSQL would not even compare another
        return None
    if kind == "product":
        try:
            return content_of_product(await SqlProducts(connection).by_code(authority_id, code))
        except ProductNotFound:
            return None
    found = await _site(connection, authority_id, code)
    return content_of_site(*found) if found is not None else None


async def _site(
    connection: AsyncConnection, authority_id: UUID, code: str
) -> tuple[Site, list[Zone], list[Gate]] | None:
    site = await connection.run_sync(site_by_code, authority_id, code)
    if site is None:
        return None
    zones = await connection.execute(select(t.zone).where(t.zone.c.site_id == site.id))
    known = [to_struct(row, Zone) for row in zones]
    gates = await connection.execute(select(t.gate).where(t.gate.c.zone_id.in_([zone.id for zone in known])))
    return site, known, [to_struct(row, Gate) for row in gates]


async def check(connection: AsyncConnection, authority_id: UUID, content: Content) -> None:
    """Refuse a content that contradicts itself, or a site that is not there."""
    if isinstance(content, ProductContent):
        check_product(content.product(_NOBODY, authority_id))
        return
    site, zones, _ = await _known_site(connection, authority_id, content.code)
    _check_parts(content.over(site), [_part(content, zone) for zone in zones])


async def enforce(connection: AsyncConnection, authority_id: UUID, content: Content) -> None:
    """Check a content and write it in the place of what is there; a product that is not there is new."""
    if isinstance(content, ProductContent):
        await _enforce_product(connection, authority_id, content)
    else:
        await _enforce_site(connection, authority_id, content)
    await has_changed(connection)


async def _enforce_product(connection: AsyncConnection, authority_id: UUID, content: ProductContent) -> None:
    products = SqlProducts(connection)
    try:
        known = await products.by_code(authority_id, content.code)
    except ProductNotFound:
        new = content.product(RandomIds().row(), authority_id)
        check_product(new)
        await products.add(new)
        return
    product = content.product(known.id, authority_id)
    check_product(product)
    values = to_row(product, leave_out=("id", "limits", "prices"))
    await connection.execute(update(p.product).where(p.product.c.id == known.id).values(values))
    key = p.product_limit.c.product_id.name
    for table, parts in ((p.product_limit, product.limits), (p.product_price, product.prices)):
        await _replace(connection, table, key, known.id, parts)


async def calendar_of(connection: AsyncConnection, authority_id: UUID, content: SiteContent) -> Calendar:
    """Return the calendar that a content says, with the bank holidays of the region it names."""
    site, _, _ = await _known_site(connection, authority_id, content.code)
    return replace(content.over(site).calendar, bank_days=BankDays(content.holiday_region))


async def _enforce_site(connection: AsyncConnection, authority_id: UUID, content: SiteContent) -> None:
    site, zones, gates = await _known_site(connection, authority_id, content.code)
    changed, parts = content.over(site), [_part(content, zone) for zone in zones]
    _check_parts(changed, parts)
    calendar: Calendar = changed.calendar
    values = to_row(changed, leave_out=("id", "calendar"))
    values |= {"bank_holidays": calendar.bank_holidays.value, "last_entry_minutes": calendar.last_entry_minutes}
    await connection.execute(update(t.site).where(t.site.c.id == site.id).values(values))
    for table, rows in (
        (t.opening, calendar.hours),
        (t.closure, calendar.closures),
        (t.site_session, calendar.sessions),
    ):
        await _replace(connection, table, "site_id", site.id, rows)
    for zone in parts:
        await connection.execute(
            update(t.zone).where(t.zone.c.id == zone.id).values(to_row(zone, leave_out=("id", "authority_id")))
        )
    names = {door.code: door.name for zone in content.zones for door in zone.gates}
    for gate in gates:
        if names.get(gate.code, gate.name) != gate.name:
            name = to_row(names[gate.code])
            await connection.execute(update(t.gate).where(t.gate.c.id == gate.id).values(name=name))


async def _replace(connection: AsyncConnection, table: Table, key: str, owner: UUID, parts: tuple[Any, ...]) -> None:
    await connection.execute(delete(table).where(table.c[key] == owner))
    if parts:
        await connection.execute(insert(table), [{key: owner, **to_row(part)} for part in parts])


async def _known_site(
    connection: AsyncConnection, authority_id: UUID, code: str
) -> tuple[Site, list[Zone], list[Gate]]:
    found = await _site(connection, authority_id, code)
    if found is None:
        raise SiteNotFound(f"No site has the code {code}. A new one is opened by `multipass catalogue load`.")
    return found


def _part(content: SiteContent, zone: Zone) -> Zone:
    said = next((one for one in content.zones if one.code == zone.code), None)
    return zone if said is None else said.over(zone)


def _check_parts(site: Site, zones: list[Zone]) -> None:
    check_site(site)
    for zone in zones:
        check_zone(zone)
