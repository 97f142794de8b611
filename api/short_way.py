"""The short way of a passage: from the bytes of a connection to the ledger, without a task or an ASGI call of its own.

uvicorn's own protocol, with one exception. A posted passage of a terminal that this process knows, with a code that is
known or can be verified here, goes straight to the lane, and its answer leaves in one write. Everything else goes the
way it always went, and so does everything that is wrong with a request: there is one place that says problems, and this
is not it.
"""

import asyncio
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.bodies import MAX_BODY
from api.gate import GATE_PATH, KEY_HEADER, OK_HEADERS, GateDoor, Handed
from store.ledger import Settled


def _lines(headers: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join(b"%b: %b\r\n" % header for header in headers)


_OK = b"HTTP/1.1 200 OK\r\n" + _lines(OK_HEADERS)


class GateProtocol(HttpToolsProtocol):
    """One connection. The application shows its door as `state.gate_door`; without one, nothing is short."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **kwargs)
        # The short way writes no access log: whoever wants one gets the ordinary way.
        state = getattr(self.app, "state", None) if not self.config.access_log else None
        self._door: GateDoor | None = getattr(state, "gate_door", None)
        self._tap: RequestResponseCycle | None = None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:  # noqa: ANN401 - as uvicorn's
        if (
            self._door is None
            or app is not self.app
            or cycle.scope["path"] != GATE_PATH
            or cycle.scope["method"] != "POST"
            or cycle.waiting_for_100_continue
        ):
            super()._start_asgi_task(cycle, app)
            return
        self._tap = cycle
        if not cycle.more_body:
            self._tapped()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body; one that is too long is for the ordinary way, which says so."""
        super().on_body(body)
        if self._tap is not None and len(self._tap.body) > MAX_BODY:
            cycle, self._tap = self._tap, None
            super()._start_asgi_task(cycle, self.app)

    def on_message_complete(self) -> None:
        """Take the end of the body."""
        super().on_message_complete()
        if self._tap is not None and not self._tap.more_body:
            self._tapped()

    def _tapped(self) -> None:
        cycle, self._tap = self._tap, None
        assert cycle is not None and self._door is not None  # noqa: S101, PT018 - both callers have looked
        handed = self._door.at_once(cycle.scope["headers"], cycle.body)
        if handed is None:
            super()._start_asgi_task(cycle, self.app)
        else:
            handed.settled.add_done_callback(partial(self._settled, cycle, handed))

    def _settled(self, cycle: RequestResponseCycle, handed: Handed, settled: "asyncio.Future[Settled]") -> None:
        """Send an answer in one write; what is none, or meets a connection that ends or is full, goes the other way."""
        answer = None if settled.cancelled() or settled.exception() is not None else settled.result()
        if cycle.disconnected:
            return
        if not isinstance(answer, bytes) or not cycle.keep_alive or self.flow.write_paused:
            assert self._door is not None  # noqa: S101 - it has given this future
            say: Any = self._door.saying(handed)
            super()._start_asgi_task(cycle, say)
            return
        named = _lines([*cycle.default_headers, (KEY_HEADER, handed.key.encode())])
        head = b"%b%bcontent-length: %d\r\n\r\n" % (_OK, named, len(answer))
        cycle.transport.write(head + answer)
        cycle.response_started = cycle.response_complete = True
        cycle.on_response()
