"""Plots of figures, drawn by the server: bars, small multiples, heat maps. Where shapes stand; the template draws them.

Few inks, words beside what they name, and always a zero: a bar twice as long is twice as much. What is hidden is said
in a word where its bar would be.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from domain.figures.figure import Blank, Cell, Column, Figure, Line, Plot
from domain.figures.sentences import told
from domain.text import Text
from web.moments import Language
from web.scales import scale_for

WIDTH = 400.0
"""In the units of the drawing, which its page scales."""

MOST_BARS = 15
"""Longer lists go on in the table."""

SHADES = 5
"""From none to the most: more are hard to tell apart."""

MARKS = {"before", "rate-before"}
"""Columns that say what the first was earlier: a mark across the bar."""

_ROW = 38.0
_VALUES_FROM = 300.0
_ALT = {"fr": "Les mêmes chiffres sont dans le tableau.", "en": "The same figures are in the table."}
_LETTER = 6.8
"""How wide a letter is, about."""

_FEW_COLUMNS = 8
"""So few have room for their numbers in the picture."""


class Bar(Struct, frozen=True):
    """One lying bar under its name; `mark` is where it was earlier, None where that is not known."""

    name: str
    words: str
    y: float
    length: float
    mark: float | None
    blank: bool


class Upright(Struct, frozen=True):
    """One standing bar; `name` is empty where there is no room for it. `words_y` is above every bar below its words."""

    name: str
    words: str
    x: float
    y: float
    width: float
    height: float
    blank: bool
    told: bool
    words_y: float


class Multiple(Struct, frozen=True):
    """One small picture of several: a line over its ground."""

    name: str
    words: str
    x: float
    y: float
    line: str
    dots: tuple[tuple[float, float], ...]


class Square(Struct, frozen=True):
    """One field of a heat map; `shade` None is hidden."""

    words: str
    text: str
    x: float
    y: float
    width: float
    shade: int | None


class HeatMap(Struct, frozen=True):
    """Fields, with the names beside and below them."""

    squares: tuple[Square, ...]
    rows: tuple[tuple[float, str], ...]
    columns: tuple[tuple[float, str], ...]
    least: str
    most: str
    below: float


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def plot(figure: Figure, language: Language, *, most_bars: int = MOST_BARS) -> Markup:
    """Draw a figure as SVG; nothing where it has no number but 0."""
    if figure.plot is Plot.BARS:
        figure = replace(figure, lines=figure.lines[:most_bars])
    if not any(cell for line in figure.lines for cell in _known(line.cells)):
        return Markup()
    shapes, height = _DRAWN[figure.plot](figure, language)
    drawn = (
        _environment()
        .get_template("plots.html")
        .render(
            kind=figure.plot.value,
            shapes=shapes,
            width=WIDTH,
            height=round(height, 1),
            words=f"{_said(figure.headline, language)} {_ALT[language]}",
            language=language,
        )
    )
    return Markup(drawn)  # noqa: S704 - Jinja's own, with every value escaped


def bars(figure: Figure, language: Language) -> tuple[tuple[Bar, ...], float]:
    """Lay lying bars out, the first column's."""
    unit = figure.columns[0].unit
    earlier = next((place for place, one in enumerate(figure.columns) if one.code in MARKS), None)
    lines = figure.lines
    seen = [line.cells[0] for line in lines] + ([line.cells[earlier] for line in lines] if earlier is not None else [])
    most = max([0.0, *_known(seen)]) or 1.0
    laid = tuple(
        Bar(
            _said(line.name, language),
            _said(told(line.cells[0], unit), language),
            _ROW * place,
            _length(line.cells[0], most),
            _mark(line, earlier, most),
            isinstance(line.cells[0], Blank),
        )
        for place, line in enumerate(lines)
    )
    return laid, _ROW * len(lines) + 2


