"""Readings over a quarter of an hour, an hour and a day: what is kept when single readings are gone.

Quarters are made of readings, hours of quarters, days of hours, so late data changes only what it touches. Buckets
follow the local clock of the authority: a day begins at its midnight, and has 23 or 25 hours twice a year.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from itertools import pairwise
from math import atan2, cos, degrees, fsum, log10, radians, sin
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from domain.devices import Summary
from domain.readings import MOST_POINTS


class Step(IntEnum):
    """The length of a bucket, in minutes; 0 is single readings."""

    RAW = 0
    QUARTER = 15
    HOUR = 60
    DAY = 1440

    @property
    def length(self) -> timedelta:
        """How long a bucket lasts, on all days but two of a year."""
        return timedelta(minutes=self)


KEPT: dict[Step, timedelta | None] = {
    Step.QUARTER: timedelta(days=730),
    Step.HOUR: timedelta(days=3_650),
    Step.DAY: None,
}
"""How long buckets are kept; None is for ever."""


class Sample(Struct, frozen=True):
    """One value at one instant: what sums are made of."""

    observed_at: datetime
    value: float


class Bucket(Struct, frozen=True):
    """What the shown readings of a stream were in one length of time.

    `total` is a sum of values, of energies or of cosines, or the growth of a counter within the bucket, as the stream
    asks; `cross` the sum of sines where it is a direction. `first` and `last` are in the order of time.
    """

    stream_id: UUID
    step: Step
    starts_at: datetime
    count: int
    low: float
    high: float
    total: float
    cross: float
    first: float
    last: float


def start_of(step: Step, at: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the bucket of an instant begins."""
    local = at.astimezone(zone)
    if step is Step.DAY:
        midnight = datetime(local.year, local.month, local.day, tzinfo=zone)
        return midnight.astimezone(UTC)
    offset = local.utcoffset() or timedelta()
    wall = at.astimezone(UTC) + offset
    into = timedelta(minutes=wall.minute % min(step, 60), seconds=wall.second, microseconds=wall.microsecond)
    return wall - into - offset


def end_of(step: Step, starts_at: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which a bucket ends and the next begins."""
    if step is Step.DAY:
        # Half a day beyond the next midnight lies in the next day, whether this one has 23 hours or 25.
        return start_of(Step.DAY, starts_at + timedelta(hours=36), zone)
    return starts_at + step.length


def of_samples(stream_id: UUID, starts_at: datetime, samples: Sequence[Sample], summary: Summary) -> Bucket | None:
    """Make a quarter of its readings, in the order of time; None where there is none."""
    if not samples:
        return None
    values = [sample.value for sample in samples]
    return Bucket(
        stream_id,
        Step.QUARTER,
        starts_at,
        len(values),
        min(values),
        max(values),
        _total(values, summary),
        fsum(sin(radians(value)) for value in values) if summary is Summary.VECTOR else 0.0,
        values[0],
        values[-1],
    )


def _total(values: list[float], summary: Summary) -> float:
    match summary:
        case Summary.ENERGY:
            return fsum(10 ** (value / 10) for value in values)
        case Summary.VECTOR:
            return fsum(cos(radians(value)) for value in values)
        case Summary.DIFFERENCE:
            return fsum(growth(before, after) for before, after in pairwise(values))
        case Summary.LAST:
            return 0.0
    return fsum(values)


def growth(before: float, after: float) -> float:
    """How far a counter has grown; one that is lower than before has started from 0 again."""
    return after - before if after >= before else after


def merged(parts: Sequence[Bucket], step: Step, starts_at: datetime, summary: Summary) -> Bucket | None:
    """Make a longer bucket of shorter ones, in the order of time; None where there is none."""
    if not parts:
        return None
    between = (growth(one.last, next_.first) for one, next_ in pairwise(parts))
    return Bucket(
        parts[0].stream_id,
        step,
        starts_at,
        sum(part.count for part in parts),
        min(part.low for part in parts),
        max(part.high for part in parts),
        fsum(part.total for part in parts) + (fsum(between) if summary is Summary.DIFFERENCE else 0.0),
        fsum(part.cross for part in parts),
        parts[0].first,
        parts[-1].last,
    )


def value_of(bucket: Bucket, summary: Summary) -> float:
    """The one value by which a bucket is shown: a mean, a total, a growth, or the last state."""
    match summary:
        case Summary.MEAN:
            return bucket.total / bucket.count
        case Summary.ENERGY:
            return 10 * log10(bucket.total / bucket.count)
        case Summary.VECTOR:
            return degrees(atan2(bucket.cross, bucket.total)) % 360
        case Summary.LAST:
            return bucket.last
    return bucket.total


def since_before(buckets: Iterable[Bucket], before: Bucket | None) -> list[Bucket]:
    """Add to each bucket of a counter what it grew since the one before: hours follow each other without a gap."""
    told = []
    for bucket in buckets:
        gap = growth(before.last, bucket.first) if before is not None else 0.0
        told.append(replace(bucket, total=bucket.total + gap))
        before = bucket
    return told


def steps_for(length: timedelta, period_seconds: int) -> list[Step]:
    """Name the steps that show such a length in no more points than one history has, the finest first."""
    fitting = [step for step in (Step.QUARTER, Step.HOUR) if length <= MOST_POINTS * step.length]
    if length <= MOST_POINTS * timedelta(seconds=period_seconds):
        fitting.insert(0, Step.RAW)
    return [*fitting, Step.DAY]
