"""Counters of failed attempts, shared between workers through Redis."""

from uuid import uuid4

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.attempts import MOST_FAILURES, WINDOW_SECONDS, ProcessAttempts, wait_seconds
from domain.errors import TooManyAttempts
from domain.ports import Clock

log = structlog.get_logger("attempts")


class RedisAttempts:
    """Counters shared between workers. When Redis is away, this process counts alone and the log says so."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._alone = ProcessAttempts(clock)

    async def check(self, name: str, *, limit: int) -> None:
        """Raise when the limit was reached, here or on any worker."""
        await self._alone.check(name, limit=limit)
        now = self._clock().timestamp()
        try:
            recent = await self._redis.zrange(
                _key(name), f"({now - WINDOW_SECONDS}", "+inf", byscore=True, withscores=True
            )
        except (RedisError, OSError) as problem:
            log.warning("redis_away", problem=type(problem).__name__)
            return
        if len(recent) >= limit:
            raise TooManyAttempts(wait_seconds(float(recent[-limit][1]), now))

    async def fail(self, name: str) -> None:
        """Count one failure here and for every worker."""
        await self._alone.fail(name)
        now = self._clock().timestamp()
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.zadd(_key(name), {uuid4().hex: now})
                pipe.zremrangebyscore(_key(name), "-inf", now - WINDOW_SECONDS)
                pipe.zremrangebyrank(_key(name), 0, -MOST_FAILURES - 1)
                pipe.expire(_key(name), WINDOW_SECONDS)
                await pipe.execute()
        except (RedisError, OSError) as problem:
            log.warning("redis_away", problem=type(problem).__name__)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._redis.aclose()


def _key(name: str) -> str:
    return f"multipass:attempts:{name}"
