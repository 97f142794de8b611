"""How many came: by service and site, from week to week, by hour and weekday."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from domain.figures.counts import DayTally, Fate, HourTally, Tally
from domain.figures.figure import (
    EMPTY,
    Blank,
    Cell,
    Column,
    Figure,
    Line,
    Plot,
    Unit,
    change,
    lines_of,
    shown,
    told_line,
)
from domain.figures.hiding import hide_line, hide_table
from domain.figures.periods import Period, months_of
from domain.figures.sentences import both, counted, growth, percent, written
from domain.figures.weeks import weeks_of
from domain.figures.words import MONTH_NAMES, WEEKDAY_NAMES, clock, day_name
from domain.services import BY_CODE, SERVICES
from domain.text import Text

_PASSAGES = (Text(fr="passage", en="passage"), Text(fr="passages", en="passages"))

_ENTRIES = Column("passages", Text(fr="Passages", en="Passages"))
_REFUSED = Column("refused", Text(fr="Refus", en="Refusals"))

_WEEK_DAYS = 7
_LONG = 100
"""Days from which on a trend is told by months; below, by weeks."""


class Gates(Struct, frozen=True):
    """The answers of gates in a period and, where it can be compared, in the earlier one."""

    period: Period
    now: Sequence[Tally]
    earlier: Period | None
    before: Sequence[Tally]
    threshold: int


def by_service(gates: Gates) -> Figure:
    """Count passages by service, beside those of the earlier period."""
    codes = [service.code for service in SERVICES if any(one.service == service.code for one in gates.now)]
    now, before = (_by(tallies, Fate.ADMITTED, "service") for tallies in (gates.now, gates.before))
    columns = [told_line([now[code] for code in codes], gates.threshold)]
    heads = [_ENTRIES]
    if gates.earlier is not None:
        columns.append(told_line([before[code] for code in codes], gates.threshold))
        columns.append([change(one, other) for one, other in zip(*columns, strict=True)])
        heads += [
            Column("before", _name(gates.earlier)),
            Column("change", Text(fr="Évolution", en="Change"), Unit.PERCENT),
        ]
    lines = lines_of([(code, BY_CODE[code].name) for code in codes], columns)
    total = lines.pop()
    headline = both(
        counted(sum(now.values()), *_PASSAGES),
        " ",
        gates.period.within,
        growth(total.cells[0], total.cells[1] if gates.earlier is not None else Blank.UNKNOWN, gates.earlier),
        ".",
    )
    if isinstance(total.cells[0], Blank):
        headline = Text(fr="Trop peu de passages pour être dits.", en="Too few passages to be told.")
    return Figure(
        "passages-by-service",
        headline if codes else EMPTY,
        Text(fr="Service", en="Service"),
        tuple(heads),
        tuple(lines),
        Plot.BARS,
        total,
    )


def by_site(gates: Gates) -> Figure:
    """Count passages and refusals by site: small sites are hidden among those of their service."""
    names = {one.site: (one.service, one.site_name) for one in gates.now}
    admitted, refused = (_by(gates.now, fate, "site") for fate in (Fate.ADMITTED, Fate.REFUSED))
    hidden = [_hidden_sites(counts, names, gates.threshold) for counts in (admitted, refused)]
    order = sorted(names, key=lambda code: (-admitted[code], code))
    lines = []
    for code in order:
        cells: list[Cell] = [
            Blank.HIDDEN if code in away else float(counts[code])
            for counts, away in zip((admitted, refused), hidden, strict=True)
        ]
        lines.append(Line(code, names[code][1], tuple(cells)))
    return Figure(
        "passages-by-site",
        _first_site(lines, sum(admitted.values())),
        Text(fr="Site", en="Site"),
        (_ENTRIES, _REFUSED),
        tuple(lines),
        Plot.BARS,
    )


def over_time(period: Period, tallies: Iterable[DayTally], threshold: int) -> Figure:
    """Follow each service through the period: by weeks, or by months where it is long."""
    weekly = (period.known_until - period.first).days < _LONG
    weeks = weeks_of(period) if weekly else []
    steps_of = {week.first + timedelta(days=day): week.first for week in weeks for day in range(week.days)}
    counts: defaultdict[str, Counter[date]] = defaultdict(Counter)
    for one in tallies:
        step = steps_of.get(one.day, one.day) if weekly else one.day.replace(day=1)
        counts[one.service][step] += one.admitted
    codes = [service.code for service in SERVICES if service.code in counts]
    steps = ([week.first for week in weeks] if weekly else months_of(period)) if codes else []
    table = [[counts[code][step] for code in codes] for step in steps]
    hidden = hide_table(table, threshold) if table else frozenset()
    lines = tuple(
        Line(
            step.isoformat(),
            day_name(step) if weekly else MONTH_NAMES[step.month - 1],
            tuple(shown(table[row], {column for place, column in hidden if place == row})),
        )
        for row, step in enumerate(steps)
    )
    return Figure(
        "passages-over-time",
        _best_step(lines, {week.first.isoformat() for week in weeks if week.days == _WEEK_DAYS}, weekly=weekly),
        Text(fr="À partir du", en="From") if weekly else Text(fr="Mois", en="Month"),
        tuple(Column(code, BY_CODE[code].name) for code in codes),
        lines,
        Plot.LINES,
        note=Text(
            fr="Au bord d’un mois, une semaine a de quatre à dix jours.",
            en="At the edge of a month a week has four to ten days.",
        )
        if weekly
        else None,
    )


def by_hour(service: str, tallies: Iterable[HourTally], threshold: int) -> Figure:
    """Show at which hour of which weekday people come to a service."""
    counts = Counter[tuple[int, int]]()
    for one in tallies:
        counts[one.weekday, one.hour] += one.admitted
    hours = sorted({hour for (_, hour), count in counts.items() if count})
    wide = list(range(hours[0], hours[-1] + 1)) if hours else []
    table = [[counts[weekday, hour] for hour in wide] for weekday in range(7)]
    hidden = hide_table(table, threshold) if wide else frozenset()
    name = BY_CODE[service].name
    lines = tuple(
        Line(str(weekday + 1), WEEKDAY_NAMES[weekday], tuple(shown(row, {at for day, at in hidden if day == weekday})))
        for weekday, row in enumerate(table)
    )
    return Figure(
        f"hours-{service}",
        _best_hour(name, counts) if wide else EMPTY,
        Text(fr="Jour", en="Day"),
        tuple(Column(str(hour), clock(hour)) for hour in wide),
        lines,
        Plot.HEAT,
    )


def _by(tallies: Iterable[Tally], fate: Fate, what: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for one in tallies:
        if one.fate is fate:
            counts[one.service if what == "service" else one.site] += one.passages
    return counts


def _hidden_sites(counts: Counter[str], names: Mapping[str, tuple[str, Text]], threshold: int) -> set[str]:
    """Hide small sites among those of their service, and all of them where the service itself is hidden."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for code in sorted(names):
        groups[names[code][0]].append(code)
    services = sorted(groups)
    totals = [sum(counts[code] for code in groups[service]) for service in services]
    away = hide_line(totals, threshold)
    hidden: set[str] = set()
    for place, service in enumerate(services):
        codes = groups[service]
        lost = range(len(codes)) if place in away else hide_line([counts[code] for code in codes], threshold)
        hidden |= {codes[one] for one in lost if counts[codes[one]]}
    return hidden


