"""Who is where, and how many: last states, counts and the attendance of each hour follow from the events."""

from collections import Counter
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import Connection, select

from domain.access.facts import DOUBLE_READ
from domain.places import Passback
from domain.products import Attendance
from store.tables.attendance import attendance
from store.tables.ledger import head_count, occupancy, presence
from store.tables.places import gate, zone
from tests.contract.ledger_books import OPENS, Books, Party, PlaceDay, instant, wall_time

MOVE_NOBODY = frozenset({"same_trip", "exit_without_entry", "cancelled"})
"""Reasons under which a gate opens, or what it counted is given back, and nobody is seen to pass."""

Heads = tuple[int, int]
"""Users, and those who accompany them."""

_OF_A_ZONE = ("id", "capacity", "capacity_others", "daily_capacity", "passback")
_DOORS = select(gate.c.id.label("gate_id"), *(zone.c[name] for name in _OF_A_ZONE)).join(
    zone, zone.c.id == gate.c.zone_id
)


class Stay(Struct, frozen=True):
    """Where a pass was last seen at a site, as `presence` keeps it."""

    zone_id: UUID | None
    day: date
    since: datetime
    gate_id: UUID
    medium_id: int | None
    came_at: datetime | None
    party: Party


class Admitted(Struct, frozen=True):
    """An entry that counted persons for a zone's maximum of the day."""

    zone_id: UUID
    day: date
    at: datetime
    persons: int


class Places(Struct):
    """What the replay of events says of the places."""

    doors: dict[UUID, Any]
    one_writer: bool
    last: dict[tuple[UUID, UUID], Stay] = field(default_factory=dict)
    entries: Counter[PlaceDay] = field(default_factory=Counter)
    users: Counter[PlaceDay] = field(default_factory=Counter)
    others: Counter[PlaceDay] = field(default_factory=Counter)
    admitted: Counter[PlaceDay] = field(default_factory=Counter)
    been: dict[tuple[UUID, UUID], list[Admitted]] = field(default_factory=dict)
    came: Counter[tuple[UUID, date, int]] = field(default_factory=Counter)
    most: dict[tuple[UUID, date, int], int] = field(default_factory=dict)
    passed: dict[tuple[int, UUID, str], datetime] = field(default_factory=dict)
    left: dict[int, Stay] = field(default_factory=dict)
    """By the event with which somebody went on to another zone: the last state before it."""
    put_back: Counter[PlaceDay] = field(default_factory=Counter)
    """How many a cancellation, or an agent who counted heads, has put into a zone, whoever had come in meanwhile."""
    to_count: list[Any] = field(default_factory=list)
    """What agents counted and the replay has not come to, the oldest last."""
    counted: dict[PlaceDay, datetime] = field(default_factory=dict)

    def count(self, key: PlaceDay, party: Party, sign: int) -> None:
        """Count a party in (1) or out (-1)."""
        heads = self.users if party.attends is Attendance.USERS else self.others
        heads[key] += sign * party.persons
        if key in self.counted:
            heads[key] = max(0, heads[key])
        assert heads[key] >= 0, f"fewer than nobody in {key}"

    def count_heads(self, before: float) -> None:
        """Move counts by what agents counted before an event."""
        while self.to_count and self.to_count[-1].passage < before:
            one = self.to_count.pop()
            key = (one.zone_id, one.day)
            for heads, was, now in (
                (self.users, one.users_were, one.users),
                (self.others, one.others_were, one.others),
            ):
                heads[key] = max(0, heads[key] + now - was)
                self.put_back[key] += max(0, now - was)
            self.entries[key] += 0
            self.counted[key] = instant(one.counted_at)

    def admit(self, event: Any, door: Any, persons: int) -> list[Admitted]:  # noqa: ANN401 - an event, a gate
        """Count whoever comes into a zone for the first time on a day; return what is remembered of it."""
        key, been = (door.id, wall_time(event).date()), self.stayed(event)
        new = max(0, persons - sum(one.persons for one in been if one.zone_id == door.id))
        if door.daily_capacity is None or not new:
            return []
        self.admitted[key] += new
        return [Admitted(*key, instant(event.recorded_at), new)]

    def stayed(self, event: Any) -> list[Admitted]:  # noqa: ANN401 - a row of `validation`
        """Return what counted for a pass at the site of an event, on its day."""
        known = self.been.get((event.pass_id, event.site_id), [])
        return [one for one in known if one.day == wall_time(event).date()]

    def heads(self, key: PlaceDay) -> Heads:
        """Return who is inside."""
        return self.users[key], self.others[key]

    def saw(self, event: Any) -> None:  # noqa: ANN401 - a row of `validation`
        """Remember the last passage of a code by a gate; a tap that was settled late is none."""
        key, at = (event.medium_id, event.gate_id, event.direction), instant(event.recorded_at)
        self.passed[key] = max(at, self.passed.get(key, at))

    def look(self, key: PlaceDay, hour: int) -> None:
        """Take note of how many are inside at a moment of an hour."""
        self.came[(*key, hour)] += 0
        self.most[(*key, hour)] = max(self.most.get((*key, hour), 0), sum(self.heads(key)))


