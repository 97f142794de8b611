"""The weather of the city, on which rivers, soils and streets depend: the same for all of them."""

from datetime import datetime, timedelta
from functools import lru_cache
from math import cos, pi

from cli.demo.tour.chance import drift, jitter, share
from cli.demo.tour.curves import Curve, between, hour_of

_WARMEST_DAY, _WARMEST_HOUR = 205, 15
_SHOWERS = 0.28
"""Share of the days on which it rains."""


def air(at: datetime) -> float:
    """Air temperature in the open country, in degrees Celsius."""
    season = 12.5 + 8.5 * cos(2 * pi * (at.timetuple().tm_yday - _WARMEST_DAY) / 365)
    day = 4.5 * cos(2 * pi * (hour_of(at) - _WARMEST_HOUR) / 24)
    return season + day * (0.6 if rainy(at) else 1.0) + 4 * drift("air", at)


def rainy(at: datetime) -> bool:
    """Whether it rains at some hour of this local day."""
    return share("rain", at.date().toordinal()) < _SHOWERS


def rain(at: datetime) -> float:
    """Millimetres of rain within the hour that begins here."""
    if not rainy(at) or share("shower", at.date().toordinal(), at.hour) > 0.4:
        return 0.0
    return round(0.2 + 6 * share("drops", at.date().toordinal(), at.hour) ** 3, 1)


@lru_cache(maxsize=4_096)
def _rain_of_day(year: int, day: int) -> float:
    first = datetime(year, 1, 1) + timedelta(days=day)  # noqa: DTZ001 - only its local date and hours are asked
    return sum(rain(first + timedelta(hours=hour)) for hour in range(24))


def wetness(at: datetime, *, days: int, kept: float) -> float:
    """Millimetres of the last days that are still there, of which each day keeps a part."""
    today = at.timetuple().tm_yday - 1
    until_now = sum(rain(at.replace(hour=hour)) for hour in range(at.hour + 1))
    return until_now + sum(_rain_of_day(at.year, today - ago) * kept**ago for ago in range(1, days + 1))


def temperature(name: str, *, by_day: float, by_night: float) -> Curve:
    """Air temperature of a place that is so much warmer than the country, by day and by night."""

    def curve(at: datetime) -> float:
        night = (1 - cos(2 * pi * (hour_of(at) - _WARMEST_HOUR) / 24)) / 2
        return air(at) + by_day + (by_night - by_day) * night + 0.15 * jitter(name, at)

    return curve


def humidity(name: str) -> Curve:
    """Relative humidity in the open, in percent: the warmer the hour, the drier."""

    def curve(at: datetime) -> float:
        day = cos(2 * pi * (hour_of(at) - _WARMEST_HOUR) / 24)
        return between(22, 66 - 16 * day + (14 if rainy(at) else 0) + 1.5 * jitter(name, at), 98)

    return curve


def pressure(at: datetime) -> float:
    """Air pressure in hectopascals."""
    return 1014 + 11 * drift("pressure", at) + 0.3 * jitter("pressure", at)


def wind(at: datetime) -> float:
    """Wind in metres a second, stronger in the afternoon."""
    day = 1.2 + cos(2 * pi * (hour_of(at) - 16) / 24)
    return max(0.1, 1.8 * day + 1.5 * drift("wind", at) + 0.5 * jitter("wind", at))
