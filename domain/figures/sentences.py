"""The small change of headlines: numbers, shares and comparisons as parts of a French or an English sentence."""

from domain.figures.figure import BLANKS, Blank, Cell, Unit
from domain.figures.periods import Period
from domain.numbers import number, rounded
from domain.text import Text

_NARROW = "\u00a0"
"""A space at which no line breaks: between a number and its sign."""


def written(value: float, decimals: int = 0) -> Text:
    """Write a number in both languages."""
    return Text(fr=number(value, decimals, "fr"), en=number(value, decimals, "en"))


def percent(value: float, decimals: int = 0) -> Text:
    """Write a share of a hundred: "42 %", "42%"; less than one, with one decimal."""
    places = 1 if 0 < value < 1 else decimals
    said = written(value, places)
    return Text(fr=f"{said.fr}{_NARROW}%", en=f"{said.en}%")


def euros(value: float) -> Text:
    """Write an amount; cents below a hundred euros."""
    decimals = 2 if abs(value) < 100 else 0
    amount = number(value, decimals, "en")
    return Text(
        fr=f"{number(value, decimals, 'fr')}{_NARROW}€", en=f"−€{amount[1:]}" if amount[0] == "−" else f"€{amount}"
    )


def told(cell: Cell, unit: Unit) -> Text:
    """Write a cell as people read it in a table: "1 234", "12,5 %", "masqué"."""
    if isinstance(cell, Blank):
        return BLANKS[cell]
    match unit:
        case Unit.PERCENT:
            return percent(cell, 1)
        case Unit.EUROS:
            return euros(cell)
        case Unit.DAYS:
            return both(written(cell, 1), Text(fr=f"{_NARROW}j", en=f"{_NARROW}d"))
    return written(cell)


def counted(value: float, one: Text, many: Text) -> Text:
    """Write a number with its noun. In French 0 and 1 are singular, in English 1 alone."""
    said = written(value)
    return Text(fr=f"{said.fr} {one.fr if value < 2 else many.fr}", en=f"{said.en} {one.en if value == 1 else many.en}")


def growth(now: Cell, before: Cell, than: Period | None) -> Text:
    """Compare two counts: ", 8 % de plus qu’en mai 2026"; nothing where either is unknown or hidden."""
    if than is None or isinstance(now, Blank) or isinstance(before, Blank) or before == 0:
        return Text(fr="", en="")
    moved = 100 * (now - before) / before
    if rounded(moved, 0) == 0:
        return _as_many(than)
    return _joined(percent(abs(moved)), than.than, more=moved > 0)


def points(now: Cell, before: Cell, than: Text | None) -> Text:
    """Compare two shares by the points between them: ", 6 points de plus qu’en mai 2026"."""
    if than is None or isinstance(now, Blank) or isinstance(before, Blank):
        return Text(fr="", en="")
    moved = rounded(now - before, 1)
    if moved == 0:
        return Text(fr=f", autant {than.fr}", en=f", the same {than.en.replace('than', 'as', 1)}")
    decimals = 0 if moved == int(moved) else 1
    size = abs(moved)
    said = written(size, decimals)
    several = "" if size < 2 else "s"
    noun = Text(fr=f"{said.fr} point{several}", en=f"{said.en} point{'' if size == 1 else 's'}")
    return _joined(noun, than, more=moved > 0)


def _joined(said: Text, than: Text, *, more: bool) -> Text:
    fr, en = ("plus", "more") if more else ("moins", "less")
    return Text(fr=f", {said.fr} de {fr} {than.fr}", en=f", {said.en} {en} {than.en}")


def _as_many(than: Period) -> Text:
    return Text(fr=f", autant {than.than.fr}", en=f", as many as {than.within.en}")


def both(*parts: Text | str) -> Text:
    """Join parts of a sentence; what is no `Text` is the same in both languages."""
    return Text(
        fr="".join(part if isinstance(part, str) else part.fr for part in parts),
        en="".join(part if isinstance(part, str) else part.en for part in parts),
    )
