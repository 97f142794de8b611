"""Queries on those who follow notices."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Result, and_, delete, or_, select, update
from sqlalchemy import insert as insert_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.notices import NoticeTopic
from domain.subscribers import Follow, Subscriber
from store.rows import insert, to_row, to_struct
from store.tables.notices import notice, notice_delivery, subscriber, subscription


class SqlSubscribers:
    """`domain.subscribers.Subscribers` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: Subscriber) -> None:
        """Write a subscriber."""
        await insert(self._connection, subscriber, new)

    async def save(self, changed: Subscriber) -> None:
        """Write what has changed of a subscriber."""
        values = to_row(changed, leave_out=("id", "authority_id"))
        await self._connection.execute(update(subscriber).where(subscriber.c.id == changed.id).values(values))
        await self._connection.execute(
            update(subscription).where(subscription.c.subscriber_id == changed.id).values(keep_until=changed.keep_until)
        )

    async def remove(self, subscriber_id: UUID) -> None:
        """Erase somebody with their choices."""
        await self._connection.execute(delete(subscription).where(subscription.c.subscriber_id == subscriber_id))
        await self._connection.execute(delete(subscriber).where(subscriber.c.id == subscriber_id))

    async def remove_devices(self, authority_id: UUID, choices_of: bytes) -> None:
        """Erase the devices that follow what lies under a mark: they have no choices of their own."""
        theirs = (subscriber.c.authority_id == authority_id, subscriber.c.choices_of == choices_of)
        await self._connection.execute(delete(subscriber).where(*theirs))

    async def of(self, authority_id: UUID, subscriber_id: UUID) -> Subscriber | None:
        """Find a subscriber of this authority."""
        return await self._one(subscriber.c.authority_id == authority_id, subscriber.c.id == subscriber_id)

    async def by_whose(self, authority_id: UUID, whose: bytes) -> Subscriber | None:
        """Find whose address this is the mark of."""
        return await self._one(subscriber.c.authority_id == authority_id, subscriber.c.whose == whose)

    async def follows(self, subscriber_id: UUID) -> list[Follow]:
        """List what somebody follows."""
        c = subscription.c
        found: Result[Any] = await self._connection.execute(
            select(c.topic, c.place, c.band).where(c.subscriber_id == subscriber_id).order_by(c.topic, c.place)
        )
        return [to_struct(row, Follow) for row in found]

    async def set_follows(self, whose: Subscriber, follows: Sequence[Follow]) -> None:
        """Write what somebody follows, in the place of what they did."""
        await self._connection.execute(delete(subscription).where(subscription.c.subscriber_id == whose.id))
        rows = [
            {
                **to_row(one),
                "subscriber_id": whose.id,
                "authority_id": whose.authority_id,
                "keep_until": whose.keep_until,
            }
            for one in follows
        ]
        await self._connection.execute(insert_(subscription), rows)

    async def followed_places(self, authority_id: UUID, topic: NoticeTopic) -> set[str]:
        """Return the places that somebody follows under a topic."""
        c = subscription.c
        found = await self._connection.execute(
            select(c.place).where(c.authority_id == authority_id, c.topic == topic).distinct()
        )
        return {row.place for row in found}

    async def count_left(self, notice_id: UUID) -> None:
        """Note with a notice that somebody has left by its letter."""
        await self._connection.execute(
            update(notice).where(notice.c.id == notice_id).values(left_count=notice.c.left_count + 1)
        )

    async def _one(self, *conditions: ColumnElement[bool]) -> Subscriber | None:
        row = (await self._connection.execute(select(subscriber).where(*conditions))).one_or_none()
        return None if row is None else to_struct(row, Subscriber)


async def subscribers_end(connection: AsyncConnection, authority_id: UUID, day: date) -> bool:
    """Tell whether somebody, or word of a letter, has come to its end."""
    people = await connection.execute(select(subscriber.c.id).where(_ends(authority_id, day)).limit(1))
    if people.first() is not None:
        return True
    letters = await connection.execute(
        select(notice_delivery.c.notice_id)
        .where(notice_delivery.c.authority_id == authority_id, notice_delivery.c.keep_until <= day)
        .limit(1)
    )
    return letters.first() is not None


async def forget_subscribers(connection: AsyncConnection, authority_id: UUID, day: date) -> dict[str, int]:
    """Forget them: who never said yes, who has not looked at their choices for years, and which letters went where.

    Return how many rows of which table that was.
    """
    gone = select(subscriber.c.id).where(_ends(authority_id, day))
    choices = await connection.execute(
        delete(subscription).where(
            or_(
                subscription.c.subscriber_id.in_(gone),
                and_(subscription.c.authority_id == authority_id, subscription.c.keep_until <= day),
            )
        )
    )
    people = await connection.execute(delete(subscriber).where(_ends(authority_id, day)))
    letters = await connection.execute(
        delete(notice_delivery).where(
            notice_delivery.c.authority_id == authority_id, notice_delivery.c.keep_until <= day
        )
    )
    return {
        subscription.name: choices.rowcount,
        subscriber.name: people.rowcount,
        notice_delivery.name: letters.rowcount,
    }


def _ends(authority_id: UUID, day: date) -> ColumnElement[bool]:
    return and_(subscriber.c.authority_id == authority_id, subscriber.c.keep_until <= day)
