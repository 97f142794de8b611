"""Air alerts: a mean over the scale's own time, never one value, never late or doubtful; twice a day at most."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.air_alerts import AirNews, AirReading, AirStanding, AirTerms, AirWord, held, judge_air, mean_of, reached

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 18)
TEN = timedelta(minutes=10)
NO2 = AirTerms((40, 90, 120, 230, 340), timedelta(hours=1), TEN, timedelta(minutes=22))
CALM = AirStanding(UUID(int=1), UUID(int=2), 0, NOW)
POOR = (3, 3)


def hour(*values: float) -> list[AirReading]:
    return [AirReading(NOW - TEN * ago, value) for ago, value in enumerate(values)]


def test_one_high_value_raises_nothing() -> None:
    assert mean_of(NO2, hour(6000, 20, 20, 20, 20, 20), NOW) == 20
    assert mean_of(NO2, hour(600), NOW) is None


def test_the_band_of_the_hour_is_that_of_its_mean() -> None:
    mean = mean_of(NO2, hour(*[130] * 6), NOW)
    assert mean == 130
    assert reached(NO2, 130) == 3
    assert [reached(NO2, edge) for edge in NO2.edges] == [0, 1, 2, 3, 4], "up to an edge is still the band below"


@pytest.mark.parametrize(
    "changed",
    [
        {"late": True},
        {"good": False},
        {"at": NOW + TEN},
        {"at": NOW - timedelta(hours=2)},
    ],
)
def test_what_came_late_is_doubted_or_lies_outside_is_not_counted(changed: dict[str, object]) -> None:
    readings = hour(*[130] * 6)
    spoilt = [replace(one, **changed) for one in readings[:3]]
    assert mean_of(NO2, [*spoilt, *readings[3:]], NOW) is None


def test_silence_says_nothing() -> None:
    old = [replace(one, at=one.at - timedelta(minutes=30)) for one in hour(*[130] * 6)]
    assert mean_of(NO2, old, NOW) is None
    assert judge_air(CALM, [], now=NOW, today=TODAY) == (CALM, None)


def test_worse_is_told_once_and_clear_only_a_tenth_under_the_edge() -> None:
    raised, news = judge_air(CALM, [POOR], now=NOW, today=TODAY)
    assert news == AirNews(AirWord.WORSE, 3)
    assert judge_air(raised, [POOR], now=NOW, today=TODAY) == (raised, None)
    assert (reached(NO2, 115), held(NO2, 115)) == (2, 3)
    assert judge_air(raised, [(2, 3)], now=NOW, today=TODAY) == (raised, None)
    cleared, news = judge_air(raised, [(1, 1)], now=NOW, today=TODAY)
    assert news == AirNews(AirWord.CLEAR, 3)
    assert (cleared.band, cleared.told_band) == (1, 0)


def test_a_lower_step_that_is_still_bad_is_not_told_and_no_clear_comes_that_nobody_waits_for() -> None:
    raised, _ = judge_air(CALM, [(4, 4)], now=NOW, today=TODAY)
    lower, news = judge_air(raised, [(2, 3)], now=NOW, today=TODAY)
    assert (lower.band, news) == (3, None)
    fair, news = judge_air(CALM, [(1, 1)], now=NOW, today=TODAY)
    assert news is None
    assert judge_air(fair, [(0, 0)], now=NOW, today=TODAY)[1] is None


def test_nobody_is_told_more_than_twice_a_day() -> None:
    standing, told = CALM, []
    for _ in range(4):
        standing, news = judge_air(standing, [POOR], now=NOW, today=TODAY)
        told.append(news)
        standing, news = judge_air(standing, [(0, 0)], now=NOW, today=TODAY)
        told.append(news)
    assert [one.word for one in told if one is not None] == [AirWord.WORSE, AirWord.CLEAR] * 2
    _, news = judge_air(standing, [POOR], now=NOW, today=TODAY + timedelta(days=1))
    assert news == AirNews(AirWord.WORSE, 3)


def test_a_place_is_as_bad_as_its_worst_stream_and_clear_when_all_that_speak_are() -> None:
    raised, news = judge_air(CALM, [(0, 0), POOR], now=NOW, today=TODAY)
    assert news is not None
    assert judge_air(raised, [(0, 0), POOR], now=NOW, today=TODAY)[1] is None
    assert judge_air(raised, [(0, 0)], now=NOW, today=TODAY)[1] == AirNews(AirWord.CLEAR, 3)
