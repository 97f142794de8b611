"""Times and days as people say them, in French and in English."""

from datetime import UTC, date, datetime, timedelta
from typing import Literal

Language = Literal["fr", "en"]

NARROW = "\u00a0"
"""A space at which no line breaks: an hour and its `h` stay together."""

WEEKDAYS: dict[Language, tuple[str, ...]] = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS: dict[Language, tuple[str, ...]] = {
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}


def clock(minute: int, language: Language) -> str:
    """Say minutes from midnight: "9 h 30", "9:30"; both midnights are called so."""
    hours, minutes = divmod(minute % (24 * 60), 60)
    if not hours and not minutes:
        return "minuit" if language == "fr" else "midnight"
    if language == "en":
        return f"{hours}:{minutes:02}"
    return f"{hours}{NARROW}h{NARROW}{minutes:02}" if minutes else f"{hours}{NARROW}h"


def clock_of(at: datetime, language: Language) -> str:
    """Say the time of a local instant."""
    return clock(at.hour * 60 + at.minute, language)


def second_of(at: datetime, language: Language) -> str:
    """Say the time of a local instant to the second: "9 h 30 min 05 s", "9:30:05"."""
    if language == "en":
        return f"{at.hour}:{at.minute:02}:{at.second:02}"
    return f"{at.hour}{NARROW}h{NARROW}{at.minute:02}{NARROW}min{NARROW}{at.second:02}{NARROW}s"


def day(of: date, language: Language) -> str:
    """Say a day: "mardi 24 novembre", "Tuesday 24 November"."""
    number = "1er" if of.day == 1 and language == "fr" else str(of.day)
    return f"{WEEKDAYS[language][of.weekday()]} {number} {MONTHS[language][of.month - 1]}"


def moment(at: datetime, now: datetime, language: Language) -> str:
    """Say a local instant to come: "à 14 h", "demain à 9 h", "mardi à 9 h", "mardi 1er décembre à 9 h"."""
    preposition, tomorrow = ("à", "demain") if language == "fr" else ("at", "tomorrow")
    time = f"{preposition}{NARROW}{clock_of(at, language)}"
    days = (at.date() - now.date()) // timedelta(days=1)
    if days == 0:
        return time
    if days == 1:
        return f"{tomorrow} {time}"
    said = WEEKDAYS[language][at.weekday()] if days < 7 else day(at.date(), language)
    return f"{said} {time}" if language == "fr" else f"on {said} {time}"


def until(at: datetime, now: datetime, language: Language) -> str:
    """Say until when: the time alone within a day, with its day beyond."""
    if at - now < timedelta(days=1):
        return clock_of(at, language)
    said = WEEKDAYS[language][at.weekday()]
    return f"{said} {'à' if language == 'fr' else 'at'}{NARROW}{clock_of(at, language)}"


def past(at: datetime, now: datetime, language: Language) -> str:
    """Say an instant that is over, in the zone of `now`: "hier à 14 h", "mardi 24 novembre à 9 h".

    Midnight is called by the day that it ends: what was counted until then is of yesterday.
    """
    at = at.astimezone(now.tzinfo)
    called = (at - timedelta(microseconds=1)).date()
    today, yesterday, preposition = ("aujourd’hui", "hier", "à") if language == "fr" else ("today", "yesterday", "at")
    time = f"{preposition}{NARROW}{clock_of(at, language)}"
    days = (now.date() - called) // timedelta(days=1)
    if days <= 0:
        return f"{today} {time}"
    if days == 1:
        return f"{yesterday} {time}"
    year = "" if called.year == now.year else f" {called.year}"
    return f"{'on ' if language == 'en' else ''}{day(called, language)}{year} {time}"


def ago(at: datetime, now: datetime, language: Language) -> str:
    """Say how long ago within the hour ("il y a 4 minutes"), and when beyond. A clock that runs ahead is on time."""
    minutes = (now.astimezone(UTC) - at.astimezone(UTC)) // timedelta(minutes=1)
    if minutes < 1:
        return "à l’instant" if language == "fr" else "just now"
    if minutes >= 60:
        return past(at, now, language)
    several = "s" if minutes > 1 else ""
    if language == "fr":
        return f"il y a {minutes}{NARROW}minute{several}"
    return f"{minutes}{NARROW}minute{several} ago"
