"""Who was let into a zone today already: nobody counts twice for its maximum of the day, or pays its supplement twice.

Only zones that ask for one of the two are remembered, and only as long as the day lasts.
"""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct


class Admission(Struct, frozen=True, gc=False, array_like=True):
    """A passage into a zone: `persons` count anew for the maximum of the `day`, and `paid` persons had their supplement
    paid with it. `at` is its instant, by which a cancellation finds it.
    """

    zone_id: UUID
    day: date
    at: datetime
    persons: int
    paid: int


def newly_in(admissions: tuple[Admission, ...], zone_id: UUID, day: date, persons: int) -> int:
    """Return how many of so many persons do not count for a zone's maximum of the day yet."""
    for one in admissions:
        if one.zone_id == zone_id and one.day == day:
            persons -= one.persons
    return max(0, persons)


def still_to_pay(admissions: tuple[Admission, ...], zone_id: UUID, day: date, persons: int) -> int:
    """Return for how many of so many persons a zone's supplement of the day is not paid yet."""
    for one in admissions:
        if one.zone_id == zone_id and one.day == day:
            persons -= one.paid
    return max(0, persons)
