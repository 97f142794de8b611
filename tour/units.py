"""From the unit of a message to the canonical one of its quantity; anything else is refused.

A table of what is allowed, by canonical unit: factor and offset. Nothing is guessed: a value without unit has the one
that its device's model declares. Codes are UCUM first, then UN/CEFACT recommendation 20 (as NGSI-LD writes them), QUDT,
and the few spellings that codecs use. Micrograms and parts per billion of a gas are never exchanged: that takes a
temperature and a pressure that nobody sends.
"""

from datetime import datetime
from math import isfinite
from typing import ClassVar

from domain.errors import Invalid
from tour.terms import Quantity

_WRITTEN = {
    "[ppm]": ("59", "PPM", "ppm"),
    "[ppb]": ("61", "PPB", "ppb"),
    "ug/m3": ("GQ", "MicroGM-PER-M3", "µg/m3", "µg/m³", "\u03bcg/m3", "\u03bcg/m³"),  # micro sign, and Greek mu
    "mg/m3": ("GP", "MilliGM-PER-M3", "mg/m³"),
    "Cel": ("CEL", "DEG_C", "°C"),
    "K": ("KEL",),
    "[degF]": ("FAH", "DEG_F", "°F"),
    "%": ("P1", "PERCENT"),
    "1": ("C62", "UNITLESS"),
    "Pa": ("PAL", "PA"),
    "hPa": ("A97", "HectoPA"),
    "mbar": ("MBR",),
    "kPa": ("KPA", "KiloPA"),
    "bar": ("BAR",),
    "dB[SPL]": ("2N", "DeciB", "dB", "dBA", "dB(A)"),
    "m": ("MTR", "M"),
    "cm": ("CMT", "CentiM"),
    "mm": ("MMT", "MilliM"),
    "m/s": ("MTS", "M-PER-SEC", "m⋅s⁻¹"),
    "km/h": ("KMH", "KiloM-PER-HR"),
    "[kn_i]": ("KNT",),
    "deg": ("DD", "DEG", "°"),
    "lx": ("LUX",),
    "W/m2": ("D54", "W-PER-M2", "W⋅m⁻²"),
    "m3/s": ("MQS", "M3-PER-SEC", "m3.s-1"),
    "L/s": ("G51", "L-PER-SEC", "l/s"),
    "L": ("LTR", "l"),
    "m3": ("MTQ", "M3", "m³"),
    "L/d": ("LD", "L-PER-DAY"),
    "m3/d": ("m³/d",),
    "kW.h": ("KWH", "KiloW-HR", "kWh"),
    "W.h": ("WHR", "Wh"),
    "MW.h": ("MWH", "MWh"),
    "W": ("WTT",),
    "kW": ("KWT", "KiloW"),
    "V": ("VLT",),
    "mV": ("2Z",),
    "uS/cm": ("G42", "µS/cm", "MicroS-PER-CentiM"),
    "mS/cm": ("H61",),
}

SPELLINGS = {spelling: unit for unit, spellings in _WRITTEN.items() for spelling in spellings}
"""Other ways to write the units of the table below."""

ALLOWED: dict[str, dict[str, tuple[float, float]]] = {
    "[ppm]": {"[ppb]": (1e-3, 0)},
    "[ppb]": {"[ppm]": (1e3, 0)},
    "ug/m3": {"mg/m3": (1e3, 0)},
    "mg/m3": {"ug/m3": (1e-3, 0)},
    "Cel": {"K": (1, -273.15), "[degF]": (5 / 9, -160 / 9)},
    # Differences of temperature: a degree is a degree, wherever zero lies.
    "K": {"Cel": (1, 0), "[degF]": (5 / 9, 0)},
    "%": {"1": (100, 0)},
    "hPa": {"Pa": (0.01, 0), "mbar": (1, 0), "kPa": (10, 0), "bar": (1e3, 0)},
    "cbar": {"kPa": (1, 0), "hPa": (0.1, 0), "bar": (100, 0)},
    "kPa": {"Pa": (1e-3, 0), "hPa": (0.1, 0), "mbar": (0.1, 0), "bar": (100, 0)},
    "m": {"cm": (0.01, 0), "mm": (1e-3, 0)},
    "mm": {"cm": (10, 0), "m": (1e3, 0), "L/m2": (1, 0)},
    "m/s": {"km/h": (1 / 3.6, 0), "[kn_i]": (1852 / 3600, 0)},
    "m3/s": {"L/s": (1e-3, 0)},
    "m3": {"L": (1e-3, 0)},
    "L/d": {"m3/d": (1e3, 0)},
    "kW.h": {"W.h": (1e-3, 0), "MW.h": (1e3, 0)},
    "kW": {"W": (1e-3, 0)},
    "V": {"mV": (1e-3, 0)},
    "uS/cm": {"mS/cm": (1e3, 0)},
}
"""By canonical unit, what may be brought to it: multiply, then add. A unit always comes to itself."""


class NotConvertible(Invalid):
    """A value is no number, or its unit is unknown or measures something else than its quantity."""

    code: ClassVar[str] = "not-convertible"


def convert(value: float, unit_from: str, quantity: Quantity) -> float:
    """Bring a value to the canonical unit of its quantity. The range is not judged here: `tour.quality` does.

    Raises:
        NotConvertible: no number, an unknown unit, or one that this quantity does not come in.
    """
    if not isfinite(value):
        raise NotConvertible(f"{quantity.code} is no number: {value}.")
    unit = SPELLINGS.get(unit_from, unit_from)
    if unit == quantity.unit:
        return float(value)
    try:
        factor, offset = ALLOWED[quantity.unit][unit]
    except KeyError as error:
        raise NotConvertible(f"{quantity.code} comes in {quantity.unit}, not in {unit_from!r}.") from error
    return value * factor + offset


def per_hour(count: float, begin: datetime, end: datetime | None) -> float:
    """Make a flow of what was counted from one instant to another.

    Raises:
        NotConvertible: the count has no interval, or one that ends before it begins.
    """
    hours = (end - begin).total_seconds() / 3600 if end is not None else 0.0
    if hours <= 0:
        raise NotConvertible("A count without its interval is no flow.")
    return count / hours
