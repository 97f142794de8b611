"""The server under test: the application as `multipass serve` runs it, and beside it a handler that does no work."""

import os
import sqlite3
from typing import Any

import uvicorn
from litestar import Litestar, get, post
from litestar.params import JSONBody
from litestar.types import ASGIApp, Receive, Scope, Send
from msgspec import Struct

from adapters.clock import utc_now
from api import collector, documentation, logs, uploads
from api.app import build_app
from api.rules import Rule
from api.settings import load
from api.short_way import GateProtocol

COUNT = "BENCH_COUNT"
"""Set in the environment: count what SQLite does, and answer slower."""

TOGETHER = "BENCH_TOGETHER"
"""Set in the environment: how many lines of an upload go to the ledger at once."""

STEPS = 10
"""Steps of the virtual machine between two counts."""


class BareRequest(Struct):
    """What a terminal would send."""

    key: str
    gate: str
    credential: str


class BareAnswer(Struct):
    """What a terminal would hear, decided by nobody."""

    key: str
    outcome: str


@post("/bare", status_code=200)
async def bare(data: JSONBody[BareRequest]) -> BareAnswer:
    """Answer without any work: the floor of this framework."""
    return BareAnswer(data.key, "granted")


@post("/ordinary", status_code=200, opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def ordinary(data: JSONBody[BareRequest]) -> BareAnswer:
    """Answer without any work, on a route of ours: guarded, dressed, its errors made problems."""
    return BareAnswer(data.key, "granted")


class Work(Struct):
    """What SQLite was asked and did since the start: whole statements, and steps of its virtual machine."""

    statements: int = 0
    steps: int = 0


_work = Work()


@get("/work", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def work() -> Work:
    """Tell what was counted."""
    return _work


class CountingConnection(sqlite3.Connection):
    """Counts what it is asked and does: the cost of a passage, whoever else uses the machine."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the driver's own
        super().__init__(*args, **kwargs)
        self.set_trace_callback(self._statement)
        self.set_progress_handler(self._steps, STEPS)

    def _statement(self, _text: str) -> None:
        _work.statements += 1

    def _steps(self) -> int:
        _work.steps += STEPS
        return 0


def _count() -> None:
    connect = sqlite3.connect

    def counting(*args: Any, **kwargs: Any) -> sqlite3.Connection:  # noqa: ANN401 - as the driver's
        connection: sqlite3.Connection = connect(*args, **{"factory": CountingConnection, **kwargs})
        return connection

    sqlite3.connect = counting  # type: ignore[assignment]


class Beside:
    """The application, and beside it in the same process a floor that wears nothing of ours."""

    def __init__(self, *, bare: ASGIApp, app: Litestar) -> None:
        self._bare = bare
        self._app = app
        self.state = app.state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to the one it is for; the lifespan is the application's."""
        await (self._bare if scope.get("path") == "/bare" else self._app)(scope, receive, send)


def create_app() -> Beside:
    """Build the application from the environment, as `multipass.create_app` does."""
    settings = load(os.environ)
    logs.configure(settings)
    if COUNT in os.environ:
        _count()
    uploads.TOGETHER = int(os.environ.get(TOGETHER, uploads.TOGETHER))
    app = build_app(settings, clock=utc_now, more_routes=(ordinary, work))
    documentation.description(app)
    collector.tune()
    return Beside(bare=Litestar([bare], openapi_config=None), app=app)


def main() -> None:
    """Serve as `multipass serve` does."""
    settings = load(os.environ)
    uvicorn.run(
        "bench.server:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        loop="auto",
        http=GateProtocol,
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
