"""Queries on notices: what is public, what is to be sent, and the lists of those who write them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, Uuid, and_, delete, exists, func, literal, or_, select, tuple_, update
from sqlalchemy import insert as insert_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Date

from domain.air_alerts import AirStanding
from domain.deliveries import KEPT, Outcome, Tally
from domain.devices import DeviceKind
from domain.errors.notices import NoticeMoved, NoticeNotFound
from domain.flood_thresholds import ThresholdsStatus
from domain.notices import Notice, NoticeStatus, NoticeTopic
from domain.places import local_day
from domain.subscribers import BROUGHT, Channel
from domain.text import Text
from store.rows import insert, only, to_row, to_struct
from store.tables.floods import flood_thresholds
from store.tables.notices import air_alert, notice, notice_delivery, subscriber, subscription
from store.tables.places import authority
from store.tables.tour import device, stream

Cursor = tuple[datetime, UUID]

_COLUMNS = [notice.c[name] for name in Notice.__struct_fields__]


class SqlNotices:
    """`domain.notices.Notices` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: Notice) -> None:
        """Write a notice."""
        await insert(self._connection, notice, new)

    async def save(self, changed: Notice) -> None:
        """Write the next version of a notice, over the one that was read."""
        values = to_row(changed, leave_out=("id", "authority_id", "version"))
        written = await self._connection.execute(
            update(notice)
            .where(notice.c.id == changed.id, notice.c.version == changed.version)
            .values(**values, version=changed.version + 1)
        )
        if written.rowcount != 1:
            raise NoticeMoved("Somebody else has written to this notice since you read it.")

    async def of(self, authority_id: UUID, notice_id: UUID) -> Notice:
        """Find a notice of this authority."""
        found = await self._connection.execute(
            select(*_COLUMNS).where(notice.c.authority_id == authority_id, notice.c.id == notice_id)
        )
        return only(found, Notice, NoticeNotFound("No such notice."))

    async def by_occasion(self, authority_id: UUID, occasion: str) -> Notice | None:
        """Find what a rule has written for an occasion."""
        found = await self._connection.execute(
            select(*_COLUMNS).where(notice.c.authority_id == authority_id, notice.c.occasion == occasion)
        )
        row = found.one_or_none()
        return None if row is None else to_struct(row, Notice)

    async def current(self, authority_id: UUID, now: datetime, *, most: int, place: str = "") -> list[Notice]:
        """List what is sent and not over, the newest first: of one place, or of all."""
        asked = select(*_COLUMNS).where(_is_current(authority_id, now))
        if place:
            asked = asked.where(notice.c.place == place)
        found = await self._connection.execute(asked.order_by(notice.c.sent_at.desc(), notice.c.id.desc()).limit(most))
        return [to_struct(row, Notice) for row in found]

    async def current_of(self, authority_id: UUID, topic: NoticeTopic, place: str, now: datetime) -> list[Notice]:
        """List what is sent and not over under one topic, of one place."""
        found = await self._connection.execute(
            select(*_COLUMNS).where(_is_current(authority_id, now), notice.c.topic == topic, notice.c.place == place)
        )
        return [to_struct(row, Notice) for row in found]

    async def take_due(self, authority_id: UUID, now: datetime) -> list[Notice]:
        """List what is to be sent by now. What another worker has in hand is left to it."""
        found = await self._connection.execute(
            select(*_COLUMNS)
            .where(
                notice.c.authority_id == authority_id,
                notice.c.status == NoticeStatus.SCHEDULED,
                notice.c.send_at <= now,
            )
            .order_by(notice.c.send_at, notice.c.id)
            .with_for_update(skip_locked=True)
        )
        return [to_struct(row, Notice) for row in found]

    async def enqueue(self, sent: Notice, now: datetime) -> int:
        """Write one delivery for each who follows it: whoever follows a place and everywhere is one."""
        zone = (
            await self._connection.execute(select(authority.c.zone).where(authority.c.id == sent.authority_id))
        ).scalar_one()
        follows = (
            select(subscription.c.subscriber_id)
            .where(
                subscription.c.authority_id == sent.authority_id,
                subscription.c.topic == sent.topic,
                subscription.c.place.in_({"", sent.place}),
                subscription.c.band <= sent.band,
            )
            .distinct()
        )
        rows = select(
            literal(sent.id, Uuid()),
            subscriber.c.id,
            subscriber.c.channel,
            literal(sent.authority_id, Uuid()),
            literal(0),
            literal(now, notice_delivery.c.due_at.type),
            literal(Outcome.WAITING.value),
            literal(local_day(now, zone) + KEPT, Date()),
        ).where(
            subscriber.c.authority_id == sent.authority_id,
            or_(subscriber.c.id.in_(follows), subscriber.c.choices_of.in_(_marks(follows))),
            subscriber.c.confirmed_at.is_not(None),
            subscriber.c.paused_at.is_(None),
            subscriber.c.channel.in_(BROUGHT),
        )
        names = ["notice_id", "subscriber_id", "channel", "authority_id", "attempts", "due_at", "outcome", "keep_until"]
        written = await self._connection.execute(insert_(notice_delivery).from_select(names, rows))
        return written.rowcount

    async def hold_air(self, device_id: UUID) -> AirStanding | None:
        """Find where the air of a place stands, and keep others from changing it."""
        found = await self._connection.execute(
            select(air_alert).where(air_alert.c.device_id == device_id).with_for_update()
        )
        row = found.one_or_none()
        return None if row is None else to_struct(row, AirStanding)

    async def save_air(self, standing: AirStanding) -> None:
        """Write where the air of a place stands."""
        await self._connection.execute(delete(air_alert).where(air_alert.c.device_id == standing.device_id))
        await insert(self._connection, air_alert, standing)

    async def stop_deliveries(self, notice_id: UUID) -> None:
        """Let nothing more of a notice be delivered."""
        await self._connection.execute(
            update(notice_delivery)
            .where(notice_delivery.c.notice_id == notice_id, notice_delivery.c.due_at.is_not(None))
            .values(due_at=None, outcome=Outcome.TOO_LATE)
        )


