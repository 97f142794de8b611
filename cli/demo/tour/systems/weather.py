"""The network of weather stations: stone keeps the heat at night, trees and water give shade by day."""

from cli.demo.tour.curves import Curve
from cli.demo.tour.sky import humidity, pressure, temperature, wind

_WARMER = {
    "meteo-rue-marche": (2.2, 3.1),
    "meteo-place-halle": (2.6, 2.4),
    "meteo-parc-ourle": (-1.6, 0.2),
    "meteo-cour-tilleuls": (1.4, 1.8),
    "meteo-gare": (2.0, 2.2),
    "meteo-brevanne": (0.4, 0.5),
    "meteo-corlanges": (-0.6, -0.8),
    "meteo-morvettes": (-0.9, -1.1),
}
"""Degrees above the open country, by day and by night."""

CURVES: dict[tuple[str, str], Curve] = {
    **{
        (code, "air_temperature"): temperature(code, by_day=by_day, by_night=by_night)
        for code, (by_day, by_night) in _WARMER.items()
    },
    **{(code, "relative_humidity"): humidity(code) for code in _WARMER},
    ("meteo-rue-marche", "air_pressure"): pressure,
    ("meteo-rue-marche", "wind_speed"): wind,
}
