"""What a site and a zone say of themselves, through both databases and through the way back."""

import asyncio
from datetime import date
from typing import Any

import pytest
from alembic.util import CommandError
from msgspec.structs import replace

from adapters.keyring import KeyRing
from domain.calendars import BankHolidays, Calendar, Closure, Session
from domain.offline_policy import Fail, OfflinePolicy
from domain.places import Doorway, Gate, Passback, Site, VehicleLimits, Zone, open_site, open_zone
from domain.text import Text
from store import migrate
from store.bank_days import BankDays
from store.database import Database
from tests.city import ALWAYS_OPEN, City, small_city

NAME = Text(fr="Lieu", en="Place")
CLASS = Session(
    "school", Text(fr="Écoles", en="Schools"), 1, 540, 630, date(2026, 9, 1), date(2027, 7, 1), reserved=True
)
CLUB = replace(CLASS, code="club", name=Text(fr="Club", en="Club"), opens=1110, closes=1200, reserved=False)


async def opened(database: Database, city: City, calendar: Calendar = ALWAYS_OPEN, **said: Any) -> Doorway:  # noqa: ANN401 - fields of a site or a zone
    """Open a place by the domain's verbs, and read it back as a gate sees it."""
    of_zone = {name: said.pop(name) for name in ("capacity_others", "supplement_cents") if name in said}
    async with database.begin() as unit:
        owner = city.authority.id
        site = Site(unit.ids.row(), owner, "new", "waste-centre", NAME, "00101", calendar, **said)
        zone = Zone(unit.ids.row(), owner, site.id, "new", None, Passback.NONE, 0, **of_zone)
        gate = Gate(unit.ids.row(), owner, zone.id, "new-1", NAME)
        await open_site(unit, site)
        await open_zone(unit, zone)
        await unit.places.add_gate(gate)
    doorway = (await database.catalogue()).doorways[gate.id]
    known = replace(site, calendar=replace(calendar, bank_days=BankDays(site.holiday_region)))
    assert replace(doorway.site, calendar=_sorted(doorway.site.calendar)) == replace(
        known, calendar=_sorted(known.calendar)
    )
    assert doorway.zone == zone
    return doorway


def _sorted(calendar: Calendar) -> Calendar:
    """A database gives rows in any order."""
    return replace(
        calendar,
        hours=tuple(sorted(calendar.hours, key=lambda hours: (hours.valid_from, hours.weekday, hours.opens))),
        sessions=tuple(sorted(calendar.sessions, key=lambda session: session.code)),
    )


async def test_a_place_says_to_the_gate_what_it_said_at_entry(database_url: str, keyring: KeyRing) -> None:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    full = replace(
        ALWAYS_OPEN,
        closures=(Closure(date(2026, 12, 24), date(2026, 12, 24), Text(fr="Vent fort", en="Strong wind")),),
        sessions=(CLASS, CLUB),
        bank_holidays=BankHolidays.AS_SUNDAY,
        last_entry_minutes=30,
    )
    doorway = await opened(
        database,
        city,
        full,
        holiday_region="57",
        white_until=date(2027, 1, 1),
        vehicles=VehicleLimits(190, 3_500),
        accepts=("rubble", "paint", "asbestos"),
        offline=OfflinePolicy(Fail.CLOSED, entries=2, fresh_minutes=5),
        capacity_others=60,
        supplement_cents=450,
    )
    await database.close()
    calendar = doorway.site.calendar
    tuesday = date(2026, 12, 22)
    assert calendar.sessions_on(tuesday) == (CLASS, CLUB)
    assert calendar.on(date(2026, 12, 24)) == ()
    assert calendar.sessions_on(date(2026, 12, 26)) == ()


@pytest.mark.parametrize("region", [None, "57"])
async def test_a_site_follows_the_bank_holidays_of_its_region(
    database_url: str, keyring: KeyRing, region: str | None
) -> None:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    resting = replace(ALWAYS_OPEN, bank_holidays=BankHolidays.CLOSED)
    doorway = await opened(database, city, resting, holiday_region=region)
    catalogue = await database.catalogue()
    await database.close()
    assert catalogue.day_of(doorway, date(2026, 12, 25)).hours == ()
    assert bool(catalogue.day_of(doorway, date(2026, 12, 26)).hours) is (region is None)
    assert catalogue.day_of(doorway, date(2026, 12, 27)).hours == ((0, 1440),)


async def test_places_that_say_nothing_more_go_back_and_come_again(database_url: str, keyring: KeyRing) -> None:
    database = Database(database_url, patience=30)
    await small_city(database, keyring)
    before = (await database.catalogue()).doorways
    await database.close()

    await asyncio.to_thread(migrate.downgrade, database_url, "0003")
    await asyncio.to_thread(migrate.upgrade, database_url)

    database = Database(database_url, patience=30)
    assert (await database.catalogue()).doorways == before
    await database.close()


@pytest.mark.parametrize(
    "said",
    [
        {"calendar": replace(ALWAYS_OPEN, bank_holidays=BankHolidays.CLOSED)},
        {"calendar": replace(ALWAYS_OPEN, last_entry_minutes=30)},
        {"calendar": replace(ALWAYS_OPEN, sessions=(CLASS,))},
        {"white_until": date(2027, 1, 1)},
        {"vehicles": VehicleLimits(max_height_cm=190)},
        {"accepts": ("rubble",)},
        {"capacity_others": 60},
        {"supplement_cents": 450},
    ],
    ids=", ".join,
)
async def test_the_way_back_is_refused_where_a_place_would_lose_what_it_says(
    database_url: str, keyring: KeyRing, said: dict[str, Any]
) -> None:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    doorway = await opened(database, city, **said)
    await database.close()

    with pytest.raises(CommandError, match=r"^1 sites and zones say what the older schema does not know"):
        await asyncio.to_thread(migrate.downgrade, database_url, "0003")

    database = Database(database_url, patience=30)
    assert (await database.catalogue()).doorways[doorway.gate.id] == doorway
    await database.close()


async def test_the_way_back_is_refused_where_a_gate_would_forget_what_it_does_alone(
    database_url: str, keyring: KeyRing
) -> None:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    doorway = await opened(database, city, offline=OfflinePolicy(Fail.CLOSED))
    await database.close()

    with pytest.raises(CommandError, match=r"^1 sites say what their gates do without network"):
        await asyncio.to_thread(migrate.downgrade, database_url, "0017")

    database = Database(database_url, patience=30)
    assert (await database.catalogue()).doorways[doorway.gate.id] == doorway
    await database.close()
