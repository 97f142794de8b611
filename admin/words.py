"""Words of the console: one file per family of screens, French and English side by side."""

import re
import tomllib
from pathlib import Path
from typing import Any

from litestar.connection import ASGIConnection

from admin.visits import cookie_name
from web.moments import NARROW, Language

Words = dict[Language, dict[str, str]]

PAGES = Path(__file__).parent / "pages"
LANGUAGE = "language"
"""The cookie of a language that was chosen by hand."""

LANGUAGES: tuple[Language, Language] = ("fr", "en")


def read_words(family: str) -> Words:
    """Read `pages/<family>.toml`: each entry says one thing in `fr` and in `en`."""
    texts = tomllib.loads((PAGES / f"{family}.toml").read_text(encoding="utf-8"))
    return {
        "fr": {key: typeset(text["fr"]) for key, text in texts.items()},
        "en": {key: text["en"] for key, text in texts.items()},
    }


def typeset(french: str) -> str:
    """Put the spaces of French typography, at which no line breaks, where plain ones were typed."""
    return re.sub(r"« ", f"«{NARROW}", re.sub(r" (?=[:;!?»%])", NARROW, french))


def language_of(request: ASGIConnection[Any, Any, Any, Any]) -> Language:
    """Return the language chosen by hand, now or before, else the first that the browser asks for, else French."""
    by_hand = chosen(request) or _ours(request.cookies.get(cookie_name(request.app.state.settings, LANGUAGE), ""))
    if by_hand is not None:
        return by_hand
    wishes = (_ours(wish.strip()[:2]) for wish in request.headers.get("accept-language", "").lower().split(","))
    return next((wish for wish in wishes if wish is not None), "fr")


def chosen(request: ASGIConnection[Any, Any, Any, Any]) -> Language | None:
    """Return the language that this very address asks for (`?lang=en`), if it does."""
    return _ours(request.query_params.get("lang", ""))


def _ours(text: str) -> Language | None:
    return next((language for language in LANGUAGES if language == text), None)
