"""When a site is open, and for whom: seasons, bank holidays, closures, last entry, sessions.

Minutes count from local midnight on the clock on the wall. A day on which the clocks change has the hours of any other:
a site that opens at nine opens at nine. Ends are excluded, but for the last day of a closure.
"""

from collections.abc import Container
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations

from msgspec import Struct

from domain.errors import ContradictoryPeriod
from domain.errors.places import (
    ClosedTwice,
    ImpossibleHours,
    LastEntryTooEarly,
    OverlappingHours,
    OverlappingSessions,
    ReversedClosure,
    SessionNamedTwice,
    SessionNeverHeld,
    SessionOutsideHours,
    SiteNeverOpens,
    UnknownHolidayRegion,
    UnknownWeekday,
)
from domain.periods import FOREVER
from domain.text import Text, check_name

MIDNIGHT = 24 * 60
"""The end of a day, in minutes from its beginning."""

SUNDAY = 6

Intervals = tuple[tuple[int, int], ...]
"""Stretches of one day, in order and apart: from a minute to the one before another."""

HOLIDAY_REGIONS = {
    "57": "Moselle",
    "6AE": "Alsace",
    "971": "Guadeloupe",
    "972": "Martinique",
    "973": "Guyane",
    "974": "La Réunion",
    "976": "Mayotte",
    "BL": "Saint-Barthélemy",
    "MF": "Saint-Martin",
    "NC": "Nouvelle-Calédonie",
    "PF": "Polynésie française",
    "PM": "Saint-Pierre-et-Miquelon",
    "TF": "Terres australes et antarctiques françaises",
    "WF": "Wallis-et-Futuna",
}
"""Where bank holidays are not those of France as a whole, by the code of ISO 3166-2:FR."""


class Hours(Struct, frozen=True):
    """Opening of one weekday over one season.

    `weekday` 0 is Monday; `opens` and `closes` count minutes from local midnight, `closes` excluded.
    """

    valid_from: date
    valid_until: date
    weekday: int
    opens: int
    closes: int


class Closure(Struct, frozen=True):
    """Days on which a site stays shut whatever its hours say; `last_day` is included.

    One that lasts for `FOREVER` closes the site for good.
    """

    first_day: date
    last_day: date
    why: Text

    @property
    def is_for_good(self) -> bool:
        """Whether the site never opens again."""
        return self.last_day == FOREVER


class Session(Struct, frozen=True):
    """A stretch of a site's hours that has a name, on one weekday over one season: a school class, a club, a lesson.

    While it runs, a `reserved` one lets in only those whose right names its code. Several may share a code: the same
    class on Tuesdays and Fridays.
    """

    code: str
    name: Text
    weekday: int
    opens: int
    closes: int
    valid_from: date
    valid_until: date
    reserved: bool


class BankHolidays(StrEnum):
    """What a site does on a bank holiday."""

    AS_USUAL = "as_usual"
    CLOSED = "closed"
    AS_SUNDAY = "as_sunday"
    """It keeps the hours and the sessions of a Sunday: none, if it rests on Sundays."""


