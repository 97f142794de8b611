"""What a library draws from the mains, and how full the glass container is."""

from datetime import datetime, timedelta

from cli.demo.tour.chance import jitter, share
from cli.demo.tour.curves import Curve, between, hour_of
from cli.demo.tour.sky import air

_EMPTIED_WEEKDAY, _EMPTIED_HOUR = 1, 7
"""The lorry comes on Tuesday mornings."""


def power(at: datetime) -> float:
    """Electric power of the library in kilowatts: light, screens, air; little on Mondays and at night."""
    open_ = at.weekday() not in (0, 6) and 9 <= at.hour < 19
    comfort = 0.7 * max(0.0, 14 - air(at)) + 0.9 * max(0.0, air(at) - 25)
    return 6.5 + (24 + comfort if open_ else 0.25 * comfort) + 0.8 * jitter("power", at)


def glass(at: datetime) -> float:
    """How full the glass container is, in percent: what seven days bring, most of it on Sunday."""
    since = timedelta(days=(at.weekday() - _EMPTIED_WEEKDAY) % 7, hours=hour_of(at) - _EMPTIED_HOUR) % timedelta(days=7)
    collected = (at - since).toordinal()
    weekend = 7 if at.weekday() in (6, 0) else 0
    return between(0, since / timedelta(hours=1) * (0.34 + 0.16 * share("glass", collected)) + weekend, 98)


CURVES: dict[tuple[str, str], Curve] = {
    ("mediatheque-courant", "power"): power,
    ("verre-place-halle", "fill_level"): glass,
}
