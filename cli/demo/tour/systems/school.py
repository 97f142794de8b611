"""The air of classrooms: it fills with CO2 while a class is in, and empties when somebody opens a window."""

from datetime import datetime
from functools import partial
from math import exp

from cli.demo.tour.chance import jitter, share
from cli.demo.tour.curves import Curve, hour_of

_OUTSIDE_PPM = 425
_LESSONS = ((8.5, 10.25), (10.5, 12.0), (13.5, 15.0), (15.25, 16.5))
"""Hours of the clock, with a break between two, on Monday, Tuesday, Thursday and Friday."""
_SCHOOL_DAYS = (0, 1, 3, 4)
_HOLIDAYS = (7, 8)
"""Months without a class."""
_CROWDED_PPM, _FILLS_HOURS, _EMPTIES_HOURS = 1_500, 1.6, 0.5


def co2(name: str, at: datetime) -> float:
    """CO2 in a classroom, in ppm; some classes air more than others, and each day is another."""
    ppm: float = _OUTSIDE_PPM
    if at.weekday() in _SCHOOL_DAYS and at.month not in _HOLIDAYS:
        full = _CROWDED_PPM * (0.62 + 0.38 * share(name, at.date().toordinal()))
        hour = hour_of(at)
        before = 0.0
        for begin, end in _LESSONS:
            if hour <= begin:
                break
            ppm = _OUTSIDE_PPM + (ppm - _OUTSIDE_PPM) * exp(-(begin - before) / _EMPTIES_HOURS)
            ppm = full + (ppm - full) * exp(-(min(hour, end) - begin) / _FILLS_HOURS)
            before = end
        if hour > before:
            ppm = _OUTSIDE_PPM + (ppm - _OUTSIDE_PPM) * exp(-(hour - before) / _EMPTIES_HOURS)
    return ppm + 9 * jitter(name, at)


def warmth(name: str, at: datetime) -> float:
    """Air temperature in the room, in degrees Celsius: heated for the lessons."""
    taught = at.weekday() in _SCHOOL_DAYS and 7 <= at.hour < 17
    return (20.6 if taught else 18.4) + 0.4 * jitter(name, at) + (4 if at.month in (6, 7, 8) else 0)


def damp(name: str, at: datetime) -> float:
    """Relative humidity in the room, in percent: people breathe out water too."""
    return 41 + (co2("damp", at) - _OUTSIDE_PPM) / 90 + jitter(name, at)


def _room(code: str) -> dict[tuple[str, str], Curve]:
    return {
        (code, "co2"): partial(co2, code),
        (code, "air_temperature"): partial(warmth, code),
        (code, "relative_humidity"): partial(damp, code),
    }


CURVES = {**_room("ecole-tilleuls-salle-4"), **_room("ecole-lavoir-salle-2")}
