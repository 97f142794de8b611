"""Stretches of days. They are half open everywhere: from the first day to before the last one named."""

from datetime import date

from domain.errors import ContradictoryPeriod

FOREVER = date(9999, 12, 31)
"""The last day of what has no known end: a real date, so that every comparison stays an ordinary one."""


def check_period(since: date, until: date, *, of: str) -> None:
    """Refuse a period without a day in it.

    Raises:
        ContradictoryPeriod: it ends on its first day, or before.
    """
    if until <= since:
        raise ContradictoryPeriod(f"{of} would end on {until}, before it begins on {since}.")
