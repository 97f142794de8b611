"""The points of the tour as anybody sees them: what the register shows, and what its streams say now.

One reading of the database serves all who look within fifteen seconds. What stands here may vanish: another worker
draws its own, a moment earlier or later.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from api.boards import Kept
from domain.devices import Device, Position, Stream
from domain.errors.points import PointNotFound
from domain.itineraries import Itinerary
from domain.languages import Language
from domain.places import Authority
from domain.points import Point
from domain.ports import Clock
from domain.readings import NEVER, Last, Newest
from domain.rollups import Step
from domain.sheets import protection_level, shown_streams
from store import shown as queries
from store.attendance import commune_names
from store.database import Database
from store.points import public_itineraries, public_points
from store.readings import newest
from store.shown import Shown
from tour.catalogue import CATALOGUE
from tour.comparison import Compared, compared
from tour.elsewhere import Place, elsewhere
from tour.freshness import State
from tour.live import Live, live, state_of
from tour.past import Past, past_of
from tour.scales import FILES, Scales, scales_of

_AT_ONCE = 500
"""Streams that are looked at with one question."""

_BETWEEN = 20
"""Streams that are put into words before others may go on: about two milliseconds."""

_ALONE = Compared()
"""A value with nothing to compare it with."""


class Stand(Struct, frozen=True):
    """A point that is public, and the streams that its sheet shows. `level` is its level of protection, 0 to 4.

    `scales` are those in force for its authority.
    """

    point: Point
    authority: Authority
    level: int
    streams: tuple[Shown, ...]
    scales: Scales = FILES


class Register(Struct, frozen=True):
    """What is public: points by slug, every public stream by id (on a point or not), walks by slug.

    `communes` are the names of those where points stand, by INSEE code; `positions` those of devices on a point;
    `scales` those in force, by authority; `tongues` the languages in which some sheet has its title.
    """

    stands: dict[str, Stand]
    streams: dict[UUID, Shown]
    itineraries: dict[str, Itinerary]
    communes: dict[str, str]
    positions: dict[UUID, Position]
    scales: dict[UUID, Scales]
    tongues: frozenset[str]

    def position(self, device: Device) -> Position:
        """Say where a device stands: as exactly as the sheet of its point says, where it has one."""
        return self.positions.get(device.id) or Position(device.latitude, device.longitude)


Mark = tuple[datetime | None, datetime | None, State]
"""By what it is known that a stream says something new: its newest shown and hidden value, and how fresh it is."""


class Sight(Struct, frozen=True):
    """A point with what its streams say. Two sights of equal `marks` and version of their point say the same."""

    stand: Stand
    lasts: tuple[Last, ...]
    marks: tuple[Mark, ...]
    live: tuple[Live, ...]


class Scene(Struct, frozen=True):
    """Every point at one instant, by slug."""

    at: datetime
    register: Register
    sights: dict[str, Sight]


class Showcase:
    """Reads what is public, and keeps it for a moment."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._register = Kept(self._read)
        self._scene = Kept(self._draw)
        self._past: dict[tuple[UUID, timedelta, Step], Kept[Past]] = {}
        self._compared: dict[UUID, tuple[datetime, Compared]] = {}

    async def register(self) -> Register:
        """Return what is public.

        Raises:
            LedgerUnavailable: the database is away.
        """
        return await self._register.at(self._clock())

    async def scene(self) -> Scene:
        """Return every point with what it says, at most fifteen seconds old.

        Raises:
            LedgerUnavailable: the database is away.
        """
        return await self._scene.at(self._clock())

    async def sight(self, slug: str) -> Sight:
        """Return one point of the scene.

        Raises:
            PointNotFound: no public point has this slug.
        """
        found = (await self.scene()).sights.get(slug)
        if found is None:
            raise PointNotFound("No point of the tour has this address.")
        return found

    async def past(self, shown: Shown, length: timedelta, step: Step) -> Past:
        """Say what a stream was until now, at most fifteen seconds ago.

        Raises:
            LedgerUnavailable: the database is away.
        """
        key = (shown.stream.id, length, step)
        if key not in self._past:
            self._past[key] = Kept(partial(self._remember, shown, length, step))
        return await self._past[key].at(self._clock())

    async def say(self, streams: Sequence[Shown]) -> dict[UUID, Live]:
        """Say what streams say now, whether they stand on a point or not."""
        now, scales = self._clock(), (await self.register()).scales
        async with self._database.read() as connection:
            lasts = await _lasts(connection, [one.stream.id for one in streams])
            return await self._said(connection, streams, lasts, now, scales=scales, instead={})

    async def look(self, before: dict[str, Sight]) -> dict[str, Sight]:
        """Look at every point again, and put into words only what has changed since."""
        now, register = self._clock(), await self.register()
        stands = register.stands
        async with self._database.read() as connection:
            lasts = await _lasts(connection, [one.stream.id for stand in stands.values() for one in stand.streams])
            marks = {slug: _marks(stand, lasts, now) for slug, stand in stands.items()}
            same = {
                slug: before[slug]
                for slug, stand in stands.items()
                if slug in before and before[slug].marks == marks[slug] and before[slug].stand == stand
            }
            new = {slug: stand for slug, stand in stands.items() if slug not in same}
            streams = [one for stand in new.values() for one in stand.streams]
            instead = elsewhere(_places(stands.values(), lasts), now)
            told = await self._said(connection, streams, lasts, now, scales=register.scales, instead=instead)
        return {**same, **{slug: _sight(stand, marks[slug], lasts, told) for slug, stand in new.items()}}

    async def _read(self, _now: datetime) -> Register:
        async with self._database.look() as unit:
            authorities = {authority.id: authority for authority in await unit.places.authorities()}
            scales = {one.id: await scales_of(unit, one) for one in authorities.values()}
        async with self._database.read() as connection:
            points = await public_points(connection)
            streams = [one for one in await queries.shown_streams(connection) if speaks(one)]
            named = await queries.devices_of(connection, points)
            walks = await public_itineraries(connection)
            names: dict[str, str] = {}
            for owner in {point.authority_id for point in points}:
                names |= await commune_names(connection, owner)
        devices = {(device.authority_id, device.code): device for device in named}
        named_by = [(point, sheet) for point in points if (sheet := point.public) is not None]
        inhabited = {sheet.commune_code for _, sheet in named_by}
        positions = {
            devices[point.authority_id, code].id: sheet.position
            for point, sheet in named_by
            for code in sheet.devices
            if sheet.position is not None and (point.authority_id, code) in devices
        }
        by_device: dict[UUID, list[Stream]] = {}
        for one in streams:
            by_device.setdefault(one.device.id, []).append(one.stream)
        return Register(
            {
                point.slug: _stand(
                    point, authorities[point.authority_id], devices, by_device, scales[point.authority_id]
                )
                for point in points
            },
            {one.stream.id: one for one in streams},
            {walk.slug: walk for walk in walks},
            {code: name for code, name in sorted(names.items()) if code in inhabited},
            positions,
            scales,
            frozenset(
                tongue for _, sheet in named_by for tongue in Language if getattr(sheet.title, tongue.value).strip()
            ),
        )

    async def _remember(self, shown: Shown, length: timedelta, step: Step, now: datetime) -> Past:
        async with self._database.read() as connection:
            return await past_of(connection, shown, now - length, now, step=step)

    async def _draw(self, now: datetime) -> Scene:
        return Scene(now, await self.register(), await self.look({}))

    async def _said(
        self,
        connection: AsyncConnection,
        streams: Sequence[Shown],
        lasts: dict[UUID, Last],
        now: datetime,
        *,
        scales: dict[UUID, Scales],
        instead: dict[UUID, str],
    ) -> dict[UUID, Live]:
        beside = await self._beside(connection, streams, lasts)
        told: dict[UUID, Live] = {}
        for place, one in enumerate(streams, 1):
            stream_id = one.stream.id
            told[stream_id] = live(
                one.device,
                one.stream,
                lasts.get(stream_id, NEVER),
                now.astimezone(ZoneInfo(one.zone)),
                scales=scales.get(one.device.authority_id, FILES),
                usual=beside.get(stream_id, _ALONE).usual,
                earlier=beside.get(stream_id, _ALONE).earlier,
                elsewhere=instead.get(stream_id, ""),
            )
            if place % _BETWEEN == 0:
                # Gates are answered by this thread too: let theirs pass.
                await asyncio.sleep(0)
        return told

    async def _beside(
        self, connection: AsyncConnection, streams: Sequence[Shown], lasts: dict[UUID, Last]
    ) -> dict[UUID, Compared]:
        """Compare values, each once: what was usual at its hour does not change while it is the newest."""
        told: dict[UUID, Compared] = {}
        asked: dict[str, list[tuple[Stream, Newest]]] = {}
        for one in streams:
            value = lasts.get(one.stream.id, NEVER).shown
            if value is None:
                continue
            kept = self._compared.get(one.stream.id)
            if kept is not None and kept[0] == value.observed_at:
                told[one.stream.id] = kept[1]
            else:
                asked.setdefault(one.zone, []).append((one.stream, value))
        for zone, values in asked.items():
            found = await compared(connection, values, ZoneInfo(zone))
            told |= found
            self._compared |= {stream.id: (value.observed_at, found[stream.id]) for stream, value in values}
        return told


