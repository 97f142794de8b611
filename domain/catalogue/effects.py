"""Who is affected by a modification: counts of rights, days that change, and passages decided once more."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from msgspec import Struct

from domain.access.decide import Verdict
from domain.access.reasons import Reason
from domain.calendars import Calendar
from domain.limits import Limit

AHEAD = 365
"""Days that are looked at, from the one on which a modification takes effect."""


class QuotaEffect(Struct, frozen=True):
    """Of those who hold a product today: for how many a quota is used up, as it is and as it would be.

    `counts_anew`: nothing was ever counted in its window, so it begins with nothing used.
    """

    before: Limit | None
    after: Limit
    spent_before: int
    spent_after: int
    counts_anew: bool


class Days(Struct, frozen=True):
    """How many days of the next year open otherwise, the first of them, and how many sessions come, go or move."""

    days: int
    first: date | None
    sessions: int


class Replayed(Struct, frozen=True):
    """Real passages, decided as they would be then: how many, and of how many the answer changes."""

    passages: int
    refused: dict[Reason, int]
    let_in: int

    @property
    def refusals(self) -> int:
        """How many would not be let in any more."""
        return sum(self.refused.values())


def days_that_change(before: Calendar, after: Calendar, since: date) -> Days:
    """Compare two calendars over a year."""
    year = [since + timedelta(days=ahead) for ahead in range(AHEAD)]
    other = [day for day in year if before.entries_on(day) != after.entries_on(day) or before.on(day) != after.on(day)]
    held = sum(len(set(before.sessions_on(day)) ^ set(after.sessions_on(day))) for day in year)
    return Days(len(other), other[0] if other else None, held)


def compared(verdicts: Iterable[tuple[Verdict, Verdict]]) -> Replayed:
    """Count what changes from each verdict to the one that would take its place."""
    refused: Counter[Reason] = Counter()
    passages = let_in = 0
    for before, after in verdicts:
        passages += 1
        if before.opens and not after.opens:
            refused[after.reason] += 1
        let_in += after.opens and not before.opens
    return Replayed(passages, dict(refused.most_common()), let_in)


def shown(count: int, threshold: int) -> int | None:
    """Return a count that may be shown; None for one so small that it could tell who it is."""
    return None if 0 < count < threshold else count
