"""Keeping a place of the tour: what pages say of it. Which places somebody keeps, only their browser knows."""

import tomllib
from pathlib import Path

from tour.catalogue.loading import typeset
from tour.pages.drawing import Language


def _words() -> dict[Language, dict[str, str]]:
    texts = tomllib.loads((Path(__file__).parent / "mine.toml").read_text(encoding="utf-8"))
    return {
        "fr": {key: typeset(text["fr"]) for key, text in texts.items()},
        "en": {key: text["en"] for key, text in texts.items()},
        "easy": {key: typeset(text.get("easy", text["fr"])) for key, text in texts.items()},
    }


WORDS = _words()
