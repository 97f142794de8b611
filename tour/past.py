"""What a stream was, as anybody may read it: rounded as it is said, and silent about few people."""

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from io import StringIO
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.devices import Stream
from domain.rollups import Step
from domain.usual import Percentiles
from store.comparisons import usual_hours
from store.history import History, Point, history
from store.shown import Shown
from tour.catalogue import model, quantity
from tour.explain import WEEKS_NEEDED
from tour.live import LICENCE
from tour.terms import Quantity, Span, Words
from tour.wording import few_of
from web.numbers import rounded

STEPS = {"raw": Step.RAW, "15m": Step.QUARTER, "1h": Step.HOUR, "1d": Step.DAY}
_NAMES = {step: name for name, step in STEPS.items()}
_HOUR_SECONDS = 3600
_COMPARED = timedelta(days=2)


class PastPoint(Struct, frozen=True):
    """One point: the value by which its time is shown, the least and the most in it, of how many readings.

    None is a number of people too small to be told.
    """

    at: datetime
    value: float | None
    low: float | None
    high: float | None
    count: int


class UsualHour(Struct, frozen=True):
    """Between which values the middle half of an hour's last eight weeks lay."""

    at: datetime
    low: float
    high: float


class Past(Struct, frozen=True, kw_only=True, rename="camel"):
    """A stream from `start` to before `end`, in 500 points at most. `days` of a point is more than 1 over many years.

    `unit` is UCUM. `fewer_than` is the number under which values are not told, where there is one. `usual` is there for
    hours of two days at most, where enough weeks are known.
    """

    stream: UUID
    quantity: str
    name: Words
    unit: str
    step: str
    days: int
    start: datetime
    end: datetime
    fewer_than: int | None
    points: tuple[PastPoint, ...]
    usual: tuple[UsualHour, ...]
    source: str
    licence: str = LICENCE


async def past_of(
    connection: AsyncConnection, shown: Shown, start: datetime, end: datetime, *, step: Step | None = None
) -> Past:
    """Read what a stream was from an instant to before another, with what was usual then.

    Raises:
        HistoryTooLong: as `store.history`.
    """
    zone = ZoneInfo(shown.zone)
    found = await history(connection, shown.stream, zone, start, end, step=step)
    usual: dict[datetime, Percentiles] = {}
    if found.step is Step.HOUR and end - start <= _COMPARED:
        usual = await usual_hours(connection, shown.stream, [point.at for point in found.points], zone)
    return past(shown, found, usual, start, end)


def past(shown: Shown, found: History, usual: Mapping[datetime, Percentiles], start: datetime, end: datetime) -> Past:
    """Put a history into the form in which it leaves the house; `usual` is by the beginnings of its hours."""
    measured = quantity(shown.stream.quantity)
    few_at_once = few_of_one(shown.stream)
    few = few_of(measured, Span.HOUR) if found.step in {Step.HOUR, Step.DAY} else few_at_once
    return Past(
        stream=shown.stream.id,
        quantity=measured.code,
        name=measured.name,
        unit=measured.unit,
        step=_NAMES[found.step],
        days=found.days,
        start=start,
        end=end,
        fewer_than=few,
        points=tuple(_point(point, measured, few, few_at_once) for point in found.points),
        usual=tuple(
            UsualHour(at, low, high)
            for at, hour in usual.items()
            if hour.count >= WEEKS_NEEDED
            and (low := told(hour.p25, measured, few)) is not None
            and (high := told(hour.p75, measured, few)) is not None
        ),
        source=model(shown.device.model).name,
    )


def few_of_one(stream: Stream) -> int | None:
    """Return the number under which a single value of a stream is not told; None where every value is.

    A flow of a quarter stands for a quarter as many passages.
    """
    span = Span.HOUR if stream.period_seconds >= _HOUR_SECONDS else Span.QUARTER
    return few_of(quantity(stream.quantity), span)


def _point(point: Point, measured: Quantity, few: int | None, few_at_once: int | None) -> PastPoint:
    return PastPoint(
        point.at,
        told(point.value, measured, few),
        told(point.low, measured, few_at_once),
        told(point.high, measured, few_at_once),
        point.count,
    )


def told(value: float, measured: Quantity, few: int | None) -> float | None:
    """Round a value as it is said; a number of people that is too small is None."""
    number = rounded(value, measured.decimals)
    return None if few is not None and number < few else number


def lines(past: Past) -> Iterator[str]:
    """Write a history as CSV (RFC 4180), one line a point; an empty cell is a number too small to be told."""
    yield _line("at", "value", "low", "high", "count", "unit", "quantity", "licence")
    for one in past.points:
        at = one.at.isoformat().replace("+00:00", "Z")
        yield _line(at, one.value, one.low, one.high, one.count, past.unit, past.quantity, past.licence)


def _line(*cells: object) -> str:
    line = StringIO()
    csv.writer(line).writerow(["" if cell is None else cell for cell in cells])
    return line.getvalue()