def check_places(connection: Connection, books: Books, *, one_writer: bool) -> None:
    """Replay who came and went, and compare with last states, counts and attendance."""
    places = Places({row.gate_id: row for row in connection.execute(_DOORS)}, one_writer)
    places.to_count = list(connection.execute(select(head_count).order_by(head_count.c.number.desc())))
    for event in books.events:
        places.count_heads(event.number)
        if event.reason == "double_read":
            _check_double_read(event, places)
        elif event.reason == "cancelled":
            _step_back(event, books, places)
        elif event.direction == "deposit":
            _check_deposit(event, places)
        elif event.outcome in OPENS and event.reason not in MOVE_NOBODY:
            (_leave if event.direction == "exit" else _enter)(event, books, places)
            places.saw(event)
    places.count_heads(float("inf"))
    books.inside = {key: set() for key in places.entries}
    for (pass_id, _), stay in places.last.items():
        if stay.zone_id is not None:
            books.inside[stay.zone_id, stay.day].add(pass_id)
    _stored_places_agree(connection, places)


def _stay(event: Any, places: Places) -> tuple[Stay | None, bool]:  # noqa: ANN401 - a row of `validation`
    """Return the last state of the pass at the site of an event, and whether it is inside."""
    stay = places.last.get((event.pass_id, event.site_id))
    return stay, stay is not None and stay.zone_id is not None and stay.day == wall_time(event).date()


def _enter(event: Any, books: Books, places: Places) -> None:  # noqa: ANN401 - as above
    door, here, at = places.doors[event.gate_id], wall_time(event), instant(event.recorded_at)
    key = (door.id, here.date())
    stay, stays = _stay(event, places)
    party = stay.party if stay is not None and stays else books.party_of(event.number)
    already = stay is not None and stays and stay.zone_id == door.id
    if stay is not None and at < stay.since:
        _arrive_late(event, door, stay, places, already=already)
        return
    twice = already and door.passback == Passback.HARD and event.reason != "overridden"
    assert not twice, f"A1: event {event.number} lets in somebody who is inside"
    places.look(key, here.hour)
    places.entries[key] += 1
    places.came[(*key, here.hour)] += 0 if already else party.persons
    new = places.admit(event, door, 0 if already else party.persons)
    places.been[event.pass_id, event.site_id] = places.stayed(event) + new
    if stay is not None and stays and stay.zone_id is not None and not already:
        places.count((stay.zone_id, stay.day), party, -1)
        places.left[event.number] = stay
    if not already:
        places.count(key, party, 1)
    came_at = stay.came_at if stay is not None and stays else at
    places.last[event.pass_id, event.site_id] = Stay(
        door.id, key[1], at, event.gate_id, event.medium_id, came_at, party
    )
    places.look(key, here.hour)
    if places.one_writer:
        _check_ceilings(door, places.heads(key), places.put_back[key], f"after event {event.number}")


def _arrive_late(event: Any, door: Any, stay: Stay, places: Places, *, already: bool) -> None:  # noqa: ANN401 - as above
    """An entry from before the last passage counts, and says nothing of where the pass is now."""
    here, at = wall_time(event), instant(event.recorded_at)
    key = (door.id, here.date())
    inside_then = already and stay.came_at is not None and stay.came_at <= at
    came = 0 if inside_then else event.persons or 1
    places.entries[key] += 1
    places.came[(*key, here.hour)] += came
    admitted = places.admit(event, door, came)
    if stay.day <= key[1]:
        places.been.setdefault((event.pass_id, event.site_id), []).extend(admitted)
    places.look(key, here.hour)


def _leave(event: Any, books: Books, places: Places) -> None:  # noqa: ANN401 - as above, called as `_enter`
    stay, stays = _stay(event, places)
    assert stay is not None, f"event {event.number} lets out who was never seen"
    assert stays, f"event {event.number} lets out who was not inside that day"
    assert stay.zone_id is not None
    if instant(event.recorded_at) < stay.since:
        return
    if stay.zone_id == places.doors[event.gate_id].id:
        places.look((stay.zone_id, stay.day), wall_time(event).hour)
    places.count((stay.zone_id, stay.day), stay.party, -1)
    places.been[event.pass_id, event.site_id] = places.stayed(event)
    places.last[event.pass_id, event.site_id] = replace(
        stay, zone_id=None, since=instant(event.recorded_at), gate_id=event.gate_id, medium_id=event.medium_id
    )


