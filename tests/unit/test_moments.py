"""Times as people say them, in two languages."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from web.moments import ago, clock, day, moment, past, until
from web.saying import begun

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 25, 14, 5, tzinfo=PARIS)
"""A Wednesday."""


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("minute", "french", "english"),
    [
        (0, "minuit", "midnight"),
        (540, "9 h", "9:00"),
        (545, "9 h 05", "9:05"),
        (1410, "23 h 30", "23:30"),
        (1440, "minuit", "midnight"),
    ],
)
def test_a_time(minute: int, french: str, english: str) -> None:
    assert (plain(clock(minute, "fr")), plain(clock(minute, "en"))) == (french, english)


@pytest.mark.parametrize(
    ("to_come", "french", "english"),
    [
        ((2026, 11, 25, 16, 0), "à 16 h", "at 16:00"),
        ((2026, 11, 26, 9, 0), "demain à 9 h", "tomorrow at 9:00"),
        ((2026, 11, 26, 0, 0), "demain à minuit", "tomorrow at midnight"),
        ((2026, 11, 27, 9, 30), "vendredi à 9 h 30", "on Friday at 9:30"),
        ((2026, 12, 1, 9, 0), "mardi à 9 h", "on Tuesday at 9:00"),
        ((2026, 12, 2, 9, 0), "mercredi 2 décembre à 9 h", "on Wednesday 2 December at 9:00"),
    ],
)
def test_a_moment_to_come(to_come: tuple[int, ...], french: str, english: str) -> None:
    year, month, number, hour, minute = to_come
    instant = datetime(year, month, number, hour, minute, tzinfo=PARIS)
    assert (plain(moment(instant, NOW, "fr")), plain(moment(instant, NOW, "en"))) == (french, english)


def test_until_when() -> None:
    assert plain(until(datetime(2026, 11, 26, 1, 0, tzinfo=PARIS), NOW, "fr")) == "1 h"
    assert plain(until(datetime(2026, 11, 28, 22, 0, tzinfo=PARIS), NOW, "fr")) == "samedi à 22 h"
    assert plain(until(datetime(2026, 11, 28, 22, 0, tzinfo=PARIS), NOW, "en")) == "Saturday at 22:00"


def test_the_first_of_a_month_is_the_first() -> None:
    assert day(date(2026, 12, 1), "fr") == "mardi 1er décembre"
    assert day(date(2026, 12, 1), "en") == "Tuesday 1 December"


@pytest.mark.parametrize(
    ("over", "french", "english"),
    [
        ((2026, 11, 25, 9, 5), "aujourd’hui à 9 h 05", "today at 9:05"),
        ((2026, 11, 24, 14, 0), "hier à 14 h", "yesterday at 14:00"),
        ((2026, 11, 25, 0, 0), "hier à minuit", "yesterday at midnight"),
        ((2026, 11, 23, 14, 0), "lundi 23 novembre à 14 h", "on Monday 23 November at 14:00"),
        ((2026, 9, 1, 8, 30), "mardi 1er septembre à 8 h 30", "on Tuesday 1 September at 8:30"),
        ((2025, 12, 31, 23, 59), "mercredi 31 décembre 2025 à 23 h 59", "on Wednesday 31 December 2025 at 23:59"),
    ],
)
def test_an_instant_that_is_over(over: tuple[int, ...], french: str, english: str) -> None:
    year, month, number, hour, minute = over
    instant = datetime(year, month, number, hour, minute, tzinfo=PARIS)
    assert (plain(past(instant, NOW, "fr")), plain(past(instant, NOW, "en"))) == (french, english)


def test_an_instant_is_said_in_the_zone_of_the_reader() -> None:
    assert plain(past(datetime(2026, 11, 24, 23, 30, tzinfo=UTC), NOW, "fr")) == "aujourd’hui à 0 h 30"


@pytest.mark.parametrize(
    ("seconds", "french", "english"),
    [
        (0, "à l’instant", "just now"),
        (59, "à l’instant", "just now"),
        (60, "il y a 1 minute", "1 minute ago"),
        (240, "il y a 4 minutes", "4 minutes ago"),
        (3599, "il y a 59 minutes", "59 minutes ago"),
        (3600, "aujourd’hui à 13 h 05", "today at 13:05"),
        (-200, "à l’instant", "just now"),
    ],
)
def test_how_long_ago(seconds: int, french: str, english: str) -> None:
    instant = NOW - timedelta(seconds=seconds)
    assert (plain(ago(instant, NOW, "fr")), plain(ago(instant, NOW, "en"))) == (french, english)


def test_the_hour_that_comes_twice_is_counted_once_each_time() -> None:
    """On 25 October 2026 the clocks go back from 3 to 2: the first 2:55 is ten minutes before the second 2:05."""
    now = datetime(2026, 10, 25, 2, 5, tzinfo=PARIS, fold=1)
    before = datetime(2026, 10, 25, 2, 55, tzinfo=PARIS, fold=0)
    assert plain(ago(before, now, "fr")) == "il y a 10 minutes"


def test_a_sentence_that_begins_with_a_time_keeps_its_capitals() -> None:
    """The day of the week was written small: Jinja's own `capitalize` makes everything else small."""
    at = datetime(2026, 10, 20, 11, 54, tzinfo=PARIS)
    assert plain(begun(past(at, NOW, "en"))) == "On Tuesday 20 October at 11:54"
    assert plain(begun(past(at, NOW, "fr"))) == "Mardi 20 octobre à 11 h 54"
    assert begun("") == ""


def test_no_page_writes_names_small() -> None:
    root = Path(__file__).parents[2]
    pages = [page for folder in ("admin", "portal", "tour", "web") for page in (root / folder).glob("pages/**/*.html")]
    assert len(pages) > 50
    assert [page.name for page in pages if "| capitalize" in page.read_text(encoding="utf-8")] == []
