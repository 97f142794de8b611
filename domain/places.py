"""The territory: authorities, communes, sites, zones, gates and terminals. When a site is open: `domain.calendars`."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct, field
from msgspec.structs import replace

from domain.calendars import Calendar, check_calendar, check_holiday_region
from domain.errors import (
    CapacityOfNothing,
    ImpossiblePassback,
    NegativeSupplement,
    PairingRefused,
    RepeatedKind,
    VehicleLimitOfNothing,
)
from domain.offline_policy import OfflinePolicy, check_policy
from domain.ports import Unit
from domain.text import Text, check_name
from domain.waste import check_kind

PAIRING_TTL = timedelta(minutes=30)


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


class VehicleLimits(Struct, frozen=True):
    """The largest vehicle that a site takes; None means any. `max_weight_kg` is the gross weight (PTAC)."""

    max_height_cm: int | None = None
    max_weight_kg: int | None = None


class Site(Struct, frozen=True):
    """A place that serves the public under one service (a pool, a waste centre, a bus line).

    `holiday_region` says whose bank holidays its calendar follows (`HOLIDAY_REGIONS`), None those of France as a whole.
    Before the day `white_until` everybody is let in and nothing is counted: a barrier that people get used to.
    `accepts` are the codes of the waste kinds that may be left here; empty where no waste is. `offline` is what its
    gates do alone; None: what its service says.
    """

    id: UUID
    authority_id: UUID
    code: str
    service_code: str
    name: Text
    commune_code: str
    calendar: Calendar = field(default_factory=Calendar)
    holiday_region: str | None = None
    white_until: date | None = None
    vehicles: VehicleLimits | None = None
    accepts: tuple[str, ...] = ()
    offline: OfflinePolicy | None = None


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
    `capacity_others` is the maximum of those who do not swim, counted apart (code de la santé publique, D1332-7).
    `supplement_cents` is what entering costs those whose right does not include the zone.
    """

    id: UUID
    authority_id: UUID
    site_id: UUID
    code: str
    capacity: int | None
    passback: Passback
    passback_minutes: int
    capacity_others: int | None = None
    supplement_cents: int = 0


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


async def open_site(unit: Unit, site: Site) -> Site:
    """Open a site: check it with its calendar, then write it.

    Raises:
        NameMissing: it has no name in one of the languages.
        UnknownService: no service has its code.
        UnknownHolidayRegion: no region of France has bank holidays of its own under this code.
        VehicleLimitOfNothing: its limits for vehicles let none in, or limit nothing.
        UnknownKind: it accepts a kind of waste that the program does not have.
        RepeatedKind: it accepts a kind of waste twice.
        AgesNotAscending, AllowanceBelowNothing: what its gates do alone contradicts itself.
        Invalid: its calendar contradicts itself, as `check_calendar` says.
    """
    # A service is written in terms of places, so it is not known yet while this module is read.
    from domain.services import check_service  # noqa: PLC0415

    of = f"Site {site.code}"
    check_name(site.name, of=of)
    check_service(site.service_code, of=of)
    check_calendar(site.calendar, of=of)
    check_holiday_region(site.holiday_region, of=of)
    _check_vehicles(site.vehicles, of)
    for kind in site.accepts:
        check_kind(kind, of=of)
        if site.accepts.count(kind) > 1:
            raise RepeatedKind(f"{of} accepts {kind} twice.")
    if site.offline is not None:
        check_policy(site.offline, of=of)
    await unit.places.add_site(site)
    return site


def _check_vehicles(limits: VehicleLimits | None, of: str) -> None:
    if limits is None:
        return
    said = [limit for limit in (limits.max_height_cm, limits.max_weight_kg) if limit is not None]
    if not said:
        raise VehicleLimitOfNothing(f"{of} limits neither the height nor the weight of vehicles.")
    if min(said) <= 0:
        raise VehicleLimitOfNothing(f"{of} would take no vehicle at all: its limit is {min(said)}.")


async def open_zone(unit: Unit, zone: Zone) -> Zone:
    """Open a zone of a site: check it, then write it.

    Raises:
        CapacityOfNothing: it has room for nobody, or for less.
        NegativeSupplement: its supplement is less than nothing.
        ImpossiblePassback: its anti-passback needs minutes and has none, or has minutes that it does not use.
    """
    of = f"Zone {zone.code}"
    for capacity in (zone.capacity, zone.capacity_others):
        if capacity is not None and capacity <= 0:
            raise CapacityOfNothing(f"{of} has room for {capacity}: leave the capacity out where nobody counts.")
    if zone.supplement_cents < 0:
        raise NegativeSupplement(f"{of} has a supplement of {zone.supplement_cents} cents.")
    timed = zone.passback in {Passback.TIMED, Passback.SOFT}
    if zone.passback_minutes < 0 or timed is not (zone.passback_minutes > 0):
        raise ImpossiblePassback(f"{of} has a {zone.passback} anti-passback of {zone.passback_minutes} minutes.")
    await unit.places.add_zone(zone)
    return zone


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
