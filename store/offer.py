"""What products and sites say, read and written as a whole: for modifications of the catalogue."""

from typing import Any
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.calendars import Calendar
from domain.catalogue.contents import Content, ProductContent, SiteContent, content_of_product, content_of_site
from domain.errors.places import DoorTaken, SiteWithoutDoors
from domain.errors.products import ProductNotFound
from domain.places import Gate, Passback, Site, Zone, check_site, check_zone
from domain.product_checks import check_product
from domain.text import check_name
from store.bank_days import BankDays
from store.catalogue import has_changed, site_by_code
from store.ids import RandomIds
from store.places import SqlPlaces
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
    """Refuse a content that contradicts itself, or a site that takes the doors of another."""
    if isinstance(content, ProductContent):
        check_product(content.product(_NOBODY, authority_id))
        return
    await _checked(connection, authority_id, content)


async def enforce(connection: AsyncConnection, authority_id: UUID, content: Content) -> None:
    """Check a content and write it in the place of what is there; what is not there is new."""
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


def calendar_of(content: SiteContent) -> Calendar:
    """Return the calendar that a content says, with the bank holidays of the region it names."""
    return replace(content.over(_blank(_NOBODY, content)).calendar, bank_days=BankDays(content.holiday_region))


async def _enforce_site(connection: AsyncConnection, authority_id: UUID, content: SiteContent) -> None:
    found = await _checked(connection, authority_id, content)
    if found is None:
        site = content.over(_blank(authority_id, content))
        await SqlPlaces(connection).add_site(site)
        await _save_doors(connection, site, content, [], [])
        return
    known, zones, gates = found
    await _save_site(connection, content.over(known))
    await _save_doors(connection, known, content, zones, gates)


async def _save_site(connection: AsyncConnection, site: Site) -> None:
    calendar = site.calendar
    values = to_row(site, leave_out=("id", "calendar"))
    values |= {"bank_holidays": calendar.bank_holidays.value, "last_entry_minutes": calendar.last_entry_minutes}
    await connection.execute(update(t.site).where(t.site.c.id == site.id).values(values))
    for table, rows in (
        (t.opening, calendar.hours),
        (t.closure, calendar.closures),
        (t.site_session, calendar.sessions),
    ):
        await _replace(connection, table, "site_id", site.id, rows)


async def _save_doors(
    connection: AsyncConnection, site: Site, content: SiteContent, zones: list[Zone], gates: list[Gate]
) -> None:
    """Write what is said of zones and gates; those that are not there are new."""
    places, ids = SqlPlaces(connection), RandomIds()
    known, names = {zone.code: zone for zone in zones}, {gate.code: gate for gate in gates}
    for said in content.zones:
        zone = said.over(known.get(said.code) or _zone(site, said.code, ids.row()))
        if said.code in known:
            values = to_row(zone, leave_out=("id", "authority_id"))
            await connection.execute(update(t.zone).where(t.zone.c.id == zone.id).values(values))
        else:
            await places.add_zone(zone)
        for door in said.gates:
            gate = names.get(door.code)
            if gate is None:
                await places.add_gate(Gate(ids.row(), site.authority_id, zone.id, door.code, door.name))
            elif gate.name != door.name:
                await connection.execute(update(t.gate).where(t.gate.c.id == gate.id).values(name=to_row(door)["name"]))


def _blank(authority_id: UUID, content: SiteContent) -> Site:
    """Return a site of which nothing is said yet but what never changes."""
    id_ = RandomIds().row()
    return Site(id_, authority_id, content.code, content.service_code, content.name, content.commune_code)


def _zone(site: Site, code: str, id_: UUID) -> Zone:
    return Zone(id_, site.authority_id, site.id, code, None, Passback.NONE, 0)


async def _replace(connection: AsyncConnection, table: Table, key: str, owner: UUID, parts: tuple[Any, ...]) -> None:
    await connection.execute(delete(table).where(table.c[key] == owner))
    if parts:
        await connection.execute(insert(table), [{key: owner, **to_row(part)} for part in parts])


async def _checked(
    connection: AsyncConnection, authority_id: UUID, content: SiteContent
) -> tuple[Site, list[Zone], list[Gate]] | None:
    """Refuse a site that contradicts itself or takes others' doors. Returns what there is of it; None: it is new."""
    found = await _site(connection, authority_id, content.code)
    site, zones, gates = found or (_blank(authority_id, content), [], [])
    check_site(content.over(site))
    for said in content.zones:
        check_zone(said.over(_zone(site, said.code, site.id)))
        for door in said.gates:
            check_name(door.name, of=f"Gate {door.code}")
    if found is None:
        _check_new(content)
    await _check_doors(connection, authority_id, content, {zone.id for zone in zones}, {gate.id for gate in gates})
    return found


def _check_new(content: SiteContent) -> None:
    if not content.zones or not all(zone.gates for zone in content.zones):
        raise SiteWithoutDoors(f"Site {content.code} is new: it needs a zone, and each of its zones a gate.")


async def _check_doors(
    connection: AsyncConnection, authority_id: UUID, content: SiteContent, zones: set[UUID], gates: set[UUID]
) -> None:
    for table, own, codes in (
        (t.zone, zones, [zone.code for zone in content.zones]),
        (t.gate, gates, [door.code for zone in content.zones for door in zone.gates]),
    ):
        if len(set(codes)) < len(codes):
            raise DoorTaken(f"Site {content.code} has two zones or two gates of one code.")
        found = await connection.execute(
            select(table.c.id, table.c.code).where(table.c.authority_id == authority_id, table.c.code.in_(codes))
        )
        taken = sorted(row.code for row in found if row.id not in own)
        if taken:
            raise DoorTaken(f"{', '.join(taken)}: another site has a zone or a gate of this code.")
