"""Who has a pass: how many of a hundred people, by commune and by age; only a month, a commune and a band are known."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct

from domain.figures.bands import ALL, BANDS
from domain.figures.counts import Adopted
from domain.figures.figure import EMPTY, TOTAL, Blank, Cell, Column, Figure, Line, Plot, Unit, share
from domain.figures.hiding import hide_table
from domain.figures.sentences import both, counted, percent, points, written
from domain.figures.words import month_name
from domain.text import Text

Place = tuple[str, str]
"""A commune and a band."""

_PASSES = Column("passes", Text(fr="Pass actifs", en="Active passes"))
_PEOPLE = Column("population", Text(fr="Habitants", en="Population"))
_RATE = Column("rate", Text(fr="Part des habitants", en="Share of the population"), Unit.PERCENT)

_ACTIVE = (Text(fr="pass actif", en="active pass"), Text(fr="pass actifs", en="active passes"))

_ELSEWHERE = ("elsewhere", Text(fr="Autres communes", en="Other communes"))
"""Holders who live outside the communes of the authority."""


class Adoption(Struct, frozen=True):
    """Running passes at the end of a month, `month`, and at the end of the month that it is compared with.

    `communes` are the authority's own, code to name, in the order in which they are told. `people` says how many live
    where, of which band, as far as anybody has entered it.
    """

    month: date
    earlier: date | None
    adopted: Sequence[Adopted]
    communes: Mapping[str, str]
    people: Mapping[Place, int]
    threshold: int


class _Told(Struct, frozen=True):
    """The table of communes and bands with its totals: what is hidden here is hidden wherever it is told."""

    communes: list[tuple[str, Text]]
    cells: dict[Place, Cell]

    def at(self, commune: str, band: str) -> Cell:
        return self.cells[commune, band]


def by_commune(adoption: Adoption) -> Figure:
    """Tell the passes of each commune beside its people."""
    now, before = _told(adoption, adoption.month), _earlier(adoption)
    rows = [*now.communes, (ALL, TOTAL)]
    lines = [
        _line(code, name, now.at(code, ALL), _people_of(adoption, code, ALL), _rate_before(adoption, before, code, ALL))
        for code, name in rows
    ]
    total = lines.pop()
    return Figure(
        "adoption-by-commune",
        _headline(adoption, total, compared=before is not None),
        Text(fr="Commune", en="Commune"),
        _columns(adoption),
        tuple(sorted(lines, key=_by_rate)),
        Plot.BARS,
        total,
        note=_NOTE,
    )


def by_band(adoption: Adoption) -> Figure:
    """Tell the passes of each age band beside its people."""
    now, before = _told(adoption, adoption.month), _earlier(adoption)
    lines = tuple(
        _line(
            band.code,
            band.name,
            now.at(ALL, band.code),
            _people_of(adoption, ALL, band.code),
            _rate_before(adoption, before, ALL, band.code),
        )
        for band in BANDS
    )
    known = [line for line in lines if not isinstance(line.cells[0], Blank)]
    passes = sum(line.cells[1] for line in known if not isinstance(line.cells[1], Blank))
    return Figure(
        "adoption-by-age",
        _first_band(known) if passes else EMPTY,
        Text(fr="Âge", en="Age"),
        _columns(adoption),
        lines,
        Plot.BARS,
    )


def by_commune_and_band(adoption: Adoption) -> Figure:
    """Tell the passes of each commune and band: the table behind the two others."""
    told = _told(adoption, adoption.month)
    lines = tuple(Line(code, name, tuple(told.at(code, band.code) for band in BANDS)) for code, name in told.communes)
    return Figure(
        "adoption-by-commune-and-age",
        Text(fr="Pass actifs par commune et par âge.", en="Active passes by commune and age."),
        Text(fr="Commune", en="Commune"),
        tuple(Column(band.code, band.name) for band in BANDS),
        lines,
        Plot.HEAT,
        Line("total", TOTAL, tuple(told.at(ALL, band.code) for band in BANDS)),
    )


def over_months(months: Sequence[date], adopted: Iterable[Adopted], threshold: int) -> Figure:
    """Follow the number of running passes from month to month."""
    counts = Counter[date]()
    for one in adopted:
        counts[one.month] += one.passes
    lines = tuple(
        Line(
            f"{month:%Y-%m}",
            month_name(month),
            (Blank.HIDDEN if 0 < counts[month] < threshold else float(counts[month]),),
        )
        for month in months
        if month in counts
    )
    first, last = (lines[0].cells[0], lines[-1].cells[0]) if lines else (Blank.UNKNOWN, Blank.UNKNOWN)
    headline = EMPTY
    if not isinstance(first, Blank) and not isinstance(last, Blank):
        headline = both(
            counted(last, *_ACTIVE),
            _grown(last - first),
            Text(fr=" que fin ", en=" than at the end of "),
            lines[0].name,
            ".",
        )
    return Figure(
        "adoption-over-months", headline, Text(fr="Mois", en="Month"), (_PASSES,), lines, Plot.COLUMNS, note=_PAST
    )


def _grown(by: float) -> Text:
    said = written(abs(by))
    return Text(
        fr=f", {said.fr} de {'plus' if by >= 0 else 'moins'}", en=f", {said.en} {'more' if by >= 0 else 'fewer'}"
    )


_NOTE = Text(
    fr="Un pass actif court le dernier jour du mois. Une personne compte une fois, là où elle habite.",
    en="An active pass runs on the last day of the month. A person counts once, where they live.",
)
_PAST = Text(
    fr="Les mois d’avant l’installation sont reconstitués d’après les dates des pass encore actifs.",
    en="Months before the installation are made out from the dates of passes that are active still.",
)


def _told(adoption: Adoption, month: date) -> _Told:
    counts = Counter[Place]()
    for one in adoption.adopted:
        if one.month == month:
            counts[one.commune_code if one.commune_code in adoption.communes else _ELSEWHERE[0], one.band] += one.passes
    communes = [(code, Text(fr=name, en=name)) for code, name in adoption.communes.items()]
    if any(commune == _ELSEWHERE[0] for commune, _ in counts):
        communes.append(_ELSEWHERE)
    table = [[counts[code, band.code] for band in BANDS] for code, _ in communes] or [[0] * len(BANDS)]
    hidden = hide_table(table, adoption.threshold)
    whole = [[*row, sum(row)] for row in table]
    whole.append([sum(column) for column in zip(*whole, strict=True)])
    names = [*(code for code, _ in communes), ALL] if communes else ["", ALL]
    bands = [*(band.code for band in BANDS), ALL]
    cells: dict[Place, Cell] = {
        (code, band): Blank.HIDDEN if (row, column) in hidden else float(whole[row][column])
        for row, code in enumerate(names)
        for column, band in enumerate(bands)
    }
    return _Told(communes, cells)


def _earlier(adoption: Adoption) -> _Told | None:
    if adoption.earlier is None or all(one.month != adoption.earlier for one in adoption.adopted):
        return None
    return _told(adoption, adoption.earlier)


def _people_of(adoption: Adoption, commune: str, band: str) -> Cell:
    """Return how many live there; of the whole authority, where every commune is known."""
    places = adoption.communes if commune == ALL else (commune,)
    found = [adoption.people.get((place, band)) for place in places]
    known = [count for count in found if count]
    return float(sum(known)) if known and len(known) == len(found) else Blank.UNKNOWN


def _rate_before(adoption: Adoption, before: _Told | None, commune: str, band: str) -> Cell:
    """Return the share of the earlier month, of the people of today: a population moves slower than a pass."""
    if before is None or (commune, band) not in before.cells:
        return Blank.UNKNOWN
    return share(before.at(commune, band), _people_of(adoption, commune, band))


def _line(code: str, name: Text, passes: Cell, people: Cell, rate_before: Cell) -> Line:
    return Line(code, name, (share(passes, people), passes, people, rate_before))


def _columns(adoption: Adoption) -> tuple[Column, ...]:
    then = month_name(adoption.earlier) if adoption.earlier is not None else Text(fr="avant", en="before")
    earlier = Column("rate-before", Text(fr=f"Part, {then.fr}", en=f"Share, {then.en}"), Unit.PERCENT)
    return (_RATE, _PASSES, _PEOPLE, earlier)


def _by_rate(line: Line) -> tuple[float, str]:
    return (0.0 if isinstance(line.cells[0], Blank) else -line.cells[0], line.code)


def _headline(adoption: Adoption, total: Line, *, compared: bool) -> Text:
    rate, passes = total.cells[0], total.cells[1]
    if isinstance(passes, Blank) or passes == 0:
        return Text(fr="Aucun pass n’est encore actif.", en="No pass is active yet.")
    if isinstance(rate, Blank):
        return both(
            counted(passes, *_ACTIVE),
            Text(fr="\u00a0; les habitants ne sont pas saisis.", en="; the population was not entered."),
        )
    than = None
    if compared and adoption.earlier is not None:
        then = month_name(adoption.earlier)
        than = Text(fr=f"que fin {then.fr}", en=f"than at the end of {then.en}")
    said = percent(rate, 1)
    return both(
        Text(fr=f"{said.fr} des habitants ont un pass", en=f"{said.en} of the population have a pass"),
        points(rate, total.cells[3], than),
        ".",
    )


def _first_band(known: Sequence[Line]) -> Text:
    if not known:
        return Text(
            fr="Saisissez les habitants par âge pour connaître leur part.",
            en="Enter the population by age to see its share.",
        )
    most = max(known, key=lambda line: -_by_rate(line)[0])
    said = percent(-_by_rate(most)[0], 1)
    return Text(
        fr=f"Les {most.name.fr} ont le plus souvent un pass\u00a0: {said.fr}.",
        en=f"People of {most.name.en} have a pass most often: {said.en}.",
    )
