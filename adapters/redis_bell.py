"""The bell over Redis. When Redis is away everybody sleeps their whole time, as they would without it."""

import asyncio

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

CHANNEL = "multipass:tour"

SHORTEST_SECONDS = 0.2
"""However often it rings, nobody wakes more often than this."""

log = structlog.get_logger("bell")


class RedisBell:
    """Workers hear each other through one channel."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._heard: PubSub | None = None

    async def ring(self) -> None:
        """Wake those who wait, on any worker."""
        try:
            await self._redis.publish(CHANNEL, b"")
        except (RedisError, OSError) as problem:
            log.warning("redis_away", problem=type(problem).__name__)

    async def wait(self, seconds: float) -> bool:
        """Wait until somebody rings, and no longer than this; tell whether somebody has."""
        until = asyncio.get_running_loop().time() + seconds
        await asyncio.sleep(min(SHORTEST_SECONDS, seconds))
        try:
            if self._heard is None:
                self._heard = self._redis.pubsub(ignore_subscribe_messages=True)
                await self._heard.subscribe(CHANNEL)
            while (left := until - asyncio.get_running_loop().time()) > 0:
                if await self._heard.get_message(timeout=left) is not None:
                    await _forget_the_rest(self._heard)
                    return True
        except (RedisError, OSError) as problem:
            log.warning("redis_away", problem=type(problem).__name__)
            self._heard = None
            await asyncio.sleep(max(0.0, until - asyncio.get_running_loop().time()))
        return False

    async def close(self) -> None:
        """Let go of the connection that hears; the next wait opens another."""
        heard, self._heard = self._heard, None
        if heard is not None:
            await heard.aclose()  # type: ignore[no-untyped-call]  # redis declares no types for it


async def _forget_the_rest(heard: PubSub) -> None:
    """Several rings are one: whoever looks now sees what all of them were about."""
    while await heard.get_message(timeout=0) is not None:
        pass
