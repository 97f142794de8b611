"""Soils that dry until it rains or somebody waters them."""

from datetime import datetime

from cli.demo.tour.chance import drift, jitter
from cli.demo.tour.curves import Curve, between, hour_of
from cli.demo.tour.sky import mild, rain, wetness

_WATERED_HOUR, _WATERED_MONTHS = 6, (5, 6, 7, 8, 9)


def tension(at: datetime) -> float:
    """How hard roots must pull, in centibars: 10 after rain, above 50 when the garden is thirsty."""
    thirst = between(0.55, (mild(at) + 4) / 22, 1.4)
    return between(6, 68 * thirst - 1.1 * wetness(at, days=9, kept=0.8), 180) + jitter("tension", at)


def earth(at: datetime) -> float:
    """Temperature of the soil in degrees Celsius: that of the air, slower."""
    return 0.75 * (mild(at) + 1) + 3 + 0.5 * drift("earth", at) + 0.1 * jitter("earth", at)


def moisture(at: datetime) -> float:
    """Water in the soil of the lawn, in percent of its volume; it is watered at six on summer mornings."""
    watered = 5.0 * (1 - (hour_of(at) - _WATERED_HOUR) % 24 / 24) if at.month in _WATERED_MONTHS else 0.0
    return between(9, 17 + watered + 0.9 * wetness(at, days=6, kept=0.75) + 0.3 * jitter("moisture", at), 46)


CURVES: dict[tuple[str, str], Curve] = {
    ("jardin-terre", "soil_tension"): tension,
    ("jardin-terre", "soil_temperature"): earth,
    ("jardin-pluie", "rain"): rain,
    ("pelouse-parc-ourle", "soil_moisture_vwc"): moisture,
    ("pelouse-parc-ourle", "soil_temperature"): earth,
}
