"""Numbers as devices write them. Strict: what is not one whole number, with a unit or without, is no number at all."""

import math
import re

LONGEST = 64

NUMBER = re.compile(
    r"(?P<digits>[+-]?[0-9]{1,30}(?:[.,][0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?)"
    r"(?:\s(?P<apart>[^\s\d,.+_-]\S{0,15})|(?P<glued>[^\s\d,.+_-][^\s\d]{0,15}))?"
)
"""Digits, one decimal sign, an exponent, and what follows is a unit: "30.11 °C". A unit with digits of its own stands
apart ("4 m3/s"). Not "1,", "3h < 6h", "12.4.1" or "0x1F"."""


def number(said: object, *, decimal_comma: bool) -> tuple[float, str | None] | None:
    """Return the value and the unit written after it, or None where there is no number.

    A truth is 1 or 0. Infinities and NaN are no numbers.
    """
    unit = None
    if isinstance(said, str):
        match = NUMBER.fullmatch(said.strip()) if len(said) <= LONGEST else None
        if match is None or ("," in match["digits"] and not decimal_comma):
            return None
        said, unit = match["digits"].replace(",", "."), match["apart"] or match["glued"]
    elif not isinstance(said, bool | int | float):
        return None
    try:
        value = float(said)
    except OverflowError:
        return None
    return (value, unit) if math.isfinite(value) else None
