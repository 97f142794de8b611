"""Queries on online handles: kept for a minute, by their hash alone, taken once."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.rows import to_row, to_struct
from store.tables.passes import online_handle


class OnlineHandle(Struct, frozen=True):
    """What a handle stands for. `service_code` is the one service where it holds; None: wherever it is shown."""

    handle_hash: bytes
    authority_id: UUID
    medium_id: int
    service_code: str | None
    expires_at: datetime


async def keep(connection: AsyncConnection, handle: OnlineHandle) -> None:
    """Write a new handle. It says nothing of anybody from the day after on, even where nobody deletes it."""
    keep_until = handle.expires_at.date() + timedelta(days=1)
    await connection.execute(insert(online_handle).values(**to_row(handle), keep_until=keep_until))


async def take(connection: AsyncConnection, handle_hash: bytes, now: datetime) -> OnlineHandle | None:
    """Spend a handle: the row is deleted as it is read. None if it is unknown, was taken, or is over."""
    found = await connection.execute(
        delete(online_handle).where(online_handle.c.handle_hash == handle_hash).returning(online_handle)
    )
    row = found.one_or_none()
    handle = to_struct(row, OnlineHandle) if row is not None else None
    return handle if handle is not None and handle.expires_at > now else None


async def look(connection: AsyncConnection, handle_hash: bytes, now: datetime) -> OnlineHandle | None:
    """Find a handle and leave it where it is: for whoever asks what it is, never for a gate."""
    found = await connection.execute(select(online_handle).where(online_handle.c.handle_hash == handle_hash))
    row = found.one_or_none()
    handle = to_struct(row, OnlineHandle) if row is not None else None
    return handle if handle is not None and handle.expires_at > now else None


async def forget_old(connection: AsyncConnection, now: datetime) -> None:
    """Delete what nobody took in time."""
    await connection.execute(delete(online_handle).where(online_handle.c.expires_at <= now))
