"""The picture of what a stream was: where its line runs, and what is written beside it. The template draws it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil, floor, log10
from statistics import median
from zoneinfo import ZoneInfo

from msgspec import Struct

from tour.past import Past
from web.moments import MONTHS, Language, clock
from web.numbers import number
from web.scales import scale_for

WIDTH, HEIGHT = 360, 166
LEFT, RIGHT, TOP, BASE = 44.0, 352.0, 10.0, 140.0
"""In the units of the drawing: the line runs between them, figures stand on the left and times below."""

_LABELS = 4
_GAP = 2.5
"""Steps without a value after which the line breaks: nobody knows what was between."""


class Tick(Struct, frozen=True):
    """A figure and its height, or a time and its place."""

    at: float
    words: str


class Chart(Struct, frozen=True):
    """Paths of SVG: `line` is the values, `band` lies between the least and the most of each step; `dots` are alone.

    `usual` is what these hours mostly are, empty where that is not known.
    """

    line: str
    band: str
    usual: str
    dots: tuple[tuple[float, float], ...]
    heights: tuple[Tick, ...]
    times: tuple[Tick, ...]
    least: str
    most: str


class _Placed(Struct, frozen=True):
    x: float
    y: float
    low: float
    high: float


def chart(past: Past, zone: ZoneInfo, language: Language, decimals: int, *, from_zero: bool) -> Chart | None:
    """Lay a history out; None where there are not two values to draw a line between.

    `from_zero` is for what is counted: half the height is half as many.
    """
    known = [(point, point.value) for point in past.points if point.value is not None]
    if len(known) < 2:
        return None
    ends = [end for point, value in known for end in (value, point.low, point.high) if end is not None]
    ends += [end for hour in past.usual for end in (hour.low, hour.high)]
    bottom, top, step = scale_for(min(0.0, *ends) if from_zero else min(ends), max(ends))
    length = past.end - past.start

    def height(value: float) -> float:
        return round(BASE - (BASE - TOP) * (value - bottom) / (top - bottom), 1)

    def place(at: datetime) -> float:
        # The first step may begin before what was asked for: it ends in it.
        return round(LEFT + (RIGHT - LEFT) * max(0.0, (at - past.start) / length), 1)

    placed = [
        _Placed(
            place(point.at),
            height(value),
            height(point.low if point.low is not None else value),
            height(point.high if point.high is not None else value),
        )
        for point, value in known
    ]
    usual = [_Placed(place(one.at), 0.0, height(one.low), height(one.high)) for one in past.usual]
    runs = list(_runs(placed))
    values = [value for _, value in known]
    ticks = [bottom + step * each for each in range(round((top - bottom) / step) + 1)]
    return Chart(
        line=" ".join(_path([(one.x, one.y) for one in run]) for run in runs if len(run) > 1),
        band=" ".join(_around(run) for run in runs if len(run) > 1),
        usual=" ".join(_around(run) for run in _runs(usual) if len(run) > 1),
        dots=tuple((run[0].x, run[0].y) for run in runs if len(run) == 1),
        heights=tuple(Tick(height(tick), number(tick, max(0, -floor(log10(step))), language)) for tick in ticks),
        times=tuple(Tick(place(at), words) for at, words in _times(past.start, past.end, zone, language)),
        least=number(min(values), decimals, language),
        most=number(max(values), decimals, language),
    )


def _runs(placed: Sequence[_Placed]) -> Iterator[list[_Placed]]:
    """Part the values where none came for long."""
    if not placed:
        return
    longest = _GAP * median([after.x - before.x for before, after in pairwise(placed)] or [0.0])
    run = [placed[0]]
    for before, after in pairwise(placed):
        if after.x - before.x > longest:
            yield run
            run = []
        run.append(after)
    yield run


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def _around(run: Sequence[_Placed]) -> str:
    return _path([*((one.x, one.high) for one in run), *((one.x, one.low) for one in reversed(run))]) + "Z"


def _times(start: datetime, end: datetime, zone: ZoneInfo, language: Language) -> Iterator[tuple[datetime, str]]:
    """Name a few local hours of a day or two, or a few days of more."""
    hours = 6 if end - start <= timedelta(days=2) else 24 * ceil((end - start) / timedelta(days=_LABELS))
    local = start.astimezone(zone).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    wall = local.replace(hour=local.hour // 6 * 6 if hours < 24 else 0)
    while (at := wall.replace(tzinfo=zone)) < end:
        if at >= start:
            yield at, clock(wall.hour * 60, language) if hours < 24 else _short(wall, language)
        wall += timedelta(hours=hours)


def _short(at: datetime, language: Language) -> str:
    return f"{at.day}/{at.month:02}" if language == "fr" else f"{at.day} {MONTHS['en'][at.month - 1][:3]}"
