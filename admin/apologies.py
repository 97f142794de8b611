"""What the console says when a page cannot be shown: in words, with a way on."""

from typing import Any

from litestar import Request, Response
from litestar.types import ExceptionHandlersMap

from admin.door import login_form
from admin.forms import Form
from admin.shell import Page, draw, go
from admin.words import language_of, read_words
from domain.errors import NotAuthenticated
from domain.errors.agents import SecondFactorMissing
from web.apologies import handlers, login_address

WORDS = read_words("apologies")


def _log_in_first(request: Request[Any, Any, Any], _error: NotAuthenticated) -> Page | Response[None]:
    if request.state.get("unsent") is not None:
        return login_form(request, Form(), status_code=401)
    return go(request, login_address(request, "/console/login"))


def _second_factor_first(request: Request[Any, Any, Any], _error: SecondFactorMissing) -> Response[None]:
    return go(request, "/console/account/code", said=WORDS[language_of(request)]["second_factor_first"])


def _page(request: Request[Any, Any, Any], status_code: int, word: str) -> Page:
    return draw(request, "apology.html", words=WORDS, status_code=status_code, word=word)


HANDLERS: ExceptionHandlersMap = {
    **handlers(_page, surface="console"),
    NotAuthenticated: _log_in_first,
    SecondFactorMissing: _second_factor_first,
}
