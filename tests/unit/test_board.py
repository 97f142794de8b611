"""A site as anybody may see it: which zones speak, and what is said of a site that is shut."""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from domain.attendance import Count, Counts, Level
from domain.board import Crowd, SiteNow, site_now
from domain.calendars import Calendar, Closure
from domain.places import Passback, Site, Zone
from domain.text import Text
from tests.city import LIBRARY_HOURS

AUTHORITY, SITE = UUID(int=1), UUID(int=2)
WEDNESDAY = date(2026, 11, 18)
AT = datetime(2026, 11, 18, 14, 30, tzinfo=ZoneInfo("Europe/Paris"))


def zone(number: int, capacity: int | None) -> Zone:
    return Zone(UUID(int=number), AUTHORITY, SITE, f"zone-{number}", capacity, Passback.NONE, 0)


def eight_weeks(count: Count) -> Counts:
    return {(WEDNESDAY - timedelta(weeks=week), hour): count for week in range(1, 9) for hour in (13, 14, 15)}


def seen(zones: list[Zone], crowd: Crowd, *, at: datetime = AT, calendar: Calendar = LIBRARY_HOURS) -> SiteNow:
    site = Site(SITE, AUTHORITY, "here", "pool", Text(fr="Ici", en="Here"), "00101", calendar)
    return site_now(site, zones, crowd, hours_of=calendar.on, at=at, commune="Clairourle")


def test_a_zone_with_a_capacity_is_judged_by_the_people_inside() -> None:
    pool = zone(7, 100)
    crowd = Crowd({pool.id: eight_weeks(Count(entries=500, most=30))}, {pool.id: 80})
    now = seen([pool], crowd)
    assert (now.level, now.inside, now.capacity, now.places_left) == (Level.BUSY, 80, 100, 20)


def test_nobody_yet_is_nobody_inside() -> None:
    pool = zone(7, 100)
    now = seen([pool], Crowd({}, {}))
    assert (now.level, now.inside, now.places_left) == (None, 0, 100)


def test_more_people_than_places_leave_no_place() -> None:
    pool = zone(7, 100)
    assert seen([pool], Crowd({}, {pool.id: 101})).places_left == 0


@pytest.mark.parametrize(
    ("capacity", "daily", "inside", "admitted", "left"),
    [
        (100, 500, 80, 300, 20),
        (100, 500, 80, 495, 5),
        (100, 500, 80, 500, 0),
        (100, 500, 80, 503, 0),
        (None, 500, 0, 499, 1),
    ],
)
def test_the_maximum_of_the_day_bounds_the_places_that_are_left(
    capacity: int | None, daily: int, inside: int, admitted: int, left: int
) -> None:
    """Nobody sets out for a pool that has let in all that it may today."""
    pool = replace(zone(7, capacity), daily_capacity=daily)
    assert seen([pool], Crowd({}, {pool.id: inside}, {pool.id: admitted})).places_left == left
    free = zone(8, 10)
    assert seen([pool, free], Crowd({}, {pool.id: inside}, {pool.id: admitted})).places_left == left + 10
    shut = seen([pool], Crowd({}, {pool.id: inside}, {pool.id: admitted}), at=AT.replace(hour=20))
    assert shut.places_left is None


def test_a_zone_without_a_capacity_tells_no_number() -> None:
    library = zone(7, None)
    counts = dict(eight_weeks(Count(entries=30, most=0))) | {(WEDNESDAY, 14): Count(2, 0), (WEDNESDAY, 13): Count(2, 0)}
    now = seen([library], Crowd({library.id: counts}, {library.id: 12}))
    assert (now.level, now.inside, now.capacity, now.places_left) == (Level.QUIET, None, None, None)


def test_the_zones_that_count_people_speak_for_the_others() -> None:
    """A pool with a sauna and an open lawn: the lawn's entries say nothing of the basins."""
    basin, sauna, lawn = zone(7, 100), zone(8, 10), zone(9, None)
    counts = {
        basin.id: eight_weeks(Count(0, 30)),
        sauna.id: eight_weeks(Count(0, 6)),
        lawn.id: eight_weeks(Count(0, 0)),
    }
    now = seen([basin, sauna, lawn], Crowd(counts, {basin.id: 32, sauna.id: 5, lawn.id: 400}))
    assert (now.level, now.inside, now.capacity, now.places_left) == (Level.USUAL, 37, 110, 73)
    assert {usual.value for usual in now.usual if usual.hour == 14} == {36}


def test_of_a_site_that_is_shut_nothing_is_said_but_its_hours() -> None:
    """Who forgot to show their pass at the exit is not inside."""
    pool = zone(7, 100)
    crowd = Crowd({pool.id: eight_weeks(Count(0, 30))}, {pool.id: 3})
    now = seen([pool], crowd, at=AT.replace(hour=20))
    assert (now.level, now.inside, now.places_left, now.opening.is_open) == (None, None, None, False)
    assert now.opening.opens_at == datetime(2026, 11, 19, 10, tzinfo=AT.tzinfo)


def test_a_closure_says_why() -> None:
    drained = Text(fr="Vidange du bassin", en="The basin is drained")
    calendar = Calendar(LIBRARY_HOURS.hours, (Closure(WEDNESDAY, WEDNESDAY, drained),))
    now = seen([zone(7, 100)], Crowd({}, {}), calendar=calendar)
    assert (now.closure, now.opening.is_open, now.usual) == (drained, False, ())
    assert seen([zone(7, 100)], Crowd({}, {})).closure is None
