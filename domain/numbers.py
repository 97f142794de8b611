"""Numbers as people write them, in French and in English."""

from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal

THIN = "\u202f"
"""A narrow space at which no line breaks: what French puts between thousands."""

_EVERY_DIGIT = Context(prec=400)
"""The largest float has 309 digits before its point."""


def rounded(value: float, decimals: int) -> float:
    """Round as people do: 2.5 is 3, and what is nothing has no sign."""
    return float(Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, _EVERY_DIGIT)) + 0.0


def number(value: float, decimals: int, language: Literal["fr", "en"]) -> str:
    """Write a number with so many decimals: "1 234,5", "1,234.5"; below zero with a true minus."""
    written = f"{abs(rounded(value, decimals)):,.{decimals}f}"
    if language == "fr":
        written = written.replace(",", THIN).replace(".", ",")
    return f"−{written}" if rounded(value, decimals) < 0 else written
