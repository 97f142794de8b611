"""The languages of the tour. French is the master: what is not translated is read in French, and the page says so."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import astuple

LONGEST_TEXT = 4_000
"""Characters of a text in one language."""

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""All but a new line, and what turns the direction of a text round to hide it."""


class Language(StrEnum):
    """What a visitor may read. Easy is French by the European rules of easy-to-read (FALC)."""

    FRENCH = "fr"
    EASY = "easy"
    ENGLISH = "en"
    SPANISH = "es"
    OCCITAN = "oc"


BESIDE: tuple[Language, ...] = tuple(one for one in Language if one is not Language.FRENCH)
"""The languages beside the master."""


class Said(NamedTuple):
    """A text as it can be read, and in which language: another than the one asked for where it is not translated."""

    text: str
    language: Language


class Words(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One text of a sheet in the languages of the tour; empty where it is not written."""

    fr: str = ""
    easy: str = ""
    en: str = ""
    es: str = ""
    oc: str = ""

    def __bool__(self) -> bool:
        """Whether the master is written."""
        return bool(self.fr.strip())

    def said(self, language: Language) -> Said:
        """Read it in a language, or in French where it is not written in it."""
        text: str = getattr(self, language.value)
        return Said(text, language) if text.strip() else Said(self.fr, Language.FRENCH)


NOTHING = Words()
"""What nobody has written yet."""


def unreadable(value: object) -> str:
    """Say what nobody could read or store among the texts of a Struct, however deep; empty where there is nothing."""
    for text in _texts(value):
        if len(text) > LONGEST_TEXT:
            return f"A text has {LONGEST_TEXT} characters at most."
        if _CONTROL.search(text):
            return "A text has a character that nobody can read."
    return ""


def _texts(value: object) -> Iterator[str]:
    """Every text in it, in its order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Struct):
        yield from _texts(astuple(value))
    elif isinstance(value, tuple):
        for part in value:
            yield from _texts(part)
