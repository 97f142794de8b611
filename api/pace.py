"""How often one address may ask for what anybody may read: enough for a class of pupils, not for a machine that copies.

Each process counts alone, and may forget: the answers are cached and cheap, only a flood of them is not.
"""

import math
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from litestar import Router
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from litestar.response import ServerSentEventMessage
from litestar.types import ControllerRouterHandler

from api.auth import network_of, real_source
from domain.errors import TooManyListeners, TooManyRequests
from domain.ports import Clock

MOST_ADDRESSES = 20_000
"""Remembered at a time; beyond, those are forgotten who asked longest ago."""

MOST_LISTENERS = 200
"""Streams of events that one address may hold open: a school, or a company behind one address."""

Told = AsyncGenerator[ServerSentEventMessage, None]

_AHEAD_MINUTES = 0.5
"""How much of a minute's requests may come at once: a map with its points, a page with its charts."""


class Pace:
    """Counts the requests of each address, as the instant at which they are paid off (generic cell rate algorithm)."""

    def __init__(self, clock: Clock, *, per_minute: int, trusted: tuple[str, ...]) -> None:
        self._clock = clock
        self._trusted = trusted
        self._apart = 60 / per_minute if per_minute else 0.0
        self._due: dict[str, float] = {}
        self._listening: Counter[str] = Counter()

    def take(self, connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        """Count one request.

        Raises:
            TooManyRequests: its address has asked too often.
        """
        if not self._apart:
            return
        source, now = self.source(connection), self._clock().timestamp()
        due = max(self._due.pop(source, now), now)
        late = due - now - _AHEAD_MINUTES * 60
        if late <= 0:
            due += self._apart
        self._due[source] = due
        if len(self._due) > MOST_ADDRESSES:
            self._due.pop(next(iter(self._due)))
        if late > 0:
            raise TooManyRequests(math.ceil(late))

    def admit(self, source: str) -> None:
        """Refuse one more stream, before its answer begins.

        Raises:
            TooManyListeners: this address holds as many open as it may.
        """
        if self._listening[source] >= MOST_LISTENERS:
            raise TooManyListeners

    async def listening(self, source: str, told: Told) -> Told:
        """Pass on what a stream tells, and count it for as long as it lasts."""
        self._listening[source] += 1
        try:
            async for one in told:
                yield one
        finally:
            self._listening[source] -= 1
            if not self._listening[source]:
                del self._listening[source]
            await told.aclose()

    def source(self, connection: ASGIConnection[Any, Any, Any, Any]) -> str:
        """Return who asks."""
        return network_of(real_source(connection, self._trusted))


async def keep_pace(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Let nobody ask for more than their share. A guard."""
    pace: Pace = connection.app.state.pace
    pace.take(connection)


def open_router(path: str, route_handlers: Sequence[ControllerRouterHandler]) -> Router:
    """Put together what pages of any origin may read, errors too, at a pace."""
    return Router(path=path, route_handlers=list(route_handlers), guards=[keep_pace], opt={"open": True})
