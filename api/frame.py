"""Where an application's routes stand: put together once, then given what they need."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

from litestar import Litestar, Router, asgi
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import ASGIRouteHandler
from litestar.types import ASGIApp, ControllerRouterHandler, Receive, Scope, Send

from api import docs_pages, problems
from api.gate import Door
from api.journalling import journal_before_answer, journal_note, journalled_begin
from api.rules import enforce

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]


class Frame:
    """The routes of one application, and an empty place for everything that they are given.

    To put three hundred routes together takes half a second of computing. A server does it once; a suite of tests,
    which opens one city after another, keeps the frame and furnishes it anew. It carries one application at a time.
    """

    def __init__(self, routes: Iterable[ControllerRouterHandler]) -> None:
        self._routes = tuple(routes)
        self._given: dict[str, Any] = {}
        self._doors: dict[str, Door] = {}
        self._lifespans: tuple[Lifespan, ...] = ()
        self._stands: tuple[Litestar, ASGIApp] | None = None

    def furnish(
        self, given: Mapping[str, Any], doors: Mapping[str, Door], lifespans: Sequence[Lifespan]
    ) -> tuple[Litestar, ASGIApp]:
        """Return the application and its router, with nothing left of what was in the frame before.

        `given` are the dependencies by their names, `doors` the plain handlers by their paths: each time the same ones.
        """
        self._given, self._doors, self._lifespans = dict(given), dict(doors), tuple(lifespans)
        if self._stands is None:
            app = self._put_together()
            self._stands = app, app.asgi_handler
        app, router = self._stands
        app.state = State()
        app.asgi_handler = router
        return app, router

    def _put_together(self) -> Litestar:
        return Litestar(
            route_handlers=[*(self._door(path) for path in self._doors), *self._routes],
            dependencies={
                **{name: Provide(self._giver(name), sync_to_thread=False) for name in self._given},
                "begin": Provide(journalled_begin, sync_to_thread=False),
                "note": Provide(journal_note, sync_to_thread=False),
            },
            exception_handlers=problems.HANDLERS,
            lifespan=[self._lifespan],
            openapi_config=docs_pages.CONFIG,
            request_max_body_size=64 * 1024,
            logging_config=None,
        )

    def _giver(self, name: str) -> Callable[[], Any]:
        def give() -> Any:  # noqa: ANN401 - whatever was bound
            return self._given[name]

        return give

    def _door(self, path: str) -> ASGIRouteHandler:
        @asgi(path, opt={"rule": self._doors[path].ability}, copy_scope=False)
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            await self._doors[path](scope, receive, send)

        return answer

    @asynccontextmanager
    async def _lifespan(self, app: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for lifespan in self._lifespans:
                await stack.enter_async_context(lifespan(app))
            yield


def guarded(routes: Iterable[ControllerRouterHandler]) -> Router:
    """Put one guard before all that is below it: a module that forgets its rules is closed, not open."""
    return Router(path="/", route_handlers=list(routes), guards=[enforce], after_request=journal_before_answer)
