"""The books that an auditor reads: events in the order of their numbers, with what few of them have beside."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct, field
from sqlalchemy import Connection, select

from domain.products import Attendance
from store.tables.ledger import passage_detail, validation

PARIS = ZoneInfo("Europe/Paris")
OPENS = frozenset({"granted", "granted_with_warning"})
ScanKey = tuple[UUID, str]
"""Terminal and its key."""
CounterKey = tuple[UUID, date, int]
"""Entitlement, first day after the window, position."""
PlaceDay = tuple[UUID, date]
"""Zone and local day."""
Line = tuple[int, date, date, int]
"""One charge: position, first day and first day after of the window, thousandths (negative: given back)."""

_DETAILS = (
    "billed_cents",
    "paid_cents",
    "agent_id",
    "motive",
    "cancels",
    "deposits",
    "persons",
    "left_zone_id",
    "left_since",
)
_EVENTS = (
    select(validation, *(passage_detail.c[name] for name in _DETAILS))
    .outerjoin(passage_detail, passage_detail.c.number == validation.c.number)
    .order_by(validation.c.number)
)


class Party(Struct, frozen=True):
    """Who comes with one tap. An event does not tell, so whoever tapped tells the auditor."""

    persons: int = 1
    attends: Attendance = Attendance.USERS


class Books(Struct):
    """What the auditor has read; `inside` comes from the replay of events, `parties` from whoever tapped."""

    events: list[Any]
    parties: dict[ScanKey, Party] = field(default_factory=dict)
    answers: dict[ScanKey, bytes] = field(default_factory=dict)
    keys: dict[int, ScanKey] = field(default_factory=dict)
    numbers: dict[ScanKey, int] = field(default_factory=dict)
    used: dict[CounterKey, int] = field(default_factory=dict)
    inside: dict[PlaceDay, set[UUID]] = field(default_factory=dict)

    def event_of(self, terminal_id: UUID, key: str) -> Any:  # noqa: ANN401 - a row of `validation` and its detail
        """Return the one event that a key has."""
        return self.event(self.numbers[terminal_id, key])

    def event(self, number: int) -> Any:  # noqa: ANN401 - as above
        """Return an event by its number: there is no gap."""
        return self.events[number - 1]

    def party_of(self, number: int) -> Party:
        """Return who came with an event."""
        return self.parties.get(self.keys[number], Party())


def read_events(connection: Connection) -> list[Any]:
    """Read every event, oldest first."""
    return list(connection.execute(_EVENTS))


def charges_of(event: Any) -> list[Line]:  # noqa: ANN401 - a row of `validation`
    """Return what an event charged."""
    return msgspec.json.decode(event.charges, type=list[Line])


def wall_time(event: Any) -> datetime:  # noqa: ANN401 - as above
    """Return when a clock on the wall saw the event."""
    return instant(event.recorded_at).astimezone(PARIS)


def instant(at: datetime) -> datetime:
    """Return an instant as every engine would."""
    return at.astimezone(UTC)
