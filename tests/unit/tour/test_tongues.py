"""The pages of the tour in Spanish and Occitan: every word that French has, with the same openings."""

import re
from datetime import UTC, date, datetime

import pytest

from domain.languages import Words as Written
from tour.catalogue import quantity
from tour.pages import keeping, voices
from tour.pages.drawing import BESIDE, NAMES, WORDS, Language, Reader, dated, tag_of, timed

AT = datetime(2026, 11, 22, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize("language", BESIDE)
@pytest.mark.parametrize("words", [WORDS, voices.WORDS, keeping.WORDS], ids=["page", "voices", "mine"])
def test_a_language_beside_says_every_word_with_what_it_leaves_open(
    words: dict[Language, dict[str, str]], language: Language
) -> None:
    french, said = words["fr"], words[language]
    assert said.keys() == french.keys()
    assert [key for key in said if not said[key].strip()] == []
    assert [key for key in said if set(re.findall(r"{\w*}", said[key])) != set(re.findall(r"{\w*}", french[key]))] == []
    assert NAMES[language]


@pytest.mark.parametrize("language", BESIDE)
def test_what_is_not_said_in_it_is_marked_as_french_and_days_are_written_in_numbers(language: Language) -> None:
    said, name = Reader(language), quantity("co2").name
    assert str(said(name)) == f'<span lang="fr">{name.fr}</span>'
    assert said.plain(name) == name.fr
    written = Written(fr="Le niveau", es="El nivel", oc="Lo nivèl")
    assert said(written) == getattr(written, language)
    assert said.tongue(written) == language
    assert '<span lang="fr">&lt;b&gt;</span>' in said(Written(fr="<b>"))
    assert WORDS[language]["in_french"] in said(Written(fr="Le niveau"))
    assert (dated(date(2026, 11, 2), language, year=True), timed(AT, language)) == ("02/11/2026", "00:05")
    assert tag_of(language) == language


def test_easy_french_is_french_and_needs_no_mark() -> None:
    said = Reader("easy")
    assert said(Written(fr="Le niveau")) == "Le niveau"
    assert said.tongue(Written(fr="Le niveau", easy="L’eau")) == tag_of("easy") == "fr"
    assert (dated(date(2026, 11, 2), "easy"), timed(AT, "fr")) == ("lundi 2 novembre", "0\u00a0h\u00a005")
