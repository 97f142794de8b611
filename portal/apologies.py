"""What the portal says when a page cannot be shown: what happened, what it means, where to go on."""

from typing import Any
from urllib.parse import urlencode

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from domain.errors import (
    Conflict,
    DomainError,
    Forbidden,
    LedgerUnavailable,
    NotAuthenticated,
    NotFound,
    Overloaded,
    TooManyRequests,
)
from portal.shell import Page, draw, go
from portal.words import read_words
from web.cookies import ForeignForm

WORDS = read_words("apologies")

log = structlog.get_logger("portal")

_FAMILIES: tuple[tuple[type[DomainError], int, str], ...] = (
    (ForeignForm, 403, "foreign"),
    (Forbidden, 403, "forbidden"),
    (NotFound, 404, "not_found"),
    (Conflict, 409, "conflict"),
    (TooManyRequests, 429, "too_often"),
    (Overloaded, 503, "away"),
    (LedgerUnavailable, 503, "away"),
)
"""The most particular family first. A form shows what it can say itself at its fields: this is for the rest."""

_STATUSES = {403: "forbidden", 404: "not_found", 405: "not_found", 413: "too_large"}


def _log_in_first(request: Request[Any, Any, Any], _error: NotAuthenticated) -> Response[None]:
    if request.method != "GET":
        return go(request, "/moi/login")
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return go(request, f"/moi/login?{urlencode({'next': asked})}")


def _refused(request: Request[Any, Any, Any], error: DomainError) -> Page:
    for family, status, word in _FAMILIES:
        if isinstance(error, family):
            page = _page(request, status, word)
            if isinstance(error, TooManyRequests):
                page.headers["Retry-After"] = str(error.retry_after_seconds)
            return page
    return _page(request, 400, "invalid")


def _not_served(request: Request[Any, Any, Any], error: HTTPException) -> Page:
    if error.status_code >= 500:
        return _unforeseen(request, error)
    return _page(request, error.status_code, _STATUSES.get(error.status_code, "invalid"))


def _unforeseen(request: Request[Any, Any, Any], error: Exception) -> Page:
    log.error("unforeseen", path=request.scope.get("path_template"), exc_info=error)
    return _page(request, 500, "unforeseen")


def _page(request: Request[Any, Any, Any], status_code: int, word: str) -> Page:
    return draw(request, "apology.html", words=WORDS, status_code=status_code, word=word)


HANDLERS: ExceptionHandlersMap = {
    NotAuthenticated: _log_in_first,
    DomainError: _refused,
    HTTPException: _not_served,
    Exception: _unforeseen,
}
