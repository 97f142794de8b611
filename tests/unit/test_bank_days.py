"""French bank holidays by a kept library, held against the law: code du travail, L3133-1 and L3134-13."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from holidays import country_holidays

from domain.calendars import HOLIDAY_REGIONS, BankHolidays, Calendar, Hours
from store.bank_days import BankDays

ELEVEN_OF_2026 = {
    date(2026, 1, 1),
    date(2026, 4, 6),  # Easter Monday
    date(2026, 5, 1),
    date(2026, 5, 8),
    date(2026, 5, 14),  # Ascension Day
    date(2026, 5, 25),  # Whit Monday
    date(2026, 7, 14),
    date(2026, 8, 15),
    date(2026, 11, 1),
    date(2026, 11, 11),
    date(2026, 12, 25),
}
GOOD_FRIDAY, SAINT_STEPHEN = date(2026, 4, 3), date(2026, 12, 26)
ABOLITION = date(2026, 12, 20)  # of slavery, on La Réunion


def of_2026(region: str | None) -> set[date]:
    days = BankDays(region)
    return {day for number in range(365) if (day := date(2026, 1, 1) + timedelta(days=number)) in days}


def test_france_has_eleven_bank_holidays() -> None:
    assert of_2026(None) == ELEVEN_OF_2026


@pytest.mark.parametrize("region", ["57", "6AE"])
def test_moselle_and_alsace_have_two_more(region: str) -> None:
    assert of_2026(region) == ELEVEN_OF_2026 | {GOOD_FRIDAY, SAINT_STEPHEN}


def test_an_island_has_its_own() -> None:
    assert of_2026("974") == ELEVEN_OF_2026 | {ABOLITION}


def test_the_library_knows_the_regions_that_a_site_may_name_and_no_other() -> None:
    """Its school zones are no regions: they have the bank holidays of France."""
    france = country_holidays("FR")
    assert {*france.subdivisions} - HOLIDAY_REGIONS.keys() == {"Zone A", "Zone B", "Zone C"}
    assert HOLIDAY_REGIONS.keys() <= {*france.subdivisions}


@pytest.mark.parametrize(
    ("day", "in_france", "in_moselle"),
    [
        (date(2026, 5, 1), False, False),
        (date(2026, 7, 14), False, False),
        (date(2026, 12, 25), False, False),
        (date(2026, 4, 6), False, False),  # Easter Monday
        (date(2027, 3, 29), False, False),  # ... of the next year
        (SAINT_STEPHEN, True, False),
        (GOOD_FRIDAY, True, False),
        (date(2026, 12, 28), True, True),
    ],
)
def test_a_site_that_rests_on_bank_holidays_rests_on_those_of_its_region(
    day: date, *, in_france: bool, in_moselle: bool
) -> None:
    always = tuple(Hours(date(2020, 1, 1), date(2040, 1, 1), weekday, 540, 720) for weekday in range(7))
    for region, opens in ((None, in_france), ("57", in_moselle)):
        calendar = Calendar(always, bank_holidays=BankHolidays.CLOSED, bank_days=BankDays(region))
        assert bool(calendar.on(day)) is opens


def test_a_year_is_seen_whole_from_every_thread() -> None:
    """The library alone, asked by two threads, may miss the days of a year that the other one has just begun."""
    christmases = [date(year, 12, 25) for year in range(2030, 2090)] * 8
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(BankDays("57").__contains__, christmases))


def test_what_is_no_day_is_no_bank_holiday() -> None:
    assert "2026-12-25" not in BankDays()


def test_nobody_waits_for_the_library_before_a_site_asks_for_a_bank_holiday() -> None:
    """It takes a tenth of a second to load, in every command."""
    program = "import sys, store.catalogue; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
