"""Whether a value is believed: the checks of one reading, in the order of WMO-No. 1269.

Future, installation, sentinel, number, physical range, fastest change, flat line; across fields: `ordered`, `adds_up`.
What fails is told by its fault. Faults of time leave nothing to store, for the instant itself is wrong; all others are
stored with a quality that hides them.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import isfinite
from zoneinfo import ZoneInfo

from msgspec import Struct

from domain.devices import Stream, Summary
from domain.readings import RAW_KEPT, Newest, Quality, Reading

AHEAD = timedelta(minutes=5)
"""How far a device's clock may run ahead of ours."""

FLAT_PERIODS = 24
"""A probe that gives one and the same raw value for longer is stuck."""

UNIT_RATIO = 100
"""A value that is so many times the one before has changed its unit, not its size."""

_NEAR_NOTHING = 0.001
"""Part of the range below which a ratio says nothing: 0.1 to 12 is a change of air, not of unit."""

CO2_LOW_PPM, CO2_HIGH_PPM = 380.0, 500.0
"""The lowest value of a week in a room: outside air is near 420. Beyond, the sensor has drifted."""


class Fault(StrEnum):
    """What is wrong with a value, as agents are told."""

    SENTINEL = "sentinel"
    NOT_A_NUMBER = "not-a-number"
    FUTURE = "future"
    BEFORE_INSTALLATION = "before-installation"
    TOO_OLD = "too-old"
    OUT_OF_RANGE = "out-of-range"
    TOO_FAST = "too-fast"
    UNIT_CHANGED = "unit-changed"
    FLAT = "flat"
    CONTRADICTION = "contradiction"


_QUALITY: dict[Fault, Quality] = {
    Fault.SENTINEL: Quality.MISSING,
    Fault.OUT_OF_RANGE: Quality.BAD,
    Fault.TOO_FAST: Quality.PROBABLY_BAD,
    Fault.UNIT_CHANGED: Quality.PROBABLY_BAD,
    Fault.FLAT: Quality.PROBABLY_BAD,
    Fault.CONTRADICTION: Quality.PROBABLY_BAD,
}
"""What is stored. A fault that is missing here leaves nothing to store."""


class Assessment(Struct, frozen=True):
    """What became of the checks: the quality to store, None where nothing is; and the first fault."""

    quality: Quality | None
    fault: Fault | None = None


class Claim(Struct, frozen=True):
    """What a device says. `raw` is in its own words, `value` in the unit of the stream, None where `raw` is no number.

    `declared` is the quality that the source itself gave it.
    """

    raw: float | str
    value: float | None
    observed_at: datetime
    received_at: datetime
    until: datetime | None = None
    declared: Quality = Quality.UNQUALIFIED


Sentinel = Callable[[float | str], bool]
"""Tells by the model's list whether a raw value says "no value": 65535, or "No Sensor"."""


def assess(
    claim: Claim, *, sentinel: Sentinel, stream: Stream, installed_on: date, before: Newest | None
) -> Assessment:
    """Check one value against what is known of its stream.

    `before` is the newest value that was shown. What its source calls bad stays so.
    """
    fault = _fault(claim, sentinel=sentinel, stream=stream, installed_on=installed_on, before=before)
    if fault is not None:
        return Assessment(_QUALITY.get(fault), fault)
    if claim.declared is Quality.UNQUALIFIED and before is not None:
        return Assessment(Quality.PROBABLY_GOOD)
    return Assessment(claim.declared)


def reading_of(claim: Claim, assessment: Assessment, stream: Stream, source_id: bytes) -> Reading | None:
    """Make the reading to store of a claim; None where nothing is. A probe without a value is stored as 0, hidden."""
    if assessment.quality is None:
        return None
    value = claim.value if claim.value is not None and isfinite(claim.value) else 0.0
    return Reading(stream.id, claim.observed_at, claim.until, claim.received_at, value, assessment.quality, source_id)


def _fault(
    claim: Claim, *, sentinel: Sentinel, stream: Stream, installed_on: date, before: Newest | None
) -> Fault | None:
    if wrong_time := _wrong_time(claim, installed_on, stream.time_zone):
        return wrong_time
    if sentinel(claim.raw):
        return Fault.SENTINEL
    if claim.value is None or not isfinite(claim.value):
        return Fault.NOT_A_NUMBER
    if (stream.low is not None and claim.value < stream.low) or (stream.high is not None and claim.value > stream.high):
        return Fault.OUT_OF_RANGE
    if before is None or claim.observed_at <= before.observed_at:
        return None  # what comes late has no neighbour that we know of
    if _too_fast(claim, claim.value, stream, before):
        return Fault.TOO_FAST
    if _unit_changed(claim, claim.value, stream, before):
        return Fault.UNIT_CHANGED
    stuck = claim.value == before.value and not stream.may_stand_still
    if stuck and claim.observed_at - before.same_since > FLAT_PERIODS * timedelta(seconds=stream.period_seconds):
        return Fault.FLAT
    return None


def _wrong_time(claim: Claim, installed_on: date, zone: str) -> Fault | None:
    if claim.observed_at > claim.received_at + AHEAD:
        return Fault.FUTURE
    # Most devices are older than a day, and then no zone can make it the day before.
    recent = claim.observed_at.date() <= installed_on + timedelta(days=1)
    if recent and claim.observed_at.astimezone(ZoneInfo(zone)).date() < installed_on:
        return Fault.BEFORE_INSTALLATION
    if claim.received_at - claim.observed_at > RAW_KEPT:
        return Fault.TOO_OLD
    return None


def _too_fast(claim: Claim, value: float, stream: Stream, before: Newest) -> bool:
    if stream.max_step_per_minute is None:
        return False
    # Two values of one minute are allowed the change of that minute: clocks of devices are coarse.
    minutes = max((claim.observed_at - before.observed_at).total_seconds() / 60, 1.0)
    return abs(value - before.value) > stream.max_step_per_minute * minutes


def _unit_changed(claim: Claim, value: float, stream: Stream, before: Newest) -> bool:
    if stream.summary not in {Summary.MEAN, Summary.ENERGY}:
        return False
    if claim.observed_at - before.observed_at > 10 * timedelta(seconds=stream.period_seconds):
        return False
    smaller, larger = sorted((abs(value), abs(before.value)))
    reach = stream.high - stream.low if stream.high is not None and stream.low is not None else 0.0
    return smaller > _NEAR_NOTHING * reach and larger > UNIT_RATIO * smaller > 0


def ordered(*rising: float) -> bool:
    """Tell whether the least, mean and most of one interval can be true together."""
    return all(one <= next_ for one, next_ in pairwise(rising))


def adds_up(parts: Iterable[float], total: float, *, tolerance: float = 0.0) -> bool:
    """Tell whether a total is the sum of its parts: people in two directions, bicycles on two lanes."""
    return abs(sum(parts) - total) <= tolerance


def contradicted(assessment: Assessment) -> Assessment:
    """Doubt a value that fields beside it contradict; what is worse already stays as it is."""
    if assessment.quality is None or not assessment.quality.shown:
        return assessment
    return Assessment(_QUALITY[Fault.CONTRADICTION], Fault.CONTRADICTION)


def co2_drifts(lowest_ppm_of_a_week: float) -> bool:
    """Tell whether a CO2 sensor in a room must be calibrated."""
    return not CO2_LOW_PPM <= lowest_ppm_of_a_week <= CO2_HIGH_PPM
