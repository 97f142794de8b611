"""Whether a value is believed. Source: tour study, sections 2 (edge cases) and 4 (WMO-No. 1269)."""

from datetime import UTC, date, datetime, timedelta
from math import inf, nan
from typing import Any

import pytest
from msgspec.structs import replace

from domain.devices import Stream, Summary
from domain.readings import NEVER, Newest, Quality, advance
from tests.tour_streams import AIR, CO2, NOON, QUARTER, reading
from tour.quality import Assessment, Claim, Fault, adds_up, assess, co2_drifts, contradicted, ordered, reading_of

LEVEL = replace(CO2, quantity="water_level", unit="m", low=-1.0, high=15.0)
RAIN = replace(CO2, quantity="rain", unit="mm", low=0.0, high=200.0, summary=Summary.SUM, may_stand_still=True)


def before(value: float, *, ago: timedelta = QUARTER, same_for: timedelta = timedelta()) -> Newest:
    """The newest value, some time before noon."""
    at = NOON - ago
    return Newest(CO2.id, at, None, at, value, Quality.CORRECT, at - same_for)


def judged(
    value: float | None,
    last: Newest | None = None,
    *,
    stream: Stream = CO2,
    sentinels: tuple[float | str, ...] = (),
    **claim: Any,  # noqa: ANN401 - fields of a claim
) -> Assessment:
    said: dict[str, Any] = {"raw": value, "observed_at": NOON, "received_at": NOON + timedelta(seconds=1), **claim}
    return assess(
        Claim(value=value, **said),
        sentinel=lambda raw: raw in sentinels,
        stream=stream,
        installed_on=AIR.installed_on,
        before=last,
    )


def test_a_plain_value_is_believed_a_little_more_when_it_follows_another() -> None:
    assert judged(640) == Assessment(Quality.UNQUALIFIED)
    assert judged(640, before(620)) == Assessment(Quality.PROBABLY_GOOD)


@pytest.mark.parametrize("declared", [Quality.CORRECT, Quality.PROBABLY_BAD, Quality.INTERPOLATED])
def test_what_the_source_says_of_its_value_is_kept(declared: Quality) -> None:
    assert judged(640, before(620), declared=declared) == Assessment(declared)


@pytest.mark.parametrize("raw", [65535, "No Sensor"])
def test_a_sentinel_is_missing_and_never_a_number(raw: float | str) -> None:
    value = raw if isinstance(raw, int) else None
    assessment = judged(value, raw=raw, sentinels=(65535, "No Sensor"))
    assert assessment == Assessment(Quality.MISSING, Fault.SENTINEL)


def test_a_sentinel_is_looked_for_before_the_conversion() -> None:
    """255 dBA is no sound; 255 in another unit might be one."""
    assert judged(2.55, raw=255, sentinels=(255,)).fault is Fault.SENTINEL
    assert judged(255, raw=2.55, sentinels=(255,)).fault is None


@pytest.mark.parametrize(("raw", "value"), [("30.11 °C", None), ("", None), (nan, nan), (inf, inf)])
def test_what_is_no_number_leaves_nothing_to_store(raw: float | str, value: float | None) -> None:
    assert judged(value, raw=raw) == Assessment(None, Fault.NOT_A_NUMBER)


@pytest.mark.parametrize(
    ("observed_at", "fault"),
    [
        (NOON + timedelta(minutes=5, seconds=1), None),
        (NOON + timedelta(minutes=5, seconds=2), Fault.FUTURE),
        (datetime(2031, 1, 1, tzinfo=UTC), Fault.FUTURE),
        (datetime(1976, 1, 1, tzinfo=UTC), Fault.BEFORE_INSTALLATION),
        (datetime(2026, 8, 31, 21, 59, tzinfo=UTC), Fault.BEFORE_INSTALLATION),
        (datetime(2026, 8, 31, 22, 0, tzinfo=UTC), None),
    ],
)
def test_a_wrong_clock_leaves_nothing_to_store(observed_at: datetime, fault: Fault | None) -> None:
    """The device was installed on 1 September, which begins at 22:00 UTC in Paris."""
    assessment = judged(640, observed_at=observed_at)
    assert assessment.fault is fault
    assert (assessment.quality is None) == (fault is not None)


def test_what_is_older_than_readings_are_kept_is_not_stored() -> None:
    assert judged(640, received_at=NOON + timedelta(days=91)) == Assessment(None, Fault.TOO_OLD)


@pytest.mark.parametrize(("value", "believed"), [(-0.1, False), (0, True), (40_000, True), (40_000.1, False)])
def test_what_is_physically_impossible_is_bad(value: float, *, believed: bool) -> None:
    assert judged(value) == (
        Assessment(Quality.UNQUALIFIED) if believed else Assessment(Quality.BAD, Fault.OUT_OF_RANGE)
    )


def test_a_range_with_one_end_or_none_refuses_nothing_else() -> None:
    assert judged(-1e9, stream=replace(CO2, low=None)).fault is None
    assert judged(1e9, stream=replace(CO2, high=None)).fault is None


@pytest.mark.parametrize(
    ("value", "fault"), [(0.9375, None), (0.94, Fault.TOO_FAST), (-0.9375, None), (-0.94, Fault.TOO_FAST)]
)
def test_a_level_does_not_rise_faster_than_water_can(value: float, fault: Fault | None) -> None:
    """A sixteenth of a metre a minute over a quarter of an hour."""
    level = replace(LEVEL, max_step_per_minute=0.0625)
    assert judged(value, before(0.0), stream=level).fault is fault


