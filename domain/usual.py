"""What is usual for a stream: how it was at this weekday and hour, week after week."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import floor
from zoneinfo import ZoneInfo

from msgspec import Struct

from domain.rollups import Step, start_of

WEEKS = 8
"""How far back the usual looks."""


class Percentiles(Struct, frozen=True):
    """How values lie: a tenth of them is below `p10`. `count` says how many there were."""

    p10: float
    p25: float
    p75: float
    p90: float
    count: int


def same_hours(at: datetime, zone: ZoneInfo) -> list[datetime]:
    """Name the hours of the weeks before with the weekday and the clock of an instant, the newest first.

    An hour that the clocks left out is left out; of one that they repeated the first counts.
    """
    local = at.astimezone(zone)
    wall = local.replace(minute=0, second=0, microsecond=0, tzinfo=None)
    hours = []
    for week in range(1, WEEKS + 1):
        then = wall - timedelta(weeks=week)
        begins = then.replace(tzinfo=zone).astimezone(UTC)
        if begins.astimezone(zone).replace(tzinfo=None) == then:
            hours.append(start_of(Step.HOUR, begins, zone))
    return hours


def percentiles(values: Iterable[float]) -> Percentiles | None:
    """Say how values lie, by linear interpolation between the nearest two; None where there is none."""
    inside = sorted(values)
    if not inside:
        return None
    p10, p25, p75, p90 = (_at(inside, part) for part in (0.10, 0.25, 0.75, 0.90))
    return Percentiles(p10, p25, p75, p90, len(inside))


def _at(inside: list[float], part: float) -> float:
    place = part * (len(inside) - 1)
    below = floor(place)
    above = min(below + 1, len(inside) - 1)
    return inside[below] + (inside[above] - inside[below]) * (place - below)
