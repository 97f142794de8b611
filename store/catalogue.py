"""The reference data of decisions, read in one go."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Result, Select, Table, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.access.catalogue import Catalogue
from domain.calendars import BankHolidays, Calendar, Closure, Hours, Session
from domain.limits import Limit
from domain.places import Authority, Doorway, Gate, Site, Zone
from domain.products import Price, Product
from store.bank_days import BankDays
from store.rows import S, to_struct
from store.tables.places import authority, catalogue, closure, gate, opening, site, site_session, zone
from store.tables.products import product, product_limit, product_price


def read(connection: Connection) -> Catalogue:
    """Read every gate with where it leads, and every product with its limits, at one version."""
    rows = connection.execute
    version = rows(select(catalogue.c.version)).scalar_one()
    authorities = {row.id: to_struct(row, Authority) for row in rows(select(authority))}
    sites = _sites(rows)
    zones = {row.id: to_struct(row, Zone) for row in rows(select(zone))}
    doorways = {}
    for row in rows(select(gate)):
        gate_ = to_struct(row, Gate)
        zone_ = zones[gate_.zone_id]
        owner = authorities[gate_.authority_id]
        doorways[gate_.id] = Doorway(gate_, zone_, sites[zone_.site_id], owner.zone, owner.code)
    products = _products(rows)
    return Catalogue(
        version=version,
        doorways=doorways,
        products=products,
        conditional=frozenset(one.service_code for one in products.values() if one.terms.conditions.asks_circumstances),
    )


def _sites(rows: Any, only: UUID | None = None) -> dict[UUID, Site]:  # noqa: ANN401 - the connection's execute, bound
    def of(table: Table, key: Column[Any]) -> Select[Any]:
        return select(table) if only is None else select(table).where(key == only)

    hours = _by_site(rows(of(opening, opening.c.site_id)), Hours)
    closures = _by_site(rows(of(closure, closure.c.site_id)), Closure)
    sessions = _by_site(rows(of(site_session, site_session.c.site_id)), Session)
    return {
        row.id: to_struct(
            row,
            Site,
            calendar=Calendar(
                hours.get(row.id, ()),
                closures.get(row.id, ()),
                sessions.get(row.id, ()),
                BankHolidays(row.bank_holidays),
                BankDays(row.holiday_region),
                row.last_entry_minutes,
            ),
        )
        for row in rows(of(site, site.c.id))
    }


def site_by_code(connection: Connection, authority_id: UUID, code: str) -> Site | None:
    """Read one site with its calendar."""
    which = (site.c.authority_id == authority_id, site.c.code == code)
    site_id = connection.execute(select(site.c.id).where(*which)).scalar_one_or_none()
    return None if site_id is None else _sites(connection.execute, site_id)[site_id]


def _by_site(found: Result[Any], kind: type[S]) -> dict[UUID, tuple[S, ...]]:
    parts: defaultdict[UUID, list[S]] = defaultdict(list)
    for row in found:
        parts[row.site_id].append(to_struct(row, kind))
    return {site_id: tuple(of_site) for site_id, of_site in parts.items()}


def _products(rows: Any) -> dict[UUID, Product]:  # noqa: ANN401 - the connection's execute, bound
    limits: defaultdict[UUID, list[Limit]] = defaultdict(list)
    for row in rows(select(product_limit).order_by(product_limit.c.product_id, product_limit.c.position)):
        limits[row.product_id].append(to_struct(row, Limit))
    prices: defaultdict[UUID, list[Price]] = defaultdict(list)
    for row in rows(select(product_price).order_by(product_price.c.product_id, product_price.c.position)):
        prices[row.product_id].append(to_struct(row, Price))
    return {
        row.id: to_struct(row, Product, limits=tuple(limits[row.id]), prices=tuple(prices[row.id]))
        for row in rows(select(product))
    }


async def has_changed(connection: AsyncConnection) -> None:
    """Move the version that every batch of the ledger compares, within the transaction that changes the data."""
    await connection.execute(update(catalogue).values(version=catalogue.c.version + 1))