def speaks(shown: Shown) -> bool:
    """Tell whether anything can be said of a stream: some are for machines, and a model may leave the catalogue."""
    measured = CATALOGUE.quantities.get(shown.stream.quantity)
    return measured is not None and measured.meaning is not None and shown.device.model in CATALOGUE.models


def _stand(
    point: Point,
    authority: Authority,
    devices: dict[tuple[UUID, str], Device],
    streams: dict[UUID, list[Stream]],
    scales: Scales,
) -> Stand:
    """Put a point together; while its device is away it shows no stream."""
    sheet = point.public
    codes = sheet.devices if sheet is not None else ()
    own = [device for code in codes if (device := devices.get((point.authority_id, code))) is not None]
    chosen: list[Shown] = []
    if sheet is not None and point.away_since is None:
        of_point = shown_streams(sheet, [(device, streams.get(device.id, [])) for device in own])
        chosen = [Shown(device, stream, authority.zone) for device, stream in of_point]
    return Stand(point, authority, protection_level(own), tuple(chosen), scales)


def _sight(stand: Stand, marks: tuple[Mark, ...], lasts: dict[UUID, Last], told: dict[UUID, Live]) -> Sight:
    ids = [one.stream.id for one in stand.streams]
    return Sight(stand, tuple(lasts.get(name, NEVER) for name in ids), marks, tuple(told[name] for name in ids))


def _places(stands: Iterable[Stand], lasts: dict[UUID, Last]) -> list[Place]:
    """Every stream of a point that has a place and a name."""
    return [
        Place(sheet.place.fr, sheet.position, shown, lasts.get(shown.stream.id, NEVER), stand.scales)
        for stand in stands
        if (sheet := stand.point.public) is not None and sheet.position is not None
        for shown in stand.streams
    ]


def _marks(stand: Stand, lasts: dict[UUID, Last], now: datetime) -> tuple[Mark, ...]:
    return tuple(mark_of(one, lasts.get(one.stream.id, NEVER), now) for one in stand.streams)


def mark_of(shown: Shown, last: Last, now: datetime) -> Mark:
    """Say by what it is known that a stream says something new."""
    return (
        last.shown.observed_at if last.shown is not None else None,
        last.hidden.observed_at if last.hidden is not None else None,
        state_of(shown.stream, last, now),
    )


async def _lasts(connection: AsyncConnection, stream_ids: Sequence[UUID]) -> dict[UUID, Last]:
    told: dict[UUID, Last] = {}
    for place in range(0, len(stream_ids), _AT_ONCE):
        told |= await newest(connection, stream_ids[place : place + _AT_ONCE])
    return told
