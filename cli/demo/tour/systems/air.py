"""The air outside, beside a busy avenue: engines at rush hours, wood fires in winter, ozone on summer afternoons."""

from datetime import datetime

from cli.demo.tour.chance import drift, jitter
from cli.demo.tour.curves import WEEKEND, Curve, between, hour_of, humps
from cli.demo.tour.sky import air, clouds, mild, rainy, wind

_HEATED_BELOW = 14
"""Degrees Celsius under which stoves are lit."""


def no2(at: datetime) -> float:
    """Nitrogen dioxide in micrograms per cubic metre: what engines leave, half of it on Saturdays and Sundays."""
    traffic = humps(at, ((8.3, 38, 1.6), (18, 42, 2.2))) * (0.5 if at.weekday() in WEEKEND else 1.0)
    return between(3, (16 + traffic) * _still(at) + jitter("no2", at), 220)


def o3(at: datetime) -> float:
    """Ozone in micrograms per cubic metre: the sun makes it, the gases of the avenue eat it up."""
    sun = max(0.0, air(at) - 8) * (1 - 0.5 * clouds(at)) * 3.1
    return between(4, 34 + sun * humps(at, ((16, 1, 4),)) - 0.25 * no2(at) + jitter("o3", at), 230)


def pm25(at: datetime) -> float:
    """Fine particles in micrograms per cubic metre."""
    return between(1, _dust(at) + 0.5 * jitter("pm25", at), 120)


def pm10(at: datetime) -> float:
    """All particles up to ten micrometres, the fine ones among them, in micrograms per cubic metre."""
    return between(3, 1.35 * _dust(at) + 4 + 0.08 * no2(at) + jitter("pm10", at), 180)


def _dust(at: datetime) -> float:
    # The evening of a winter's day is that of the day before until three in the night.
    hour = (hour_of(at) - 3) % 24 + 3
    evening = max(0.0, 1 - abs(hour - 21) / 6)
    fires = max(0.0, _HEATED_BELOW - mild(at)) * (0.35 + 1.1 * evening)
    washed = 0.6 if rainy(at) else 1.0
    return (6 + fires + 2 * drift("dust", at)) * _still(at) * washed


def _still(at: datetime) -> float:
    """How little the wind takes away: around one, more when nothing moves."""
    return between(0.6, 1.35 - 0.1 * wind(at), 1.35)


CURVES: dict[tuple[str, str], Curve] = {
    ("air-avenue-gare", "no2"): no2,
    ("air-avenue-gare", "o3"): o3,
    ("air-avenue-gare", "pm25"): pm25,
    ("air-avenue-gare", "pm10"): pm10,
}
