"""The auditor: reads what the ledger wrote and checks that its books close, whoever wrote them and however often.

Events are replayed in the order of their numbers: what was counted, who is where and how many are inside must follow
from them alone. Every check names the promise it keeps (`reliability.md`, section 2).
"""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct, field
from sqlalchemy import Connection, select

from domain.places import Passback
from store.database import Database
from store.tables.ledger import counter, ledger_head, occupancy, presence, scan_key, validation
from store.tables.places import gate, zone
from store.tables.products import entitlement, product_limit

PARIS = ZoneInfo("Europe/Paris")
OPENS = frozenset({"granted", "granted_with_warning"})
PlaceDay = tuple[UUID, date]
"""Zone and local day."""
LastState = tuple[UUID | None, date | None, datetime | None]
"""Zone (None: has left), day and instant."""

_EVENTS = select(validation).order_by(validation.c.number)
_HEAD = select(ledger_head.c.number)
_KEYS = select(scan_key)
_COUNTERS = select(counter)
_CROWDS = select(occupancy)
_LAST_STATES = select(presence)
_DOORS = select(gate.c.id.label("gate_id"), zone.c.id, zone.c.capacity, zone.c.passback).join(
    zone, zone.c.id == gate.c.zone_id
)
_LIMITS = select(entitlement.c.id, product_limit.c.position, product_limit.c.amount).join(
    product_limit, product_limit.c.product_id == entitlement.c.product_id
)


class Books(Struct):
    """What the auditor has read; `inside` and `entries` come from the replay of events."""

    events: list[Any] = field(default_factory=list)
    answers: dict[tuple[UUID, str], bytes] = field(default_factory=dict)
    numbers: dict[tuple[UUID, str], int] = field(default_factory=dict)
    used: dict[tuple[UUID, date, int], int] = field(default_factory=dict)
    inside: dict[PlaceDay, set[UUID]] = field(default_factory=dict)

    def event_of(self, terminal_id: UUID, key: str) -> Any:  # noqa: ANN401 - a row of `validation`
        """Return the one event that a key has."""
        return self.events[self.numbers[terminal_id, key] - 1]


async def audit(database: Database, *, one_writer: bool = False) -> Books:
    """Audit a database that nobody is writing."""
    async with database.read() as connection:
        return await connection.run_sync(audit_now, one_writer=one_writer)


def audit_now(connection: Connection, *, one_writer: bool) -> Books:
    """Audit over an open connection.

    `one_writer`: batches did not overlap, so that even between two scans of one batch no zone may be over its ceiling.
    """
    books = Books(events=list(connection.execute(_EVENTS)))
    _numbers_have_no_gap(connection, books)
    _one_key_per_event(connection, books)
    _counters_equal_events(connection, books)
    _places_follow_from_events(connection, books, one_writer=one_writer)
    return books


def _numbers_have_no_gap(connection: Connection, books: Books) -> None:
    head = connection.execute(_HEAD).scalar_one()
    assert [row.number for row in books.events] == list(range(1, head + 1)), "F1: event numbers have a gap"


def _one_key_per_event(connection: Connection, books: Books) -> None:
    keys = list(connection.execute(_KEYS))
    assert sorted(row.number for row in keys) == [row.number for row in books.events], "E1, E3: keys and events differ"
    for row in keys:
        event = books.events[row.number - 1]
        said = msgspec.json.decode(row.answer)
        written = (event.terminal_id, event.outcome, event.reason, event.direction)
        assert written == (row.terminal_id, said["outcome"], said["reason"], said["direction"]), (
            "E2: the stored answer and its event disagree"
        )
        books.answers[row.terminal_id, row.key] = row.answer
        books.numbers[row.terminal_id, row.key] = row.number


def _counters_equal_events(connection: Connection, books: Books) -> None:
    limits: defaultdict[UUID, dict[int, int]] = defaultdict(dict)
    for row in connection.execute(_LIMITS):
        limits[row.id][row.position] = row.amount
    spent: Counter[tuple[UUID, date, int]] = Counter()
    for event in books.events:
        charges = msgspec.json.decode(event.charges, type=list[tuple[int, date, date, int]])
        assert not charges or event.outcome in OPENS, f"Q2: a refusal was charged, event {event.number}"
        for position, _, ends_before, amount in charges:
            key = (event.entitlement_id, ends_before, position)
            spent[key] += amount
            assert spent[key] <= limits[event.entitlement_id][position], f"Q1: overspent by event {event.number}"
    books.used = {
        (row.entitlement_id, row.ends_before, row.position): row.used for row in connection.execute(_COUNTERS)
    }
    assert books.used == dict(spent), "Q2: counters differ from what events charged"


def _places_follow_from_events(connection: Connection, books: Books, *, one_writer: bool) -> None:
    zones = {row.gate_id: row for row in connection.execute(_DOORS)}
    entries: Counter[PlaceDay] = Counter()
    inside: defaultdict[PlaceDay, set[UUID]] = defaultdict(set)
    last: dict[tuple[UUID, UUID], LastState] = {}
    for event in books.events:
        if event.outcome not in OPENS or event.reason in {"same_trip", "exit_without_entry", "double_read"}:
            continue
        zone_ = zones[event.gate_id]
        day = event.recorded_at.astimezone(PARIS).date()
        was_in, seen_on, _ = last.get((event.pass_id, event.site_id), (None, None, None))
        if was_in is not None and seen_on == day and (event.direction == "exit" or was_in != zone_.id):
            inside[was_in, day].discard(event.pass_id)
        if event.direction == "exit":
            assert was_in is not None, f"event {event.number} lets out who was not inside"
            assert seen_on == day, f"event {event.number} lets out who came in another day"
            last[event.pass_id, event.site_id] = (None, day, event.recorded_at)
            continue
        here = inside[zone_.id, day]
        twice = event.pass_id in here and zone_.passback == Passback.HARD
        assert not twice, f"A1: event {event.number} lets in somebody who is inside"
        here.add(event.pass_id)
        entries[zone_.id, day] += 1
        full = one_writer and zone_.capacity is not None and len(here) > zone_.capacity
        assert not full, f"capacity: event {event.number} lets in one too many"
        last[event.pass_id, event.site_id] = (zone_.id, day, event.recorded_at)
    books.inside = {key: set(people) for key, people in inside.items()}
    _stored_places_agree(connection, books, {row.id: row.capacity for row in zones.values()}, entries, last)


def _stored_places_agree(
    connection: Connection,
    books: Books,
    capacities: dict[UUID, int | None],
    entries: Counter[PlaceDay],
    last: dict[tuple[UUID, UUID], LastState],
) -> None:
    crowds = {(row.zone_id, row.day): (row.inside, row.entries) for row in connection.execute(_CROWDS)}
    assert crowds == {key: (len(people), entries[key]) for key, people in books.inside.items()}, (
        "occupancy differs from the events"
    )
    for (zone_id, _), (people, _) in crowds.items():
        ceiling = capacities[zone_id]
        assert ceiling is None or people <= ceiling, f"capacity: {people} inside, {ceiling} allowed"
    seen = {
        (row.pass_id, row.site_id): (row.zone_id, row.day, row.since.astimezone(UTC))
        for row in connection.execute(_LAST_STATES)
    }
    assert seen == last, "last states differ from the events"
