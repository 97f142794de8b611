"""Questions in plain words: which one is meant, who answers, and nothing made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tour.catalogue import CATALOGUE
from tour.questions import QUESTIONS, Question, folded, meant

COMMUNES = {"34057": "Castelnau-le-Lez", "34172": "Montpellier", "34129": "Lattes"}


@pytest.mark.parametrize(
    ("text", "question", "commune"),
    [
        ("Reste-t-il des places à la gare ?", "places", None),
        ("how many places are left?", "places", None),
        ("Is the charger working?", "charger", None),
        ("la borne marche-t-elle", "charger", None),
        ("Comment est l’air à Castelnau-le-Lez ?", "air", "34057"),
        ("l'air est-il pollué a castelnau le lez", "air", "34057"),
        ("How is the air in Montpellier", "air", "34172"),
        ("Faut-il aérer la classe ?", "room-air", None),
        ("le niveau de la rivière", "river", None),
        ("MONTPELLIER", None, "34172"),
        ("Quel est le sens de la vie ?", None, None),
        ("", None, None),
    ],
)
def test_a_typed_question_is_recognised_by_its_words(text: str, question: str | None, commune: str | None) -> None:
    found = meant(text, QUESTIONS.values(), COMMUNES)
    assert (found.question.code if found.question is not None else None) == question
    assert found.commune == commune


@given(st.text(max_size=400))
def test_whatever_is_typed_is_no_error(text: str) -> None:
    found = meant(text, QUESTIONS.values(), COMMUNES)
    assert found.question is None or found.question.code in QUESTIONS


@pytest.mark.parametrize("asked", QUESTIONS.values(), ids=lambda asked: asked.code)
def test_a_question_can_be_answered_and_is_recognised_by_its_own_words(asked: Question) -> None:
    for quantity in asked.quantities:
        assert CATALOGUE.quantities[quantity].meaning is not None
    assert all(word == folded(word) for word in asked.words)
    for words in (asked.asked.fr, asked.asked.en):
        found = meant(words, QUESTIONS.values(), {})
        assert found.question == asked, words


def test_the_name_of_a_commune_is_no_word_of_the_question() -> None:
    assert meant("L’air à Plein-Air", QUESTIONS.values(), {"00001": "Plein-Air"}).commune == "00001"
