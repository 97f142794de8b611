"""What a page says when there is nothing to show: in the reader's language, with a way on."""

from datetime import UTC, datetime

from litestar.types import ExceptionHandlersMap

from domain.errors import LedgerUnavailable, NotFound
from tour.pages.drawing import Asked, Page, draw

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""An apology shows no time."""


def _not_found(request: Asked, _error: NotFound) -> Page:
    return _apology(request, 404, "not_found_title", "not_found")


def _away(request: Asked, _error: LedgerUnavailable) -> Page:
    return _apology(request, 503, "away_title", "away_page")


def _apology(request: Asked, status_code: int, title: str, words: str) -> Page:
    return draw(request, "apology.html", authority=None, at=_NO_TIME, status_code=status_code, title=title, words=words)


HANDLERS: ExceptionHandlersMap = {NotFound: _not_found, LedgerUnavailable: _away}
