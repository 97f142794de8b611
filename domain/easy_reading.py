"""Where a sheet is hard to read: advice to its author, never a refusal.

After the European rules for easy-to-read information (Inclusion Europe, "Information for all"): short sentences with
one idea each, no abbreviations, no brackets. For the standard text the limit is that of plain language.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
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


class Fault(StrEnum):
    """What makes a text hard to read."""

    LONG = "long"
    ABBREVIATION = "abbreviation"
    BRACKETS = "brackets"


class Hard(Struct, frozen=True):
    """One place of a text that is hard to read: `part` is what stands there, `length` the words of its sentence."""

    fault: Fault
    part: str = ""
    length: int = 0
    limit: int = 0

    def __str__(self) -> str:
        """Say it to whoever reads it over the API."""
        if self.fault is Fault.LONG:
            return f"A sentence has {self.length} words; {self.limit} are read with ease: “{self.part}…”"
        if self.fault is Fault.ABBREVIATION:
            return f"{self.part} is an abbreviation: say it in words."
        return "Words in brackets are skipped: make them a sentence, or leave them out."


class Advice(Struct, frozen=True):
    """One place that is hard to read: the field as the API names it, and its language."""

    field: str
    language: str
    words: str


def advice_on(sheet: Sheet) -> list[Advice]:
    """List the places of a sheet that people will find hard to read."""
    return [Advice(name, language, str(hard)) for name, language, hard in hard_in(sheet)]


def hard_in(sheet: Sheet) -> Iterator[tuple[str, str, Hard]]:
    """Find the places of a sheet that are hard to read: each with its field, as the API names it, and its language."""
    for name, words in _fields(sheet):
        for language, text in (("fr", words.fr), ("easy", words.easy)):
            for hard in hard_places(text, easy=language == "easy"):
                yield name, language, hard


def _fields(sheet: Sheet) -> Iterator[tuple[str, Words]]:
    for attribute, name in zip(sheet.__struct_fields__, sheet.__struct_encode_fields__, strict=True):
        value = getattr(sheet, attribute)
        if isinstance(value, Words):
            yield name, value
    for place, words in enumerate(sheet.does_not):
        yield f"doesNot.{place}", words


def hard_places(text: str, *, easy: bool) -> Iterator[Hard]:
    """Say where a text is hard to read; one in easy French has shorter sentences and no abbreviations."""
    limit = EASY_SENTENCE if easy else PLAIN_SENTENCE
    for sentence in _SENTENCE.findall(text):
        length = len(_WORD.findall(sentence))
        if length > limit:
            yield Hard(Fault.LONG, sentence.strip()[:60], length, limit)
    if easy:
        for short in dict.fromkeys(_ABBREVIATION.findall(text)):
            yield Hard(Fault.ABBREVIATION, short)
        if "(" in text:
            yield Hard(Fault.BRACKETS)
