"""The weather of the city, on which rivers, soils and streets depend: the same for all of them."""

from datetime import date, datetime, tzinfo
from functools import lru_cache
from math import cos, pi
from math import pow as power

from cli.demo.tour.chance import drift, eased, jitter, share
from cli.demo.tour.curves import Curve, between, hour_of

_WARMEST_DAY, _WARMEST_HOUR = 205, 15
_SHOWERS = 0.28
"""Share of the days on which it rains."""


def mild(at: datetime) -> float:
    """What the air is like on average around this hour, whatever the time of day, in degrees Celsius."""
    days = at.timetuple().tm_yday - 1 + hour_of(at) / 24
    return 12.5 + 8.5 * cos(2 * pi * (days - _WARMEST_DAY) / 365) + 4 * drift("air", at)


def air(at: datetime) -> float:
    """Air temperature in the open country, in degrees Celsius."""
    return mild(at) + 4.5 * cos(2 * pi * (hour_of(at) - _WARMEST_HOUR) / 24) * (1 - 0.4 * clouds(at))


def clouds(at: datetime) -> float:
    """Share of the sky that is covered, from 0 to 1."""
    return eased(_covered, at)


def rainy(at: datetime) -> bool:
    """Whether it rains at some hour of this local day."""
    return bool(_covered(at.date()))


def _covered(day: date) -> float:
    return float(share("rain", day.toordinal()) < _SHOWERS)


def rain(at: datetime) -> float:
    """Millimetres of rain within the hour that runs."""
    return _rain_of_hour(int(at.timestamp()) // 3_600, at.tzinfo)


@lru_cache(maxsize=16_384)
def _rain_of_hour(hour: int, zone: tzinfo | None) -> float:
    """Rain of an hour, counted from the first of all clocks: none comes twice, or not at all, when clocks change."""
    if not rainy(datetime.fromtimestamp(hour * 3_600, zone)) or share("shower", hour) > 0.4:
        return 0.0
    return round(0.2 + 6 * share("drops", hour) ** 3, 1)


def wetness(at: datetime, *, days: int, kept: float) -> float:
    """Millimetres of the last days that are still there, of which a day keeps a part: they go without a step."""
    hour, within = divmod(at.timestamp() / 3_600, 1)
    return rain(at) * within + _soaked(int(hour), at.tzinfo, days, kept) * power(kept, within / 24)


@lru_cache(maxsize=16_384)
def _soaked(hour: int, zone: tzinfo | None, days: int, kept: float) -> float:
    """What is there as an hour begins."""
    return sum(_rain_of_hour(hour - ago, zone) * power(kept, (ago - 1) / 24) for ago in range(1, 24 * days + 1))


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
        return between(22, 66 - 16 * day + 14 * clouds(at) + 1.5 * jitter(name, at), 98)

    return curve


def pressure(at: datetime) -> float:
    """Air pressure in hectopascals."""
    return 1014 + 11 * drift("pressure", at) + 0.3 * jitter("pressure", at)


def wind(at: datetime) -> float:
    """Wind in metres a second, stronger in the afternoon."""
    day = 1.2 + cos(2 * pi * (hour_of(at) - 16) / 24)
    return max(0.1, 1.8 * day + 1.5 * drift("wind", at) + 0.5 * jitter("wind", at))
