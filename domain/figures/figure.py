"""A figure of a dashboard: a sentence, and the table behind it. Plots, pages, files and the API are made of it."""

from collections.abc import Collection, Sequence
from enum import StrEnum

from msgspec import Struct

from domain.figures.hiding import hide_line, total_hides
from domain.text import Text


class Blank(StrEnum):
    """Why a cell has no number."""

    HIDDEN = "hidden"
    """The count is small, or would tell one that is."""
    UNKNOWN = "unknown"
    """Nobody has counted or entered it."""


BLANKS = {
    Blank.HIDDEN: Text(fr="masqué", en="hidden"),
    Blank.UNKNOWN: Text(fr="inconnu", en="unknown"),
}

Cell = float | Blank
"""A number, in the unit of its column, or why there is none."""


class Unit(StrEnum):
    """What the numbers of a column are."""

    COUNT = "count"
    PERCENT = "percent"
    DAYS = "days"
    EUROS = "euros"


class Plot(StrEnum):
    """How a figure is drawn."""

    BARS = "bars"
    """One bar for each line, by the first column; a mark where the second stands, if that is of the same unit."""
    HEAT = "heat"
    """Lines by columns, the more the darker."""
    LINES = "lines"
    """One small picture for each column, along the lines."""
    COLUMNS = "columns"
    """Standing bars along the lines, by the first column."""


class Column(Struct, frozen=True):
    """What one number of each line is."""

    code: str
    name: Text
    unit: Unit = Unit.COUNT


class Line(Struct, frozen=True):
    """What is told of one thing: a site, a commune, a reason."""

    code: str
    name: Text
    cells: tuple[Cell, ...]


class Figure(Struct, frozen=True):
    """A figure. `headline` says in a sentence what the plot shows; `of` is what the lines are."""

    code: str
    headline: Text
    of: Text
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    plot: Plot
    total: Line | None = None
    note: Text | None = None

    @property
    def hides(self) -> bool:
        """Whether a count of it is hidden."""
        lines = (*self.lines, self.total) if self.total is not None else self.lines
        return any(cell is Blank.HIDDEN for line in lines for cell in line.cells)


TOTAL = Text(fr="Total", en="Total")
EMPTY = Text(fr="Rien n’a été compté sur cette période.", en="Nothing was counted in this period.")


def shown(counts: Sequence[int], hidden: Collection[int]) -> list[Cell]:
    """Put counts into cells, those at these places hidden."""
    return [Blank.HIDDEN if place in hidden else float(count) for place, count in enumerate(counts)]


def share(part: Cell, whole: Cell) -> Cell:
    """How many of a hundred; unknown of nothing, hidden where either is."""
    if isinstance(part, Blank) or isinstance(whole, Blank):
        return Blank.HIDDEN if Blank.HIDDEN in {part, whole} else Blank.UNKNOWN
    return 100 * part / whole if whole else Blank.UNKNOWN


def change(now: Cell, before: Cell) -> Cell:
    """By how many of a hundred something has grown."""
    if isinstance(now, Blank) or isinstance(before, Blank):
        return share(now, before)
    return 100 * (now - before) / before if before else Blank.UNKNOWN


def told_line(counts: Sequence[int], threshold: int) -> list[Cell]:
    """Put counts into cells, small ones hidden, with their total behind them."""
    cells = shown(counts, hide_line(counts, threshold))
    return [*cells, Blank.HIDDEN if total_hides(counts, threshold) else float(sum(counts))]


def lines_of(names: Sequence[tuple[str, Text]], columns: Sequence[Sequence[Cell]]) -> list[Line]:
    """Turn columns into lines; the last cell of each column is the total's."""
    whole = [*names, ("total", TOTAL)]
    return [Line(code, name, cells) for (code, name), cells in zip(whole, zip(*columns, strict=True), strict=True)]
