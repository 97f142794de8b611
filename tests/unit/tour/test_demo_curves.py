"""What the demonstration's devices measure looks like life: school hours, rush hours, markets, rain, nights."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from cli.demo.tour.chance import drift, jitter, share
from cli.demo.tour.plan import ZONE
from cli.demo.tour.sky import air, rain, rainy
from cli.demo.tour.systems import CURVES
from cli.demo.tour.systems.water import RESIDENTS_OF_DISTRICT

THURSDAY = datetime(2026, 6, 18, tzinfo=ZONE)
SUNDAY = THURSDAY + timedelta(days=3)
DAYS = [THURSDAY + timedelta(days=ago) for ago in range(-56, 0)]


def at(day: datetime, hour: int, minute: int = 0) -> datetime:
    return day.replace(hour=hour, minute=minute)


def mean(code: str, quantity: str, hour: int, days: list[datetime] = DAYS) -> float:
    return sum(CURVES[code, quantity](at(day, hour)) for day in days) / len(days)


def test_chance_is_the_same_each_time_and_within_its_bounds() -> None:
    moments = [THURSDAY + timedelta(hours=hour) for hour in range(500)]
    assert [jitter("a", one) for one in moments] == [jitter("a", one) for one in moments]
    assert all(-1 <= jitter("a", one) < 1 and -1 <= drift("a", one) < 1 for one in moments)
    assert share("a", 1) != share("b", 1)
    steps = [abs(drift("a", one + timedelta(hours=1)) - drift("a", one)) for one in moments]
    assert max(steps) < 0.15


def test_a_classroom_fills_with_co2_while_a_class_is_in() -> None:
    co2 = CURVES["ecole-tilleuls-salle-4", "co2"]
    assert co2(at(THURSDAY, 11, 55)) > 800 > co2(at(THURSDAY, 7))
    assert co2(at(THURSDAY, 13, 20)) < co2(at(THURSDAY, 11, 55))
    assert co2(at(SUNDAY, 11, 55)) < 450
    assert min(co2(at(day, hour)) for day in DAYS for hour in range(24)) >= 400


def test_bicycles_have_rush_hours_and_people_a_market() -> None:
    working = [day for day in DAYS if day.weekday() < 5]
    assert mean("velos-quai-ourle", "bicycle_flow", 8, working) > 4 * mean("velos-quai-ourle", "bicycle_flow", 3)
    market = [day for day in DAYS if day.weekday() == 2]
    others = [day for day in DAYS if day.weekday() == 1]
    assert mean("pietons-rue-marche", "person_flow", 10, market) > 2 * mean(
        "pietons-rue-marche", "person_flow", 10, others
    )


def test_the_stream_rises_after_rain_and_the_garden_is_thirsty_without() -> None:
    wet = [at(day, 23) for day in DAYS if sum(rain(at(day, hour)) for hour in range(24)) > 4]
    dry = [at(day, 23) for day in DAYS if not any(rainy(day - timedelta(days=ago)) for ago in range(3))]
    assert wet
    assert dry
    level, tension = CURVES["ourle-pont-vieux", "water_level"], CURVES["jardin-terre", "soil_tension"]
    assert min(map(level, wet)) > sum(map(level, dry)) / len(dry)
    assert max(map(tension, dry)) > max(map(tension, wet))


@pytest.mark.parametrize(
    ("key", "most"),
    [
        (("ourle-pont-vieux", "water_level"), 0.06),
        (("jardin-terre", "soil_tension"), 3.5),
        (("meteo-gare", "air_temperature"), 1.0),
    ],
    ids=["river", "garden", "station"],
)
def test_nothing_in_the_open_jumps_at_midnight_nor_when_clocks_change(key: tuple[str, str], most: float) -> None:
    """A river of Hub'Eau rises within hours; a step of half a metre between two values would be called a fault."""
    autumn = datetime(2026, 10, 1, tzinfo=UTC)
    values = [CURVES[key]((autumn + timedelta(minutes=10 * step)).astimezone(ZONE)) for step in range(144 * 45)]
    assert max(abs(after - before) for before, after in pairwise(values)) < most


def test_the_park_is_cooler_than_the_street_and_summer_warmer_than_winter() -> None:
    assert mean("meteo-parc-ourle", "air_temperature", 15) < mean("meteo-rue-marche", "air_temperature", 15) - 2
    winter = [day - timedelta(days=150) for day in DAYS]
    assert sum(air(at(day, 15)) for day in DAYS) > sum(air(at(day, 15)) for day in winter) + 8 * len(DAYS)


def test_the_glass_container_is_emptied_on_tuesday_mornings_only() -> None:
    fill = CURVES["verre-place-halle", "fill_level"]
    hours = [DAYS[0] + timedelta(hours=hour) for hour in range(24 * 56)]
    emptied = [later for one, later in pairwise(hours) if fill(later) < fill(one) - 20]
    assert {(one.weekday(), one.hour) for one in emptied} == {(1, 7)}
    assert len(emptied) == 8


def test_lamps_are_off_by_day_and_lowered_at_night() -> None:
    lamp = CURVES["eclairage-quai", "lighting_level"]
    assert {lamp(at(day, 13)) for day in DAYS} == {0.0}
    assert {lamp(at(day, 2)) for day in DAYS} == {30.0, 70.0}


def test_the_water_of_a_district_is_that_of_its_residents() -> None:
    per_person = CURVES["eau-quartier-gare", "water_use_per_person"](THURSDAY)
    assert 100 < per_person < 190
    assert CURVES["eau-quartier-gare", "water_use"](THURSDAY) == per_person * RESIDENTS_OF_DISTRICT


@pytest.mark.parametrize("key", CURVES, ids="/".join)
def test_no_device_gives_one_value_for_a_day_but_those_that_may(key: tuple[str, str]) -> None:
    values = {CURVES[key](at(THURSDAY, hour)) for hour in range(24)}
    assert len(values) > 1 or key[1] in {"rain", "water_use", "water_use_per_person", "flood_vigilance"}
