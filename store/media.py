"""Queries on media, for whoever asks what they are."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.cards import CardTechnology
from domain.passes import MediumChange, MediumKind, MediumStatus, PassChange, PassStatus
from domain.phones import KeySecurity
from store.rows import to_struct
from store.tables.agents import agent
from store.tables.external_media import sector_identifier
from store.tables.ledger import medium_use
from store.tables.passes import card, device_key, medium, medium_change, pass_, pass_change


class Known(Struct, frozen=True):
    """What the register and the ledger know of a medium; never whose it is. `mark` is the last that it has shown."""

    number: str
    kind: MediumKind
    status: MediumStatus
    pass_status: PassStatus
    expires_at: datetime
    mark: int | None
    spent: bool | None


class Described(Struct, frozen=True):
    """A medium with what it is made of: a chip, a phone's key, or the sectors in which a card of others is known."""

    id: int
    kind: MediumKind
    status: MediumStatus
    expires_at: datetime
    created_at: datetime
    technology: CardTechnology | None
    key_version: int | None
    key_security: KeySecurity | None
    sectors: tuple[str, ...] = ()


async def describe(connection: AsyncConnection, pass_id: UUID) -> list[Described]:
    """List the media of a pass with what they are made of, oldest first."""
    found = await connection.execute(
        select(
            medium.c.id,
            medium.c.kind,
            medium.c.status,
            medium.c.expires_at,
            medium.c.created_at,
            card.c.technology,
            card.c.key_version,
            device_key.c.key_security,
        )
        .outerjoin(card, card.c.medium_id == medium.c.id)
        .outerjoin(device_key, device_key.c.medium_id == medium.c.id)
        .where(medium.c.pass_id == pass_id)
        .order_by(medium.c.created_at, medium.c.id)
    )
    known = await connection.execute(
        select(sector_identifier.c.medium_id, sector_identifier.c.sector)
        .join(medium, medium.c.id == sector_identifier.c.medium_id)
        .where(medium.c.pass_id == pass_id)
        .order_by(sector_identifier.c.sector)
    )
    sectors: dict[int, list[str]] = {}
    for medium_id, sector in known:
        sectors.setdefault(medium_id, []).append(sector)
    return [to_struct(row, Described, sectors=tuple(sectors.get(row["id"], ()))) for row in found.mappings()]


async def find(connection: AsyncConnection, medium_id: int) -> Known | None:
    """Find a medium with its pass's number; None if it is in no register."""
    found = await connection.execute(
        select(
            pass_.c.number,
            medium.c.kind,
            medium.c.status,
            pass_.c.status.label("pass_status"),
            medium.c.expires_at,
            medium_use.c.mark,
            medium_use.c.spent,
        )
        .join(pass_, pass_.c.id == medium.c.pass_id)
        .outerjoin(medium_use, medium_use.c.medium_id == medium.c.id)
        .where(medium.c.id == medium_id)
    )
    row = found.mappings().one_or_none()
    return to_struct(row, Known) if row is not None else None


async def changes_of(connection: AsyncConnection, medium_ids: set[int]) -> list[MediumChange]:
    """List the changes of these media, in the order in which they were made."""
    found = await connection.execute(
        select(medium_change).where(medium_change.c.medium_id.in_(medium_ids)).order_by(medium_change.c.number)
    )
    return [to_struct(row, MediumChange) for row in found]


async def changes_of_pass(connection: AsyncConnection, pass_id: UUID) -> list[PassChange]:
    """List the changes of a pass, in the order in which they were made."""
    found = await connection.execute(
        select(pass_change).where(pass_change.c.pass_id == pass_id).order_by(pass_change.c.number)
    )
    return [to_struct(row, PassChange) for row in found]


async def changes_of_passes(connection: AsyncConnection, medium_ids: set[int]) -> dict[int, list[PassChange]]:
    """List the changes of the passes that these media show, by medium, in the order in which they were made."""
    found = await connection.execute(
        select(pass_change, medium.c.id.label("medium_id"))
        .join(medium, medium.c.pass_id == pass_change.c.pass_id)
        .where(medium.c.id.in_(medium_ids))
        .order_by(pass_change.c.number)
    )
    changes: dict[int, list[PassChange]] = {}
    for row in found:
        changes.setdefault(row.medium_id, []).append(to_struct(row, PassChange))
    return changes


async def changes_told(connection: AsyncConnection, medium_id: int) -> list[tuple[MediumChange, str | None]]:
    """List the changes of a medium with the login of the agent who made each, oldest first."""
    found = await connection.execute(
        select(medium_change, agent.c.login)
        .outerjoin(agent, agent.c.id == medium_change.c.changed_by)
        .where(medium_change.c.medium_id == medium_id)
        .order_by(medium_change.c.number)
    )
    return [(to_struct(row, MediumChange), row.login) for row in found]


async def pass_changes_told(connection: AsyncConnection, pass_id: UUID) -> list[tuple[PassChange, str | None]]:
    """List the changes of a pass with the login of the agent who made each, oldest first."""
    found = await connection.execute(
        select(pass_change, agent.c.login)
        .outerjoin(agent, agent.c.id == pass_change.c.changed_by)
        .where(pass_change.c.pass_id == pass_id)
        .order_by(pass_change.c.number)
    )
    return [(to_struct(row, PassChange), row.login) for row in found]
