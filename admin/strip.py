"""The strip of a day: what is usual as a band, what was counted as bars over it. The template draws them."""

from collections.abc import Sequence

from msgspec import Struct

from domain.attendance import Usual

WIDTH, TOP, BASE, HEIGHT = 720, 12, 112, 136
"""In the units of the drawing: bars stand on BASE and reach up to TOP, hours are written below."""

_LABELS = 9


class Hour(Struct, frozen=True):
    """One hour: where its column stands, how high the count and the usual reach, and whether its number is written."""

    hour: int
    x: float
    width: float
    middle: float
    counted: int | None
    counted_y: float
    usual: int | None
    usual_y: float
    is_now: bool
    label: bool


def strip(so_far: Sequence[Usual], usual: Sequence[Usual], hour_now: int) -> list[Hour]:
    """Lay a day out, from the first hour of which anything is known to the last."""
    counted = {one.hour: round(one.value) for one in so_far}
    expected = {one.hour: round(one.value) for one in usual}
    hours = sorted(counted.keys() | expected.keys())
    if not hours:
        return []
    first, last = hours[0], hours[-1]
    most = max(*counted.values(), *expected.values(), 1)
    step = WIDTH / (last - first + 1)
    every = -(-(last - first + 1) // _LABELS)

    def reach(value: int | None) -> float:
        return round(BASE - (BASE - TOP) * (value or 0) / most, 1)

    return [
        Hour(
            hour=hour,
            x=round((hour - first) * step, 1),
            width=round(step, 1),
            middle=round((hour - first + 0.5) * step, 1),
            counted=counted.get(hour, 0 if hour < hour_now else None),
            counted_y=reach(counted.get(hour)),
            usual=expected.get(hour),
            usual_y=reach(expected.get(hour)),
            is_now=hour == hour_now,
            label=(hour - first) % every == 0,
        )
        for hour in range(first, last + 1)
    ]