async def notice_is_due(connection: AsyncConnection, now: datetime) -> bool:
    """Tell whether a notice is to be sent by now, at any authority: asked often, and of no writer."""
    found = await connection.execute(
        select(notice.c.id).where(notice.c.status == NoticeStatus.SCHEDULED, notice.c.send_at <= now).limit(1)
    )
    return found.first() is not None


async def written(
    connection: AsyncConnection,
    authority_id: UUID,
    *,
    most: int,
    after: Cursor | None = None,
    topic: NoticeTopic | None = None,
    places: Sequence[str] | None = None,
    status: NoticeStatus | None = None,
) -> list[Notice]:
    """List the notices of an authority by their last change, the newest first; of some sites alone where given."""
    asked = select(*_COLUMNS).where(notice.c.authority_id == authority_id)
    if topic is not None:
        asked = asked.where(notice.c.topic == topic)
    if places is not None:
        asked = asked.where(notice.c.place.in_(places))
    if status is not None:
        asked = asked.where(notice.c.status == status)
    if after is not None:
        asked = asked.where(tuple_(notice.c.changed_at, notice.c.id) < tuple_(*_bound(after)))
    found = await connection.execute(asked.order_by(notice.c.changed_at.desc(), notice.c.id.desc()).limit(most))
    return [to_struct(row, Notice) for row in found]


async def tally(connection: AsyncConnection, authority_id: UUID, notice_id: UUID) -> Tally:
    """Count what became of a notice; of its letters, as long as their rows are kept."""
    d = notice_delivery.c
    found = await connection.execute(
        select(d.outcome, func.count().label("letters"))
        .where(d.authority_id == authority_id, d.notice_id == notice_id)
        .group_by(d.outcome)
    )
    counts: dict[str, int] = {row.outcome: row.letters for row in found}
    left = (
        await connection.execute(
            select(notice.c.left_count).where(notice.c.authority_id == authority_id, notice.c.id == notice_id)
        )
    ).scalar_one_or_none()
    return Tally(
        sent=counts.get(Outcome.SENT, 0),
        failed=counts.get(Outcome.REFUSED, 0) + counts.get(Outcome.GIVEN_UP, 0),
        waiting=counts.get(Outcome.WAITING, 0),
        not_sent=counts.get(Outcome.TOO_LATE, 0) + counts.get(Outcome.NOBODY, 0),
        left=left or 0,
    )


async def followers(connection: AsyncConnection, authority_id: UUID) -> dict[str, int]:
    """Count who follows each topic and reads its letters."""
    found = await connection.execute(
        select(subscription.c.topic, func.count(subscription.c.subscriber_id.distinct()).label("people"))
        .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
        .where(
            subscription.c.authority_id == authority_id,
            subscriber.c.confirmed_at.is_not(None),
            subscriber.c.paused_at.is_(None),
        )
        .group_by(subscription.c.topic)
    )
    return {row.topic: row.people for row in found}


async def air_places(connection: AsyncConnection, authority_id: UUID) -> list[tuple[str, Text]]:
    """List where the air outdoors is measured and may be shown: code and name of each device."""
    return await _devices(connection, authority_id, DeviceKind.OUTDOOR_AIR)


async def river_places(connection: AsyncConnection, authority_id: UUID) -> list[tuple[str, Text]]:
    """List where a river has flood levels and may be shown: code and name of each station."""
    watched = (
        exists()
        .where(stream.c.device_id == device.c.id, flood_thresholds.c.stream_id == stream.c.id)
        .where(flood_thresholds.c.status == ThresholdsStatus.CONFIRMED)
    )
    return await _devices(connection, authority_id, DeviceKind.WATER_LEVEL, watched)


async def _devices(
    connection: AsyncConnection, authority_id: UUID, kind: DeviceKind, *more: ColumnElement[bool]
) -> list[tuple[str, Text]]:
    d = device.c
    found = await connection.execute(
        select(d.code, d.name)
        .where(
            d.authority_id == authority_id,
            d.kind == kind,
            d.public.is_(True),
            d.retired_on.is_(None),
            *more,
        )
        .order_by(d.code)
    )
    return [(row.code, msgspec.convert(row.name, Text)) for row in found]


def _is_current(authority_id: UUID, now: datetime) -> ColumnElement[bool]:
    return and_(notice.c.authority_id == authority_id, notice.c.status == NoticeStatus.SENT, notice.c.expires_at > now)


def _marks(follows: Select[tuple[UUID]]) -> Select[tuple[bytes]]:
    """The marks of those who follow in an app: its devices are told what they follow."""
    chosen = subscriber.alias()
    return select(chosen.c.whose).where(chosen.c.id.in_(follows), chosen.c.channel == Channel.APP)


def _bound(after: Cursor) -> tuple[ColumnElement[datetime], ColumnElement[UUID]]:
    return literal(after[0], notice.c.changed_at.type), literal(after[1], Uuid())
