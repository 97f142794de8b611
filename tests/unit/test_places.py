"""What a site and a zone may say of themselves, and how a device becomes a terminal.

Sources: domain study 2.1 and 2.2.
"""

from datetime import date, datetime
from typing import cast
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain import places
from domain.calendars import Calendar, Hours
from domain.errors import Invalid, NameMissing
from domain.errors.places import (
    AgesNotAscending,
    AllowanceBelowNothing,
    CapacityBeyondWater,
    CapacityNeverReached,
    CapacityOfNothing,
    ImpossiblePassback,
    NegativeSupplement,
    RepeatedKind,
    SiteNeverOpens,
    UnknownHolidayRegion,
    UnknownKind,
    VehicleLimitOfNothing,
)
from domain.errors.products import UnknownService
from domain.offline_policy import Fail, OfflinePolicy
from domain.places import Passback, Site, VehicleLimits, Water, Zone, local_day
from domain.ports import Unit
from domain.text import Text

MORNINGS = Calendar((Hours(date(2026, 4, 1), date(2026, 11, 1), 5, 9 * 60, 12 * 60),))


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        ("2026-12-31T23:30:00+00:00", "Europe/Paris", date(2027, 1, 1)),
        ("2027-01-01T02:00:00+00:00", "America/Martinique", date(2026, 12, 31)),
        ("2026-12-31T20:30:00+00:00", "Indian/Reunion", date(2027, 1, 1)),
    ],
)
def test_today_is_the_authoritys_day(instant: str, zone: str, day: date) -> None:
    assert local_day(datetime.fromisoformat(instant), zone) == day


class Territory:
    """A unit of work that keeps what is opened."""

    def __init__(self) -> None:
        self.sites: list[Site] = []
        self.zones: list[Zone] = []

    @property
    def unit(self) -> Unit:
        return cast("Unit", self)

    @property
    def places(self) -> "Territory":
        return self

    async def add_site(self, new: Site) -> None:
        self.sites.append(new)

    async def add_zone(self, new: Zone) -> None:
        self.zones.append(new)


# --- sites and zones at entry ---------------------------------------------------------------------

WASTE_CENTRE = Site(
    UUID(int=3), UUID(int=1), "s", "waste-centre", Text(fr="Déchèterie", en="Waste centre"), "00101", MORNINGS
)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"holiday_region": "57"},
        {"white_until": date(2027, 1, 1)},
        {"vehicles": VehicleLimits(190, 3_500)},
        {"vehicles": VehicleLimits(max_height_cm=190)},
        {"vehicles": VehicleLimits(max_weight_kg=1)},
        {"accepts": ("rubble", "paint", "asbestos")},
        {"offline": OfflinePolicy()},
        {"offline": OfflinePolicy(Fail.CLOSED, entries=0)},
        {"offline": OfflinePolicy(fresh_minutes=0, stale_minutes=0, strict_minutes=0)},
    ],
)
async def test_a_site_that_makes_sense_is_opened(said: dict[str, object]) -> None:
    territory = Territory()
    site = replace(WASTE_CENTRE, **said)
    await places.open_site(territory.unit, site)
    assert territory.sites == [site]


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        ({"holiday_region": "59"}, UnknownHolidayRegion, "'59'"),
        ({"vehicles": VehicleLimits()}, VehicleLimitOfNothing, "neither"),
        ({"vehicles": VehicleLimits(0, 3_500)}, VehicleLimitOfNothing, "is 0"),
        ({"vehicles": VehicleLimits(190, -1)}, VehicleLimitOfNothing, "is -1"),
        ({"accepts": ("rubble", "gold")}, UnknownKind, "'gold'; there are asbestos, bulky"),
        ({"accepts": ("rubble", "paint", "rubble")}, RepeatedKind, "rubble twice"),
        ({"offline": OfflinePolicy(entries=-1)}, AllowanceBelowNothing, "-1 times"),
        ({"offline": OfflinePolicy(fresh_minutes=-1)}, AgesNotAscending, "new for -1 minutes"),
        ({"offline": OfflinePolicy(fresh_minutes=1441)}, AgesNotAscending, "as stale for 1440"),
        ({"offline": OfflinePolicy(strict_minutes=1439)}, AgesNotAscending, "strictly for 1439"),
    ],
)
async def test_a_site_that_makes_none_is_refused_and_not_written(
    said: dict[str, object], error: type[Invalid], words: str
) -> None:
    territory = Territory()
    with pytest.raises(error) as refused:
        await places.open_site(territory.unit, replace(WASTE_CENTRE, **said))
    assert words in refused.value.detail
    assert refused.value.detail.startswith("Site s ")
    assert territory.sites == []


