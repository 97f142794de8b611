"""Tells whoever listens what the streams of the points say, the second it changes, over a connection kept open.

One look at the newest values a second serves every listener of this process, whichever worker took the reading in; none
is made while nobody listens. A listener has no queue: who is slow misses what lay between and hears the newest.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import msgspec
import structlog
from litestar.response import ServerSentEventMessage
from msgspec import Struct

from adapters.bells import Bell
from domain.errors import LedgerUnavailable, Overloaded
from domain.ports import Clock
from tour.live import Live, state_of
from tour.showcase import Scene, Showcase, Sight

LOOK_SECONDS = 1.0
KEEP_ALIVE_SECONDS = 15.0
"""Proxies close a stream on which nothing moves."""

MOST_LISTENERS = 1_000

RESUMED_WITHIN = timedelta(hours=1)
"""Who was away for longer is told everything anew."""

_ON_ITS_WAY = timedelta(seconds=10)
"""A value is received a moment before its transaction lets others see it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ID_DIGITS = 14
"""Milliseconds of the next three thousand years."""

log = structlog.get_logger("tour")


class PointNow(Struct, frozen=True, rename="camel"):
    """What an event says of a point: while its device is away, that and no value."""

    slug: str
    away: bool
    streams: tuple[Live, ...]


class Snapshot(Struct, frozen=True, rename="camel"):
    """Every point that a listener asked for, as it is when they begin."""

    as_of: datetime
    points: list[PointNow]


class Feed:
    """The listeners of this process, and the one look that feeds them."""

    def __init__(self, showcase: Showcase, clock: Clock, bell: Bell) -> None:
        self._showcase = showcase
        self._clock = clock
        self._bell = bell
        self._listeners = 0
        self._news = asyncio.Condition()
        self._sights: dict[str, Sight] = {}
        self._looked_at = _EPOCH
        self._looking: asyncio.Task[None] | None = None

    def admit(self) -> None:
        """Refuse one more listener, before their answer begins.

        Raises:
            Overloaded: this process has as many as it can carry.
        """
        if self._listeners >= MOST_LISTENERS:
            raise Overloaded("Too many listen here: ask again later, or ask for the points themselves.")

    async def follow(self, slugs: frozenset[str], last_id: str | None) -> AsyncGenerator[ServerSentEventMessage, None]:
        """Yield a snapshot, then each point as it changes. `slugs` empty is every point.

        `last_id` is the id of the last event that was heard: then only what has changed since comes, if that is not too
        long ago. The id of an event is the millisecond of the look behind it, so that any worker understands it.

        Raises:
            Overloaded: this process has as many listeners as it can carry.
        """
        self.admit()
        async with self._listen():
            scene = await self._showcase.scene()
            told = {slug: sight for slug, sight in scene.sights.items() if not slugs or slug in slugs}
            for message in self._opening(scene, told, instant_of(last_id, scene.at)):
                yield message
            clock = asyncio.get_running_loop().time
            spoke_at = clock()
            while True:
                await self._next()
                for sight in self._changed(told, slugs):
                    told[sight.stand.point.slug] = sight
                    spoke_at = clock()
                    yield _event("point", said_of(sight), self._looked_at)
                if clock() - spoke_at >= KEEP_ALIVE_SECONDS:
                    spoke_at = clock()
                    yield ServerSentEventMessage(data=None, comment="still here")

    async def close(self) -> None:
        """End the look, and every stream with it."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    def _opening(
        self, scene: Scene, told: dict[str, Sight], since: datetime | None
    ) -> Iterator[ServerSentEventMessage]:
        if since is None:
            yield _event("snapshot", Snapshot(scene.at, [said_of(sight) for sight in told.values()]), scene.at)
            return
        for sight in told.values():
            if changed_since(sight, since, scene.at):
                yield _event("point", said_of(sight), scene.at)

    def _changed(self, told: dict[str, Sight], slugs: frozenset[str]) -> list[Sight]:
        """Name the points that say something else than a listener has heard."""
        return [
            sight
            for slug, sight in self._sights.items()
            if (not slugs or slug in slugs) and (slug not in told or _differ(told[slug], sight))
        ]

    @asynccontextmanager
    async def _listen(self) -> AsyncIterator[None]:
        self._listeners += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            self._listeners -= 1

    async def _next(self) -> None:
        """Wait for the next look, and no longer than a stream may be still."""
        async with self._news:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), KEEP_ALIVE_SECONDS)

    async def _look(self) -> None:
        try:
            rung = False
            while self._listeners:
                # Whoever finds something by itself lets the other workers look now; who was woken rings no further.
                if await self._look_once() and not rung:
                    await self._bell.ring()
                rung = await self._bell.wait(LOOK_SECONDS)
        finally:
            await self._bell.close()

    async def _look_once(self) -> bool:
        """Look, tell the listeners, and say whether anything is new since the look before."""
        looked_at, before = self._clock(), self._sights
        try:
            sights = await self._showcase.look(before)
        except LedgerUnavailable:
            log.warning("database-away")
            return False
        async with self._news:
            self._sights, self._looked_at = sights, looked_at
            self._news.notify_all()
        return any(slug in before and _differ(before[slug], sight) for slug, sight in sights.items())


def said_of(sight: Sight) -> PointNow:
    """Say what a point says now."""
    return PointNow(sight.stand.point.slug, sight.stand.point.away_since is not None, sight.live)


def changed_since(sight: Sight, since: datetime, now: datetime) -> bool:
    """Tell whether a point may say something else than it did at an instant: rather once too often than never."""
    if sight.stand.point.changed_at > since - _ON_ITS_WAY:
        return True
    for shown, last in zip(sight.stand.streams, sight.lasts, strict=True):
        heard = [one.received_at for one in (last.shown, last.hidden) if one is not None]
        if any(at > since - _ON_ITS_WAY for at in heard):
            return True
        if state_of(shown.stream, last, since) != state_of(shown.stream, last, now):
            return True
    return False


def _differ(one: Sight, other: Sight) -> bool:
    if one is other:
        return False
    return one.marks != other.marks or one.stand.point.version != other.stand.point.version


def _event(name: str, data: PointNow | Snapshot, at: datetime) -> ServerSentEventMessage:
    milliseconds = (at - _EPOCH) // timedelta(milliseconds=1)
    return ServerSentEventMessage(event=name, id=str(milliseconds), data=msgspec.json.encode(data).decode())


def instant_of(last_id: str | None, now: datetime) -> datetime | None:
    """Read the id of an event that was heard; None where it is none of ours, or too long ago."""
    if last_id is None or not (last_id.isascii() and last_id.isdigit() and len(last_id) <= _ID_DIGITS):
        return None
    at = _EPOCH + timedelta(milliseconds=int(last_id))
    return at if now - RESUMED_WITHIN <= at <= now + _ON_ITS_WAY else None
