"""What a page says when there is nothing to show: in the reader's language, with a way on."""

from datetime import UTC, datetime

from litestar import Response, get
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.types import ExceptionHandlersMap

from api.problems import on_http_error
from api.rules import Rule
from domain.errors import LedgerUnavailable, NotFound
from tour.pages.drawing import Asked, Page, draw

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""An apology shows no time."""


def _not_found(request: Asked, _error: Exception) -> Page:
    return _apology(request, 404, "not_found_title", "not_found")


def _not_served(request: Asked, error: HTTPException) -> Response[bytes]:
    return _not_found(request, error) if error.status_code == 404 else on_http_error(request, error)


def _away(request: Asked, _error: LedgerUnavailable) -> Page:
    return _apology(request, 503, "away_title", "away_page")


def _apology(request: Asked, status_code: int, title: str, words: str) -> Page:
    return draw(request, "apology.html", authority=None, at=_NO_TIME, status_code=status_code, title=title, words=words)


@get("/tour/{rest:path}", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def nowhere(rest: FromPath[str]) -> Page:
    """Answer an address under the tour that leads nowhere."""
    raise NotFound(f"No page of the tour is called {rest}.")


HANDLERS: ExceptionHandlersMap = {NotFound: _not_found, HTTPException: _not_served, LedgerUnavailable: _away}
