"""The thresholds of a station, in metres: set by two people, one who proposes and another who confirms."""

from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import isfinite
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.devices import Stream
from domain.errors.floods import AlreadyDecided, ImpossibleThresholds, SecondPersonNeeded
from domain.floods import Level, Standing, Terms
from domain.ports import Unit

WATER_LEVEL = "water_level"
"""The quantity of the catalogue that has flood levels, in metres."""

MOST_WITNESSES = 3

LOWEST_M, HIGHEST_M = -20.0, 100.0
"""No gauge of a city reads less or more."""


class Witness(Struct, frozen=True):
    """A stream that may agree: upstream, or the same place as Vigicrues has it. It does from `value` on."""

    stream_id: UUID
    value: float


class ThresholdsStatus(StrEnum):
    """What became of thresholds."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    """In force."""
    DECLINED = "declined"
    REPLACED = "replaced"


class Thresholds(Struct, frozen=True):
    """The metres of one station. They are not public, and there is no default."""

    id: UUID
    authority_id: UUID
    stream_id: UUID
    level_1_m: float
    level_2_m: float
    level_3_m: float
    hysteresis_m: float
    witnesses: tuple[Witness, ...]
    status: ThresholdsStatus
    proposed_by: UUID
    proposed_at: datetime
    decided_by: UUID | None = None
    decided_at: datetime | None = None

    def terms(self, silence: timedelta, delay: timedelta) -> Terms:
        """Return what readings are judged by."""
        return Terms((self.level_1_m, self.level_2_m, self.level_3_m), self.hysteresis_m, silence, delay)


class Station(Struct, frozen=True):
    """Where a gauge stands: the level of its readings, and the one that people have made public."""

    stream_id: UUID
    authority_id: UUID
    level: Level
    level_since: datetime
    public_level: Level
    public_since: datetime

    @property
    def standing(self) -> Standing:
        """The level of the readings."""
        return Standing(self.level, self.level_since)


def check_thresholds(thresholds: Thresholds, stream: Stream) -> None:
    """Refuse thresholds that could not be meant.

    Raises:
        ImpossibleThresholds: and says why.
    """
    edges = (thresholds.level_1_m, thresholds.level_2_m, thresholds.level_3_m)
    if stream.quantity != WATER_LEVEL:
        raise ImpossibleThresholds(f"{stream.quantity} has no flood levels.")
    if not all(isfinite(edge) and LOWEST_M <= edge <= HIGHEST_M for edge in edges):
        raise ImpossibleThresholds(f"An edge lies between {LOWEST_M:g} and {HIGHEST_M:g} metres.")
    steps = [after - before for before, after in pairwise(edges)]
    if min(steps) <= 0:
        raise ImpossibleThresholds("Each level begins above the one before.")
    if not 0 < thresholds.hysteresis_m < min(steps):
        raise ImpossibleThresholds("The hysteresis is more than nothing and less than the step between two levels.")
    witnesses = [one.stream_id for one in thresholds.witnesses]
    if stream.id in witnesses or len(set(witnesses)) != len(witnesses) or len(witnesses) > MOST_WITNESSES:
        raise ImpossibleThresholds(f"A station has at most {MOST_WITNESSES} witnesses, each once, and is none itself.")


async def propose(unit: Unit, thresholds: Thresholds, stream: Stream) -> None:
    """Write thresholds down for another person to confirm; what was proposed before for the station is replaced.

    Raises:
        ImpossibleThresholds: as `check_thresholds`.
    """
    check_thresholds(thresholds, stream)
    await _replace(unit, stream.id, ThresholdsStatus.PROPOSED, thresholds.proposed_by, thresholds.proposed_at)
    await unit.floods.add_thresholds(thresholds)


async def confirm_thresholds(unit: Unit, thresholds: Thresholds, *, agent_id: UUID, now: datetime) -> Thresholds:
    """Put thresholds in force, in the place of those before: from the next reading on they decide.

    Raises:
        AlreadyDecided: they do not wait any more.
        SecondPersonNeeded: the same person has proposed them.
    """
    _check_waits(thresholds)
    if thresholds.proposed_by == agent_id:
        raise SecondPersonNeeded("Somebody else has to confirm what you proposed.")
    # The station first: two who confirm at once wait for each other here.
    station = await unit.floods.hold(thresholds.authority_id, thresholds.stream_id)
    await _replace(unit, thresholds.stream_id, ThresholdsStatus.CONFIRMED, agent_id, now)
    confirmed = replace(thresholds, status=ThresholdsStatus.CONFIRMED, decided_by=agent_id, decided_at=now)
    await unit.floods.save_thresholds(confirmed, was=thresholds.status)
    if station is None:
        await unit.floods.save_station(
            Station(thresholds.stream_id, thresholds.authority_id, Level.NORMAL, now, Level.NORMAL, now)
        )
    return confirmed


async def decline_thresholds(unit: Unit, thresholds: Thresholds, *, agent_id: UUID, now: datetime) -> Thresholds:
    """Take a proposal away; whoever made it may.

    Raises:
        AlreadyDecided: it does not wait any more.
    """
    _check_waits(thresholds)
    declined = replace(thresholds, status=ThresholdsStatus.DECLINED, decided_by=agent_id, decided_at=now)
    await unit.floods.save_thresholds(declined, was=thresholds.status)
    return declined


def _check_waits(thresholds: Thresholds) -> None:
    if thresholds.status is not ThresholdsStatus.PROPOSED:
        raise AlreadyDecided(f"These thresholds are {thresholds.status}.")


async def _replace(unit: Unit, stream_id: UUID, status: ThresholdsStatus, agent_id: UUID, now: datetime) -> None:
    """Let thresholds make room. Who confirmed those in force stays on record, for they were."""
    before = await unit.floods.thresholds_of(stream_id, status)
    if before is None:
        return
    replaced = replace(before, status=ThresholdsStatus.REPLACED)
    if before.decided_by is None:
        replaced = replace(replaced, decided_by=agent_id, decided_at=now)
    await unit.floods.save_thresholds(replaced, was=status)
