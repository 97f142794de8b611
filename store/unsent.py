"""Queries on forms that came when their session was over: kept for an hour, taken once."""

from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct
from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from store.rows import insert
from store.tables.agents import unsent_form

LIFE = timedelta(hours=1)
MOST = 5
"""Of one agent at once: as many windows as somebody fills in before lunch."""


class Kept(Struct, frozen=True):
    """A form on its way. `sealed` can be read in the browser that sent it, and nowhere else."""

    ticket_hash: bytes
    authority_id: UUID
    agent_id: UUID
    sealed: bytes
    kept_at: datetime
    keep_until: date


async def keep(connection: AsyncConnection, form: Kept) -> None:
    """Write a form, and forget those of its agent that nobody took in time, and the oldest of too many."""
    mine = unsent_form.c.agent_id == form.agent_id
    newest = (
        select(unsent_form.c.ticket_hash)
        .where(mine, unsent_form.c.kept_at > form.kept_at - LIFE)
        .order_by(unsent_form.c.kept_at.desc(), unsent_form.c.ticket_hash)
        .limit(MOST - 1)
    )
    stay = (await connection.execute(newest)).scalars().all()
    await connection.execute(delete(unsent_form).where(mine, unsent_form.c.ticket_hash.not_in(stay)))
    await insert(connection, unsent_form, form)


async def take(connection: AsyncConnection, ticket_hash: bytes, agent_id: UUID, now: datetime) -> bytes | None:
    """Take a form of an agent: its row is deleted as it is read. None if there is none any more."""
    found = await connection.execute(
        delete(unsent_form)
        .where(unsent_form.c.ticket_hash == ticket_hash, unsent_form.c.agent_id == agent_id)
        .returning(unsent_form.c.sealed, unsent_form.c.kept_at)
    )
    row = found.one_or_none()
    return row.sealed if row is not None and now < row.kept_at + LIFE else None


async def unsent_end(connection: AsyncConnection, authority_id: UUID, now: datetime) -> bool:
    """Tell whether a form waits that nobody took in time."""
    late = exists().where(unsent_form.c.authority_id == authority_id, unsent_form.c.kept_at <= now - LIFE)
    return bool(await connection.scalar(select(late)))


async def forget_unsent(connection: AsyncConnection, authority_id: UUID, now: datetime) -> dict[str, int]:
    """Forget forms that nobody took in time, and return how many rows of which table that was."""
    late = (unsent_form.c.authority_id == authority_id, unsent_form.c.kept_at <= now - LIFE)
    return {unsent_form.name: (await connection.execute(delete(unsent_form).where(*late))).rowcount}
