"""The numbers on plates: seven digits that a phone reads and people type, of which one wrong makes none.

A number is given to one point and never to another. Its code holds `short_url`.
"""

import re

PLATES = 10**6 - 10**5
"""How many numbers of plates there are: six digits and a check digit. None begins with 0, which people leave out."""


def plate_from(drawn: int) -> str:
    """Make the number of a plate of a draw in `range(PLATES)`: six digits and their check digit."""
    digits = str(10**5 + drawn)
    return f"{digits}{_check_digit(digits)}"


def short_url(public_url: str, plate: str) -> str:
    """The address that a plate's code holds, and that people type."""
    return f"{public_url.rstrip('/')}/c/{plate}"


def is_plate(text: str) -> bool:
    """Tell whether this can be the number of a plate: one wrong digit, or two swapped, make none of it."""
    return re.fullmatch(r"[1-9]\d{6}", text, re.ASCII) is not None and _check_digit(text[:-1]) == text[-1]


def _check_digit(digits: str) -> str:
    """Damm's check digit, which finds every swap of neighbours, unlike the Luhn sum of passes."""
    interim = 0
    for digit in digits:
        interim = int(_DAMM[interim][int(digit)])
    return str(interim)


_DAMM = (
    *("0317598642", "7092154863", "4206871359", "1750983426", "6123045978"),
    *("3674209581", "5869720134", "8945362017", "9438617205", "2581436790"),
)
"""H. M. Damm, Total anti-symmetrische Quasigruppen, Marburg 2004."""
