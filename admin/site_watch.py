"""What a site's board shows, and who hears that it has moved: one look a second for all boards of this process."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from litestar.response import ServerSentEventMessage
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from api.boards import Boards, doors_of, hours_of
from domain.attendance import Usual
from domain.board import SiteNow, day_so_far, site_now
from domain.errors import LedgerUnavailable, Overloaded
from domain.errors.places import SiteNotFound
from domain.motives import Motive
from domain.places import Authority, Gate, Zone, midnight
from domain.ports import Clock
from store.attendance import commune_names, crowd
from store.database import Database
from store.head_counts import Told, counted_since, newest, of_day
from store.site_board import AtSite, brought, first_since, head, last_passages, moved_since, overridden

LAST = 12
"""Passages on the board: what fits a screen and can be read across a room."""

LOOK_SECONDS = 1.0
KEEP_ALIVE_SECONDS = 15.0
MOST_LISTENERS = 500

log = structlog.get_logger("console")


class ZoneCrowd(Struct, frozen=True):
    """People inside one zone, of those it takes; `others` accompany them, and are counted apart."""

    zone: Zone
    inside: int
    admitted: int
    others: int = 0


class SiteBoard(Struct, frozen=True):
    """A site at this moment. `so_far` are today's hours as they were counted, `waste` thousandths by kind.

    `overrides` counts by motive what agents decided in the place of its gates; `counted` are heads they counted today.
    """

    now: SiteNow
    zones: tuple[ZoneCrowd, ...]
    gates: tuple[Gate, ...]
    so_far: tuple[Usual, ...]
    entries: int
    passages: list[AtSite]
    waste: dict[str, int]
    overrides: dict[Motive, int]
    counted: list[Told] = []


class SiteWatch:
    """The boards of one process."""

    def __init__(self, database: Database, boards: Boards, clock: Clock) -> None:
        self._database = database
        self._boards = boards
        self._clock = clock
        self._first: dict[tuple[str, date], int] = {}
        self._listening: Counter[UUID] = Counter()
        self._moved = asyncio.Condition()
        self._at: dict[UUID, int] = {}
        self._looking: asyncio.Task[None] | None = None

    async def see(self, authority: Authority, code: str) -> SiteBoard:
        """Look at a site, as it is now.

        Raises:
            SiteNotFound: no site of the authority has this code, or it has no door.
            LedgerUnavailable: the database is away.
        """
        now = self._clock()
        at = now.astimezone(ZoneInfo(authority.zone))
        async with self._database.read() as connection:
            catalogue = await self._boards.reference(connection)
            doors = doors_of(catalogue, authority).get(code)
            if doors is None:
                raise SiteNotFound("No site has this code.")
            site = doors[0].site
            zones = {door.zone.id: door.zone for door in doors}
            seen = await crowd(connection, zones, at.date())
            since = await self._first_of(connection, authority, at.date())
            passages = await last_passages(connection, site.id, since=since, limit=LAST)
            waste = await brought(connection, site.id, since=since) if site.accepts else {}
            overrides = await overridden(connection, site.id, since=since)
            counted = await of_day(connection, site.id, at.date())
            communes = await commune_names(connection, authority.id)
        return SiteBoard(
            now=site_now(
                site,
                list(zones.values()),
                seen,
                hours_of=hours_of(catalogue, doors[0]),
                at=at,
                commune=communes.get(site.commune_code, ""),
            ),
            zones=tuple(
                ZoneCrowd(zone, seen.inside.get(zone.id, 0), seen.admitted.get(zone.id, 0), seen.others.get(zone.id, 0))
                for zone in zones.values()
            ),
            gates=tuple(sorted((door.gate for door in doors), key=lambda gate: gate.code)),
            so_far=day_so_far(list(zones.values()), seen, at),
            entries=sum(
                count.entries
                for zone_id in zones
                for (day, _), count in seen.counts.get(zone_id, {}).items()
                if day == at.date()
            ),
            passages=passages,
            waste=waste,
            overrides=overrides,
            counted=counted,
        )

    async def follow(self, site_id: UUID) -> AsyncGenerator[ServerSentEventMessage, None]:
        """Yield an event whenever there was a passage at a site, or an agent has counted heads there.

        It says no more: the board is fetched anew.

        Raises:
            Overloaded: this process has as many listeners as it can carry.
        """
        if self._listening.total() >= MOST_LISTENERS:
            raise Overloaded("Too many boards are open here: ask again later.")
        async with self._listen(site_id):
            heard = self._at.get(site_id, 0)
            yield ServerSentEventMessage(event="ready", data="{}")
            while True:
                newest = await self._newest(site_id, heard)
                if newest == heard:
                    yield ServerSentEventMessage(comment="still here")
                    continue
                heard = newest
                yield ServerSentEventMessage(event="moved", data=str(heard))

    async def _newest(self, site_id: UUID, heard: int) -> int:
        """Wait for a passage after the one that was heard of, and no longer than a stream may be still."""
        async with self._moved:
            with suppress(TimeoutError):
                await asyncio.wait_for(
                    self._moved.wait_for(lambda: self._at.get(site_id, 0) != heard), KEEP_ALIVE_SECONDS
                )
            return self._at.get(site_id, 0)

    async def _first_of(self, connection: AsyncConnection, authority: Authority, day: date) -> int:
        """Find the number of the first passage of a local day, once."""
        known = self._first.get((authority.zone, day))
        if known is None:
            known = await first_since(connection, midnight(day, authority.zone))
            # Of yesterday nobody asks any more.
            self._first = {key: first for key, first in self._first.items() if key[1] >= day - timedelta(days=1)}
            self._first[authority.zone, day] = known
        return known

    @asynccontextmanager
    async def _listen(self, site_id: UUID) -> AsyncIterator[None]:
        self._listening[site_id] += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            self._listening[site_id] -= 1
            self._listening += Counter()  # those at nothing are gone

    async def _look(self) -> None:
        last: tuple[int, int] | None = None
        while self._listening:
            try:
                async with self._database.read() as connection:
                    if last is None:
                        last = (await head(connection), await newest(connection))
                    else:
                        passage, moved = await moved_since(connection, last[0])
                        count, counted = await counted_since(connection, last[1])
                        last = (passage, count)
                        for site_id in moved | counted:
                            self._at[site_id] = self._at.get(site_id, 0) + 1
            except LedgerUnavailable:
                log.warning("database-away")
            else:
                async with self._moved:
                    self._moved.notify_all()
            await asyncio.sleep(LOOK_SECONDS)
