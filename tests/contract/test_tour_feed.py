"""What listeners of the tour hear, on both engines: a snapshot, then what changes, whoever took the reading in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from litestar.response import ServerSentEventMessage
from msgspec.structs import replace

from adapters.bells import NoBell
from adapters.keyring import KeyRing
from domain.band_editions import Limit, propose_bands, put_in_force
from domain.errors import Overloaded
from domain.points import suspend
from store.database import Database
from tests.city import small_city
from tests.house_app import TestClock
from tests.point_sheets import WRITER
from tests.tour_city import TourCity, tour_city
from tests.tour_streams import NOON, reading
from tour import feed
from tour.catalogue import CATALOGUE
from tour.feed import Feed
from tour.scales import bands_of
from tour.showcase import Showcase

ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"])
"""For what happens in the process alone, whatever the database."""

AIR = frozenset({"air-classe-12"})


@pytest.fixture
async def tour(database_url: str, keyring: KeyRing, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TourCity]:
    monkeypatch.setattr(feed, "LOOK_SECONDS", 0.02)
    database = Database(database_url, patience=30)
    yield await tour_city(database, await small_city(database, keyring, now=NOON))
    await database.close()


@pytest.fixture
def clock() -> TestClock:
    return TestClock(NOON)


@pytest.fixture
async def heard(tour: TourCity, clock: TestClock) -> AsyncIterator[Feed]:
    opened = Feed(Showcase(tour.database, clock), clock, NoBell())
    yield opened
    await opened.close()


async def after(stream: AsyncIterator[ServerSentEventMessage]) -> tuple[str | None, Any, str]:
    """The next event: its name, its data, its id."""
    message = await asyncio.wait_for(anext(stream), 30)
    assert isinstance(message.data, str)
    return message.event, msgspec.json.decode(message.data), str(message.id)


async def test_a_listener_hears_everything_first_and_then_what_changes(
    tour: TourCity, heard: Feed, clock: TestClock
) -> None:
    async with aclosing(heard.follow(frozenset(), None)) as stream:
        name, data, _ = await after(stream)
        assert (name, [point["slug"] for point in data["points"]]) == (
            "snapshot",
            ["air-classe-12", "le-lez", "velos-albert"],
        )

        await tour.hear(reading(1600.0, NOON))
        clock.turn(seconds=1)

        name, data, _ = await after(stream)
        assert (name, data["slug"], data["streams"][0]["value"]) == ("point", "air-classe-12", 1600)
        assert data["streams"][0]["band"]["tone"] == "bad"


@ONE_ENGINE
async def test_a_listener_hears_the_points_it_named_and_no_other(tour: TourCity, heard: Feed) -> None:
    async with aclosing(heard.follow(frozenset({"le-lez"}), None)) as stream:
        _, data, _ = await after(stream)
        assert [point["slug"] for point in data["points"]] == ["le-lez"]
        await tour.hear(reading(1600.0, NOON))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(stream), 0.3)


@ONE_ENGINE
async def test_a_value_that_grows_old_is_heard_too(heard: Feed, clock: TestClock) -> None:
    async with aclosing(heard.follow(AIR, None)) as stream:
        await after(stream)
        clock.turn(minutes=35)
        _, data, _ = await after(stream)
        assert data["streams"][0]["state"] == "recent"


async def test_a_device_that_is_taken_away_is_heard_and_shows_nothing(
    tour: TourCity, heard: Feed, clock: TestClock
) -> None:
    async with aclosing(heard.follow(AIR, None)) as stream:
        await after(stream)
        async with tour.database.begin() as unit:
            await suspend(unit, tour.points["air-classe-12"], "Travaux", agent_id=WRITER, now=NOON)
        clock.turn(seconds=16)
        _, data, _ = await after(stream)
        assert (data["away"], data["streams"]) == (True, [])


async def test_who_comes_back_hears_what_it_missed_and_nothing_else(
    tour: TourCity, heard: Feed, clock: TestClock
) -> None:
    clock.turn(minutes=1)
    async with aclosing(heard.follow(frozenset(), None)) as stream:
        _, _, last_id = await after(stream)
    clock.turn(minutes=3)
    await tour.hear(reading(900.0, clock.now))
    clock.turn(seconds=16)
    # Another worker of the installation: it knows nothing of the first one's listeners.
    other = Feed(Showcase(tour.database, clock), clock, NoBell())
    async with aclosing(other.follow(frozenset(), last_id)) as stream:
        name, data, _ = await after(stream)
        assert (name, data["slug"], data["streams"][0]["value"]) == ("point", "air-classe-12", 900)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(stream), 0.3)
    await other.close()


@ONE_ENGINE
async def test_a_slow_listener_hears_the_newest_and_not_all_between(
    tour: TourCity, heard: Feed, clock: TestClock
) -> None:
    async with aclosing(heard.follow(AIR, None)) as stream:
        await after(stream)
        for second in range(1, 6):
            await tour.hear(reading(1000.0 + second, NOON + timedelta(seconds=second)))
            clock.turn(seconds=2)
            await asyncio.sleep(0.05)
        values: list[float] = []
        while not values or values[-1] != 1005:
            _, data, _ = await after(stream)
            values.append(data["streams"][0]["value"])
        assert len(values) < 5, "what it slept through is not queued"


@ONE_ENGINE
async def test_a_quiet_stream_is_kept_open(heard: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "KEEP_ALIVE_SECONDS", 0.05)
    async with aclosing(heard.follow(AIR, None)) as stream:
        await after(stream)
        message = await asyncio.wait_for(anext(stream), 30)
        assert message.encode() == b": still here\r\n\r\n"


@ONE_ENGINE
async def test_there_are_no_more_listeners_than_it_can_carry(heard: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "MOST_LISTENERS", 1)
    async with aclosing(heard.follow(AIR, None)) as stream:
        await after(stream)
        with pytest.raises(Overloaded):
            await anext(heard.follow(AIR, None))


async def test_bands_that_two_people_change_are_said_anew_without_a_new_value(tour: TourCity, clock: TestClock) -> None:
    showcase, authority = Showcase(tour.database, clock), tour.city.authority
    before = await showcase.look({})
    said = before["air-classe-12"].live[0]
    assert said.band is not None
    assert (said.value, said.band.code) == (640, "well-renewed")

    base = CATALOGUE.scales["co2-room"]
    stricter = replace(bands_of(base), edges=tuple(Limit(edge, included=False) for edge in (400.0, 600.0, 1500.0)))
    async with tour.database.begin() as unit:
        edition = await propose_bands(
            unit, authority.id, base.code, stricter, reason="", agent_id=UUID(int=1), now=clock()
        )
        await put_in_force(unit, edition, agent_id=UUID(int=2), now=clock())
    clock.turn(seconds=20)
    after_it = await showcase.look(before)
    anew = after_it["air-classe-12"].live[0]
    assert anew.band is not None
    assert (anew.value, anew.band.code) == (640, base.bands[2].code)
