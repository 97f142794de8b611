"""The words of explanations: every rule has them, in two languages, with the typography of each."""

import re
import string
from collections.abc import Iterator
from inspect import getclosurevars, getmembers, isfunction, signature

import msgspec
import pytest

from domain.access import rules
from domain.access.explain import explain
from domain.access.rule_words import WORDS, name_of
from domain.access.rules import ALWAYS, Rule
from domain.services import SERVICES
from domain.text import Text
from tests.facts import (
    question,
)


def vocabulary() -> set[str]:
    """Every rule of `rules.py`, and every function there that makes one."""
    return {
        name
        for name, thing in getmembers(rules, isfunction)
        if thing.__module__ == rules.__name__
        and not name.startswith("_")
        and (signature(thing).return_annotation is Rule or list(signature(thing).parameters) == ["facts"])
    }


def all_rules() -> Iterator[Rule]:
    yield from ALWAYS
    for service in SERVICES:
        yield from service.rules
        yield from service.deposit_rules


def texts(value: object = WORDS) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from texts(getattr(value, name))
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)


def test_every_rule_of_the_vocabulary_and_of_the_services_has_words_and_no_other_has() -> None:
    assert {"authentic", "site_open", "child_accompanied"} <= vocabulary()
    assert WORDS.rules.keys() == vocabulary() | {name_of(rule) for rule in all_rules()}


def test_a_rule_made_by_a_function_has_that_functions_name_and_says_what_it_was_made_with() -> None:
    made = rules.child_accompanied(below_age=8)
    assert name_of(made) == "child_accompanied"
    (step,) = [step for step in explain(question()).steps if step.rule == "child_accompanied"]
    assert "8 or older" in step.asks.en
    assert [looked.label.fr for looked in step.facts] == ["Moins de 8 ans"]


@pytest.mark.parametrize("rule", [*all_rules()], ids=name_of)
def test_a_rule_asks_one_question_in_two_languages_and_names_only_its_own_arguments(rule: Rule) -> None:
    asks = WORDS.rules[name_of(rule)].asks
    for sentence in (asks.fr, asks.en):
        assert "?" in sentence
        assert sentence[0].isupper()
        named = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
        assert named <= getclosurevars(rule).nonlocals.keys()
    assert WORDS.rules[name_of(rule)].looks_at


def test_the_words_keep_the_typography_of_their_language() -> None:
    found = list(texts())
    assert len(found) > 60
    for text in found:
        assert not re.search(r"[^\s\u00a0\u202f][:;!?]", text.fr), text.fr
        assert not re.search(r"\s[.,]|\s{2}", text.fr), text.fr
        assert not re.search(r"\s[:;!?.,]|\s{2}", text.en), text.en
