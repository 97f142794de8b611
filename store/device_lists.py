"""What agents look for among the devices of the city, and what one of them has said and suffered lately."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.devices import Device, Stream
from domain.readings import HIDDEN, Quality
from store.devices import with_streams
from store.rows import to_struct
from store.tables import tour as t


class Wanted(Struct, frozen=True):
    """Which devices somebody looks for.

    `text` is a part of a name, a code, a model or a key at a source. `troubles` are codes of which a stream has one
    that is not over; `well` asks for devices in service without any, `retired` for those out of service.
    """

    text: str = ""
    troubles: frozenset[str] = frozenset()
    well: bool = False
    retired: bool = False


class Said(Struct, frozen=True):
    """One value as it arrived, believed or not."""

    stream_id: UUID
    observed_at: datetime
    received_at: datetime
    value: float
    quality: Quality


class Spell(Struct, frozen=True):
    """A trouble of a stream, from when until when; None while it lasts."""

    stream_id: UUID
    trouble: str
    since: datetime
    ended_at: datetime | None


class Believed(Struct, frozen=True):
    """How many values of a time were believed, and how many were not."""

    yes: int = 0
    no: int = 0


async def devices_wanted(
    connection: AsyncConnection, authority_id: UUID, wanted: Wanted, *, after: str, most: int
) -> list[tuple[Device, list[Stream]]]:
    """List devices of an authority in the order of their codes, from after one of them, with their streams."""
    found = await connection.execute(
        select(t.device)
        .where(t.device.c.authority_id == authority_id, t.device.c.code > after, *_conditions(wanted))
        .order_by(t.device.c.code)
        .limit(most)
    )
    return await with_streams(connection, [to_struct(row, Device) for row in found])


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.text:
        names = (t.device.c.name[language].as_string() for language in ("fr", "en"))
        looked_at = [t.device.c.code, t.device.c.model, t.device.c.source_key, *names]
        # SQLite knows the small letters of ASCII alone: "école" is to find "École" on both engines.
        spelt = {wanted.text, wanted.text.lower(), wanted.text.upper(), wanted.text.capitalize(), wanted.text.title()}
        conditions.append(or_(*(one.icontains(text, autoescape=True) for one in looked_at for text in sorted(spelt))))
    if wanted.troubles:
        conditions.append(_has_trouble(t.stream_trouble.c.trouble.in_(sorted(wanted.troubles))))
    if wanted.well:
        conditions += [~_has_trouble(), t.device.c.retired_on.is_(None)]
    if wanted.retired:
        conditions.append(t.device.c.retired_on.is_not(None))
    return conditions


def _has_trouble(*of: ColumnElement[bool]) -> ColumnElement[bool]:
    open_ = and_(t.stream_trouble.c.stream_id == t.stream.c.id, t.stream_trouble.c.ended_at.is_(None), *of)
    return exists().where(t.stream.c.device_id == t.device.c.id, open_)


async def last_said(
    connection: AsyncConnection, authority_id: UUID, streams: Sequence[Stream], since: datetime, *, most: int
) -> list[Said]:
    """List what streams have said since an instant, the newest first: what is not believed too."""
    found = await connection.execute(
        select(*(t.reading.c[name] for name in Said.__struct_fields__))
        .where(
            t.reading.c.authority_id == authority_id,
            t.reading.c.stream_id.in_([one.id for one in streams]),
            t.reading.c.observed_at >= since,
        )
        .order_by(t.reading.c.observed_at.desc(), t.reading.c.stream_id)
        .limit(most)
    )
    return [to_struct(row, Said) for row in found]


async def believed_by(
    connection: AsyncConnection, authority_id: UUID, streams: Sequence[Stream], edges: Sequence[datetime]
) -> list[Believed]:
    """Count between each two of these instants, which rise, how many values of the streams were believed."""
    place = case(
        *((t.reading.c.observed_at < edge, literal(place)) for place, edge in enumerate(edges[1:])),
        else_=literal(len(edges)),
    )
    doubted = t.reading.c.quality.in_([int(one) for one in HIDDEN])
    found = await connection.execute(
        select(place.label("place"), doubted.label("doubted"), func.count().label("values_"))
        .where(
            t.reading.c.authority_id == authority_id,
            t.reading.c.stream_id.in_([one.id for one in streams]),
            t.reading.c.observed_at >= edges[0],
            t.reading.c.observed_at < edges[-1],
        )
        .group_by("place", "doubted")
    )
    counts = {(row.place, bool(row.doubted)): row.values_ for row in found}
    return [Believed(counts.get((place, False), 0), counts.get((place, True), 0)) for place in range(len(edges) - 1)]


async def spells_of(
    connection: AsyncConnection, authority_id: UUID, streams: Sequence[Stream], *, most: int
) -> list[Spell]:
    """List the troubles that these streams have had, those that last first, then the newest."""
    found = await connection.execute(
        select(*(t.stream_trouble.c[name] for name in Spell.__struct_fields__))
        .where(
            t.stream_trouble.c.authority_id == authority_id,
            t.stream_trouble.c.stream_id.in_([one.id for one in streams]),
        )
        .order_by(t.stream_trouble.c.ended_at.is_not(None), t.stream_trouble.c.since.desc())
        .limit(most)
    )
    return [to_struct(row, Spell) for row in found]
