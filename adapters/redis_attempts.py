"""Counters of failed attempts, shared between workers through Redis."""

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.attempts import WINDOW_SECONDS, ProcessAttempts
from domain.errors import TooManyAttempts
from domain.ports import Clock

log = structlog.get_logger("attempts")


class RedisAttempts:
    """Counters shared between workers. When Redis is away, this process counts alone and the log says so."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._alone = ProcessAttempts(clock)

    async def check(self, name: str, *, limit: int) -> None:
        """Raise when the limit is reached, here or on any worker."""
        await self._alone.check(name, limit=limit)
        try:
            count = await self._redis.get(_key(name))
            if count is not None and int(count) >= limit:
                raise TooManyAttempts(max(1, await self._redis.ttl(_key(name))))
        except (RedisError, OSError) as problem:
            log.warning("redis_away", problem=type(problem).__name__)

    async def fail(self, name: str) -> None:
        """Count one failure here and for every worker."""
        await self._alone.fail(name)
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.incr(_key(name))
                pipe.expire(_key(name), WINDOW_SECONDS, nx=True)
                await pipe.execute()
        except (RedisError, OSError) as problem:
            log.warning("redis_away", problem=type(problem).__name__)


def _key(name: str) -> str:
    return f"multipass:attempts:{name}"
