"""Age bands, those of the census: an authority finds how many live in each on the page of its communes at INSEE."""

from datetime import date, timedelta

from msgspec import Struct

from domain.text import Text

ALL = "all"
"""In the place of a band: people of every age."""


class Band(Struct, frozen=True):
    """People who have completed `from_age` years and not those of the next band."""

    code: str
    from_age: int
    name: Text


BANDS = (
    Band("0-14", 0, Text(fr="0 à 14 ans", en="0 to 14")),
    Band("15-29", 15, Text(fr="15 à 29 ans", en="15 to 29")),
    Band("30-44", 30, Text(fr="30 à 44 ans", en="30 to 44")),
    Band("45-59", 45, Text(fr="45 à 59 ans", en="45 to 59")),
    Band("60-74", 60, Text(fr="60 à 74 ans", en="60 to 74")),
    Band("75+", 75, Text(fr="75 ans et plus", en="75 and over")),
)

BAND_CODES = frozenset(band.code for band in BANDS)


def born_within(band: Band, day: date) -> tuple[date, date]:
    """Return the first and the last day of birth of those who are in a band on a day."""
    older = next((one for one in BANDS if one.from_age > band.from_age), None)
    return (born_by(older, day) + timedelta(days=1) if older is not None else date.min, born_by(band, day))


def born_by(band: Band, day: date) -> date:
    """Return the last day of birth of those who are old enough for a band on a day."""
    year = day.year - band.from_age
    # Who was born on 29 February completes a year on 1 March of a common year (`domain.people.age_on`).
    return date(year, 2, 28) if (day.month, day.day) == (2, 29) and not _leap(year) else day.replace(year=year)


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
