"""The bell between workers, over a real Redis, and over one that has died."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis

from adapters import redis_bell
from adapters.keyring import KeyRing
from adapters.redis_bell import RedisBell
from store.database import Database
from tests import servers
from tests.city import small_city
from tests.house_app import TestClock
from tests.tour_city import tour_city
from tests.tour_streams import NOON, reading
from tour import feed
from tour.feed import Feed
from tour.showcase import Showcase


@asynccontextmanager
async def bell(url: str) -> AsyncIterator[RedisBell]:
    redis = Redis.from_url(url, socket_timeout=2, socket_connect_timeout=0.5)
    opened = RedisBell(redis)
    try:
        yield opened
    finally:
        await opened.close()
        await redis.aclose()


async def hear(redis_url: str, count: int) -> None:
    """Wait until so many are at the channel: a ring reaches those who are there, and of those who were no one is."""
    redis = Redis.from_url(redis_url)
    async with asyncio.timeout(30), redis:
        while (await redis.pubsub_numsub(redis_bell.CHANNEL))[0][1] != count:  # noqa: ASYNC110 - Redis tells nobody who subscribes
            await asyncio.sleep(0.01)


async def test_who_waits_is_woken_by_a_ring_of_another_worker(redis_url: str) -> None:
    async with bell(redis_url) as mine, bell(redis_url) as other:
        await hear(redis_url, 0)
        assert await mine.wait(0.3) is False, "nobody rang"
        waiting = asyncio.create_task(mine.wait(300))
        await hear(redis_url, 1)
        await other.ring()
        assert await asyncio.wait_for(waiting, 30) is True


async def test_rings_that_came_while_somebody_looked_are_one(redis_url: str) -> None:
    async with bell(redis_url) as mine, bell(redis_url) as other:
        await hear(redis_url, 0)
        await mine.wait(0.1)
        await hear(redis_url, 1)
        for _ in range(3):
            await other.ring()
        await asyncio.sleep(0.1)
        assert await mine.wait(30) is True
        assert await mine.wait(0.3) is False


async def test_without_redis_everybody_sleeps_their_whole_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_bell, "SHORTEST_SECONDS", 0.01)
    async with bell(f"redis://127.0.0.1:{servers.free_port()}/0") as alone:
        await alone.ring()
        loop = asyncio.get_running_loop()
        begun = loop.time()
        assert await alone.wait(0.3) is False
        assert loop.time() - begun >= 0.29


async def test_a_listener_of_one_worker_hears_what_another_worker_has_seen_first(
    redis_url: str, migrated_file: Path, tmp_path: Path, keyring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first worker looks every hundredth of a second, the second hardly ever: only the bell can have woken it."""
    shutil.copyfile(migrated_file, tmp_path / "city.sqlite3")
    database, clock = Database(f"sqlite:///{tmp_path}/city.sqlite3"), TestClock(NOON)
    tour = await tour_city(database, await small_city(database, keyring, now=NOON))
    async with bell(redis_url) as mine, bell(redis_url) as other:
        slow, quick = Feed(Showcase(database, clock), clock, mine), Feed(Showcase(database, clock), clock, other)
        async with (
            aclosing(slow.follow(frozenset({"le-lez", "air-classe-12"}), None)) as late,
            aclosing(quick.follow(frozenset(), None)) as early,
        ):
            monkeypatch.setattr(feed, "LOOK_SECONDS", 600.0)
            await hear(redis_url, 0)
            await anext(late)
            first = asyncio.ensure_future(anext(late))
            await hear(redis_url, 1)
            monkeypatch.setattr(feed, "LOOK_SECONDS", 0.01)
            await anext(early)
            second = asyncio.ensure_future(anext(early))
            await hear(redis_url, 2)
            await tour.hear(reading(1600.0, NOON))
            clock.turn(seconds=1)
            for heard in (second, first):
                message = await asyncio.wait_for(heard, 60)
                assert message.event == "point"
        await slow.close()
        await quick.close()
    await database.close()
