"""Words of pages: one file per family, French and English side by side; and which of the two somebody reads."""

import re
import tomllib
from pathlib import Path
from typing import Any

from litestar.connection import ASGIConnection

from web.cookies import cookie_name
from web.moments import NARROW, Language

Words = dict[Language, dict[str, str]]

SHARED_PAGES = Path(__file__).parent / "pages"
"""Templates that more than one surface draws with."""

LANGUAGE = "language"
"""The cookie of a language that was chosen by hand."""

LANGUAGES: tuple[Language, Language] = ("fr", "en")


def read_words(path: Path) -> Words:
    """Read a file of words: each entry says one thing in `fr` and in `en`."""
    texts = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        "fr": {key: typeset(text["fr"]) for key, text in texts.items()},
        "en": {key: text["en"] for key, text in texts.items()},
    }


def typeset(french: str) -> str:
    """Put the apostrophes of French typography, and its spaces, at which no line breaks, for plain ones."""
    spaced = re.sub(r"« ", f"«{NARROW}", re.sub(r" (?=[:;!?»%])", NARROW, french))
    return re.sub(r"(?<=[^\W\d_])'(?=[^\W_])", "’", spaced)


def language_of(request: ASGIConnection[Any, Any, Any, Any]) -> Language:
    """Return the language chosen by hand, now or before, else the first that the browser asks for, else French."""
    by_hand = chosen(request) or ours(request.cookies.get(cookie_name(request.app.state.settings, LANGUAGE), ""))
    if by_hand is not None:
        return by_hand
    wishes = (ours(wish.strip()[:2]) for wish in request.headers.get("accept-language", "").lower().split(","))
    return next((wish for wish in wishes if wish is not None), "fr")


def chosen(request: ASGIConnection[Any, Any, Any, Any]) -> Language | None:
    """Return the language that this very address asks for (`?lang=en`), if it does."""
    return ours(request.query_params.get("lang", ""))


def ours(text: str) -> Language | None:
    """Return a language that pages are written in, if this names one."""
    return next((language for language in LANGUAGES if language == text), None)