class Calendar(Struct, frozen=True):
    """When a site is open: seasonal hours, what becomes of them on bank holidays, and closures that win over both.

    `bank_days` answers whether a day is a bank holiday where the site is. Nobody is let in during the last
    `last_entry_minutes` before each closing.
    """

    hours: tuple[Hours, ...] = ()
    closures: tuple[Closure, ...] = ()
    sessions: tuple[Session, ...] = ()
    bank_holidays: BankHolidays = BankHolidays.AS_USUAL
    bank_days: Container[date] = ()
    last_entry_minutes: int = 0

    def closure_on(self, day: date) -> Closure | None:
        """Return the closure that shuts the site on this day, if there is one."""
        return next((c for c in self.closures if c.first_day <= day <= c.last_day), None)

    def ended_on(self, day: date) -> bool:
        """Tell whether the site is closed for good on this day."""
        return any(one.is_for_good and one.first_day <= day for one in self.closures)

    def on(self, day: date) -> Intervals:
        """Return the opening intervals of a day, in order; hours that touch are one interval."""
        weekday = self._weekday(day)
        return _joined(
            sorted(
                (h.opens, h.closes) for h in self.hours if h.weekday == weekday and h.valid_from <= day < h.valid_until
            )
        )

    def entries_on(self, day: date) -> Intervals:
        """Return when people are let in on a day. A site that stays open past midnight does not close at midnight."""
        hours = self.on(day)
        if not (hours and self.last_entry_minutes):
            return hours
        stays = hours[-1][1] == MIDNIGHT and any(opens == 0 for opens, _ in self.on(day + timedelta(days=1)))
        last = self.last_entry_minutes
        return tuple((opens, closes if stays and closes == MIDNIGHT else closes - last) for opens, closes in hours)

    def sessions_on(self, day: date) -> tuple[Session, ...]:
        """Return the sessions of a day in the order in which they begin."""
        weekday = self._weekday(day)
        found = (s for s in self.sessions if s.weekday == weekday and s.valid_from <= day < s.valid_until)
        return tuple(sorted(found, key=lambda session: (session.opens, session.closes, session.code)))

    def _weekday(self, day: date) -> int | None:
        """Which weekday's hours a day has; None when the site stays shut."""
        if self.closure_on(day) is not None:
            return None
        if self.bank_holidays is BankHolidays.AS_USUAL or day not in self.bank_days:
            return day.weekday()
        return SUNDAY if self.bank_holidays is BankHolidays.AS_SUNDAY else None


def _joined(intervals: list[tuple[int, int]]) -> Intervals:
    joined: list[tuple[int, int]] = []
    for opens, closes in intervals:
        if joined and joined[-1][1] == opens:
            joined[-1] = (joined[-1][0], closes)
        else:
            joined.append((opens, closes))
    return tuple(joined)


def check_holiday_region(region: str | None, *, of: str) -> None:
    """Refuse a region that has no bank holidays of its own. None is France as a whole."""
    if region is not None and region not in HOLIDAY_REGIONS:
        known = ", ".join(f"{code} ({name})" for code, name in HOLIDAY_REGIONS.items())
        raise UnknownHolidayRegion(f"{of} follows the bank holidays of {region!r}; there are {known}.")


def check_calendar(calendar: Calendar, *, of: str) -> None:
    """Refuse a calendar that contradicts itself, at entry rather than at the gate. `of` names its site.

    Raises:
        SiteNeverOpens: it has no opening hours.
        UnknownWeekday: a weekday is none of 0 to 6.
        ImpossibleHours: hours or a session end before they begin, or lie outside the day.
        ContradictoryPeriod: a season of hours or of a session ends before it begins.
        OverlappingHours: two hours of one weekday overlap while the seasons of both run.
        ReversedClosure: a closure's last day lies before its first.
        ClosedTwice: two closures begin on the same day.
        LastEntryTooEarly: the last minutes before closing are negative, or leave nothing of some opening.
        NameMissing: a session has no name in one of the languages.
        SessionNamedTwice: two sessions share a code and not a name.
        SessionNeverHeld: no day of a session's season falls on its weekday.
        SessionOutsideHours: a session takes place on a day and at an hour when the site is shut.
        OverlappingSessions: two sessions overlap, and one of them is reserved, or they are one and the same.
    """
    if not calendar.hours:
        raise SiteNeverOpens(f"{of} has no opening hours.")
    for hours in calendar.hours:
        _check_stretch(hours, of)
    for one, other in combinations(calendar.hours, 2):
        if _overlap(one, other):
            raise OverlappingHours(
                f"{of} opens twice at once on weekday {one.weekday}: {_said(one)} and {_said(other)}."
            )
    for closure in calendar.closures:
        if closure.last_day < closure.first_day:
            raise ReversedClosure(f"{of} would be shut until {closure.last_day}, before {closure.first_day}.")
    if len({closure.first_day for closure in calendar.closures}) < len(calendar.closures):
        raise ClosedTwice(f"{of} has two closures that begin on the same day.")
    _check_last_entry(calendar, of)
    for session in calendar.sessions:
        _check_session(session, calendar, f"Session {session.code} of {of}")
    for earlier, later in combinations(calendar.sessions, 2):
        _check_together(earlier, later, of)


