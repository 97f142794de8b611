"""The territory: authorities, communes, sites with their hours, zones, gates and terminals."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from itertools import combinations
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct, field
from msgspec.structs import replace

from domain.errors import (
    ContradictoryPeriod,
    ImpossibleHours,
    OverlappingHours,
    PairingRefused,
    ReversedClosure,
    SiteNeverOpens,
    UnknownWeekday,
)
from domain.ports import Unit
from domain.text import Text, check_name

PAIRING_TTL = timedelta(minutes=30)
MIDNIGHT = 24 * 60
"""The end of a day, in minutes from its beginning."""


class Authority(Struct, frozen=True):
    """A local authority (tenant): it owns its holders, sites and keys. `zone` is an IANA time zone name."""

    id: UUID
    code: str
    name: Text
    zone: str
    colour: str
    created_at: datetime


class Commune(Struct, frozen=True):
    """A commune of the territory; `code` is its INSEE code."""

    id: UUID
    authority_id: UUID
    code: str
    name: str
    population: int


class Hours(Struct, frozen=True):
    """Opening of one weekday over one season.

    `weekday` 0 is Monday; `opens` and `closes` count minutes from local midnight, `closes` excluded.
    """

    valid_from: date
    valid_until: date
    weekday: int
    opens: int
    closes: int


class Closure(Struct, frozen=True):
    """Days on which a site stays shut whatever its hours say; `last_day` is included."""

    first_day: date
    last_day: date
    why: Text


class Calendar(Struct, frozen=True):
    """When a site is open: seasonal hours, and closures that win over them."""

    hours: tuple[Hours, ...] = ()
    closures: tuple[Closure, ...] = ()

    def closure_on(self, day: date) -> Closure | None:
        """Return the closure that shuts the site on this day, if there is one."""
        return next((c for c in self.closures if c.first_day <= day <= c.last_day), None)

    def on(self, day: date) -> tuple[tuple[int, int], ...]:
        """Return the opening intervals of a day, in minutes from local midnight, in order."""
        if self.closure_on(day) is not None:
            return ()
        weekday = day.weekday()
        return tuple(
            sorted(
                (h.opens, h.closes) for h in self.hours if h.weekday == weekday and h.valid_from <= day < h.valid_until
            )
        )


class Site(Struct, frozen=True):
    """A place that serves the public under one service (a pool, a waste centre, a bus line)."""

    id: UUID
    authority_id: UUID
    code: str
    service_code: str
    name: Text
    commune_code: str
    calendar: Calendar = field(default_factory=Calendar)


class Passback(StrEnum):
    """What a second entry without an exit means in a zone."""

    NONE = "none"
    HARD = "hard"
    """Refused while the first entry's day lasts and no exit was seen."""
    TIMED = "timed"
    """Refused within `passback_minutes` of the last entry: for zones without exit gates."""
    SOFT = "soft"
    """Let in with a word, and nothing spent, within `passback_minutes`: the second tap of one trip."""


class Zone(Struct, frozen=True):
    """A part of a site with its own count of people. `capacity` None means uncounted against any limit (FMI).

    A zone with a capacity needs a way out that is seen: its gates take exits too, or it fills up till midnight.
    """

    id: UUID
    authority_id: UUID
    site_id: UUID
    code: str
    capacity: int | None
    passback: Passback
    passback_minutes: int


class Gate(Struct, frozen=True):
    """A door into a zone. Its code is unique within the authority."""

    id: UUID
    authority_id: UUID
    zone_id: UUID
    code: str
    name: Text


class TerminalStatus(StrEnum):
    """A revoked terminal never comes back: it is paired anew, under a new id."""

    ACTIVE = "active"
    REVOKED = "revoked"


class Terminal(Struct, frozen=True):
    """A device that asks for decisions. It is known by its own P-256 key; `public_key` is the JWK's x and y, raw."""

    id: UUID
    authority_id: UUID
    name: str
    public_key: bytes
    status: TerminalStatus
    paired_at: datetime


class Pairing(Struct, frozen=True):
    """A promise that whoever brings this code within its time becomes a terminal of these gates, once."""

    id: UUID
    authority_id: UUID
    code_hash: bytes
    name: str
    gate_ids: tuple[UUID, ...]
    expires_at: datetime


class Doorway(Struct, frozen=True):
    """A gate with all that a decision needs to know of where it leads."""

    gate: Gate
    zone: Zone
    site: Site
    time_zone: str
    authority_code: str


def local_day(at: datetime, zone: str) -> date:
    """Return the calendar day of an instant in an IANA time zone."""
    return at.astimezone(ZoneInfo(zone)).date()


