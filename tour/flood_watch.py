"""Looking at the gauges of an authority: every minute, whether anybody looks or not."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from domain.devices import Stream
from domain.flood_levels import Change, Watched, record_turn
from domain.flood_thresholds import Witness
from domain.floods import Agreement, Sighting, judge, looks_back
from domain.ports import Unit
from domain.readings import Quality, Reading
from tour.freshness import GRACE, is_late

GOOD = frozenset({Quality.CORRECT, Quality.PROBABLY_GOOD})
"""What a level may rest on: less than what may be shown."""


async def watch_levels(unit: Unit, authority_id: UUID, now: datetime) -> tuple[Change, ...]:
    """Judge each gauge by what it has said, and write down how its level turned. Nothing becomes public here.

    Two rounds at once wait for each other at each gauge, and the second one finds nothing to do.
    """
    changes: list[Change] = []
    for watched in await unit.floods.watched(authority_id):
        station = await unit.floods.hold(authority_id, watched.stream.id)
        if station is None:
            continue
        terms = watched.thresholds.terms(silence_of(watched.stream), delay_of(watched.stream))
        readings = await unit.floods.readings(watched.stream.id, looks_back(terms, now))
        _, turns = judge(
            terms,
            station.standing,
            [sighting(watched.stream, one) for one in readings],
            now,
            await _agreements(unit, watched, now),
        )
        changes += [await record_turn(unit, replace(watched, station=station), turn, now) for turn in turns]
    return tuple(changes)


def silence_of(stream: Stream) -> timedelta:
    """Return how far apart two readings of a gauge may lie, and how old the newest may be: two of its periods."""
    return 2 * timedelta(seconds=stream.period_seconds) + GRACE


def delay_of(stream: Stream) -> timedelta:
    """Return how late the source of a gauge is known to be."""
    return timedelta(seconds=stream.delay_seconds)


def sighting(stream: Stream, reading: Reading) -> Sighting:
    """Say what a reading is worth where floods are concerned."""
    return Sighting(
        at=reading.until or reading.observed_at,
        received_at=reading.received_at,
        metres=reading.value,
        good=reading.quality in GOOD,
        late=is_late(stream, reading),
        source_id=reading.source_id,
    )


async def _agreements(unit: Unit, watched: Watched, now: datetime) -> list[Agreement]:
    witnesses = watched.thresholds.witnesses
    streams = await unit.floods.streams([one.stream_id for one in witnesses])
    found = [await _agreement(unit, one, streams[one.stream_id], now) for one in witnesses if one.stream_id in streams]
    return [one for one in found if one is not None]


async def _agreement(unit: Unit, witness: Witness, stream: Stream, now: datetime) -> Agreement | None:
    """Ask a witness for its newest word, by the rules that hold for the gauge itself."""
    since = now - silence_of(stream) - delay_of(stream)
    said = [sighting(stream, one) for one in await unit.floods.readings(stream.id, since)]
    timely = [one for one in said if one.good and not one.late and since <= one.at <= now]
    newest = max(timely, key=lambda one: one.at, default=None)
    if newest is None or newest.metres < witness.value:
        return None
    return Agreement(stream.id, newest.at, newest.metres)
