"""What a terminal remembers of the media it saw: where each was last, and the last showing of a phone's code.

By the medium alone: a terminal does not know whose it is. Forgotten after two days.
"""

import sqlite3
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.access.decide import Verdict
from domain.access.facts import NOWHERE, Direction, Facts, LastUse, Presence
from domain.access.rules import authentic

KEPT: Final = timedelta(days=2)
"""Past midnight in every time zone."""


class Sighting(Struct, frozen=True):
    """Where a medium was seen last at a site, and how often this terminal let it in by itself on that day."""

    zone_id: UUID | None = None
    since: datetime | None = None
    gate_id: UUID | None = None
    came_at: datetime | None = None
    persons: int = 1
    entries: int = 0


NEVER: Final = Sighting()


def today(db: sqlite3.Connection, medium: int, site: str, day: date) -> tuple[Sighting, bool]:
    """Return what was seen last of a medium at a site, and whether it was on this day."""
    row = db.execute("SELECT day, body FROM sighting WHERE medium = ? AND site = ?", (medium, site)).fetchone()
    if row is None:
        return NEVER, False
    seen = msgspec.json.decode(row[1], type=Sighting)
    return (seen, True) if row[0] == day.isoformat() else (msgspec.structs.replace(seen, entries=0), False)


def presence(seen: Sighting, medium: int) -> Presence:
    """Return what a decision may know of it."""
    if seen.since is None:
        return NOWHERE
    return Presence(
        zone_id=seen.zone_id,
        since=seen.since,
        version=1,
        gate_id=seen.gate_id,
        medium_id=medium,
        came_at=seen.came_at,
        persons=seen.persons,
    )


def last_use(db: sqlite3.Connection, medium: int) -> LastUse | None:
    """Return the greatest mark that a medium has shown here."""
    row = db.execute("SELECT mark, spent FROM mark WHERE medium = ?", (medium,)).fetchone()
    return LastUse(row[0], bool(row[1]), 1) if row is not None else None


def note(db: sqlite3.Connection, facts: Facts, verdict: Verdict, seen: Sighting, *, alone: bool) -> None:
    """Remember a passage; `alone`: this terminal decided it by itself."""
    if facts.medium is None:
        return
    medium, doorway = facts.medium.medium_id, facts.doorway
    if verdict.seen:
        entering = facts.direction is Direction.ENTRY
        stays = facts.zone_now is not None
        moved = Sighting(
            zone_id=doorway.zone.id if entering else None,
            since=facts.at,
            gate_id=doorway.gate.id,
            came_at=seen.came_at if stays and seen.came_at is not None else facts.at,
            persons=seen.persons if stays else facts.persons,
            entries=seen.entries + (entering and alone),
        )
        db.execute(
            "INSERT INTO sighting VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET day = ?3, body = ?4",
            (medium, doorway.site.code, facts.day.isoformat(), msgspec.json.encode(moved)),
        )
    mark = facts.evidence.mark
    if mark is not None and authentic(facts) is None:
        # As the ledger does: the mark never goes back, and one that a gate has opened for stays spent.
        db.execute(
            """INSERT INTO mark VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET day = ?2, mark = ?3,
                   spent = (spent AND mark = ?3) OR ?4 WHERE mark <= ?3""",
            (medium, facts.day.isoformat(), mark, verdict.opens),
        )


def forget(db: sqlite3.Connection, day: date) -> None:
    """Forget what was seen before yesterday."""
    before = (day - KEPT).isoformat()
    db.execute("DELETE FROM sighting WHERE day <= ?", (before,))
    db.execute("DELETE FROM mark WHERE day <= ?", (before,))
