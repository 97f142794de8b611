"""Pages that are drawn beside the loop: while a template is filled, gates are answered."""

import asyncio
from collections.abc import Callable
from typing import Any

from litestar import Litestar, Request, Response
from litestar.datastructures import Cookie
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send


class DrawnPage(Response[bytes]):
    """A page of HTML whose words are known, and whose drawing is left to a thread when it is sent.

    `drawing` reads nothing but what it was given: the transaction that found it is over by then.
    """

    def __init__(
        self, drawing: Callable[[], str], *, status_code: int, headers: dict[str, str], cookies: list[Cookie]
    ) -> None:
        super().__init__(b"", media_type="text/html", status_code=status_code, headers=headers, cookies=cookies)
        self._drawing = drawing

    def to_asgi_response(  # the names of what a frame takes are the library's
        self,
        app: Litestar | None,
        request: Request[Any, Any, Any],
        **frame: Any,  # noqa: ANN401
    ) -> ASGIResponse:
        """Frame what will be drawn: its status, headers and cookies stand, its length does not yet."""
        return _Drawn(super().to_asgi_response(app, request, **frame), self._drawing)


class _Drawn(ASGIResponse):
    """What fails while it is drawn is answered like whatever fails before: nothing has been sent."""

    def __init__(self, frame: ASGIResponse, drawing: Callable[[], str]) -> None:
        super().__init__(status_code=frame.status_code)
        self._frame = frame
        self._drawing = drawing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._frame.body = (await asyncio.to_thread(self._drawing)).encode()
        self._frame.headers["content-length"] = str(len(self._frame.body))
        await self._frame(scope, receive, send)
