"""Another time: what was in force then, or will be if nothing comes between, and what a pass and its media were."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.access.catalogue import Catalogue
from domain.catalogue.changes import Stage
from domain.catalogue.contents import Content, ProductContent, SiteContent
from domain.catalogue.overlay import over
from domain.passes import Medium, Pass, PassStatus, pass_status_at, status_at
from store.database import Database
from store.media import changes_of, changes_of_pass
from store.tables.modifications import catalogue_version, modification, modification_change

Key = tuple[str, str]
"""Product or site, and its code."""


async def catalogue_at(database: Database, authority_id: UUID, at: datetime) -> Catalogue:
    """Read the reference data of decisions as one authority had it, or will have it, at an instant.

    It goes back as far as modifications do: what `multipass catalogue load` opened was always there.
    """
    now = await database.catalogue()
    async with database.read() as connection:
        said = {**await _before(connection, authority_id, at), **await _to_come(connection, authority_id, at)}
    return over(now, authority_id, said.values()) if said else now


class PassThen(Struct, frozen=True):
    """What a pass and each of its media were at an instant. In a time to come they are as they are."""

    status: PassStatus
    media: tuple[Medium, ...]


async def pass_at(connection: AsyncConnection, known: Pass, media: list[Medium], at: datetime) -> PassThen:
    """Say what a pass and its media were at an instant."""
    of_pass = await changes_of_pass(connection, known.id)
    of_media = await changes_of(connection, {one.id for one in media})
    then = tuple(replace(one, status=status_at(of_media, one.id, at) or one.status) for one in media)
    return PassThen(pass_status_at(of_pass, at) or known.status, then)


async def _before(connection: AsyncConnection, authority_id: UUID, at: datetime) -> dict[Key, Content]:
    """Find what was said at an instant by whatever changed after it."""
    v = catalogue_version.c
    later = (
        select(v.kind, v.code).where(v.authority_id == authority_id, v.since > at).distinct().subquery("changed_later")
    )
    found = await connection.execute(
        select(catalogue_version)
        .join(later, (later.c.kind == v.kind) & (later.c.code == v.code))
        .where(v.authority_id == authority_id)
        .order_by(v.number)
    )
    said: dict[Key, Content] = {}
    for row in found:
        if row.since is None or row.since <= at:
            said[row.kind, row.code] = _content(row.content)
    return said


async def _to_come(connection: AsyncConnection, authority_id: UUID, at: datetime) -> dict[Key, Content]:
    """Find what will be said at an instant by what is scheduled for it or before."""
    found = await connection.execute(
        select(modification_change.c.kind, modification_change.c.code, modification_change.c.after)
        .join(modification, modification.c.id == modification_change.c.modification_id)
        .where(
            modification.c.authority_id == authority_id,
            modification.c.state == Stage.SCHEDULED.value,
            modification.c.takes_effect_at <= at,
        )
        .order_by(modification.c.takes_effect_at, modification.c.number)
    )
    return {(row.kind, row.code): _content(row.after) for row in found}


def _content(value: object) -> Content:
    said: ProductContent | SiteContent = msgspec.convert(value, ProductContent | SiteContent)
    return said
