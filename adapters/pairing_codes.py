"""Codes that pair a terminal: drawn at random, in letters and digits that nobody confuses."""

import secrets

UNAMBIGUOUS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Digits and letters that nobody takes for one another, read or heard."""


def draw() -> str:
    """Draw a code of 39 bits, as people read it aloud: `K7QF-2M9X`. It lives half an hour, and guesses are counted."""
    drawn = "".join(secrets.choice(UNAMBIGUOUS) for _ in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"
