"""The invented parts of the demonstration city, before any database."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from cli.demo.habits import Habit
from cli.demo.hours import Shut, calendar
from cli.demo.households import homes
from cli.demo.ids import SEED, SeededIds, dice
from cli.demo.places import LOGINS
from cli.demo.rhythm import minute_of, stay_of
from cli.demo.territory import COMMUNES, NEIGHBOUR_SITE, SITES, SitePlan, ZonePlan
from domain.access.facts import Direction
from domain.agents import Role
from domain.people import age_on
from domain.places import Passback
from domain.services import BY_CODE
from domain.text import Text

TODAY = date(2026, 6, 18)
NOW = datetime(2026, 6, 18, 14, 30, tzinfo=UTC)
ALL_SITES = (*SITES, NEIGHBOUR_SITE)
ZONES: list[SitePlan | ZonePlan] = [*SITES, *(zone for site in SITES for zone in site.inner)]


@pytest.mark.parametrize("plan", ALL_SITES, ids=lambda plan: plan.code)
def test_every_site_opens_in_winter_and_summer_and_rests_on_labour_day(plan: SitePlan) -> None:
    days = calendar(plan.table, years=range(2025, 2028), today=TODAY)
    for first in (date(2026, 1, 12), date(2026, 7, 20)):
        assert any(days.on(first + timedelta(days=ahead)) for ahead in range(7))
    assert days.on(date(2026, 5, 1)) == ()
    assert bool(days.on(date(2026, 7, 14))) is (plan.service_code in {"transport", "pool"})


@pytest.mark.parametrize("plan", ALL_SITES, ids=lambda plan: plan.code)
def test_seasons_follow_each_other_without_gap_or_overlap(plan: SitePlan) -> None:
    hours = calendar(plan.table, years=range(2025, 2028), today=TODAY).hours
    seasons = sorted({(one.valid_from, one.valid_until) for one in hours})
    assert all(earlier[1] == later[0] for earlier, later in pairwise(seasons))


def test_an_exceptional_closure_swallows_the_day_of_rest_inside_it() -> None:
    shut = Shut(-50, 10, Text(fr="Travaux", en="Works"))  # from 29 April to 8 May
    days = calendar(SITES[0].table, years=range(2026, 2027), today=TODAY, shut=shut)
    closures = [
        closure.why.en for closure in days.closures if closure.first_day <= date(2026, 5, 1) <= closure.last_day
    ]
    assert closures == ["Works"]
    assert days.on(date(2026, 5, 4)) == ()
    assert len({closure.first_day for closure in days.closures}) == len(days.closures)


def test_the_territory_is_as_announced() -> None:
    assert len(COMMUNES) == 14
    assert len({commune.name for commune in COMMUNES}) == 14
    assert all(commune.code.startswith("00") and len(commune.code) == 5 for commune in COMMUNES)
    assert len(SITES) == 12
    # The city has sports halls too, but no gate there yet.
    assert {site.service_code for site in SITES} == BY_CODE.keys() - {"sports-hall"}
    doors = [door.code for zone in ZONES for door in zone.doors]
    assert len(doors) == len(set(doors)) == 42


def test_a_zone_that_counts_people_lets_them_out_again() -> None:
    for zone in ZONES:
        if zone.capacity is not None:
            assert {door.way for door in zone.doors} == {Direction.ENTRY, Direction.EXIT}
    for site in SITES:
        if site.passback is Passback.HARD:
            assert {door.way for door in site.doors} == {Direction.ENTRY, Direction.EXIT}


def test_a_pool_keeps_a_sundays_hours_on_the_national_day_and_lets_nobody_in_for_the_last_half_hour() -> None:
    pool = calendar(SITES[0].table, years=range(2025, 2028), today=TODAY)
    assert pool.on(date(2026, 7, 14)) == pool.on(date(2026, 7, 12)) == ((540, 1140),)  # a Tuesday, a Sunday
    assert pool.entries_on(date(2026, 7, 14)) == ((540, 1110),)


def test_schools_have_the_large_pool_for_themselves_on_tuesdays_of_the_school_year() -> None:
    pool = calendar(SITES[0].table, years=range(2025, 2028), today=TODAY)
    assert [(one.code, one.reserved) for one in pool.sessions_on(date(2026, 6, 16))] == [("ecoles", True)]
    assert [(one.code, one.reserved) for one in pool.sessions_on(date(2026, 6, 18))] == [("club", False)]
    assert pool.sessions_on(date(2026, 7, 7)) == ()


def test_every_waste_centre_says_what_it_takes_and_how_large_a_vehicle_may_be() -> None:
    for site in ALL_SITES:
        assert bool(site.accepts) is (site.vehicles is not None) is (site.service_code == "waste-centre")


def test_every_role_has_a_login() -> None:
    assert {login.role for login in LOGINS} == set(Role)
    assert len({login.login for login in LOGINS}) == len(LOGINS)


@pytest.mark.parametrize("residents", [0, 1, 7, 800])
def test_homes_house_exactly_the_residents_asked_for(residents: int) -> None:
    assert sum(len(home.members) for home in homes(dice("test"), residents, TODAY)) == residents


def test_every_home_has_an_adult_and_nobody_is_unborn() -> None:
    for home in homes(dice("test"), 2_000, TODAY):
        ages = [age_on(member.born_on, TODAY) for member in home.members]
        assert ages[0] >= 18
        assert min(ages) >= 0
        assert max(ages) < 100


def test_the_same_seed_draws_the_same_households() -> None:
    assert homes(dice("test"), 300, TODAY) == homes(dice("test"), 300, TODAY)
    assert homes(dice("test"), 300, TODAY) != homes(dice("another"), 300, TODAY)


def test_seeded_ids_repeat_and_sort_by_the_time_they_were_drawn() -> None:
    ids, again = SeededIds(SEED, NOW), SeededIds(SEED, NOW)
    drawn = [ids.row() for _ in range(10_000)]
    assert drawn == [again.row() for _ in range(10_000)]
    assert drawn == sorted(drawn)
    assert len(set(drawn)) == len(drawn)
    assert {row.version for row in drawn} == {7}
    assert ids.medium() == again.medium()
    assert SeededIds(SEED + 1, NOW).row() != drawn[0]


def test_seeded_media_fit_a_signed_column_and_draws_stay_below_their_bound() -> None:
    ids = SeededIds(SEED, NOW)
    assert all(-(2**63) <= ids.medium() < 2**63 for _ in range(1_000))
    assert {ids.below(3) for _ in range(100)} == {0, 1, 2}


@pytest.mark.parametrize("service", ["pool", "library", "waste-centre", "transport"])
def test_people_come_within_the_opening_hours(service: str) -> None:
    dice_ = Random(1)
    for hours in (((720, 840), (990, 1200)), ((540, 560),)):
        minutes = [minute_of(dice_, service, hours) for _ in range(300)]
        assert all(any(opens <= minute < closes for opens, closes in hours) for minute in minutes)


def test_nobody_stays_for_less_than_the_shortest_stay() -> None:
    assert min(stay_of(Random(1), "pool") for _ in range(100)) >= 35


def test_who_has_spent_everything_hardly_comes_any_more() -> None:
    habit = Habit("pool", ("x",), 1.0, (), (), ((date(2026, 1, 1), date(2026, 7, 1)),))
    assert habit.expects_entry(TODAY)
    assert habit.eagerness(TODAY) == 1
    assert habit.eagerness(date(2025, 12, 1)) < habit.eagerness(date(2026, 8, 1)) < 1
    habit.left = 0
    assert not habit.expects_entry(TODAY)
    assert habit.eagerness(TODAY) < 1