def uprights(figure: Figure, language: Language) -> tuple[tuple[Upright, ...], float]:
    """Lay standing bars out along the lines; the largest, the first and the last say their number."""
    top, base, unit = 24.0, 150.0, figure.columns[0].unit
    cells = [line.cells[0] for line in figure.lines]
    most = max([0.0, *_known(cells)]) or 1.0
    width = WIDTH / len(cells)
    largest = max(range(len(cells)), key=lambda place: _number(cells[place]))
    # Three names are read at a glance, and never run into each other.
    named = {0, len(cells) // 2, len(cells) - 1}
    tops = [base - (base - top) * _number(cell) / most for cell in cells]
    laid = []
    for place, (line, cell) in enumerate(zip(figure.lines, cells, strict=True)):
        height, words = base - tops[place], _said(told(cell, unit), language)
        below = 1 + int(_LETTER * len(words) / width)  # the first number reaches to the right, the last to the left
        near = tops[:below] if place == 0 else tops[-below:] if place == len(cells) - 1 else [tops[place]]
        laid.append(
            Upright(
                _said(line.name, language) if place in named else "",
                words,
                round(width * place, 1),
                round(base - height, 1),
                round(width, 1),
                round(height, 1),
                isinstance(cell, Blank),
                place in {0, largest, len(cells) - 1},
                round(min(near) - 6, 1),
            )
        )
    return tuple(laid), 172.0


def multiples(figure: Figure, language: Language) -> tuple[tuple[Multiple, ...], float]:
    """Lay one small picture out for each column, each with a scale of its own, from zero."""
    wide, high, gap = 190.0, 78.0, 20.0
    laid: list[Multiple] = []
    for place, column in enumerate(figure.columns):
        cells = [line.cells[place] for line in figure.lines]
        known = _known(cells)
        if not known:
            continue
        x, y = (wide + gap) * (len(laid) % 2), (high + 38) * (len(laid) // 2)
        most = scale_for(0.0, max(known))[1]
        points = [
            (round(x + wide * at / max(1, len(cells) - 1), 1), round(y + 22 + high * (1 - cell / most), 1))
            for at, cell in enumerate(cells)
            if not isinstance(cell, Blank)
        ]
        runs = list(_runs(cells, points))
        laid.append(
            Multiple(
                _said(column.name, language),
                _most_words(column, known, language),
                x,
                y,
                " ".join("M" + "L".join(f"{left:g} {up:g}" for left, up in run) for run in runs if len(run) > 1),
                tuple(run[0] for run in runs if len(run) == 1),
            )
        )
    return tuple(laid), 116.0 * -(-len(laid) // 2)


def heat(figure: Figure, language: Language) -> tuple[HeatMap, float]:
    """Lay a heat map out: the more, the darker."""
    left, unit = (74.0 if len(figure.columns) > _FEW_COLUMNS else 134.0), figure.columns[0].unit
    high, wide = 24.0, (WIDTH - left) / len(figure.columns)
    known = _known([cell for line in figure.lines for cell in line.cells])
    most = max(known) or 1.0
    squares = tuple(
        Square(
            f"{_said(line.name, language)}, {_said(column.name, language)}: {_said(told(cell, unit), language)}",
            _said(told(cell, unit), language)
            if len(figure.columns) <= _FEW_COLUMNS and not isinstance(cell, Blank)
            else "",
            round(left + wide * across, 1),
            high * down,
            round(wide - 1.5, 1),
            None if isinstance(cell, Blank) else _shade(cell, most),
        )
        for down, line in enumerate(figure.lines)
        for across, (column, cell) in enumerate(zip(figure.columns, line.cells, strict=True))
    )
    every = 1 if len(figure.columns) <= _FEW_COLUMNS else 3
    below = high * len(figure.lines)
    return (
        HeatMap(
            squares,
            tuple((high * place + 16, _said(line.name, language)) for place, line in enumerate(figure.lines)),
            tuple(
                (round(left + wide * (place + 0.5), 1), _fitting(column, wide * every, language))
                for place, column in enumerate(figure.columns)
                if place % every == 0
            ),
            _said(told(min(known), unit), language),
            _said(told(most, unit), language),
            below,
        ),
        below + 40,
    )


Laid = tuple[object, float]

_DRAWN: dict[Plot, Callable[[Figure, Language], Laid]] = {
    Plot.BARS: bars,
    Plot.COLUMNS: uprights,
    Plot.LINES: multiples,
    Plot.HEAT: heat,
}


def _known(cells: Sequence[Cell]) -> list[float]:
    return [cell for cell in cells if not isinstance(cell, Blank)]


def _number(cell: Cell) -> float:
    return 0.0 if isinstance(cell, Blank) else cell


def _length(cell: Cell, most: float) -> float:
    return round(_VALUES_FROM * max(0.0, _number(cell)) / most, 1)


def _mark(line: Line, earlier: int | None, most: float) -> float | None:
    if earlier is None or isinstance(line.cells[earlier], Blank):
        return None
    return _length(line.cells[earlier], most)


def _shade(cell: float, most: float) -> int:
    return 0 if cell <= 0 else min(SHADES, 1 + int(SHADES * cell / most * 0.9999))


def _runs(cells: Sequence[Cell], points: Sequence[tuple[float, float]]) -> Iterator[list[tuple[float, float]]]:
    """Part a line where a number is missing."""
    left, run = list(points), list[tuple[float, float]]()
    for cell in cells:
        if not isinstance(cell, Blank):
            run.append(left.pop(0))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _fitting(column: Column, wide: float, language: Language) -> str:
    """The name of a column, or its code where that alone fits below it."""
    name = _said(column.name, language)
    return name if len(name) * _LETTER <= wide else column.code


def _most_words(column: Column, known: Sequence[float], language: Language) -> str:
    most = _said(told(max(known), column.unit), language)
    return f"max. {most}"


def _said(text: Text, language: Language) -> str:
    return text.fr if language == "fr" else text.en
