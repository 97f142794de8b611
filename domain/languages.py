"""The languages of the tour. French is the master: what is not translated is read in French, and the page says so."""

from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct


class Language(StrEnum):
    """What a visitor may read. Easy is French by the European rules of easy-to-read (FALC)."""

    FRENCH = "fr"
    EASY = "easy"
    ENGLISH = "en"
    SPANISH = "es"
    OCCITAN = "oc"


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
