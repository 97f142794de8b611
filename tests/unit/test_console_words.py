"""The words of a family of screens stand beside the frame's, never in their place."""

import tomllib
from pathlib import Path

import pytest

from admin.journal import why_in_words
from admin.words import PAGES
from domain.head_counts import CountMotive
from domain.made_cards import UnbindReason
from domain.motives import Motive
from domain.passes import BlockReason, PassStopReason
from domain.replacements import ReplacementReason

FAMILIES = sorted(path for path in PAGES.rglob("*.toml") if path.name != "shell.toml")


@pytest.mark.parametrize("path", FAMILIES, ids=lambda path: path.stem)
def test_a_family_says_nothing_by_a_name_of_the_frame(path: Path) -> None:
    frame = tomllib.loads((PAGES / "shell.toml").read_text(encoding="utf-8"))
    assert frame.keys() & tomllib.loads(path.read_text(encoding="utf-8")).keys() == set()


@pytest.mark.parametrize(
    "reason", [*BlockReason, *ReplacementReason, *UnbindReason, *PassStopReason, *Motive, *CountMotive], ids=repr
)
def test_the_journal_says_in_words_why_something_was_done(reason: str) -> None:
    french, english = why_in_words(reason, "fr"), why_in_words(reason, "en")
    assert {french, english} & {reason, ""} == set()
    assert "_" not in french + english


def test_the_journal_says_a_reason_that_no_screen_offers_as_it_was_written() -> None:
    assert why_in_words("tidied by hand", "fr") == "tidied by hand"
    assert why_in_words(None, "fr") == ""
