"""The boards that anybody may look at, drawn anew at most every fifteen seconds however many look.

What stands here may vanish: another worker draws its own, a moment earlier or later.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from domain.access.catalogue import Catalogue
from domain.board import Board, SiteNow, site_now
from domain.errors.places import AuthorityNotFound, SiteNotFound
from domain.opening import Intervals
from domain.places import Authority, Doorway
from domain.ports import Clock
from store.attendance import catalogue_version, commune_names, crowd
from store.catalogue import read
from store.database import Database

T = TypeVar("T")

FRESH = timedelta(seconds=15)
"""For how long a board is shown as it is."""


class Kept(Generic[T]):
    """Something that stays as it is while it is fresh, and is made by one for all who ask meanwhile."""

    def __init__(self, make: Callable[[datetime], Awaitable[T]]) -> None:
        self._make = make
        self._made: tuple[datetime, T] | None = None
        self._making: asyncio.Task[T] | None = None

    async def at(self, now: datetime) -> T:
        """Return it, or what went wrong in making it: to all who wait for it, once."""
        if self._made is not None and self._made[0] <= now < self._made[0] + FRESH:
            return self._made[1]
        if self._making is None:
            self._making = asyncio.create_task(self._remember(now))
        # Who hangs up takes it from nobody else.
        return await asyncio.shield(self._making)

    async def _remember(self, now: datetime) -> T:
        try:
            made = await self._make(now)
        finally:
            self._making = None
        self._made = (now, made)
        return made


class Boards:
    """Draws the boards of this installation's authorities, and keeps the last of each."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._catalogue: Catalogue | None = None
        self._authorities = Kept(self._read_authorities)
        self._boards: dict[str, Kept[Board]] = {}

    async def authorities(self) -> list[Authority]:
        """List the authorities by code."""
        return list((await self._authorities.at(self._clock())).values())

    async def board(self, authority_code: str) -> Board:
        """Show an authority's board.

        Raises:
            AuthorityNotFound: no authority has this code.
            LedgerUnavailable: the database is away.
        """
        now = self._clock()
        authority = (await self._authorities.at(now)).get(authority_code)
        if authority is None:
            raise AuthorityNotFound("No authority has this code.")
        if authority_code not in self._boards:
            self._boards[authority_code] = Kept(partial(self._draw, authority_code))
        return await self._boards[authority_code].at(now)

    async def site(self, authority_code: str, code: str) -> tuple[Board, SiteNow]:
        """Show one site, with the board it stands on.

        Raises:
            AuthorityNotFound: no authority has this code.
            SiteNotFound: no site of the authority has this code.
        """
        board = await self.board(authority_code)
        found = board.site(code)
        if found is None:
            raise SiteNotFound("No site has this code.")
        return board, found

    async def _read_authorities(self, _now: datetime) -> dict[str, Authority]:
        async with self._database.look() as unit:
            return {authority.code: authority for authority in await unit.places.authorities()}

    async def _draw(self, authority_code: str, now: datetime) -> Board:
        authority = (await self._authorities.at(now))[authority_code]
        at = now.astimezone(ZoneInfo(authority.zone))
        async with self._database.read() as connection:
            catalogue = await self.reference(connection)
            doors = doors_of(catalogue, authority)
            zones = {doorway.zone.id for each in doors.values() for doorway in each}
            seen = await crowd(connection, zones, at.date())
            communes = await commune_names(connection, authority.id)
        sites = []
        for each in doors.values():
            sites.append(
                site_now(
                    each[0].site,
                    list({doorway.zone.id: doorway.zone for doorway in each}.values()),
                    seen,
                    hours_of=hours_of(catalogue, each[0]),
                    at=at,
                    commune=communes.get(each[0].site.commune_code, ""),
                )
            )
            # Gates are answered by this thread too: let theirs pass between two sites.
            await asyncio.sleep(0)
        return Board(authority, now, tuple(sorted(sites, key=lambda shown: (shown.site.name.fr, shown.site.code))))

    async def reference(self, connection: AsyncConnection) -> Catalogue:
        """Hold on to the reference data while its version stands: reading it all takes longer than the rest."""
        if self._catalogue is None or self._catalogue.version != await catalogue_version(connection):
            self._catalogue = await connection.run_sync(read)
        return self._catalogue


def doors_of(catalogue: Catalogue, authority: Authority) -> dict[str, list[Doorway]]:
    """The doors of an authority by the code of their site."""
    doors: defaultdict[str, list[Doorway]] = defaultdict(list)
    for doorway in catalogue.doorways.values():
        if doorway.site.authority_id == authority.id:
            doors[doorway.site.code].append(doorway)
    return doors


def hours_of(catalogue: Catalogue, doorway: Doorway) -> Callable[[date], Intervals]:
    """The opening hours of a door's site, by day."""
    return lambda day: catalogue.day_of(doorway, day).hours
