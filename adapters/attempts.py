"""Counters of failed attempts, per account and per source.

They may vanish: with Redis they are shared between workers, without it, or when it is away, each process counts alone.
"""

from typing import Protocol, runtime_checkable

from domain.errors import TooManyAttempts
from domain.ports import Clock

WINDOW_SECONDS = 900


@runtime_checkable
class Attempts(Protocol):
    """Counts failures under a name, over a quarter of an hour."""

    async def check(self, name: str, *, limit: int) -> None:
        """Raise `TooManyAttempts` when this many failures are counted already."""
        ...

    async def fail(self, name: str) -> None:
        """Count one failure."""
        ...


class ProcessAttempts:
    """Counters of this process. Old windows are forgotten as new ones come."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counts: dict[str, tuple[int, int]] = {}

    async def check(self, name: str, *, limit: int) -> None:
        """Raise when the limit is reached in the present window."""
        window, remaining = self._window()
        counted_in, count = self._counts.get(name, (window, 0))
        if counted_in == window and count >= limit:
            raise TooManyAttempts(remaining)

    async def fail(self, name: str) -> None:
        """Count one failure in the present window."""
        window, _ = self._window()
        counted_in, count = self._counts.get(name, (window, 0))
        if len(self._counts) > 10_000:
            self._counts = {key: value for key, value in self._counts.items() if value[0] == window}
        self._counts[name] = (window, count + 1 if counted_in == window else 1)

    def _window(self) -> tuple[int, int]:
        seconds = int(self._clock().timestamp())
        return seconds // WINDOW_SECONDS, WINDOW_SECONDS - seconds % WINDOW_SECONDS
