"""Requests for passes: how many came, what became of them, and how long people waited for the decision."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from domain.figures.figure import (
    EMPTY,
    TOTAL,
    Blank,
    Cell,
    Column,
    Figure,
    Line,
    Plot,
    Unit,
    change,
    lines_of,
    told_line,
)
from domain.figures.hiding import hide_line
from domain.figures.periods import Period
from domain.figures.sentences import both, counted, growth
from domain.text import Text

RECEIVED = "received"
"""In the place of what a request became: that it came."""

LONGEST = 90
"""Days from which on waits are counted together: nobody is told apart by how long it took."""

_CHANNELS = {
    "portal": Text(fr="En ligne", en="Online"),
    "desk": Text(fr="Au guichet", en="At a desk"),
    "paper": Text(fr="Par courrier", en="By post"),
}
_FATES = {
    RECEIVED: Text(fr="Reçues", en="Received"),
    "approved": Text(fr="Acceptées", en="Approved"),
    "rejected": Text(fr="Refusées", en="Refused"),
    "withdrawn": Text(fr="Retirées", en="Withdrawn"),
    "abandoned": Text(fr="Abandonnées", en="Abandoned"),
}
_DECIDED = frozenset({"approved", "rejected"})
_STEPS = (0, 1, 2, 3, 5, 8, 15, 31)
"""First days of the classes of the histogram."""


_DAYS = (Text(fr="jour", en="day"), Text(fr="jours", en="days"))


class Became(Struct, frozen=True):
    """How many requests of one channel came, or became something after so many days."""

    channel: str
    fate: str
    days: int
    requests: int


def percentile(counts: Mapping[int, int], of_hundred: int) -> int | None:
    """Return the least value that so many of a hundred do not exceed (nearest rank); None of nothing."""
    whole = sum(counts.values())
    seen = 0
    for value in sorted(counts):
        seen += counts[value]
        if whole and seen * 100 >= of_hundred * whole:
            return value
    return None


def fates(now: Iterable[Became], before: Iterable[Became], earlier: Period | None, threshold: int) -> Figure:
    """Count what came and what became of it, beside the earlier period."""
    counts, old = (_by_fate(requests) for requests in (now, before))
    codes = [code for code in _FATES if counts[code] or old[code]]
    columns: list[Sequence[Cell]] = [_told(counts, codes, threshold)]
    heads = [Column("requests", Text(fr="Demandes", en="Requests"))]
    if earlier is not None:
        columns.append(_told(old, codes, threshold))
        columns.append([change(one, other) for one, other in zip(*columns, strict=True)])
        heads += [
            Column("before", earlier.name),
            Column("change", Text(fr="Évolution", en="Change"), Unit.PERCENT),
        ]
    lines = tuple(
        Line(code, _FATES[code], cells) for code, cells in zip(codes, zip(*columns, strict=True), strict=True)
    )
    came, came_before = (_cell(codes, column) for column in (columns[0], columns[1] if earlier else ()))
    headline = EMPTY
    if not isinstance(came, Blank):
        words = counted(
            came, Text(fr="demande reçue", en="request received"), Text(fr="demandes reçues", en="requests received")
        )
        headline = both(words, growth(came, came_before, earlier), ".")
    return Figure("requests-received", headline, Text(fr="Demandes", en="Requests"), tuple(heads), lines, Plot.BARS)


def delays(requests: Iterable[Became], threshold: int) -> Figure:
    """Tell how many days it took to decide, by channel: the median and the ninth in ten."""
    waits: dict[str, Counter[int]] = {channel: Counter() for channel in _CHANNELS}
    for one in requests:
        if one.fate in _DECIDED:
            waits[one.channel][one.days] += one.requests
    codes = [channel for channel, counts in waits.items() if counts]
    hidden = hide_line([waits[channel].total() for channel in codes], threshold)
    lines = [
        Line(channel, _CHANNELS[channel], _waited(waits[channel], hidden=place in hidden))
        for place, channel in enumerate(codes)
    ]
    whole = sum(waits.values(), Counter[int]())
    total = Line("total", TOTAL, _waited(whole, hidden=0 < whole.total() < threshold))
    return Figure(
        "requests-delays",
        _delay_words(total) if codes else Text(fr="Aucune demande n’a été décidée.", en="No request was decided."),
        Text(fr="Reçues", en="Received"),
        (
            Column("median", Text(fr="Médiane", en="Median"), Unit.DAYS),
            Column("ninth", Text(fr="Neuf sur dix", en="Nine in ten"), Unit.DAYS),
            Column("decided", Text(fr="Décidées", en="Decided")),
        ),
        tuple(lines),
        Plot.BARS,
        total,
    )


def waits(requests: Iterable[Became], threshold: int) -> Figure:
    """Show how long decisions took, in classes of days."""
    counts = Counter[int]()
    for one in requests:
        if one.fate in _DECIDED:
            counts[max(step for step in _STEPS if step <= one.days)] += one.requests
    cells = told_line([counts[step] for step in _STEPS], threshold)
    lines = lines_of([(str(step), _class_name(place)) for place, step in enumerate(_STEPS)], [cells])
    total = lines.pop()
    quick = sum(counts[step] for step in _STEPS if step <= 5)
    headline = EMPTY
    if counts and Blank.HIDDEN not in cells:
        share = round(100 * quick / counts.total())
        headline = Text(
            fr=f"{share}\u00a0% des demandes sont décidées en une semaine.",
            en=f"{share}% of the requests are decided within a week.",
        )
    elif counts:
        headline = Text(fr="Durée des décisions, en jours.", en="How long decisions took, in days.")
    column = Column("decided", Text(fr="Décidées", en="Decided"))
    return Figure("requests-waits", headline, Text(fr="Jours", en="Days"), (column,), tuple(lines), Plot.COLUMNS, total)


def _by_fate(requests: Iterable[Became]) -> Counter[str]:
    counts = Counter[str]()
    for one in requests:
        counts[one.fate] += one.requests
    return counts


def _told(counts: Counter[str], codes: Sequence[str], threshold: int) -> list[Cell]:
    """Hide small counts; of what was decided with another, for its total is told with the delays."""
    decided = [code for code in codes if code in _DECIDED]
    away = {decided[place] for place in hide_line([counts[code] for code in decided], threshold)}
    return [
        Blank.HIDDEN if code in away or (code not in _DECIDED and 0 < counts[code] < threshold) else float(counts[code])
        for code in codes
    ]


def _cell(codes: Sequence[str], column: Sequence[Cell]) -> Cell:
    return column[codes.index(RECEIVED)] if RECEIVED in codes and column else Blank.UNKNOWN


def _waited(counts: Counter[int], *, hidden: bool) -> tuple[Cell, ...]:
    if hidden:
        return (Blank.HIDDEN, Blank.HIDDEN, Blank.HIDDEN)
    found = (percentile(counts, 50), percentile(counts, 90))
    return (*(Blank.UNKNOWN if one is None else float(one) for one in found), float(counts.total()))


def _delay_words(total: Line) -> Text:
    median, ninth, _ = total.cells
    if isinstance(median, Blank) or isinstance(ninth, Blank):
        return Text(fr="Trop peu de demandes décidées pour dire leur durée.", en="Too few decided requests to tell.")
    half, most = (counted(days, *_DAYS) for days in (median, ninth))
    if median == ninth:
        return Text(
            fr=f"Neuf demandes sur dix sont décidées en {most.fr}.",
            en=f"Nine requests in ten are decided in {most.en}.",
        )
    return Text(
        fr=f"Une demande sur deux est décidée en {half.fr}, neuf sur dix en {most.fr}.",
        en=f"Half of the requests are decided in {half.en}, nine in ten in {most.en}.",
    )


def _class_name(place: int) -> Text:
    first = _STEPS[place]
    if place == len(_STEPS) - 1:
        return Text(fr=f"{first} et plus", en=f"{first} and more")
    last = _STEPS[place + 1] - 1
    said = str(first) if first == last else f"{first}–{last}"
    return Text(fr=said, en=said)
