"""What the frames of pages that know their visitor have in common: how templates are read, and the other language."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request

from web.moments import Language
from web.saying import begun, whole
from web.wording import SHARED_PAGES

NO_AUTHORITY: Final = "#0b6e4f"
"""The colour of pages that belong to no authority."""


def environment(pages: Path, *, asset: Callable[[str], str]) -> Environment:
    """Read templates from a folder, and those that everybody shares; `asset` says where a file of theirs is served."""
    made = Environment(
        loader=FileSystemLoader([pages, SHARED_PAGES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = asset
    made.filters["begun"] = begun
    made.filters["whole"] = whole
    return made


def other_language(request: Request[Any, Any, Any], language: Language) -> str:
    """Return the address of the same page in the other language."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return f"{request.url.path}?{urlencode([*kept, ('lang', 'en' if language == 'fr' else 'fr')])}"
