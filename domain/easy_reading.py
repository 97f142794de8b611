"""Where a sheet is hard to read: advice to its author, never a refusal.

After the European rules for easy-to-read information (Inclusion Europe, "Information for all"): short sentences with
one idea each, no abbreviations, no brackets. For the standard text the limit is that of plain language.
"""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from domain.languages import Words
from domain.sheets import Sheet

EASY_SENTENCE: Final = 12
PLAIN_SENTENCE: Final = 25
"""Words of the longest sentence."""

_SENTENCE = re.compile(r"[^.!?…\n]+")
_WORD = re.compile(r"\w+(?:[’'-]\w+)*")
_ABBREVIATION = re.compile(r"\b[A-ZÀ-Ý]{2,}\d*\b")


class Advice(Struct, frozen=True):
    """One place that is hard to read: the field as the API names it, and its language."""

    field: str
    language: str
    words: str


def advice_on(sheet: Sheet) -> list[Advice]:
    """List the places of a sheet that people will find hard to read."""
    return [
        Advice(name, language, told)
        for name, words in _fields(sheet)
        for language, text in (("fr", words.fr), ("easy", words.easy))
        for told in advice_on_text(text, easy=language == "easy")
    ]


def _fields(sheet: Sheet) -> Iterator[tuple[str, Words]]:
    for attribute, name in zip(sheet.__struct_fields__, sheet.__struct_encode_fields__, strict=True):
        value = getattr(sheet, attribute)
        if isinstance(value, Words):
            yield name, value
    for place, words in enumerate(sheet.does_not):
        yield f"doesNot.{place}", words


def advice_on_text(text: str, *, easy: bool) -> Iterator[str]:
    """Say where a text is hard to read; one in easy French has shorter sentences and no abbreviations."""
    limit = EASY_SENTENCE if easy else PLAIN_SENTENCE
    for sentence in _SENTENCE.findall(text):
        length = len(_WORD.findall(sentence))
        if length > limit:
            yield f"A sentence has {length} words; {limit} are read with ease: “{sentence.strip()[:60]}…”"
    if easy:
        for short in dict.fromkeys(_ABBREVIATION.findall(text)):
            yield f"{short} is an abbreviation: say it in words."
        if "(" in text:
            yield "Words in brackets are skipped: make them a sentence, or leave them out."
