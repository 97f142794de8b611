"""The reference data of decisions, read in one go."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.access.catalogue import Catalogue
from domain.places import Authority, Calendar, Closure, Doorway, Gate, Hours, Site, Zone
from domain.products import Limit, Product
from store.rows import to_struct
from store.tables.places import authority, catalogue, closure, gate, opening, site, zone
from store.tables.products import product, product_limit


def read(connection: Connection) -> Catalogue:
    """Read every gate with where it leads, and every product with its limits, at one version."""
    rows = connection.execute
    version = rows(select(catalogue.c.version)).scalar_one()
    hours: defaultdict[UUID, list[Hours]] = defaultdict(list)
    for row in rows(select(opening)):
        hours[row.site_id].append(to_struct(row, Hours))
    closures: defaultdict[UUID, list[Closure]] = defaultdict(list)
    for row in rows(select(closure)):
        closures[row.site_id].append(to_struct(row, Closure))
    authorities = {row.id: to_struct(row, Authority) for row in rows(select(authority))}
    sites = {
        row.id: to_struct(row, Site, calendar=Calendar(tuple(hours[row.id]), tuple(closures[row.id])))
        for row in rows(select(site))
    }
    zones = {row.id: to_struct(row, Zone) for row in rows(select(zone))}
    doorways = {}
    for row in rows(select(gate)):
        gate_ = to_struct(row, Gate)
        zone_ = zones[gate_.zone_id]
        owner = authorities[gate_.authority_id]
        doorways[gate_.id] = Doorway(gate_, zone_, sites[zone_.site_id], owner.zone, owner.code)
    return Catalogue(version=version, doorways=doorways, products=_products(rows))


def _products(rows: Any) -> dict[UUID, Product]:  # noqa: ANN401 - the connection's execute, bound
    limits: defaultdict[UUID, list[Limit]] = defaultdict(list)
    for row in rows(select(product_limit).order_by(product_limit.c.product_id, product_limit.c.position)):
        limits[row.product_id].append(to_struct(row, Limit))
    return {row.id: to_struct(row, Product, limits=tuple(limits[row.id])) for row in rows(select(product))}


async def has_changed(connection: AsyncConnection) -> None:
    """Move the version that every batch of the ledger compares, within the transaction that changes the data."""
    await connection.execute(update(catalogue).values(version=catalogue.c.version + 1))
