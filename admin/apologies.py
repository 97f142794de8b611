"""What the console says when a page cannot be shown: in words, with a way on."""

from typing import Any
from urllib.parse import urlencode

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from admin.door import login_form
from admin.forms import Form
from admin.shell import Page, draw, go
from admin.words import language_of, read_words
from domain.errors import Conflict, DomainError, Forbidden, LedgerUnavailable, NotAuthenticated, NotFound, Overloaded
from domain.errors.agents import SecondFactorMissing
from web.cookies import ForeignForm

WORDS = read_words("apologies")

log = structlog.get_logger("console")

_FAMILIES: tuple[tuple[type[DomainError], int, str], ...] = (
    (ForeignForm, 403, "foreign"),
    (Forbidden, 403, "forbidden"),
    (NotFound, 404, "not_found"),
    (Conflict, 409, "conflict"),
    (Overloaded, 503, "away"),
    (LedgerUnavailable, 503, "away"),
)
"""The most particular family first. A form shows what it can say itself at its fields: this is for the rest."""

_STATUSES = {403: "forbidden", 404: "not_found", 413: "too_large"}


def _log_in_first(request: Request[Any, Any, Any], _error: NotAuthenticated) -> Page | Response[None]:
    if request.state.get("unsent") is not None:
        return login_form(request, Form(), status_code=401)
    if request.method != "GET":
        return go(request, "/console/login")
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return go(request, f"/console/login?{urlencode({'next': asked})}")


def _second_factor_first(request: Request[Any, Any, Any], _error: SecondFactorMissing) -> Response[None]:
    return go(request, "/console/account/code", said=WORDS[language_of(request)]["second_factor_first"])


def _refused(request: Request[Any, Any, Any], error: DomainError) -> Page:
    for family, status, word in _FAMILIES:
        if isinstance(error, family):
            return _page(request, status, word)
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
    SecondFactorMissing: _second_factor_first,
    DomainError: _refused,
    HTTPException: _not_served,
    Exception: _unforeseen,
}
