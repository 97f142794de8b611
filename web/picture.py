"""The picture of a usual day: where its bars stand. The template draws them."""

from msgspec import Struct

from api.sites import UsualHour

WIDTH, TOP, BASE, HEIGHT = 360, 26, 136, 160
"""In the units of the drawing: bars stand on BASE and reach up to TOP, words go above and below."""

LABELS = 7
"""At most so many hours are written below the bars."""


class Bar(Struct, frozen=True):
    """One hour; `label` says whether its number is written below."""

    hour: int
    share: int
    x: float
    y: float
    width: float
    height: float
    middle: float
    is_now: bool
    label: bool


def bars(usual: list[UsualHour], hour_now: int) -> list[Bar]:
    """Lay bars out from the first to the last hour; hours between them that are shut stay empty."""
    if not usual:
        return []
    first, last = usual[0].hour, usual[-1].hour
    step = WIDTH / (last - first + 1)
    gap = min(6.0, step / 4)
    every = -(-(last - first + 1) // LABELS)
    placed = []
    for each in usual:
        left = (each.hour - first) * step
        # An hour in which nobody comes is a line, not nothing: it was counted.
        height = max(2.0, (BASE - TOP) * each.share / 100)
        placed.append(
            Bar(
                hour=each.hour,
                share=each.share,
                x=round(left + gap / 2, 1),
                y=round(BASE - height, 1),
                width=round(step - gap, 1),
                height=round(height, 1),
                middle=round(left + step / 2, 1),
                is_now=each.hour == hour_now,
                label=(each.hour - first) % every == 0,
            )
        )
    return placed
