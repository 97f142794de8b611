"""From what a river's gauge says to a level that somebody should look at: pure, and for one station at a time.

Two good readings raise a level, or a single one that another station agrees with. Half an hour under the edge less the
hysteresis clears it. What came late, is doubted or tells of the future raises nothing; silence neither raises nor
clears. What comes out is a *turn*: people decide what becomes public (`domain.flood_levels`).

Rules of the city's crisis plan, as the tour study has them (section 4).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from uuid import UUID

from msgspec import Struct

CLEAR_AFTER = timedelta(minutes=30)
"""How long the water must have stayed under an edge less the hysteresis before its level is over."""


class Level(IntEnum):
    """The levels of the crisis plan. They are not the colours of Vigicrues, which announce a day."""

    NORMAL = 0
    VEHICLES = 1
    """Vehicles near the water are to be moved."""
    ROADS = 2
    """Roads are closed."""
    QUAY = 3
    """The water is over the quay."""


class Terms(Struct, frozen=True):
    """What a station is judged by: the level begins where the water reaches its edge.

    Readings farther apart than `silence` say nothing of what lay between them, and a newest one that is older, beyond
    the `delay` of its source, says nothing of now.
    """

    edges_m: tuple[float, float, float]
    hysteresis_m: float
    silence: timedelta
    delay: timedelta = timedelta()

    def reached(self, metres: float) -> Level:
        """Return the highest level whose edge the water has reached."""
        return Level(sum(metres >= edge for edge in self.edges_m))

    def held(self, metres: float) -> Level:
        """Return the highest level that this water still holds once it was raised."""
        return Level(sum(metres >= edge - self.hysteresis_m for edge in self.edges_m))


class Sighting(Struct, frozen=True):
    """One reading of a station, as far as floods are concerned.

    `at` is the instant that it speaks of. `good` says that its quality is; `late`, that it came too late to raise
    anything. `source_id` (32 bytes) names the message that brought it.
    """

    at: datetime
    received_at: datetime
    metres: float
    good: bool
    late: bool
    source_id: bytes


class Agreement(Struct, frozen=True):
    """Another stream that sees the flood too: one upstream, or the same place as Vigicrues has it."""

    stream_id: UUID
    at: datetime
    value: float


class Standing(Struct, frozen=True):
    """The level that the readings of a station have brought it to, and since when."""

    level: Level
    since: datetime


class Cause(StrEnum):
    """Why a level turned."""

    TWO_READINGS = "two-readings"
    AGREEMENT = "agreement"
    """One reading, and another stream that sees it too."""
    HALF_AN_HOUR_UNDER = "half-an-hour-under"
    SEEN = "seen"
    """Somebody has seen it; no reading says so."""


class Turn(Struct, frozen=True):
    """A change of level with what is behind it, oldest reading first.

    Behind a level that is over stand the first reading of the half hour, its highest and its last.
    """

    before: Level
    after: Level
    cause: Cause
    behind: tuple[Sighting, ...]
    agreements: tuple[Agreement, ...] = ()


def judge(
    terms: Terms,
    standing: Standing,
    sightings: Iterable[Sighting],
    now: datetime,
    agreements: Sequence[Agreement] = (),
) -> tuple[Standing, tuple[Turn, ...]]:
    """Say where a station stands after its latest readings, in whatever order they are given, and how it turned.

    Give every reading since `looks_back`. Judged again with the same readings, it does not turn again.
    """
    told = _told(sightings, now)
    timely = [one for one in told if not one.late]
    if not timely or timely[-1].at < now - terms.silence - terms.delay:
        return standing, ()
    turn = _raised(terms, standing.level, timely, agreements) or _cleared(terms, standing.level, told, timely)
    return (standing, ()) if turn is None else (Standing(turn.after, now), (turn,))


def looks_back(terms: Terms, now: datetime) -> datetime:
    """Return the earliest instant of which a reading can matter now."""
    return now - CLEAR_AFTER - 2 * terms.silence - terms.delay


def _told(sightings: Iterable[Sighting], now: datetime) -> list[Sighting]:
    """Keep the good readings up to now by time, one for each instant: where two contradict each other, neither."""
    at: dict[datetime, list[Sighting]] = {}
    for one in sightings:
        if one.good and one.at <= now:
            at.setdefault(one.at, []).append(one)
    return [
        min(same, key=lambda one: (one.late, one.received_at, one.source_id))
        for _, same in sorted(at.items())
        if len({one.metres for one in same}) == 1
    ]


def _raised(terms: Terms, level: Level, timely: list[Sighting], agreements: Sequence[Agreement]) -> Turn | None:
    newest = timely[-1]
    pair = [one for one in timely[-2:] if newest.at - one.at <= terms.silence]
    by_two = min(terms.reached(one.metres) for one in pair) if len(pair) == 2 else Level.NORMAL
    by_one = terms.reached(newest.metres) if agreements else Level.NORMAL
    if by_two > level and by_two >= by_one:
        return Turn(level, by_two, Cause.TWO_READINGS, tuple(pair))
    if by_one > level:
        return Turn(level, by_one, Cause.AGREEMENT, (newest,), tuple(agreements))
    return None


def _cleared(terms: Terms, level: Level, told: list[Sighting], timely: list[Sighting]) -> Turn | None:
    """Look at the last half hour without a gap. What came late fills no gap, and may hold a level up."""
    begin = len(timely) - 1
    while begin > 0 and timely[-1].at - timely[begin].at < CLEAR_AFTER:
        if timely[begin].at - timely[begin - 1].at > terms.silence:
            break
        begin -= 1
    first, last = timely[begin], timely[-1]
    if last.at - first.at < CLEAR_AFTER:
        return None
    highest = max((one for one in told if one.at >= first.at), key=lambda one: (one.metres, one.at))
    held = terms.held(highest.metres)
    if held >= level:
        return None
    behind = {one.at: one for one in (first, highest, last)}
    return Turn(level, held, Cause.HALF_AN_HOUR_UNDER, tuple(behind[at] for at in sorted(behind)))
