"""Scales of round figures, for everything that is drawn against one."""

from math import ceil, floor, log10

_TICKS = 3


def scale_for(least: float, most: float) -> tuple[float, float, float]:
    """Return the ends of a scale of round figures around values, and the step between them."""
    if most - least < 1e-9 * max(1.0, abs(most)):
        room = abs(most) / 10 or 1.0
        least, most = least - room, most + room
    rough = (most - least) / _TICKS
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if rough <= power * factor * 1.000001)
    return floor(least / step) * step, ceil(most / step) * step, step
