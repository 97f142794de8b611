"""The texts of a sheet that are said in several languages, each by the name of its field."""

from collections.abc import Mapping
from zlib import crc32

from msgspec import Struct
from msgspec.structs import replace

from domain.languages import Language, Words
from domain.points import Point
from domain.sheets import Sheet

TEXTS = (
    *("title", "place", "surroundings", "what_it_is", "how_it_works", "benefit", "decision", "cost"),
    *("service", "legal_basis", "power", "retention"),
)


def tag_of(language: Language) -> str:
    """Name a language as HTML does: easy French is French."""
    return "fr" if language is Language.EASY else language.value


class Piece(Struct, frozen=True):
    """One text. `number` counts the lines of a list from 1; 0 where there is one only."""

    name: str
    what: str
    number: int
    words: Words

    def in_language(self, language: Language) -> str:
        """What it says in a language; empty where nobody has written it."""
        found: str = getattr(self.words, language.value)
        return found

    def label(self, words: Mapping[str, str]) -> str:
        """Name it as the page does."""
        return words[f"label_{self.what}"].format(number=self.number)


def pieces(sheet: Sheet) -> list[Piece]:
    """List the texts of a sheet that somebody has written in some language, in the order of its page.

    A line of a list is named by its French, not by its place: who translates one while a colleague moves it translates
    the same.
    """
    found = [Piece(name, name, 0, getattr(sheet, name)) for name in TEXTS]
    found += [Piece(named("not", one), "not", place, one) for place, one in enumerate(sheet.does_not, 1)]
    if sheet.photo is not None:
        found.append(Piece("photo", "photo", 0, sheet.photo.alt))
    if sheet.recording is not None:
        found.append(Piece("transcript", "transcript", 0, sheet.recording.transcript))
    found += [Piece(named("link", one.label), "link", place, one.label) for place, one in enumerate(sheet.links, 1)]
    return [one for one in found if one.words != Words()]


def named(what: str, words: Words) -> str:
    """Name a line of a list by its French."""
    return f"{what}_{crc32(words.fr.encode()):08x}"


def with_texts(sheet: Sheet, texts: Mapping[str, str], language: Language) -> Sheet:
    """Return the sheet with these texts in a language; what is not among them stays."""

    def said(name: str, before: Words) -> Words:
        return replace(before, **{language.value: texts[name]}) if name in texts else before

    photo, spoken = sheet.photo, sheet.recording
    return replace(
        sheet,
        **{name: said(name, getattr(sheet, name)) for name in TEXTS},
        does_not=tuple(said(named("not", one), one) for one in sheet.does_not),
        photo=photo and replace(photo, alt=said("photo", photo.alt)),
        recording=spoken and replace(spoken, transcript=said("transcript", spoken.transcript)),
        links=tuple(replace(one, label=said(named("link", one.label), one.label)) for one in sheet.links),
    )


def outdated(point: Point, language: Language) -> set[str]:
    """Name the texts whose French is another than what residents read, and whose translation is still the same."""
    if point.shown is None:
        return set()
    before = {one.name: one for one in pieces(point.shown)}
    return {
        one.name
        for one in pieces(point.sheet)
        if (was := before.get(one.name)) is not None
        and was.words.fr != one.words.fr
        and one.in_language(language)
        and was.in_language(language) == one.in_language(language)
    }


class Progress(Struct, frozen=True):
    """How far a sheet is said in a language: its texts, of those there are in French, and whether by a voice."""

    language: Language
    written: int
    there: int
    spoken: bool


def progress(sheet: Sheet) -> list[Progress]:
    """Say of every language how far a sheet is said in it, French first."""
    texts = pieces(sheet)
    there = sum(bool(one.words) for one in texts)
    spoken = sheet.recording
    return [
        Progress(
            language,
            sum(bool(one.words) and bool(one.in_language(language).strip()) for one in texts),
            there,
            spoken is not None and bool(spoken.spoken(language)),
        )
        for language in Language
    ]
