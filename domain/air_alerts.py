"""From what the air of a place has been, for as long as its scale asks, to whether people are told: pure.

Never a single value, and never what came late or is doubted: the mean over the scale's own time (an hour, a day) of
readings that cover three quarters of it, with a fresh one at its end. What rises is told twice a day at most; what
clears stays a tenth under its edge, and is told to those who were told before. As the tour study has it (section 4).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import fmean, median
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

LEAST_BAND = 2
"""The first step of the scale that anybody is told of: moderate. 0 is good."""

MOST_A_DAY = 2
COVERED = 0.75
HYSTERESIS = 0.1


class AirReading(Struct, frozen=True):
    """One value, as far as alerts are concerned: `good` says that its quality is, `late` that it came too late."""

    at: datetime
    value: float
    good: bool = True
    late: bool = False


class AirTerms(Struct, frozen=True):
    """What the values of one stream are judged by: the upper ends of its bands, included, for means over `hold`."""

    edges: tuple[float, ...]
    hold: timedelta
    period: timedelta
    silence: timedelta


class AirStanding(Struct, frozen=True):
    """How bad the air of a place has been since when, and what people were told: which day, how often, which band."""

    device_id: UUID
    authority_id: UUID
    band: int
    since: datetime
    told_on: date | None = None
    told_times: int = 0
    told_band: int = 0


class AirWord(StrEnum):
    """What people are told."""

    WORSE = "worse"
    CLEAR = "clear"


class AirNews(Struct, frozen=True):
    """What is told, and to those who follow from this band on."""

    word: AirWord
    band: int


def mean_of(terms: AirTerms, readings: Sequence[AirReading], now: datetime) -> float | None:
    """Return the mean over the scale's own time, or the median where that is less: one value alone raises nothing.

    None where too little of the time was well measured, or nothing lately.
    """
    kept = {one.at: one for one in readings if one.good and not one.late and now - terms.hold < one.at <= now}
    if not kept or max(kept) < now - terms.silence or len(kept) * terms.period < COVERED * terms.hold:
        return None
    values = [one.value for one in kept.values()]
    return min(fmean(values), median(values))


def reached(terms: AirTerms, mean: float) -> int:
    """Return the band of a mean."""
    return sum(mean > edge for edge in terms.edges)


def held(terms: AirTerms, mean: float) -> int:
    """Return the highest band that this mean still holds once it was raised."""
    return sum(mean > edge * (1 - HYSTERESIS) for edge in terms.edges)


def judge_air(
    standing: AirStanding, bands: Sequence[tuple[int, int]], *, now: datetime, today: date
) -> tuple[AirStanding, AirNews | None]:
    """Say where a place stands after the bands (reached, held) of its streams, and what people are told, if anything.

    Where no stream says enough, nothing is raised and nothing is cleared.
    """
    if not bands:
        return standing, None
    raised, holds = (max(each) for each in zip(*bands, strict=True))
    times = standing.told_times if standing.told_on == today else 0
    if raised > standing.band:
        now_at = replace(standing, band=raised, since=now)
        if raised < LEAST_BAND or raised <= standing.told_band or times >= MOST_A_DAY:
            return now_at, None
        return replace(now_at, told_on=today, told_times=times + 1, told_band=raised), AirNews(AirWord.WORSE, raised)
    if holds < standing.band:
        now_at = replace(standing, band=holds, since=now)
        if holds >= LEAST_BAND or not standing.told_band:
            return now_at, None
        return replace(now_at, told_band=0), AirNews(AirWord.CLEAR, standing.told_band)
    return standing, None
