"""The territory: authorities, communes, sites, zones and gates. When a site is open: `domain.calendars`."""

from datetime import UTC, date, datetime, time
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from domain.calendars import Calendar, check_calendar, check_holiday_region
from domain.errors.places import (
    CapacityBeyondWater,
    CapacityNeverReached,
    CapacityOfNothing,
    ImpossiblePassback,
    NegativeSupplement,
    RepeatedKind,
    VehicleLimitOfNothing,
)
from domain.offline_policy import OfflinePolicy, check_policy
from domain.ports import Unit
from domain.text import Text, check_name
from domain.waste import check_kind


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
    `daily_capacity` is the most that may come in on one day, of both kinds together; who comes back counts once.
    `supplement_cents` is what entering costs those whose right does not include the zone, once a day.
    `name` is what agents call it; None: its code has to do.
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
    daily_capacity: int | None = None
    name: Text | None = None


class Water(Struct, frozen=True, forbid_unknown_fields=True):
    """The surface of a zone's pools in whole square metres, diving pits left out."""

    covered_m2: int = 0
    open_air_m2: int = 0

    @property
    def most(self) -> int:
        """Swimmers at one moment: one for a square metre under a roof, three for two in the open (CSP D.1332-7)."""
        return self.covered_m2 + self.open_air_m2 * 3 // 2


class Gate(Struct, frozen=True):
    """A door into a zone. Its code is unique within the authority."""

    id: UUID
    authority_id: UUID
    zone_id: UUID
    code: str
    name: Text


class Doorway(Struct, frozen=True):
    """A gate with all that a decision needs to know of where it leads."""

    gate: Gate
    zone: Zone
    site: Site
    time_zone: str
    authority_code: str


def midnight(day: date, zone: str) -> datetime:
    """Return the instant at which a day begins where this zone is, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def local_day(at: datetime, zone: str) -> date:
    """Return the calendar day of an instant in an IANA time zone."""
    return at.astimezone(ZoneInfo(zone)).date()


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
    check_site(site)
    await unit.places.add_site(site)
    return site


def check_site(site: Site) -> None:
    """Refuse a site that contradicts itself: all that `open_site` raises."""
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


async def trust_gates(unit: Unit, policy: OfflinePolicy | None, *, authority_id: UUID, site_code: str) -> None:
    """Say how far a site trusts gates that decide alone, from the next bundle on; None: as its service says.

    Raises:
        AgesNotAscending, AllowanceBelowNothing: it contradicts itself.
        SiteNotFound: the authority has no such site.
    """
    if policy is not None:
        check_policy(policy, of=f"Site {site_code}")
    await unit.places.save_offline(authority_id, site_code, policy)


def _check_vehicles(limits: VehicleLimits | None, of: str) -> None:
    if limits is None:
        return
    said = [limit for limit in (limits.max_height_cm, limits.max_weight_kg) if limit is not None]
    if not said:
        raise VehicleLimitOfNothing(f"{of} limits neither the height nor the weight of vehicles.")
    if min(said) <= 0:
        raise VehicleLimitOfNothing(f"{of} would take no vehicle at all: its limit is {min(said)}.")


async def open_zone(unit: Unit, zone: Zone, *, water: Water | None = None) -> Zone:
    """Open a zone of a site: check it, against the `water` in it where that is told, then write it.

    Raises:
        CapacityOfNothing: it has room for nobody, or for less.
        CapacityBeyondWater: its swimmers would be more than its water allows.
        CapacityNeverReached: fewer may come in on a whole day than may be inside at one moment.
        NegativeSupplement: its supplement is less than nothing.
        ImpossiblePassback: its anti-passback needs minutes and has none, or has minutes that it does not use.
    """
    check_zone(zone, water=water)
    await unit.places.add_zone(zone)
    return zone


def check_zone(zone: Zone, *, water: Water | None = None) -> None:
    """Refuse a zone that contradicts itself, or its water: all that `open_zone` raises."""
    of = f"Zone {zone.code}"
    if zone.name is not None:
        check_name(zone.name, of=of)
    for capacity in (zone.capacity, zone.capacity_others, zone.daily_capacity):
        if capacity is not None and capacity <= 0:
            raise CapacityOfNothing(f"{of} has room for {capacity}: leave the capacity out where nobody counts.")
    check_water(zone.capacity, water, of=of)
    at_once = max(zone.capacity or 0, zone.capacity_others or 0)
    if zone.daily_capacity is not None and zone.daily_capacity < at_once:
        raise CapacityNeverReached(
            f"{of} takes {zone.daily_capacity} persons a day and {at_once} at one moment, who never come together."
        )
    if zone.supplement_cents < 0:
        raise NegativeSupplement(f"{of} has a supplement of {zone.supplement_cents} cents.")
    timed = zone.passback in {Passback.TIMED, Passback.SOFT}
    if zone.passback_minutes < 0 or timed is not (zone.passback_minutes > 0):
        raise ImpossiblePassback(f"{of} has a {zone.passback} anti-passback of {zone.passback_minutes} minutes.")


def check_water(capacity: int | None, water: Water | None, *, of: str) -> None:
    """Refuse more swimmers than the water allows, where it is told how much there is.

    Raises:
        CapacityBeyondWater: and says how many it allows.
    """
    if water is not None and (capacity or 0) > water.most:
        raise CapacityBeyondWater(f"{of} has room for {capacity} swimmers, and its water for {water.most}.")