def _step_back(event: Any, books: Books, places: Places) -> None:  # noqa: ANN401 - as above
    """A cancelled entry that is the last thing seen of the pass lets it leave, or go back to where it came from."""
    passed, stay = books.event(event.cancels), places.last.get((event.pass_id, event.site_id))
    if passed.direction != "entry":
        return
    known = places.been.get((event.pass_id, event.site_id), [])
    undone = (places.doors[passed.gate_id].id, instant(passed.recorded_at))
    for one in [one for one in known if (one.zone_id, one.at) == undone]:
        places.admitted[one.zone_id, one.day] -= one.persons
        known.remove(one)
    if stay is None or stay.zone_id is None:
        return
    seen = (instant(passed.recorded_at), places.doors[passed.gate_id].id, wall_time(passed).date())
    if (stay.since, stay.zone_id, stay.day) == seen:
        _count_back(places, (stay.zone_id, stay.day), passed, stay.party, -1)
        before = places.left.get(passed.number)
        if before is not None and before.zone_id is not None:
            _count_back(places, (before.zone_id, stay.day), passed, stay.party, 1)
            places.put_back[before.zone_id, stay.day] += stay.party.persons
            back = replace(stay, zone_id=before.zone_id, since=before.since)
        else:
            back = replace(stay, zone_id=None, since=instant(event.recorded_at), came_at=None, medium_id=None)
        places.last[event.pass_id, event.site_id] = replace(back, gate_id=event.gate_id)


def _count_back(places: Places, key: PlaceDay, passed: Any, party: Party, sign: int) -> None:  # noqa: ANN401 - an event
    """Whoever an agent has counted since stays counted as they stood there."""
    if key not in places.counted or instant(passed.recorded_at) > places.counted[key]:
        places.count(key, party, sign)


def _check_double_read(event: Any, places: Places) -> None:  # noqa: ANN401 - as above
    """A second reading opens the gate of the first, the same way, within seconds.

    It writes no last state, so several writers may number a passage at another gate in between: then the first reading
    is the last passage at that gate.
    """
    stay, door = places.last[event.pass_id, event.site_id], places.doors[event.gate_id]
    if places.one_writer:
        seen = (stay.gate_id, stay.medium_id, stay.zone_id)
        way = door.id if event.direction == "entry" else None
        assert seen == (event.gate_id, event.medium_id, way), f"A1: event {event.number} opens another gate or way"
    first = places.passed.get((event.medium_id, event.gate_id, event.direction))
    assert first is not None, f"A1: event {event.number} opens a gate that nobody has passed"
    apart = instant(event.recorded_at) - first
    assert apart <= DOUBLE_READ, f"A1: event {event.number} repeats a scan of {apart} ago"


def _check_deposit(event: Any, places: Places) -> None:  # noqa: ANN401 - as above
    _, stays = _stay(event, places)
    allowed = stays or event.outcome not in OPENS or event.agent_id is not None
    assert allowed, f"event {event.number} takes waste from somebody who is not inside"


def _check_ceilings(door: Any, inside: Heads, put_back: int, when: str) -> None:  # noqa: ANN401 - a gate with its zone
    for heads, ceiling in zip(inside, (door.capacity, door.capacity_others), strict=True):
        assert ceiling is None or heads <= ceiling + put_back, f"capacity: {heads} inside, {ceiling} allowed, {when}"


def _stored_places_agree(connection: Connection, places: Places) -> None:
    crowds = {
        (row.zone_id, row.day): (row.inside, row.others, row.entries, row.admitted)
        for row in connection.execute(select(occupancy))
    }
    replayed = {key: (*places.heads(key), entries, places.admitted[key]) for key, entries in places.entries.items()}
    assert crowds == replayed, "occupancy differs from the events"
    zones = {door.id: door for door in places.doors.values()}
    for (zone_id, day), (users, others, *_) in crowds.items():
        _check_ceilings(zones[zone_id], (users, others), places.put_back[zone_id, day], "in the end")
    hours = {(row.zone_id, row.day, row.hour): row for row in connection.execute(select(attendance))}
    assert {key: row.entries for key, row in hours.items()} == dict(places.came), "attendance differs from the events"
    if places.one_writer:
        assert {key: row.most for key, row in hours.items()} == places.most, "the busiest moments differ"
    seen = {(row.pass_id, row.site_id): _as_stored(row) for row in connection.execute(select(presence))}
    assert seen == places.last, "last states differ from the events"


def _as_stored(row: Any) -> Stay:  # noqa: ANN401 - a row of `presence`
    return Stay(
        row.zone_id,
        row.day,
        instant(row.since),
        row.gate_id,
        row.medium_id,
        instant(row.came_at) if row.came_at is not None else None,
        Party(row.persons, Attendance(row.attends)),
    )
