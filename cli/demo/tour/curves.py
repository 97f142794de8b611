"""What a curve is, and shapes that many of them have."""

from collections.abc import Callable, Sequence
from datetime import datetime
from math import exp

Curve = Callable[[datetime], float]
"""The value of a stream in its unit, at an instant given in the zone of the place. The same instant, the same value."""

WEEKEND = (5, 6)


def hour_of(at: datetime) -> float:
    """Hours since midnight by the clock."""
    return at.hour + at.minute / 60


def humps(at: datetime, peaks: Sequence[tuple[float, float, float]]) -> float:
    """Add up peaks of a day: each an hour, a height and a width in hours."""
    hour = hour_of(at)
    return sum(height * exp(-(((hour - peak) / width) ** 2)) for peak, height, width in peaks)


def between(low: float, value: float, high: float) -> float:
    """Keep a value within bounds."""
    return max(low, min(value, high))
