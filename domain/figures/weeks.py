"""The weeks of a trend: those of the calendar, parted where a month ends, none of them short.

A week that is cut by the edge of a month leaves a piece of a day or two. So few visits are hidden in a small town, and
whole weeks beside them, so that no total gives them back. Pieces therefore join the week next to them in their month.
Where a month's weeks begin is the calendar's matter alone: a quarter has the very weeks of its months, and taking one
period from another leaves whole weeks, never a day.
"""

from datetime import date, timedelta

from msgspec import Struct

from domain.figures.periods import Period, months_later

SHORTEST = 4
"""Days. A shorter piece joins its neighbour, which has ten at most then."""

_WEEK = timedelta(weeks=1)


class Week(Struct, frozen=True):
    """Local days from `first` to the one before `until`."""

    first: date
    until: date

    @property
    def days(self) -> int:
        """How many days it has: 7 inside a month, 4 to 10 at its edges, fewer where it has only begun."""
        return (self.until - self.first).days

    def holds(self, day: date) -> bool:
        """Tell whether a day is one of its own."""
        return self.first <= day < self.until


def weeks_of(period: Period) -> list[Week]:
    """Part the days of a period that have been lived into weeks, in the order of time."""
    found: list[Week] = []
    month = period.first
    while month < period.known_until:
        after = months_later(month, 1)
        found += _of_month(month, min(after, period.known_until))
        month = after
    return found


def _of_month(first: date, until: date) -> list[Week]:
    pieces = [first]
    monday = first + _WEEK - timedelta(days=first.weekday())
    while monday < until:
        pieces.append(monday)
        monday += _WEEK
    ends = [*pieces[1:], until]
    weeks = [Week(begin, end) for begin, end in zip(pieces, ends, strict=True)]
    if len(weeks) > 1 and weeks[0].days < SHORTEST:
        weeks[:2] = [Week(weeks[0].first, weeks[1].until)]
    if len(weeks) > 1 and weeks[-1].days < SHORTEST:
        weeks[-2:] = [Week(weeks[-2].first, weeks[-1].until)]
    return weeks
