"""Time that passes as fast as it is used: what is to happen, in order, and the instant that it is."""

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush

INSTANT = timedelta(microseconds=1)


class Agenda:
    """The clock of everybody, and what is still to come. Calling it tells the time."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self._now = start
        self._waiting: list[tuple[datetime, int, Callable[[], object]]] = []
        self._noted = 0

    def __call__(self) -> datetime:
        """The present instant, UTC."""
        return self._now

    @property
    def seconds(self) -> float:
        """Seconds since the start: what a device's ticks count."""
        return (self._now - self.start).total_seconds()

    def pass_(self, by: timedelta = INSTANT) -> None:
        """Let time pass without anything happening."""
        self._now += by

    def at(self, when: datetime, act: Callable[[], object]) -> None:
        """Note what is to happen at an instant; what is noted first happens first."""
        self._noted += 1
        heappush(self._waiting, (when, self._noted, act))

    def after(self, by: timedelta, act: Callable[[], object]) -> None:
        """Note what is to happen after a while."""
        self.at(self._now + by, act)

    def live(self, until: datetime) -> None:
        """Let everything happen that is due until an instant. No two things happen at one instant."""
        while self._waiting and self._waiting[0][0] <= until:
            when, _, act = heappop(self._waiting)
            self._now = max(self._now + INSTANT, when)
            act()
        self._now = max(self._now, until)
