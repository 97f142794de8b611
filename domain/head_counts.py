"""Putting the count of people in a zone right: an agent counts heads, and the gates' count moves by the difference.

The gates count whom they see. People slip out without showing a pass, and slip in behind others; nobody knows who they
were. So a head count changes no passage and nothing that is known of a pass: it is a fact of its own.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from msgspec import Struct

from domain.errors.places import CountMoved, HeadsBeyondBounds, ZoneNotCounted
from domain.places import Zone
from domain.ports import Unit
from domain.text import Text

MOST_TIMES: Final = 3
"""How many times the people that a zone has room for an agent may say: more is a slip of the finger."""

FRESH: Final = timedelta(hours=1)
"""How old the count may be that an agent has started from: people have come and gone since."""


class CountMotive(StrEnum):
    """Why the gates' count was wrong: one closed list, that names nobody."""

    LEFT_UNSEEN = "left_unseen"
    CAME_UNSEEN = "came_unseen"
    GATE_FAULT = "gate_fault"
    ROUND = "round"
    EVACUATION = "evacuation"
    MISCOUNTED = "miscounted"
    OTHER = "other"


COUNT_MOTIVES: dict[CountMotive, Text] = {
    CountMotive.LEFT_UNSEEN: Text(fr="Sorties sans passer le pass", en="People left without showing a pass"),
    CountMotive.CAME_UNSEEN: Text(fr="Entrées sans passer le pass", en="People came in without showing a pass"),
    CountMotive.GATE_FAULT: Text(fr="Portique en panne ou ouvert", en="Gate broken or left open"),
    CountMotive.ROUND: Text(fr="Comptage de contrôle", en="A round to check"),
    CountMotive.EVACUATION: Text(fr="Évacuation", en="Evacuation"),
    CountMotive.MISCOUNTED: Text(fr="Comptage précédent erroné", en="The count before was wrong"),
    CountMotive.OTHER: Text(fr="Autre motif", en="Another motive"),
}


class Heads(Struct, frozen=True):
    """People in a zone: its users, and those who accompany them (who do not swim), counted apart."""

    users: int
    others: int = 0


class Seen(Struct, frozen=True):
    """What an agent has before their eyes when they start to count.

    `heads` is the gates' count `at` that instant; `passage` the newest passage, and `count` the zone's newest head
    count by then, 0 where there is none.
    """

    heads: Heads
    at: datetime
    passage: int
    count: int


class HeadCount(Struct, frozen=True):
    """An agent has counted `counted` in a zone where the gates said `was`, both at `counted_at`.

    What has passed since then stays: the zone's count moved by the difference, never below nobody. `passage` is the
    newest passage as it was written, `keep_until` the first day on which it is forgotten.
    """

    number: int
    authority_id: UUID
    site_id: UUID
    zone_id: UUID
    day: date
    counted_at: datetime
    recorded_at: datetime
    agent_id: UUID
    was: Heads
    counted: Heads
    motive: CountMotive
    passage: int
    keep_until: date


class HeadCounts(Protocol):
    """The head counts of the zones."""

    async def hold(self, zone: Zone, day: date) -> Heads:
        """Lock a zone's count of a day, and return it: no passage moves it meanwhile. Without one, nobody is in."""
        ...

    async def newest(self, zone_id: UUID, day: date) -> HeadCount | None:
        """Return the newest head count of a zone on a day."""
        ...

    async def told_since(self, site_id: UUID, seen: Seen) -> bool:
        """Tell whether something from before an instant was told after it: a fact of a terminal, a cancellation."""
        ...

    async def add(self, new: HeadCount, heads: Heads) -> HeadCount:
        """Write a head count, and that these are inside now; return it with its number and that of the last passage."""
        ...


def most(zone: Zone) -> Heads:
    """The most heads of each kind that an agent may say.

    Raises:
        ZoneNotCounted: nobody counts who is inside there.
    """
    if zone.capacity is None:
        raise ZoneNotCounted("Nobody counts how many are inside this zone.")
    return Heads(MOST_TIMES * zone.capacity, MOST_TIMES * (zone.capacity_others or zone.capacity))


async def put_right(
    unit: Unit,
    zone: Zone,
    *,
    seen: Seen,
    counted: Heads,
    motive: CountMotive,
    by: UUID,
    day: date,
    now: datetime,
    keep_until: date,
) -> HeadCount:
    """Put a zone's count right by what an agent has counted. `day` is the zone's local day.

    The count moves by the difference to what the agent had before their eyes, so whoever passes a gate while they count
    is in it. Sent twice, it is one head count.

    Raises:
        ZoneNotCounted: nobody counts who is inside there.
        HeadsBeyondBounds: so many people cannot be there.
        CountMoved: another agent was quicker, something from before was told meanwhile, or it is too long ago.
    """
    for said, bound in _pairs(counted, most(zone)) + _pairs(seen.heads, most(zone)):
        if not 0 <= said <= bound:
            raise HeadsBeyondBounds(f"Between 0 and {bound} people can be there.")
    if not timedelta(0) <= now - seen.at <= FRESH:
        raise CountMoved("This count was started too long ago.")
    present = await unit.head_counts.hold(zone, day)
    last = await unit.head_counts.newest(zone.id, day)
    if last is not None and last.number != seen.count:
        if (last.agent_id, last.counted_at, last.was, last.counted) == (by, seen.at, seen.heads, counted):
            return last
        raise CountMoved("Another agent has counted in between.")
    if (last is None and seen.count) or await unit.head_counts.told_since(zone.site_id, seen):
        raise CountMoved("What the gates say of that moment has changed since.")
    new = HeadCount(
        number=0,
        authority_id=zone.authority_id,
        site_id=zone.site_id,
        zone_id=zone.id,
        day=day,
        counted_at=seen.at,
        recorded_at=now,
        agent_id=by,
        was=seen.heads,
        counted=counted,
        motive=motive,
        passage=0,
        keep_until=keep_until,
    )
    return await unit.head_counts.add(new, moved(present, new))


def moved(present: Heads, count: HeadCount) -> Heads:
    """Return who is inside after a head count, where `present` were before: never fewer than nobody."""
    return Heads(
        max(0, present.users + count.counted.users - count.was.users),
        max(0, present.others + count.counted.others - count.was.others),
    )


def _pairs(said: Heads, bounds: Heads) -> list[tuple[int, int]]:
    return [(said.users, bounds.users), (said.others, bounds.others)]