POOLS = Zone(UUID(int=4), UUID(int=1), UUID(int=3), "pools", 420, Passback.HARD, 0)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"capacity": None},
        {"capacity": 1},
        {"capacity_others": 60},
        {"supplement_cents": 450},
        {"daily_capacity": 420},
        {"daily_capacity": 1, "capacity": None},
        {"passback": Passback.NONE},
        {"passback": Passback.TIMED, "passback_minutes": 10},
        {"passback": Passback.SOFT, "passback_minutes": 60},
    ],
)
async def test_a_zone_that_makes_sense_is_opened(said: dict[str, object]) -> None:
    territory = Territory()
    zone = replace(POOLS, **said)
    assert await places.open_zone(territory.unit, zone) == zone
    assert territory.zones == [zone]


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        ({"capacity": 0}, CapacityOfNothing, "room for 0"),
        ({"capacity": -5}, CapacityOfNothing, "room for -5"),
        ({"capacity_others": 0}, CapacityOfNothing, "room for 0"),
        ({"daily_capacity": 0}, CapacityOfNothing, "room for 0"),
        ({"daily_capacity": 419}, CapacityNeverReached, "419 persons a day and 420 at one moment"),
        ({"daily_capacity": 500, "capacity_others": 501}, CapacityNeverReached, "501 at one moment"),
        ({"supplement_cents": -1}, NegativeSupplement, "-1 cents"),
        ({"passback": Passback.TIMED}, ImpossiblePassback, "timed anti-passback of 0 minutes"),
        ({"passback": Passback.SOFT}, ImpossiblePassback, "soft anti-passback of 0 minutes"),
        ({"passback": Passback.TIMED, "passback_minutes": -1}, ImpossiblePassback, "of -1 minutes"),
        ({"passback_minutes": -1}, ImpossiblePassback, "of -1 minutes"),
        ({"passback_minutes": 10}, ImpossiblePassback, "hard anti-passback of 10 minutes"),
        ({"passback": Passback.NONE, "passback_minutes": 10}, ImpossiblePassback, "none anti-passback"),
    ],
)
async def test_a_zone_that_makes_none_is_refused_and_not_written(
    said: dict[str, object], error: type[Invalid], words: str
) -> None:
    territory = Territory()
    with pytest.raises(error) as refused:
        await places.open_zone(territory.unit, replace(POOLS, **said))
    assert words in refused.value.detail
    assert refused.value.detail.startswith("Zone pools ")
    assert territory.zones == []


@pytest.mark.parametrize(
    ("water", "most"),
    [
        (Water(covered_m2=250), 250),
        (Water(open_air_m2=250), 375),
        (Water(covered_m2=250, open_air_m2=250), 625),
        (Water(open_air_m2=3), 4),
        (Water(), 0),
    ],
)
async def test_a_pool_takes_no_more_swimmers_than_its_water_allows(water: Water, most: int) -> None:
    """Table 2.2, CSP D.1332-7: one for a square metre under a roof, three for two in the open."""
    territory = Territory()
    if most:
        full = replace(POOLS, capacity=most, capacity_others=1_000)
        assert await places.open_zone(territory.unit, full, water=water) == full
    with pytest.raises(CapacityBeyondWater, match=f"room for {most + 1} swimmers, and its water for {most}"):
        await places.open_zone(territory.unit, replace(POOLS, capacity=most + 1), water=water)
    assert [zone.capacity for zone in territory.zones] == [most] * bool(most)


AUTHORITY = UUID(int=1)


async def test_a_site_is_checked_before_it_is_opened() -> None:
    territory = Territory()
    name = Text(fr="Piscine", en="Pool")
    good = Site(UUID(int=3), AUTHORITY, "s", "pool", name, "00101", MORNINGS)
    assert await places.open_site(territory.unit, good) == good
    for bad, error in (
        (Site(UUID(int=3), AUTHORITY, "s", "casino", name, "00101", MORNINGS), UnknownService),
        (Site(UUID(int=3), AUTHORITY, "s", "pool", Text(fr="", en=""), "00101", MORNINGS), NameMissing),
        (Site(UUID(int=3), AUTHORITY, "s", "pool", name, "00101"), SiteNeverOpens),
    ):
        with pytest.raises(error):
            await places.open_site(territory.unit, bad)
    assert territory.sites == [good]
