"""Times as people say them, in two languages."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from web.moments import clock, day, moment, until

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
