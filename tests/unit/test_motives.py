"""The closed list of motives, and its page."""

import re
from pathlib import Path

from domain.motives import MOTIVES, Motive

PAGE = Path(__file__).parents[2] / "docs" / "passages.md"


def test_every_motive_has_its_words_in_both_languages() -> None:
    assert list(MOTIVES) == list(Motive)
    for text in MOTIVES.values():
        assert 3 < len(text.fr) <= 30
        assert 3 < len(text.en) <= 30
        assert text.fr != text.en


def test_the_page_lists_the_motives_of_the_program() -> None:
    table = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert table == [(motive.value, words.fr, words.en) for motive, words in MOTIVES.items()]
