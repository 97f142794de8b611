"""Who passes, where one parks and charges, how loud it is, and the lamps of the quay."""

from datetime import datetime

from cli.demo.tour.chance import drift, jitter, share
from cli.demo.tour.curves import WEEKEND, Curve, between, hour_of, humps
from cli.demo.tour.sky import air, rainy

CAR_PARK_PLACES, CHARGERS = 320, 8

_MARKET_DAYS = (2, 5)


def bicycles(at: datetime) -> float:
    """Bicycles within an hour: to work and back, fewer in the rain, for pleasure on Sundays."""
    if at.weekday() in WEEKEND:
        riders = humps(at, ((11, 55, 2), (16, 90, 2.5), (21.5, 40, 2.5)))
    else:
        riders = humps(at, ((8.2, 170, 0.9), (12.5, 60, 1.2), (17.6, 190, 1.3), (21.5, 45, 2.5)))
    kind = between(0.35, (air(at) + 4) / 22, 1.2) * (0.6 if rainy(at) else 1.0)
    return float(round((riders + 2) * kind * (1 + 0.18 * jitter("bicycles", at))))


def walkers(at: datetime) -> float:
    """People within an hour: shops, lunch, and the market on Wednesdays and Saturdays."""
    market = 620 if at.weekday() in _MARKET_DAYS else 0
    people = humps(at, ((10.3, market + 90, 1.8), (12.5, 260, 1.1), (17.5, 320, 1.8)))
    quiet = 0.25 if at.weekday() == 6 else 1.0
    return float(round((people * quiet + 3) * (0.75 if rainy(at) else 1.0) * (1 + 0.12 * jitter("walkers", at))))


def free_places(at: datetime) -> float:
    """Places that are free in the car park of the market hall."""
    market = 90 if at.weekday() in _MARKET_DAYS else 0
    cars = 35 + humps(at, ((10.5, 150 + market, 2), (14.5, 120, 2.5), (18.5, 130, 2)))
    return float(round(between(0, CAR_PARK_PLACES - cars * (1 + 0.08 * jitter("cars", at)), CAR_PARK_PLACES)))


def free_chargers(at: datetime) -> float:
    """Chargers that work and are free."""
    busy = humps(at, ((10.5, 4, 2), (18, 5, 2.5))) + 1
    return float(round(between(0, CHARGERS - busy + 1.5 * jitter("chargers", at.replace(minute=0)), CHARGERS)))


def noise(at: datetime) -> float:
    """Sound level on the square in dB(A)."""
    market = 5 if at.weekday() in _MARKET_DAYS else 0
    lively = humps(at, ((10.5, 10 + market, 3), (13, 6, 2), (19.5, 12, 3)))
    return between(42, 47 + lively + 2.5 * jitter("noise", at) + 1.5 * drift("noise", at), 92)


def lamp(at: datetime) -> float:
    """Power of a street light in percent: off by day, lowered from 23 to 5 unless somebody passes."""
    hour = hour_of(at)
    dusk = 19.0 + 2.6 * (1 - abs(at.month - 6.5) / 5.5) - (0 if 4 <= at.month <= 10 else 1.5)
    dawn = 7.8 - 2.0 * (1 - abs(at.month - 6.5) / 5.5)
    if dawn <= hour < dusk:
        return 0.0
    if 5 <= hour < 23:
        return 100.0
    return 70.0 if share("lamp", int(at.timestamp()) // 900) < 0.2 else 30.0


CURVES: dict[tuple[str, str], Curve] = {
    ("velos-quai-ourle", "bicycle_flow"): bicycles,
    ("pietons-rue-marche", "person_flow"): walkers,
    ("parking-halle", "free_places"): free_places,
    ("bornes-halle", "free_chargers"): free_chargers,
    ("bruit-place-halle", "sound_level"): noise,
    ("eclairage-quai", "lighting_level"): lamp,
}
