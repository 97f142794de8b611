"""Words of the console: one file per family of screens, French and English side by side."""

from pathlib import Path

from web import wording
from web.wording import LANGUAGE, LANGUAGES, Words, chosen, language_of, typeset

__all__ = ["LANGUAGE", "LANGUAGES", "PAGES", "Words", "chosen", "language_of", "read_words", "typeset"]

PAGES = Path(__file__).parent / "pages"


def read_words(family: str) -> Words:
    """Read `pages/<family>.toml`: each entry says one thing in `fr` and in `en`."""
    return wording.read_words(PAGES / f"{family}.toml")