def _first_site(lines: Sequence[Line], whole: int) -> Text:
    if not lines:
        return EMPTY
    first = lines[0]
    if isinstance(first.cells[0], Blank):
        return Text(fr="Trop peu de passages pour comparer les sites.", en="Too few passages to compare sites.")
    said = percent(100 * first.cells[0] / whole) if whole else percent(0)
    return Text(
        fr=f"{first.name.fr} reçoit le plus de monde\u00a0: {said.fr} des passages.",
        en=f"{first.name.en} has most visitors: {said.en} of the passages.",
    )


def _best_step(lines: Sequence[Line], whole: Container[str], *, weekly: bool) -> Text:
    """Say the busiest step; of weeks only those of seven days are compared, where there are any."""
    comparable = [line for line in lines if line.code in whole] or lines
    sums = [(sum(cell for cell in line.cells if not isinstance(cell, Blank)), line) for line in comparable]
    if not sums or not max(total for total, _ in sums):
        return EMPTY
    most, best = max(sums, key=lambda one: one[0])
    said = written(most)
    if weekly:
        return Text(
            fr=f"La semaine du {best.name.fr} a été la plus fréquentée\u00a0: {said.fr} passages.",
            en=f"The week of {best.name.en} was the busiest: {said.en} passages.",
        )
    return Text(
        fr=f"Le mois le plus fréquenté est {best.name.fr}\u00a0: {said.fr} passages.",
        en=f"The busiest month is {best.name.en}: {said.en} passages.",
    )


def _best_hour(name: Text, counts: Counter[tuple[int, int]]) -> Text:
    (weekday, hour), _ = max(counts.items(), key=lambda one: (one[1], -one[0][0], -one[0][1]))
    day, time = WEEKDAY_NAMES[weekday], clock(hour)
    return Text(
        fr=f"{name.fr}\u00a0: le {day.fr} à {time.fr} est l’heure la plus fréquentée.",
        en=f"{name.en}: {day.en} at {time.en} is the busiest hour.",
    )


def _name(earlier: Period) -> Text:
    name = earlier.name
    return Text(fr=name.fr[0].upper() + name.fr[1:], en=name.en[0].upper() + name.en[1:])
