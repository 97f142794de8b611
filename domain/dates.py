"""Days as letters write them: "1er décembre 2026", "1 December 2026"."""

from datetime import date

_MONTHS = {
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}


def written(day: date, language: str) -> str:
    """Write a day with its month as a word; languages that are not French read English."""
    first = "1er" if day.day == 1 and language == "fr" else str(day.day)
    return f"{first} {_MONTHS.get(language, _MONTHS['en'])[day.month - 1]} {day.year}"
