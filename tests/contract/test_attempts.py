"""Counters of failed attempts: one contract, kept by the process alone, by a real Redis, and by one that has died."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from adapters.attempts import MOST_NAMES, WINDOW_SECONDS, Attempts, ProcessAttempts
from adapters.redis_attempts import RedisAttempts
from domain.errors import TooManyAttempts
from tests import servers
from tests.house_app import TestClock


@asynccontextmanager
async def client(url: str) -> AsyncIterator[Redis]:
    redis = Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)
    try:
        yield redis
    finally:
        await redis.aclose()


@pytest.fixture
def name() -> str:
    """A name of this test alone: the server is shared."""
    return f"login:{uuid4()}"


@pytest.fixture(params=["process", "redis", "redis that has died"])
async def attempts(request: pytest.FixtureRequest, clock: TestClock) -> AsyncIterator[Attempts]:
    if request.param == "process":
        yield ProcessAttempts(clock)
        return
    url = (
        request.getfixturevalue("redis_url")
        if request.param == "redis"
        else f"redis://127.0.0.1:{servers.free_port()}/0"
    )
    async with client(url) as redis:
        yield RedisAttempts(redis, clock)


async def refused(attempts: Attempts, name: str, limit: int = 10) -> int:
    """Seconds to wait; 0 where one may go on."""
    try:
        await attempts.check(name, limit=limit)
    except TooManyAttempts as wait:
        return wait.retry_after_seconds
    return 0


async def test_the_limit_is_reached_with_the_tenth_failure(attempts: Attempts, name: str) -> None:
    for _ in range(10):
        assert await refused(attempts, name) == 0
        await attempts.fail(name)
    assert await refused(attempts, name) == WINDOW_SECONDS
    assert await refused(attempts, name, limit=11) == 0


async def test_names_are_counted_apart(attempts: Attempts, name: str) -> None:
    for _ in range(10):
        await attempts.fail(name)
    assert await refused(attempts, f"{name}x") == 0


async def test_looking_counts_nothing(attempts: Attempts, name: str) -> None:
    for _ in range(50):
        assert await refused(attempts, name, limit=1) == 0


async def test_one_waits_until_the_oldest_failure_is_a_quarter_of_an_hour_old(
    attempts: Attempts, name: str, clock: TestClock
) -> None:
    for _ in range(10):
        await attempts.fail(name)
        clock.turn(seconds=30)
    assert await refused(attempts, name) == WINDOW_SECONDS - 300
    clock.turn(seconds=WINDOW_SECONDS - 301)
    assert await refused(attempts, name) == 1
    clock.turn(seconds=1)
    assert await refused(attempts, name) == 0
    await attempts.fail(name)
    assert await refused(attempts, name) == 30, "the window slides: ten in any quarter of an hour"


@pytest.mark.parametrize("start", range(0, WINDOW_SECONDS, 150))
async def test_no_moment_of_the_clock_lets_more_than_ten_through(
    attempts: Attempts, name: str, clock: TestClock, start: int
) -> None:
    """L3, around every border that a window of fixed hours would have."""
    clock.turn(seconds=start)
    told = 0
    for _ in range(30):
        if await refused(attempts, name) == 0:
            told += 1
            await attempts.fail(name)
        clock.turn(seconds=29)
    assert told == 10


async def test_a_clock_that_is_set_back_frees_nobody(attempts: Attempts, name: str, clock: TestClock) -> None:
    for _ in range(10):
        await attempts.fail(name)
    clock.turn(minutes=-5)
    assert await refused(attempts, name) > 0


@pytest.mark.parametrize("odd", ["login:é", "login:a b", "login:\n", "login:*", "source:::1", "login:" + "x" * 500])
async def test_any_text_is_a_name(attempts: Attempts, name: str, odd: str) -> None:
    for _ in range(2):
        await attempts.fail(odd + name)
    assert await refused(attempts, odd + name, limit=2) > 0


async def test_a_flood_of_names_is_forgotten_with_its_window(clock: TestClock) -> None:
    attempts = ProcessAttempts(clock)
    for flood in range(MOST_NAMES):
        await attempts.fail(f"source:{flood}")
    clock.turn(seconds=WINDOW_SECONDS)
    await attempts.fail("source:new")
    assert len(attempts._failures) == 1


async def test_workers_count_together(redis_url: str, clock: TestClock, name: str) -> None:
    async with client(redis_url) as one, client(redis_url) as other:
        workers = [RedisAttempts(one, clock), RedisAttempts(other, clock)]
        for turn in range(10):
            await workers[turn % 2].fail(name)
        assert [await refused(worker, name) for worker in workers] == [WINDOW_SECONDS] * 2


async def test_nothing_is_kept_in_redis_for_longer_than_the_window(redis_url: str, clock: TestClock, name: str) -> None:
    async with client(redis_url) as redis:
        attempts = RedisAttempts(redis, clock)
        for _ in range(200):
            await attempts.fail(name)
        (key,) = [key async for key in redis.scan_iter(f"*{name}*")]
        assert 0 < await redis.ttl(key) <= WINDOW_SECONDS
        assert await redis.zcard(key) <= 64


async def test_when_redis_dies_each_process_goes_on_counting_and_nobody_is_let_off(
    tmp_path: Path, clock: TestClock, name: str
) -> None:
    """D2: what this process has counted itself holds; the limit is reached without Redis too."""
    async with AsyncExitStack() as stack:
        with servers.redis_server(tmp_path) as url:
            redis = await stack.enter_async_context(client(url))
            attempts = RedisAttempts(redis, clock)
            for _ in range(6):
                await attempts.fail(name)
            assert await refused(attempts, name) == 0
        for _ in range(4):
            assert await refused(attempts, name) == 0
            await attempts.fail(name)
        assert await refused(attempts, name) > 0


async def test_a_redis_that_hangs_delays_a_login_and_does_not_stop_it(clock: TestClock, name: str) -> None:
    """D1: it takes the connection and never answers."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        async with client(f"redis://127.0.0.1:{silent.getsockname()[1]}/0") as redis:
            attempts = RedisAttempts(redis, clock)
            async with asyncio.timeout(30):
                await attempts.fail(name)
                assert await refused(attempts, name, limit=1) > 0


def test_both_are_counters_of_attempts(clock: TestClock) -> None:
    makers: tuple[Callable[[], Attempts], ...] = (
        lambda: ProcessAttempts(clock),
        lambda: RedisAttempts(Redis(), clock),
    )
    assert all(isinstance(make(), Attempts) for make in makers)
