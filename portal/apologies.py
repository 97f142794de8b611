"""What the portal says when a page cannot be shown: what happened, what it means, where to go on."""

from typing import Any

from litestar import Request, Response
from litestar.types import ExceptionHandlersMap

from domain.errors import NotAuthenticated
from portal.shell import Page, draw, go
from portal.words import read_words
from web.apologies import handlers, login_address

WORDS = read_words("apologies")


def _log_in_first(request: Request[Any, Any, Any], _error: NotAuthenticated) -> Response[None]:
    return go(request, login_address(request, "/moi/login"))


def _page(request: Request[Any, Any, Any], status_code: int, word: str) -> Page:
    return draw(request, "apology.html", words=WORDS, status_code=status_code, word=word)


HANDLERS: ExceptionHandlersMap = {**handlers(_page, surface="portal"), NotAuthenticated: _log_in_first}