def pairing_hash(code: str) -> bytes:
    """Hash of a pairing code as people type it: case and separators do not count."""
    return sha256(code.upper().replace("-", "").replace(" ", "").encode()).digest()


def check_calendar(calendar: Calendar, *, of: str) -> None:
    """Refuse a calendar that contradicts itself, at entry rather than at the gate. `of` names its site.

    Raises:
        SiteNeverOpens: it has no opening hours.
        UnknownWeekday: a weekday is none of 0 to 6.
        ImpossibleHours: hours close before they open, or lie outside the day.
        ContradictoryPeriod: a season of hours ends before it begins.
        OverlappingHours: two hours of one weekday overlap while the seasons of both run.
        ReversedClosure: a closure's last day lies before its first.
    """
    if not calendar.hours:
        raise SiteNeverOpens(f"{of} has no opening hours.")
    for hours in calendar.hours:
        _check_hours(hours, of)
    for one, other in combinations(calendar.hours, 2):
        if one.weekday == other.weekday and _overlap(one, other):
            raise OverlappingHours(
                f"{of} opens twice at once on weekday {one.weekday}: {_said(one)} and {_said(other)}."
            )
    for closure in calendar.closures:
        if closure.last_day < closure.first_day:
            raise ReversedClosure(f"{of} would be shut until {closure.last_day}, before {closure.first_day}.")


def _check_hours(hours: Hours, of: str) -> None:
    if not 0 <= hours.weekday <= 6:
        raise UnknownWeekday(f"{of} opens on weekday {hours.weekday}; Monday is 0 and Sunday is 6.")
    if not 0 <= hours.opens < hours.closes <= MIDNIGHT:
        raise ImpossibleHours(f"{of} cannot open {_said(hours)} on weekday {hours.weekday}.")
    if hours.valid_until <= hours.valid_from:
        raise ContradictoryPeriod(f"{of} has hours that end on {hours.valid_until}, before {hours.valid_from}.")


def _overlap(one: Hours, other: Hours) -> bool:
    return (
        one.opens < other.closes
        and other.opens < one.closes
        and one.valid_from < other.valid_until
        and other.valid_from < one.valid_until
    )


def _said(hours: Hours) -> str:
    return "–".join(f"{minute // 60:02}:{minute % 60:02}" for minute in (hours.opens, hours.closes))


async def open_site(unit: Unit, site: Site) -> Site:
    """Open a site: check it with its calendar, then write it.

    Raises:
        NameMissing: it has no name in one of the languages.
        UnknownService: no service has its code.
        Invalid: its calendar contradicts itself, as `check_calendar` says.
    """
    # A service is written in terms of places, so it is not known yet while this module is read.
    from domain.services import check_service  # noqa: PLC0415

    of = f"Site {site.code}"
    check_name(site.name, of=of)
    check_service(site.service_code, of=of)
    check_calendar(site.calendar, of=of)
    await unit.places.add_site(site)
    return site


async def offer_pairing(
    unit: Unit, *, authority_id: UUID, code: str, name: str, gate_codes: tuple[str, ...], now: datetime
) -> Pairing:
    """Open a pairing for the gates named. The code itself is never stored."""
    gates = [await unit.places.gate(authority_id, gate_code) for gate_code in gate_codes]
    pairing = Pairing(
        id=unit.ids.row(),
        authority_id=authority_id,
        code_hash=pairing_hash(code),
        name=name,
        gate_ids=tuple(gate.id for gate in gates),
        expires_at=now + PAIRING_TTL,
    )
    await unit.places.add_pairing(pairing)
    return pairing


async def pair_terminal(unit: Unit, *, code: str, public_key: bytes, now: datetime) -> Terminal:
    """Turn a pairing code and a fresh public key into a terminal.

    Raises:
        PairingRefused: the code is unknown, was used, or is too old.
    """
    pairing = await unit.places.take_pairing(pairing_hash(code), now)
    if pairing is None:
        raise PairingRefused("Ask an agent for a new pairing code.")
    terminal = Terminal(
        id=unit.ids.row(),
        authority_id=pairing.authority_id,
        name=pairing.name,
        public_key=public_key,
        status=TerminalStatus.ACTIVE,
        paired_at=now,
    )
    await unit.places.add_terminal(terminal, pairing.gate_ids)
    return terminal


async def revoke_terminal(unit: Unit, *, authority_id: UUID, terminal_id: UUID) -> Terminal:
    """Take a terminal's right to ask away, for good. Its next request is refused, on every worker."""
    terminal = await unit.places.terminal(authority_id, terminal_id)
    revoked = replace(terminal, status=TerminalStatus.REVOKED)
    await unit.places.save_terminal(revoked)
    return revoked
