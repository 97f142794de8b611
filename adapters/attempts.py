"""Counters of failed attempts, per account and per source.

They may vanish: with Redis they are shared between workers, without it, or when it is away, each process counts alone.
"""

import math
from collections import deque
from typing import Protocol, runtime_checkable

from domain.errors import TooManyAttempts
from domain.ports import Clock

WINDOW_SECONDS = 900
MOST_FAILURES = 64
"""Instants kept under one name: more than any limit."""
MOST_NAMES = 10_000
"""Names kept before old ones are looked for, at least: enough for a city, small enough for a flood."""


@runtime_checkable
class Attempts(Protocol):
    """Counts failures under a name, over a quarter of an hour."""

    async def check(self, name: str, *, limit: int) -> None:
        """Raise `TooManyAttempts` when this many failures are counted already."""
        ...

    async def fail(self, name: str) -> None:
        """Count one failure."""
        ...

    async def close(self) -> None:
        """Let go of whatever is shared."""
        ...


class ProcessAttempts:
    """Counters of this process: the instants of the latest failures under each name."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: dict[str, deque[float]] = {}
        self._room = MOST_NAMES

    async def check(self, name: str, *, limit: int) -> None:
        """Raise when the limit was reached within the last quarter of an hour."""
        now = self._clock().timestamp()
        recent = [instant for instant in self._failures.get(name, ()) if instant > now - WINDOW_SECONDS]
        if len(recent) >= limit:
            raise TooManyAttempts(wait_seconds(recent[-limit], now))

    async def fail(self, name: str) -> None:
        """Count one failure now."""
        now = self._clock().timestamp()
        if len(self._failures) >= self._room:
            self._failures = {key: kept for key, kept in self._failures.items() if kept[-1] > now - WINDOW_SECONDS}
            # Where a rush is younger than the window nothing goes, and to look each time would cost more than it.
            self._room = max(MOST_NAMES, 2 * len(self._failures))
        self._failures.setdefault(name, deque(maxlen=MOST_FAILURES)).append(now)

    async def close(self) -> None:
        """Nothing is shared here."""


def wait_seconds(oldest: float, now: float) -> int:
    """How long until the failure that fills the limit has left the window."""
    return max(1, math.ceil(oldest + WINDOW_SECONDS - now))