def _check_stretch(stretch: Hours | Session, of: str) -> None:
    if not 0 <= stretch.weekday <= SUNDAY:
        raise UnknownWeekday(f"{of} opens on weekday {stretch.weekday}; Monday is 0 and Sunday is 6.")
    if not 0 <= stretch.opens < stretch.closes <= MIDNIGHT:
        raise ImpossibleHours(f"{of} cannot open {_said(stretch)} on weekday {stretch.weekday}.")
    if stretch.valid_until <= stretch.valid_from:
        raise ContradictoryPeriod(f"{of} has hours that end on {stretch.valid_until}, before {stretch.valid_from}.")


def _check_last_entry(calendar: Calendar, of: str) -> None:
    minutes = calendar.last_entry_minutes
    if minutes < 0:
        raise LastEntryTooEarly(f"{of} lets nobody in during the last {minutes} minutes.")
    shortest = min(calendar.hours, key=lambda hours: hours.closes - hours.opens)
    if shortest.closes - shortest.opens <= minutes:
        raise LastEntryTooEarly(
            f"{of} lets nobody in during the last {minutes} minutes, which is all of {_said(shortest)}"
            f" on weekday {shortest.weekday}."
        )


def _check_session(session: Session, calendar: Calendar, of: str) -> None:
    check_name(session.name, of=of)
    _check_stretch(session, of)
    days = _days_to_look_at(session, calendar.hours)
    if not days:
        raise SessionNeverHeld(
            f"{of} is held on weekday {session.weekday}, and there is none from {session.valid_from}"
            f" to before {session.valid_until}."
        )
    seasons = Calendar(calendar.hours)
    for day in days:
        if not any(opens <= session.opens and session.closes <= closes for opens, closes in seasons.on(day)):
            raise SessionOutsideHours(f"{of} is held {_said(session)} on {day}, when the site is shut.")


def _days_to_look_at(session: Session, hours: tuple[Hours, ...]) -> list[date]:
    """Its first day in each stretch of time over which the hours do not change: they speak for all the others."""
    edges = {session.valid_from}.union(*((one.valid_from, one.valid_until) for one in hours))
    since = [edge for edge in edges if session.valid_from <= edge < session.valid_until]
    days = {edge + timedelta(days=(session.weekday - edge.weekday()) % 7) for edge in since}
    return sorted(day for day in days if day < session.valid_until)


def _check_together(one: Session, other: Session, of: str) -> None:
    if one.code == other.code and one.name != other.name:
        raise SessionNamedTwice(f"{of} calls its session {one.code} both {one.name.en!r} and {other.name.en!r}.")
    if (one.reserved or other.reserved or one.code == other.code) and _overlap(one, other):
        raise OverlappingSessions(
            f"{of} holds {one.code} {_said(one)} and {other.code} {_said(other)} at once on weekday {one.weekday}."
        )


def _overlap(one: Hours | Session, other: Hours | Session) -> bool:
    return (
        one.weekday == other.weekday
        and one.opens < other.closes
        and other.opens < one.closes
        and one.valid_from < other.valid_until
        and other.valid_from < one.valid_until
    )


def _said(stretch: Hours | Session) -> str:
    return "–".join(f"{minute // 60:02}:{minute % 60:02}" for minute in (stretch.opens, stretch.closes))
