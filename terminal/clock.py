"""What time it is for a terminal: its own clock, and what it knows of the server's.

A terminal's own clock may be wrong. Each answer that brings the server's time tells by how much, so decisions without
a network go by the server's time all the same. What cannot be told apart from a clock that was changed is not sure:
a time before the newest that was known, a start a day later than the last sign of life, a jump while it ran.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

Ticks = Callable[[], float]
"""Seconds from any beginning: they pass while the device sleeps, and nobody sets them."""

SLIP: Final = timedelta(minutes=2)
"""How far a clock may be moved while we look, or go back between two starts, before we stop believing it."""

FAR: Final = timedelta(hours=20)
"""A start later than this after the last sign of life may be a clock that is a day ahead: a night off is shorter."""

_DRIFT = 1e-4  # a cheap crystal loses 9 seconds a day
_LEAST_UNCERTAINTY = timedelta(seconds=1)
_START = timedelta(0)


class Known(Struct, frozen=True):
    """What a restart finds: own clock + `offset` is the server's, which was `heard` last, and known to be `newest`."""

    offset: timedelta = timedelta(0)
    heard: datetime | None = None
    newest: datetime | None = None


class _Anchor(Struct, frozen=True):
    """Where the own clock and the ticks stood when the time was sure or doubted last."""

    own: datetime
    ticks: float
    sure: bool
    doubt: timedelta  # half of the time in which the answer travelled


def passing_seconds() -> float:
    """Seconds since the machine started, its sleep included where the system counts it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class TerminalClock:
    """Tells the server's time by a clock of our own. Read and set from any thread: what it knows is replaced whole."""

    def __init__(self, own: Callable[[], datetime], known: Known, *, ticks: Ticks = passing_seconds) -> None:
        self._own = own
        self._ticks = ticks
        self._known = known
        self._anchor = _Anchor(own(), ticks(), self._believable(own() + known.offset), _START)

    def own(self) -> datetime:
        """The terminal's own time, right or wrong: what its events say."""
        return self._own()

    def now(self) -> datetime:
        """The server's time, as far as we know it."""
        return self._own() + self._known.offset

    @property
    def known(self) -> Known:
        """What a restart should find."""
        return self._known

    @property
    def sure(self) -> bool:
        """Whether `now` may be relied upon without asking anybody."""
        return self._anchor.sure and abs(self._slip()) <= SLIP

    @property
    def uncertainty(self) -> timedelta:
        """How far `now` may be from the server's time while it is sure."""
        heard = self._known.heard
        since = self.now() - heard if heard is not None else timedelta(0)
        return _LEAST_UNCERTAINTY + self._anchor.doubt + _DRIFT * abs(since) + abs(self._slip())

    def heard(self, server_time: datetime, *, after: timedelta = timedelta(0)) -> None:
        """Learn the server's time from an answer that came `after` so long."""
        own = self._own()
        newest = max(server_time, self._known.newest) if self._known.newest is not None else server_time
        if newest - server_time > SLIP:
            newest = server_time  # the server's own clock was put right: it is the one that rules
        self._known = Known(offset=server_time - own, heard=server_time, newest=newest)
        self._anchor = _Anchor(own, self._ticks(), sure=True, doubt=after / 2)

    def lived(self) -> Known:
        """Note that we are alive now, where the time is sure: a restart compares with it."""
        if self.sure:
            self.not_before(self.now())
        return self._known

    def not_before(self, instant: datetime) -> None:
        """Learn that it is this late at least: something signed says so."""
        if self._known.newest is None or instant > self._known.newest:
            self._known = replace(self._known, newest=instant)
            if self.now() < instant - SLIP:
                self._anchor = replace(self._anchor, sure=False)

    def _believable(self, now: datetime) -> bool:
        newest = self._known.newest
        return newest is not None and self._known.heard is not None and -SLIP <= now - newest < FAR

    def _slip(self) -> timedelta:
        """How far the own clock was moved against the ticks since the anchor."""
        return (self._own() - self._anchor.own) - timedelta(seconds=self._ticks() - self._anchor.ticks)
