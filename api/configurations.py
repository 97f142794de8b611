"""What a terminal is to know and to show: its gates with their sites and hours, its texts, and how often to ask."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from api.sites import OpenHours, clock_time
from domain.access.catalogue import Catalogue
from domain.access.reasons import COLOURS, REASONS, Colour, Reason
from domain.places import Doorway
from domain.ports import Clock
from domain.terminals import ABILITIES, HEARTBEAT, Ability, Profile
from domain.text import Text
from store.attendance import catalogue_version
from store.catalogue import read
from store.database import Database
from store.terminal_tokens import TerminalSession

DAYS_AHEAD = 7
"""How many days of hours a terminal is told, today included."""


class SaidReason(Struct, frozen=True, rename="camel"):
    """The words of one reason, as an answer would bring them."""

    colour: Colour
    text: Text
    next_step: Text


class DayHours(Struct, frozen=True, rename="camel"):
    """When a site is open on a day, in local time; nothing where it is shut."""

    day: date
    hours: tuple[OpenHours, ...]


class GateShown(Struct, frozen=True, rename="camel"):
    """One gate that the terminal may serve."""

    code: str
    name: Text
    site: str


class SiteShown(Struct, frozen=True, rename="camel"):
    """A site that one of its gates leads into."""

    code: str
    name: Text
    service: str
    days: tuple[DayHours, ...]


class Configuration(Struct, frozen=True, rename="camel"):
    """Everything at once. `heartbeatSeconds` is how often to say how it is; `timeZone` is an IANA name."""

    terminal_id: UUID
    profile: Profile
    abilities: tuple[Ability, ...]
    authority: str
    time_zone: str
    heartbeat_seconds: int
    gates: tuple[GateShown, ...]
    sites: tuple[SiteShown, ...]
    texts: dict[Reason, SaidReason]


_TEXTS = {
    reason: SaidReason(COLOURS[meaning.outcome], meaning.short, meaning.next_step)
    for reason, meaning in REASONS.items()
}


class Configurations:
    """Writes the configuration of any terminal. The reference data is remembered until its version moves."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._catalogue: Catalogue | None = None

    async def of(self, session: TerminalSession) -> tuple[bytes, str]:
        """Return the configuration as JSON, with its entity tag: the same bytes while nothing has changed today."""
        body = msgspec.json.encode(_written(session, await self._current(), self._clock()))
        return body, f'"{sha256(body).hexdigest()[:24]}"'

    async def _current(self) -> Catalogue:
        async with self._database.read() as connection:
            version = await catalogue_version(connection)
            if self._catalogue is None or self._catalogue.version != version:
                self._catalogue = await connection.run_sync(read)
            return self._catalogue


def _written(session: TerminalSession, catalogue: Catalogue, now: datetime) -> Configuration:
    doors = [catalogue.doorways[gate] for gate in session.gates.values() if gate in catalogue.doorways]
    by_site: defaultdict[UUID, list[Doorway]] = defaultdict(list)
    for door in doors:
        by_site[door.site.id].append(door)
    zone = doors[0].time_zone if doors else "UTC"
    today = now.astimezone(ZoneInfo(zone)).date()
    return Configuration(
        terminal_id=session.terminal_id,
        profile=session.profile,
        abilities=tuple(sorted(ABILITIES[session.profile])),
        authority=session.authority,
        time_zone=zone,
        heartbeat_seconds=int(HEARTBEAT.total_seconds()),
        gates=tuple(
            GateShown(door.gate.code, door.gate.name, door.site.code)
            for door in sorted(doors, key=lambda door: door.gate.code)
        ),
        sites=tuple(_site(of_site[0], catalogue, today) for of_site in by_site.values()),
        texts=_TEXTS,
    )


def _site(door: Doorway, catalogue: Catalogue, today: date) -> SiteShown:
    days = (today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD))
    return SiteShown(
        code=door.site.code,
        name=door.site.name,
        service=door.site.service_code,
        days=tuple(
            DayHours(
                day,
                tuple(
                    OpenHours(clock_time(opens), clock_time(closes))
                    for opens, closes in catalogue.day_of(door, day).hours
                ),
            )
            for day in days
        ),
    )
