"""Queries on a medium that was bound by mistake: whether anything has happened to it since, and forgetting it."""

from typing import Any

from sqlalchemy import delete, exists, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.passes import Medium, MediumStatus
from store.tables import passes as tables
from store.tables.ledger import medium_use, validation
from store.tables.passes import medium_change
from store.tables.replacements import replacement

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}

_OF_A_MEDIUM = (tables.card, tables.card_proof, tables.online_handle, medium_change)
"""What goes with it: its chip, proofs that wait for seconds, and its binding."""


async def is_untouched(connection: AsyncConnection, medium: Medium) -> bool:
    """Tell whether a medium has but one change, its binding, and was neither shown nor given for another."""
    changes = select(func.count()).where(medium_change.c.medium_id == medium.id).scalar_subquery()
    shown = exists().where(validation.c.medium_id == medium.id, validation.c.pass_id == medium.pass_id)
    counted = exists().where(medium_use.c.medium_id == medium.id, medium_use.c.mark > 0)
    replaces = exists().where(replacement.c.medium_id == medium.id)
    found = await connection.execute(select(literal(1)).where(changes == 1, ~shown, ~counted, ~replaces))
    return found.first() is not None


async def withdraw(connection: AsyncConnection, medium: Medium) -> MediumStatus | None:
    """Forget a medium, and return what its card was before it was bound; None if a gate was quicker.

    Its last use is written as that of a card that nobody has shown, and stays: a batch of passages which has read the
    medium finds that row taken (`ledger_write_5`), and reads again.
    """
    insert = _INSERT[connection.dialect.name](medium_use)
    held = await connection.execute(
        insert.values(
            medium_id=medium.id,
            authority_id=medium.authority_id,
            mark=0,
            spent=False,
            version=1,
            keep_until=medium.keep_until,
        )
        .on_conflict_do_update(
            index_elements=[medium_use.c.medium_id],
            set_={"version": medium_use.c.version + 1},
            where=medium_use.c.mark == 0,
        )
        .returning(medium_use.c.medium_id)
    )
    if held.first() is None:
        return None
    was = await connection.execute(select(medium_change.c.was).where(medium_change.c.medium_id == medium.id))
    before = MediumStatus(was.scalar_one())
    for table in _OF_A_MEDIUM:
        await connection.execute(delete(table).where(table.c.medium_id == medium.id))
    await connection.execute(delete(tables.medium).where(tables.medium.c.id == medium.id))
    return before
