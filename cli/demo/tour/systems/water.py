"""The stream, which rises after rain, and the drinking water of a district as a whole."""

from datetime import datetime
from math import pow as power

from cli.demo.tour.chance import jitter, share
from cli.demo.tour.curves import WEEKEND, Curve
from cli.demo.tour.sky import air, wetness

RESIDENTS_OF_DISTRICT = 3_240

_DRY_M = 0.38


def level(at: datetime) -> float:
    """Height of the stream on its gauge, in metres."""
    return _DRY_M + 0.032 * wetness(at, days=9, kept=0.55) + 0.004 * jitter("level", at)


def flow(at: datetime) -> float:
    """Flow of the stream in m³ a second: what its height lets through."""
    return 2.9 * power(level(at), 1.6)


def vigilance(at: datetime) -> float:
    """The colour of Vigicrues, from 1 (green) to 4: yellow after much rain, orange after very much."""
    metres = level(at)
    return 1.0 + (metres > 1.3) + (metres > 2.0)


def litres_per_resident(at: datetime) -> float:
    """Drinking water of a day, shared among the residents: more in the heat, and when people are at home."""
    warm = max(0.0, air(at.replace(hour=15, minute=0)) - 18) * 1.6
    home = 9 if at.weekday() in WEEKEND else 0
    return round(129 + warm + home + 8 * (share("water", at.date().toordinal()) - 0.5))


def litres_of_district(at: datetime) -> float:
    """Drinking water of a day, of the whole district, in litres."""
    return litres_per_resident(at) * RESIDENTS_OF_DISTRICT


CURVES: dict[tuple[str, str], Curve] = {
    ("ourle-pont-vieux", "water_level"): level,
    ("ourle-pont-vieux", "water_flow"): flow,
    ("vigilance-ourle", "flood_vigilance"): vigilance,
    ("eau-quartier-gare", "water_use"): litres_of_district,
    ("eau-quartier-gare", "water_use_per_person"): litres_per_resident,
}
