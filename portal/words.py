"""Words of the portal: one file per family of pages, French and English side by side."""

from pathlib import Path

from web import wording
from web.wording import Words

PAGES = Path(__file__).parent / "pages"


def read_words(family: str) -> Words:
    """Read `pages/<family>.toml`: each entry says one thing in `fr` and in `en`."""
    return wording.read_words(PAGES / f"{family}.toml")
