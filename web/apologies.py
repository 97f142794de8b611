"""What pages that know their visitor say when they cannot be shown: what happened, what it means, where to go on.

Console and portal have words of their own for the same few cases, each with a title: `forbidden` and
`forbidden_title`, and so on.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from api.problems import hung_up
from domain.errors import Conflict, DomainError, Forbidden, LedgerUnavailable, NotFound, Overloaded, TooManyRequests
from web.cookies import ForeignForm

Asked = Request[Any, Any, Any]
Apologise = Callable[[Asked, int, str], Response[bytes]]
"""Draws the page that says a word of its family, with a status."""

FAMILIES: tuple[tuple[type[DomainError], int, str], ...] = (
    (ForeignForm, 403, "foreign"),
    (Forbidden, 403, "forbidden"),
    (NotFound, 404, "not_found"),
    (Conflict, 409, "conflict"),
    (TooManyRequests, 429, "too_often"),
    (Overloaded, 503, "away"),
    (LedgerUnavailable, 503, "away"),
)
"""The most particular family first. A form shows what it can say itself at its fields: this is for the rest."""

STATUSES = {403: "forbidden", 404: "not_found", 405: "not_found", 413: "too_large"}
"""What the framework refuses before a page is asked; anything else is `invalid`."""


def handlers(apologise: Apologise, *, surface: str) -> ExceptionHandlersMap:
    """Answer every error of a surface's pages in words; what nobody foresaw is logged under its name."""
    log = structlog.get_logger(surface)

    def refused(request: Asked, error: DomainError) -> Response[bytes]:
        for family, status, word in FAMILIES:
            if isinstance(error, family):
                page = apologise(request, status, word)
                if isinstance(error, TooManyRequests):
                    page.headers["Retry-After"] = str(error.retry_after_seconds)
                return page
        return apologise(request, 400, "invalid")

    def not_served(request: Asked, error: HTTPException) -> Response[bytes]:
        if hung_up(error):
            return apologise(request, 400, "invalid")
        if error.status_code >= 500:
            return unforeseen(request, error)
        return apologise(request, error.status_code, STATUSES.get(error.status_code, "invalid"))

    def unforeseen(request: Asked, error: Exception) -> Response[bytes]:
        log.error("unforeseen", path=request.scope.get("path_template"), exc_info=error)
        return apologise(request, 500, "unforeseen")

    return {DomainError: refused, HTTPException: not_served, Exception: unforeseen}


def login_address(request: Asked, login: str) -> str:
    """Return where somebody logs in who asked for a page, and is led back to it; a form is not sent again."""
    if request.method != "GET":
        return login
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"{login}?{urlencode({'next': asked})}"
