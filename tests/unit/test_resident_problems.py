"""Problems in words that residents can act upon: for every code that has some, and every status that there is."""

import tomllib
from importlib import resources

from api.problems import TITLES, problem
from api.resident_answers import words_for
from tests.pages import statuses

WORDS = tomllib.loads(resources.files("api").joinpath("resident_problems.toml").read_text(encoding="utf-8"))


def test_words_are_those_of_codes_that_exist() -> None:
    codes = {code for code in WORDS if not code.startswith("status-")}
    assert codes <= statuses().keys()


def test_a_code_without_words_is_told_by_its_status() -> None:
    assert words_for(problem(404, "pass-not-found")).fr == "Aucun de vos pass n’a ce numéro."
    assert words_for(problem(404, "site-not-found")).en == "We cannot find what you are looking for."
    for status in TITLES:
        words = words_for(problem(status, "something-new"))
        assert words.fr
        assert words.en


def test_words_are_whole_sentences_without_jargon() -> None:
    for words in WORDS.values():
        for text in words.values():
            assert text.endswith(".")
            assert not {"token", "jeton", "API", "HTTP"} & set(text.split())
