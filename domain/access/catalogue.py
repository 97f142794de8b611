"""The reference data that decisions take for granted, as one immutable version of it.

The server reads it from the database and compares its version with every batch; a terminal gets it in its offline
bundle. Nothing in it speaks of a person.
"""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from msgspec import Struct, field

from domain.calendars import Intervals, Session
from domain.places import Doorway
from domain.products import Product


class SiteDay(Struct, frozen=True):
    """What a site's calendar says of one day: when it is open, when people are let in, and what takes place."""

    hours: Intervals
    entries: Intervals
    sessions: tuple[Session, ...]
    bank_holiday: bool

    def running(self, minute: int) -> tuple[Session, ...]:
        """Return the sessions that run at a minute of the day."""
        return tuple(session for session in self.sessions if session.opens <= minute < session.closes)


class Catalogue(Struct, frozen=True):
    """Gates and products by id. `day_of` remembers what a calendar said of a day.

    `conditional` names the services of which some product asks for circumstances: residence, quotient, status.
    """

    version: int
    doorways: Mapping[UUID, Doorway]
    products: Mapping[UUID, Product]
    conditional: frozenset[str] = frozenset()
    _days: dict[tuple[int, date], SiteDay] = field(default_factory=dict)

    def day_of(self, doorway: Doorway, day: date) -> SiteDay:
        """Return what the calendar of the doorway's site says of a day."""
        key = (doorway.site.id.int, day)
        found = self._days.get(key)
        if found is None:
            calendar = doorway.site.calendar
            found = self._days[key] = SiteDay(
                calendar.on(day), calendar.entries_on(day), calendar.sessions_on(day), day in calendar.bank_days
            )
        return found
