"""The one hue that an authority gives: the tokens derive every colour of its pages from it."""

import math


def hue_of(colour: str) -> int:
    """Return the OKLCH hue, in degrees, of a colour written `#rrggbb` (matrices: Björn Ottosson, "OKLab", 2020).

    Raises:
        ValueError: it is not written like that.
    """
    red, green, blue = (_linear(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return round(math.degrees(math.atan2(b, a))) % 360


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
