"""Queries on letters that are to leave: taken by one worker at a time, the attempt counted before it is made."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, Update, and_, case, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.bounces import BOUNCE_WINDOW, MOST_BOUNCES
from domain.deliveries import Delivery, Outcome, step_of
from domain.notices import Notice
from domain.subscribers import BROUGHT, Channel, Subscriber
from store.rows import S
from store.tables.notices import notice, notice_delivery, subscriber, subscription
from store.tables.places import authority

_OF_NOTICE = [notice.c[name].label(f"notice_{name}") for name in Notice.__struct_fields__]
_OF_SUBSCRIBER = [subscriber.c[name].label(f"subscriber_{name}") for name in Subscriber.__struct_fields__]
_DUE = notice_delivery.c.due_at


async def letter_is_due(connection: AsyncConnection, now: datetime, channels: Collection[Channel] = BROUGHT) -> bool:
    """Tell whether something is to leave by now, by one of these ways: asked often, and of no writer."""
    found = await connection.execute(select(notice_delivery.c.notice_id).where(_is_due(now, channels)).limit(1))
    return found.first() is not None


async def claim_letters(
    connection: AsyncConnection, now: datetime, most: int, channels: Collection[Channel] = BROUGHT
) -> tuple[int, list[Delivery]]:
    """Take what is due, oldest first: how many rows that were, and the letters among them that leave now.

    A letter taken is due again later than its attempt can last: who dies with it in hand leaves it to others.
    """
    d = notice_delivery.c
    found = await connection.execute(
        select(
            d.notice_id.label("of_notice"),
            d.subscriber_id.label("to_subscriber"),
            d.channel,
            d.attempts,
            authority.c.code,
            authority.c.zone,
            *_OF_NOTICE,
            *_OF_SUBSCRIBER,
        )
        .join(notice, notice.c.id == d.notice_id)
        .join(authority, authority.c.id == d.authority_id)
        .outerjoin(subscriber, subscriber.c.id == d.subscriber_id)
        .where(_is_due(now, channels))
        .order_by(_DUE, d.notice_id, d.subscriber_id)
        .limit(most)
        .with_for_update(of=notice_delivery, skip_locked=True)
    )
    rows = found.all()
    carried = []
    for row in rows:
        delivery = await _claim(connection, row, now)
        if delivery is not None:
            carried.append(delivery)
    return len(rows), carried


async def _claim(connection: AsyncConnection, row: Row[Any], now: datetime) -> Delivery | None:
    of_notice = _part(row, "notice_", Notice)
    to_whom = None if row.subscriber_id is None else _part(row, "subscriber_", Subscriber)
    step = step_of(of_notice, to_whom, row.zone, row.attempts, now)
    attempts = row.attempts + step.is_carried
    ended_at = None if step.due_at is not None else now
    await connection.execute(
        update(notice_delivery)
        .where(_is(row.of_notice, row.to_subscriber, row.channel))
        .values(attempts=attempts, due_at=step.due_at, outcome=step.outcome, ended_at=ended_at)
    )
    if not step.is_carried or to_whom is None:
        return None
    return Delivery(of_notice, to_whom, row.code, attempts, Channel(row.channel))


async def settle_letter(connection: AsyncConnection, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """Write what became of a letter that was taken; WAITING leaves it to be tried again."""
    if outcome is Outcome.WAITING:
        return
    await connection.execute(_ended(delivery, outcome, now))


async def note_bounce(connection: AsyncConnection, delivery: Delivery, now: datetime) -> None:
    """End a letter whose address was refused; the third within three months pauses whoever it is for."""
    await connection.execute(_ended(delivery, Outcome.REFUSED, now))
    await _count_bounce(connection, delivery.subscriber.id, now)


async def reported(connection: AsyncConnection, notice_id: UUID, subscriber_id: UUID) -> tuple[str, bytes] | None:
    """Find who was written to about a notice: the authority's code and the mark of the address; None if nobody was."""
    d = notice_delivery.c
    found = await connection.execute(
        select(authority.c.code, subscriber.c.whose)
        .join(authority, authority.c.id == d.authority_id)
        .join(subscriber, subscriber.c.id == d.subscriber_id)
        .where(_is(notice_id, subscriber_id, Channel.EMAIL))
    )
    row = found.one_or_none()
    return None if row is None else (row.code, row.whose)


async def note_report(connection: AsyncConnection, notice_id: UUID, subscriber_id: UUID, now: datetime) -> bool:
    """Write that a letter that was sent has come back, as `note_bounce`, once; tell whether it had not before."""
    d = notice_delivery.c
    came_back = await connection.execute(
        update(notice_delivery)
        .where(_is(notice_id, subscriber_id, Channel.EMAIL), d.outcome == Outcome.SENT)
        .values(outcome=Outcome.REFUSED)
    )
    if came_back.rowcount != 1:
        return False
    await _count_bounce(connection, subscriber_id, now)
    return True


async def _count_bounce(connection: AsyncConnection, subscriber_id: UUID, now: datetime) -> None:
    whom, c = subscriber.c.id == subscriber_id, subscriber.c
    together = c.bounced_at > now - BOUNCE_WINDOW
    counted = {"bounces": case((together, c.bounces + 1), else_=1), "bounced_at": now}
    await connection.execute(update(subscriber).where(whom).values(**counted))
    enough = (c.bounces >= MOST_BOUNCES, c.paused_at.is_(None))
    await connection.execute(update(subscriber).where(whom, *enough).values(paused_at=now))


async def note_gone(connection: AsyncConnection, delivery: Delivery, now: datetime) -> None:
    """End a message whose address is over, and erase whoever it is for, unless they have given another meanwhile."""
    await connection.execute(_ended(delivery, Outcome.NOBODY, now))
    theirs = (subscriber.c.id == delivery.subscriber.id, subscriber.c.address == delivery.subscriber.address)
    gone = select(subscriber.c.id).where(*theirs)
    await connection.execute(delete(subscription).where(subscription.c.subscriber_id.in_(gone)))
    await connection.execute(delete(subscriber).where(*theirs))


def _is_due(now: datetime, channels: Collection[Channel]) -> ColumnElement[bool]:
    return and_(_DUE.is_not(None), now >= _DUE, notice_delivery.c.channel.in_(channels))


def _ended(delivery: Delivery, outcome: Outcome, now: datetime) -> Update:
    """End a letter, where nobody has taken it again meanwhile."""
    return (
        update(notice_delivery)
        .where(
            _is(delivery.notice.id, delivery.subscriber.id, delivery.channel),
            notice_delivery.c.attempts == delivery.attempts,
            notice_delivery.c.due_at.is_not(None),
        )
        .values(due_at=None, outcome=outcome, ended_at=now)
    )


def _is(notice_id: UUID, subscriber_id: UUID, channel: str) -> ColumnElement[bool]:
    d = notice_delivery.c
    return and_(d.notice_id == notice_id, d.subscriber_id == subscriber_id, d.channel == channel)


def _part(row: Row[Any], prefix: str, kind: type[S]) -> S:
    found = {name: getattr(row, prefix + name) for name in kind.__struct_fields__}
    return msgspec.convert(found, kind, builtin_types=(bytes,), strict=False)