def test_two_values_of_one_minute_may_differ_by_that_minute() -> None:
    level = replace(LEVEL, max_step_per_minute=0.0625)
    assert judged(0.5625, before(0.5, ago=timedelta(seconds=1)), stream=level).fault is None


@pytest.mark.parametrize(("value", "fault"), [(0.04, None), (0.03, Fault.UNIT_CHANGED), (3.6, None)])
def test_a_value_a_hundred_times_smaller_has_changed_its_unit(value: float, fault: Fault | None) -> None:
    assert judged(value, before(3.6), stream=LEVEL).fault is fault


def test_near_nothing_a_ratio_says_nothing() -> None:
    """Fine particles go from 0.1 to 12 when a stove is lit; nor does a counter of bicycles change its unit."""
    air = replace(CO2, quantity="pm25", unit="ug/m3", low=0.0, high=1000.0)
    assert judged(12, before(0.1), stream=air).fault is None
    assert judged(150, before(1), stream=RAIN).fault is None


def test_a_change_of_unit_that_stays_is_asked_about_no_longer_than_ten_periods() -> None:
    assert judged(0.03, before(3.6, ago=10 * QUARTER), stream=LEVEL).fault is Fault.UNIT_CHANGED
    assert judged(0.03, before(3.6, ago=11 * QUARTER), stream=LEVEL).fault is None


@pytest.mark.parametrize(("same_for", "fault"), [(23 * QUARTER, None), (24 * QUARTER, Fault.FLAT)])
def test_one_value_for_more_than_24_periods_is_a_stuck_probe(same_for: timedelta, fault: Fault | None) -> None:
    assert judged(640, before(640, same_for=same_for)).fault is fault
    assert judged(641, before(640, same_for=same_for)).fault is None


def test_rain_and_a_container_may_stand_still() -> None:
    assert judged(0, before(0, same_for=timedelta(days=30)), stream=RAIN).fault is None


def test_late_data_is_compared_with_nothing() -> None:
    level = replace(LEVEL, max_step_per_minute=0.02)
    late = judged(5.0, before(0.15), stream=level, observed_at=NOON - 2 * QUARTER)
    assert late.fault is None


def test_fields_of_one_message_that_contradict_each_other_are_doubted() -> None:
    good, bad = Assessment(Quality.CORRECT), Assessment(Quality.BAD, Fault.OUT_OF_RANGE)
    assert ordered(50, 54, 61)
    assert not ordered(50, 62, 61)
    assert adds_up((12, 30), 42)
    assert not adds_up((12, 30), 43)
    assert adds_up((0.1, 0.2), 0.3, tolerance=0.01)
    assert contradicted(good) == Assessment(Quality.PROBABLY_BAD, Fault.CONTRADICTION)
    assert contradicted(bad) == bad
    assert contradicted(Assessment(None, Fault.FUTURE)).fault is Fault.FUTURE


@pytest.mark.parametrize(("lowest", "drifts"), [(379, True), (380, False), (500, False), (501, True)])
def test_a_co2_sensor_whose_cleanest_air_is_not_outside_air_has_drifted(lowest: float, *, drifts: bool) -> None:
    assert co2_drifts(lowest) is drifts


def test_a_reading_is_made_of_what_may_be_stored() -> None:
    claim = Claim("No Sensor", None, NOON, NOON)
    made = reading_of(claim, Assessment(Quality.MISSING, Fault.SENTINEL), CO2, bytes(32))
    assert made is not None
    assert (made.value, made.quality.shown) == (0, False)
    assert reading_of(claim, Assessment(None, Fault.FUTURE), CO2, bytes(32)) is None


def test_every_fault_says_whether_anything_is_stored_and_never_that_it_is_shown() -> None:
    nothing = {Fault.FUTURE, Fault.BEFORE_INSTALLATION, Fault.TOO_OLD, Fault.NOT_A_NUMBER}
    shown = {quality for quality in Quality if quality.shown}
    assert shown == {Quality.UNQUALIFIED, Quality.CORRECT, Quality.PROBABLY_GOOD, Quality.CHANGED, Quality.INTERPOLATED}
    from tour.quality import _QUALITY  # noqa: PLC0415 - the table itself is what is looked at

    assert _QUALITY.keys() == set(Fault) - nothing
    assert not shown & set(_QUALITY.values())


def test_a_stuck_probe_is_hidden_until_it_moves_again() -> None:
    """Fed value by value, as ingest does it: the 26th quarter of one value is the first that is hidden."""
    last, qualities = NEVER, []
    for step in range(30):
        at = NOON + step * QUARTER
        assessment = judged(640, last.shown, observed_at=at, received_at=at)
        assert assessment.quality is not None
        qualities.append(assessment.quality.shown)
        last = advance(last, [reading(640, at, quality=assessment.quality)])
    assert qualities == [True] * 25 + [False] * 5
    later = NOON + 30 * QUARTER
    assert judged(641, last.shown, observed_at=later, received_at=later).fault is None


def test_installation_is_a_day_of_the_place_and_not_of_greenwich() -> None:
    assert AIR.installed_on == date(2026, 9, 1)
    tokyo = replace(CO2, time_zone="Asia/Tokyo")
    at = datetime(2026, 8, 31, 15, 0, tzinfo=UTC)
    assert judged(640, stream=tokyo, observed_at=at, received_at=at).fault is None
