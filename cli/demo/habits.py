"""What somebody does week after week: which site, how often, with which medium. Pure values of the simulation."""

from datetime import date

from msgspec import Struct

from domain.access.facts import Evidence

_SPENT, _TOO_EARLY, _TOO_LATE = 0.15, 0.004, 0.12

Span = tuple[date, date]
"""First day, and the day after the last."""


class Habit(Struct):
    """One person, or one household at waste centres, and one service.

    `weekly` is how often in an ordinary week. `left` is what the last answer said of the tightest limit, in whole
    units; None until a limit was heard of. `welcome` holds the days on which the register would let them in: they
    leave by the exit only if they came in.
    """

    service: str
    sites: tuple[str, ...]
    weekly: float
    good: tuple[Evidence, ...]
    bad: tuple[Evidence, ...]
    welcome: tuple[Span, ...]
    by_year: bool = False
    left: float | None = None

    def eagerness(self, day: date) -> float:
        """How often they come, against the ordinary, knowing what they have: hardly before a right begins."""
        if self.left == 0:
            return _SPENT
        if not self.welcome or self.expects_entry(day):
            return 1.0
        return _TOO_EARLY if all(day < since for since, _ in self.welcome) else _TOO_LATE

    def expects_entry(self, day: date) -> bool:
        """Whether they would be let in with a good medium."""
        return self.left != 0 and any(since <= day < until for since, until in self.welcome)
