"""Queries on offline bundles: those that were issued, and what a new one is made from."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, and_, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store.tables.cards import batch_card
from store.tables.passes import bundle, medium, status_list
from store.tables.places import authority, catalogue

KEPT = 24
"""Who has an older one of a service fetches it whole."""


class Basis(Struct, frozen=True):
    """What a bundle was made from. When nothing of it has moved, only what people do can have moved their rights."""

    day: str
    catalogue: int
    lists: dict[int, int]  # version of each status list
    keys: str  # of the key set, and of the key that signed


class Issued(Struct, frozen=True):
    """A bundle that was issued. `checked_at`: when it was last found to be true still."""

    sequence: int
    issued_at: datetime
    checked_at: datetime
    basis: Basis


class Sources(Struct, frozen=True):
    """Versions of what bundles are made from; `lists` has all that hold a medium, or a card that may become one."""

    catalogue: int
    lists: dict[int, int]


async def sources(connection: AsyncConnection, authority_id: UUID) -> Sources:
    """Read the versions. Read them before the rows: what comes later is theirs, or newer."""
    version = (await connection.execute(select(catalogue.c.version))).scalar_one()
    held = [
        select(func.max(one.c.status_list)).where(one.c.authority_id == authority_id) for one in (medium, batch_card)
    ]
    found = [(await connection.execute(newest)).scalar() for newest in held]
    lists = dict.fromkeys(range(1 + max(-1 if last is None else last for last in found)), 0)
    moved = select(status_list.c.number, status_list.c.version).where(status_list.c.authority_id == authority_id)
    for number, of_list in await connection.execute(moved):
        lists[number] = of_list
    return Sources(version, lists)


async def newest(connection: AsyncConnection, authority_id: UUID, service: str) -> Issued | None:
    """Find the newest bundle of a service."""
    row = (
        await connection.execute(
            select(bundle.c.sequence, bundle.c.issued_at, bundle.c.checked_at, bundle.c.basis)
            .where(bundle.c.authority_id == authority_id, bundle.c.service_code == service)
            .order_by(bundle.c.sequence.desc())
            .limit(1)
        )
    ).one_or_none()
    if row is None:
        return None
    return Issued(row.sequence, row.issued_at, row.checked_at, msgspec.convert(row.basis, Basis, strict=False))


async def body(connection: AsyncConnection, authority_id: UUID, service: str, sequence: int) -> bytes | None:
    """Find a bundle as it was signed; None if it is kept no longer, or never was."""
    found = await connection.execute(select(bundle.c.body).where(_this(authority_id, service, sequence)))
    return found.scalar()


async def issued_at(connection: AsyncConnection, authority_id: UUID) -> dict[tuple[str, int], datetime]:
    """Tell when each bundle that is kept was issued, by service and sequence."""
    wanted = select(bundle.c.service_code, bundle.c.sequence, bundle.c.issued_at)
    rows = await connection.execute(wanted.where(bundle.c.authority_id == authority_id))
    return {(row.service_code, row.sequence): row.issued_at for row in rows}


async def marks(connection: AsyncConnection) -> dict[UUID, tuple[int, int]]:
    """Return by authority what moves when a bundle would tell something new: its newest one, and who was stopped."""
    newest_of = select(bundle.c.authority_id, func.max(bundle.c.sequence)).group_by(bundle.c.authority_id)
    moved = select(status_list.c.authority_id, func.sum(status_list.c.version)).group_by(status_list.c.authority_id)
    issued = {authority_id: int(last) for authority_id, last in await connection.execute(newest_of)}
    stopped = {authority_id: int(versions) for authority_id, versions in await connection.execute(moved)}
    return {one: (issued.get(one, 0), stopped.get(one, 0)) for one in issued.keys() | stopped.keys()}


async def lock(connection: AsyncConnection, authority_id: UUID) -> None:
    """Let no other worker issue bundles of this authority until the transaction ends. On SQLite nobody else writes."""
    await connection.execute(select(authority.c.id).where(authority.c.id == authority_id).with_for_update())


async def add(connection: AsyncConnection, authority_id: UUID, service: str, new: Issued, signed: bytes) -> None:
    """Write a bundle, and forget those that are too old to tell a difference from."""
    mine = (bundle.c.authority_id == authority_id, bundle.c.service_code == service)
    await connection.execute(
        insert(bundle).values(
            authority_id=authority_id,
            service_code=service,
            sequence=new.sequence,
            issued_at=new.issued_at,
            checked_at=new.checked_at,
            basis=msgspec.to_builtins(new.basis, str_keys=True),
            body=signed,
        )
    )
    numbers = select(bundle.c.sequence).where(*mine).order_by(bundle.c.sequence.desc()).offset(KEPT).limit(1)
    oldest = (await connection.execute(numbers)).scalar()
    if oldest is not None:
        await connection.execute(delete(bundle).where(*mine, bundle.c.sequence <= oldest))


async def found_true(connection: AsyncConnection, authority_id: UUID, service: str, found: Issued) -> None:
    """Note when a bundle was found to say what a new one would say, and from what."""
    values = {"checked_at": found.checked_at, "basis": msgspec.to_builtins(found.basis, str_keys=True)}
    await connection.execute(update(bundle).where(_this(authority_id, service, found.sequence)).values(values))


def _this(authority_id: UUID, service: str, sequence: int) -> ColumnElement[bool]:
    return and_(bundle.c.authority_id == authority_id, bundle.c.service_code == service, bundle.c.sequence == sequence)
