"""Queries on what people say at points."""

import secrets
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, delete, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors.expression import RemarkNotFound
from domain.errors.floods import AlreadyDecided
from domain.errors.points import PointNotFound
from domain.expression import Feeling, Remark, RemarkStatus
from domain.points import Point, PointState
from store.rows import insert, only, to_row, to_struct
from store.tables import expression as e
from store.tables.points import point

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}

_PUBLIC = point.c.shown.is_not(None) & (point.c.state != PointState.ARCHIVED)


class SqlExpression:
    """`domain.expression.Expression` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._insert = _INSERT[connection.dialect.name]

    async def point(self, point_id: UUID) -> Point:
        """Find a point that residents may see."""
        found = await self._connection.execute(select(point).where(_PUBLIC, point.c.id == point_id))
        return only(found, Point, PointNotFound("No point of the tour has this id."))

    async def slug_of(self, point_id: UUID) -> str:
        """Return the address of a point, public or not."""
        found = await self._connection.execute(select(point.c.slug).where(point.c.id == point_id))
        return str(found.scalar_one())

    # --- once a day ---------------------------------------------------------------------------------

    async def salt(self, authority_id: UUID, day: date) -> bytes:
        """Return the salt of a day, drawing it if it is the day's first; that of the day before is gone."""
        write = self._insert(e.expression_salt).values(authority_id=authority_id, day=day, salt=secrets.token_bytes(32))
        await self._connection.execute(
            write.on_conflict_do_update(
                index_elements=[e.expression_salt.c.authority_id],
                set_={"day": write.excluded.day, "salt": write.excluded.salt},
                where=e.expression_salt.c.day < write.excluded.day,
            )
        )
        found = await self._connection.execute(
            select(e.expression_salt.c.salt).where(e.expression_salt.c.authority_id == authority_id)
        )
        return bytes(found.scalar_one())

    async def spend(self, token: bytes, authority_id: UUID, day: date) -> bool:
        """Write that a token has spoken on a day; tell whether it had not."""
        write = self._insert(e.expression_token).values(
            token=token, authority_id=authority_id, keep_until=day + timedelta(days=1)
        )
        done = await self._connection.execute(write.on_conflict_do_nothing())
        return done.rowcount == 1

    # --- counts -------------------------------------------------------------------------------------

    async def count(self, of: Point, day: date, feeling: Feeling) -> None:
        """Count one feeling about a point."""
        write = self._insert(e.reaction_count).values(
            point_id=of.id, day=day, feeling=feeling.value, authority_id=of.authority_id, count=1
        )
        key = e.reaction_count.c
        await self._connection.execute(
            write.on_conflict_do_update(
                index_elements=[key.point_id, key.day, key.feeling], set_={"count": key.count + 1}
            )
        )

    async def counts(self, point_id: UUID, since: date) -> dict[Feeling, int]:
        """Sum the feelings about a point from a day on."""
        found = await self._connection.execute(
            select(e.reaction_count.c.feeling, func.sum(e.reaction_count.c.count))
            .where(e.reaction_count.c.point_id == point_id, e.reaction_count.c.day >= since)
            .group_by(e.reaction_count.c.feeling)
        )
        return {Feeling(feeling): int(count) for feeling, count in found}

    # --- words --------------------------------------------------------------------------------------

    async def waiting(self, point_id: UUID) -> int:
        """Count the words at a point that nobody has read."""
        found = await self._connection.execute(
            select(func.count()).where(e.remark.c.point_id == point_id, e.remark.c.status == RemarkStatus.WAITING)
        )
        return int(found.scalar_one())

    async def add(self, new: Remark) -> None:
        """Write words that wait for an agent."""
        await insert(self._connection, e.remark, new)

    async def save(self, changed: Remark, *, was: RemarkStatus) -> None:
        """Write what became of a remark.

        Raises:
            AlreadyDecided: it is not what it was any more.
        """
        done = await self._connection.execute(
            update(e.remark)
            .where(e.remark.c.id == changed.id, e.remark.c.status == was)
            .values(to_row(changed, leave_out=("id", "authority_id", "point_id", "kind", "feeling", "received_at")))
        )
        if done.rowcount != 1:
            raise AlreadyDecided("Somebody has decided a moment ago.")

    async def remark(self, authority_id: UUID, remark_id: UUID) -> Remark:
        """Find words by their id."""
        found = await self._connection.execute(
            select(e.remark).where(e.remark.c.authority_id == authority_id, e.remark.c.id == remark_id)
        )
        return only(found, Remark, RemarkNotFound("No such remark, or its days are over."))

    async def published(self, point_id: UUID, most: int) -> list[Remark]:
        """List what everybody may read at a point, the newest first."""
        found = await self._connection.execute(
            select(e.remark)
            .where(e.remark.c.point_id == point_id, e.remark.c.status == RemarkStatus.APPROVED)
            .order_by(e.remark.c.received_at.desc(), e.remark.c.id.desc())
            .limit(most)
        )
        return [to_struct(row, Remark) for row in found]

    async def queue(
        self, authority_id: UUID, status: RemarkStatus, most: int, *, after: tuple[datetime, UUID] | None = None
    ) -> list[tuple[str, Remark]]:
        """List words in one state with the address of their point, the oldest first: they have waited longest."""
        place = (e.remark.c.received_at, e.remark.c.id)
        wanted = (
            select(e.remark, point.c.slug)
            .join(point, point.c.id == e.remark.c.point_id)
            .where(e.remark.c.authority_id == authority_id, e.remark.c.status == status)
        )
        if after is not None:
            wanted = wanted.where(tuple_(*place) > after)
        found = await self._connection.execute(wanted.order_by(*place).limit(most))
        return [(row.slug, to_struct(row, Remark)) for row in found]


def _ended(authority_id: UUID, day: date) -> tuple[tuple[Table, ColumnElement[bool]], ...]:
    """Which rows have come to their end at an authority, whose local day it is."""
    words, tokens, salts = e.remark, e.expression_token, e.expression_salt
    return (
        (words, and_(words.c.authority_id == authority_id, words.c.keep_until <= day)),
        (tokens, and_(tokens.c.authority_id == authority_id, tokens.c.keep_until <= day)),
        (salts, and_(salts.c.authority_id == authority_id, salts.c.day < day)),
    )


async def expression_ends(connection: AsyncConnection, authority_id: UUID, day: date) -> bool:
    """Tell whether words, tokens or a salt have come to their end."""
    for table, ended in _ended(authority_id, day):
        if (await connection.execute(select(table.c.authority_id).where(ended).limit(1))).first() is not None:
            return True
    return False


async def forget_expression(connection: AsyncConnection, authority_id: UUID, day: date) -> dict[str, int]:
    """Forget them, and return how many rows of which table: a salt that outlives its day could tell who has spoken."""
    return {
        table.name: (await connection.execute(delete(table).where(ended))).rowcount
        for table, ended in _ended(authority_id, day)
    }
