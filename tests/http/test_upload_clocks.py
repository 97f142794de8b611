"""When a passage took place, whatever the clock of the terminal that tells it says."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.limits import ONE
from store.tables.attendance import attendance
from store.tables.ledger import counter, passage_fact, validation
from tests.city import NOW, TODAY
from tests.house_app import House
from tests.http.uploads import line, results, rows, swimmer, upload

ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
"""For what looks the same whatever the database."""

MORNING = NOW - timedelta(hours=4)


# --- clocks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [timedelta(minutes=-10), timedelta(minutes=10), timedelta(days=-3)])
async def test_a_wrong_clock_is_put_right_by_the_servers_and_marked(house: House, wrong: timedelta) -> None:
    """T1: both times are kept, and the servers' wins."""
    zoe = await swimmer(house)
    told = line(zoe.code, "o-1", MORNING + wrong, bundle=int(MORNING.timestamp()))  # bundles have the server's time
    (one,) = results(await upload(house, told, sent_at=NOW + wrong))
    assert one["flags"] == ["clock_suspect"]
    (event,), (fact,) = await rows(house, validation), await rows(house, passage_fact)
    assert (event.terminal_at, fact.happened_at) == (MORNING + wrong, MORNING)
    assert fact.drift_seconds == -wrong.total_seconds()


async def test_a_clock_two_minutes_off_is_good_enough(house: House) -> None:
    zoe = await swimmer(house)
    told = line(zoe.code, "o-1", MORNING)
    assert results(await upload(house, told, sent_at=NOW - timedelta(minutes=2)))[0]["flags"] == []
    assert (await rows(house, passage_fact))[0].happened_at == MORNING


async def test_nothing_happens_in_the_future(house: House) -> None:
    zoe = await swimmer(house)
    (one,) = results(await upload(house, line(zoe.code, "o-1", NOW + timedelta(days=2))))
    assert one["flags"] == ["clock_suspect"]
    assert (await rows(house, passage_fact))[0].happened_at == NOW


async def test_a_terminal_that_has_lost_its_clock_begins_in_1970(house: House) -> None:
    zoe = await swimmer(house)
    begun = datetime(1970, 1, 1, 0, 30, tzinfo=UTC)
    told = line(zoe.code, "o-1", begun - timedelta(minutes=10), bundle=int(MORNING.timestamp() + 3 * 3600 + 1800))
    (one,) = results(await upload(house, told, sent_at=begun))
    assert (one["status"], one["flags"]) == ("stored", ["clock_suspect"])
    assert (await rows(house, passage_fact))[0].happened_at == NOW - timedelta(minutes=10)


async def test_the_last_minute_of_december_told_on_2_january_counts_in_the_old_year(house: House) -> None:
    zoe = await swimmer(house)
    house.clock.now = datetime(2027, 1, 2, 9, 0, tzinfo=UTC)
    (one,) = results(await upload(house, line(zoe.code, "o-1", datetime(2026, 12, 31, 22, 59, tzinfo=UTC))))
    assert (one["status"], one["flags"]) == ("stored", [])
    (row,) = await rows(house, counter)
    assert (row.ends_before, row.used) == (TODAY.replace(year=2027, month=1, day=1), ONE)


async def test_attendance_counts_the_hour_of_the_passage(house: House) -> None:
    zoe = await swimmer(house)
    await upload(house, line(zoe.code, "o-1", MORNING))
    (hour,) = await rows(house, attendance)
    assert (hour.day, hour.hour, hour.entries) == (TODAY, 10, 1), "Paris time"
