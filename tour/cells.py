"""Cells of a file that a spreadsheet wrote, in French or in English, and what is wrong with them."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from msgspec import Struct

from domain.errors import DomainError
from domain.errors.devices import BadCell

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class CellFault(Struct, frozen=True):
    """What is wrong at one place. `column` is empty where it is the line as a whole."""

    column: str
    code: str
    words: str


class Cells:
    """The cells of one line, that collect what is wrong with them."""

    def __init__(self, number: int, cells: dict[str, str]) -> None:
        self.number = number
        self.faults: list[CellFault] = []
        self._cells = cells

    def __getitem__(self, column: str) -> str:
        return self._cells[column]

    def follow(self, first: "Cells", columns: Iterable[str]) -> None:
        """Take these columns from another line, where this one is silent or says the same."""
        for column in columns:
            said = first[column]
            if self[column] and self[column] != said:
                self.faults.append(CellFault(column, BadCell.code, f"Line {first.number} says {said or 'nothing'}."))
            self._cells[column] = said

    def take(self, column: str, parse: Callable[[str], T], *, instead: T) -> T:
        """Read a cell, or keep what is wrong with it and return what fills its place."""
        try:
            return parse(self[column])
        except DomainError as problem:
            self.faults.append(CellFault(column, problem.code, problem.detail))
            return instead


def text(cell: str) -> str:
    """Read words."""
    if not cell:
        raise BadCell("The cell is empty.")
    return cell


def number(cell: str) -> float:
    """Read a number as spreadsheets of both languages write it: 3.5 or 3,5, never 1,234.5."""
    plain = cell.replace(",", ".", 1)
    digits = plain.removeprefix("-").replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit()):
        raise BadCell(f"{cell or 'Nothing'} is no number.")
    return float(plain)


def day(cell: str) -> date:
    """Read a day: 2026-11-24, or 24/11/2026 as French spreadsheets make of it."""
    for pattern in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(cell, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise BadCell(f"{cell or 'Nothing'} is no day: write 2026-11-24.")


_WORDS = {
    "yes": True,
    "oui": True,
    "true": True,
    "vrai": True,
    "no": False,
    "non": False,
    "false": False,
    "faux": False,
}


def yes(cell: str) -> bool:
    """Read yes or no, in either language."""
    try:
        return _WORDS[cell.lower()]
    except KeyError:
        raise BadCell(f"{cell or 'Nothing'} is neither yes nor no.") from None


def one_of(kind: type[E]) -> Callable[[str], E]:
    """Read one of the words of an enumeration."""

    def parse(cell: str) -> E:
        try:
            return kind(cell.lower())
        except ValueError:
            raise BadCell(f"{cell or 'Nothing'} is none of: {', '.join(kind)}.") from None

    return parse


def or_else(silent: T, parse: Callable[[str], T]) -> Callable[[str], T]:
    """Read a cell that may be empty, and then means this."""
    return lambda cell: parse(cell) if cell else silent
