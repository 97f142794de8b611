"""The server: the application as it is, on a loop of its own, that can be dropped in the middle of a request.

A drop cancels the request where it waits and takes every memory of the process with it; the next start finds the
database and nothing else. What a killed process leaves behind is tests/journey/test_crash.py's.
"""

import asyncio
import itertools
import threading
from collections.abc import Awaitable, Callable, Coroutine, Generator
from functools import partial
from typing import Any, TypeVar

import httpx
from litestar import Litestar
from litestar.types import Receive, Scope, Send

from api.app import build_app
from api.settings import Settings
from domain.ports import Clock

T = TypeVar("T")

Meanwhile = Callable[[], Awaitable[None]]
"""What happens while a request waits."""


class Down(Exception):
    """The server was dropped, or is not there."""


class Interruption:
    """Something that happens when a request waits for the n-th time. It happens once, if it comes to that.

    `drops`: it is the end of the server.
    """

    def __init__(self, step: int, meanwhile: Meanwhile, *, drops: bool = False) -> None:
        self.step = step
        self.meanwhile = meanwhile
        self.drops = drops
        self.happened = False


class Server:
    """One installation. Its loop runs in a thread of its own; whoever asks waits for the answer."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="server", daemon=True)
        self._thread.start()
        self._serving: asyncio.Task[None] | None = None
        self._ending = asyncio.Event()
        self._app: Litestar | None = None
        self.starts = 0

    @property
    def up(self) -> bool:
        """Whether it answers."""
        return self._app is not None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for something that is done on the server's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def start(self) -> None:
        """Begin anew with what the database holds."""
        if self._app is None:
            self.run(self._start())

    def stop(self) -> None:
        """Go away."""
        if self._app is not None:
            self.run(self._stop())

    def close(self) -> None:
        """Go away for good."""
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def ask(self, request: httpx.Request, *, interruption: Interruption | None = None) -> httpx.Response:
        """Answer one request.

        Raises:
            Down: nobody is there, or not any more.
        """
        try:
            return self.run(self.answer(request, interruption=interruption))
        finally:
            if interruption is not None and interruption.drops and interruption.happened:
                self.stop()

    async def answer(self, request: httpx.Request, *, interruption: Interruption | None = None) -> httpx.Response:
        """As `ask`, on the loop."""
        app = self._app
        if app is None:
            raise Down

        async def stepwise(scope: Scope, receive: Receive, send: Send) -> None:
            handling = app(scope, receive, send)
            await (handling if interruption is None else _Stepwise(handling, interruption))

        transport = httpx.ASGITransport(stepwise)  # type: ignore[arg-type]  # the same shapes under other names
        task = asyncio.ensure_future(_whole(transport, request))
        try:
            return await task
        except asyncio.CancelledError:
            raise Down from None

    async def drop_request(self) -> None:
        """Cancel the request that is being answered: meanwhile of a drop."""
        task = asyncio.current_task()
        if task is not None:
            task.cancel()

    async def _start(self) -> None:
        ready: asyncio.Future[Litestar] = self._loop.create_future()
        self._ending.clear()
        self._serving = asyncio.ensure_future(self._serve(ready))
        self._app = await ready
        self.starts += 1

    async def _serve(self, ready: "asyncio.Future[Litestar]") -> None:
        """Be there until the end: a lifespan begins and ends in one task."""
        app = build_app(self._settings, clock=self._clock)
        async with app.lifespan():
            ready.set_result(app)
            await self._ending.wait()

    async def _stop(self) -> None:
        self._app = None
        self._ending.set()
        if self._serving is not None:
            await self._serving


async def _whole(transport: httpx.ASGITransport, request: httpx.Request) -> httpx.Response:
    response = await transport.handle_async_request(request)
    return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())


class _Stepwise:
    """Handles a request, counting how often it waits."""

    def __init__(self, handling: Coroutine[Any, Any, None], interruption: Interruption) -> None:
        self._handling = handling
        self._interruption = interruption

    def __await__(self) -> Generator[Any, Any, None]:
        inner = self._handling.__await__()
        go_on: Callable[[], Any] = partial(next, inner)
        for step in itertools.count():
            if step == self._interruption.step:
                self._interruption.happened = True
                yield from self._interruption.meanwhile().__await__()
            try:
                awaited = go_on()
            except StopIteration:
                return
            try:
                yield awaited
            except BaseException as problem:  # noqa: BLE001 - whatever it is, it is for whoever handles the request
                go_on = partial(inner.throw, problem)
            else:
                go_on = partial(next, inner)
