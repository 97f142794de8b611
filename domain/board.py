"""A site as anybody may see it at one instant: open or shut, how well attended, how many places are left."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from domain.attendance import (
    NOBODY,
    Count,
    Counts,
    Level,
    Usual,
    level_of_entries,
    level_of_inside,
    usual_day,
)
from domain.opening import HoursOf, Opening, opening
from domain.places import Authority, Site, Zone
from domain.text import Text


class SiteNow(Struct, frozen=True):
    """`inside` and `capacity` are None where people are not counted against a limit, `level` where it is not known.

    While the site is shut nothing is said of attendance: who forgot to show their pass at the exit is not inside.
    """

    site: Site
    commune: str
    at: datetime
    """In the zone of the place."""
    opening: Opening
    closure: Text | None
    """Why the site is exceptionally shut today."""
    level: Level | None
    inside: int | None
    capacity: int | None
    usual: tuple[Usual, ...]
    """What is usual in today's opening hours, as far as it is known: people inside, or entries."""
    places_left: int | None = None
    """How many more may come in, now and today, while the site is open and somebody counts."""


class Board(Struct, frozen=True):
    """The sites of an authority at one instant, by name."""

    authority: Authority
    as_of: datetime
    sites: tuple[SiteNow, ...]

    @property
    def lasting(self) -> tuple[SiteNow, ...]:
        """Those that are not closed for good: what lists show. A page of its own says why one is."""
        return tuple(now for now in self.sites if not now.site.calendar.ended_on(now.at.date()))

    def site(self, code: str) -> SiteNow | None:
        """Find a site by its code."""
        return next((now for now in self.sites if now.site.code == code), None)


class Crowd(Struct, frozen=True):
    """What the gates of an authority know, by zone: the hours behind us, who is inside now, who was let in today."""

    counts: Mapping[UUID, Counts]
    inside: Mapping[UUID, int]
    admitted: Mapping[UUID, int] = {}
    others: Mapping[UUID, int] = {}
    """Those inside who accompany the others, counted apart."""


def site_now(
    site: Site, zones: Sequence[Zone], crowd: Crowd, *, hours_of: HoursOf, at: datetime, commune: str
) -> SiteNow:
    """Put together what is known of a site at an instant, given in its own zone.

    A zone with a capacity has gates that see exits (`domain.places.Zone`): where there is one, the people inside the
    zones of that kind are the attendance of the site; elsewhere, the entries into all its zones are.
    """
    limited = [zone for zone in zones if zone.capacity is not None]
    counted = [zone for zone in zones if zone.capacity is not None or zone.daily_capacity is not None]
    judged = limited or list(zones)
    counts = _together([crowd.counts.get(zone.id, {}) for zone in judged])
    now = opening(hours_of, at)
    inside = sum(crowd.inside.get(zone.id, 0) for zone in limited) if limited and now.is_open else None
    closure = site.calendar.closure_on(at.date())
    return SiteNow(
        site=site,
        commune=commune,
        at=at,
        opening=now,
        closure=None if closure is None else closure.why,
        level=_level(inside, counts, hours_of, at) if now.is_open else None,
        inside=inside,
        capacity=sum(zone.capacity or 0 for zone in limited) if limited else None,
        usual=usual_day(counts, hours_of, at, exits_seen=bool(limited)),
        places_left=_places_left(counted, crowd) if now.is_open else None,
    )


def day_so_far(zones: Sequence[Zone], crowd: Crowd, at: datetime) -> tuple[Usual, ...]:
    """Return what the gates have counted in each hour of today: people inside where exits are seen, entries elsewhere.

    It stands beside `SiteNow.usual`, which says the same of comparable days.
    """
    limited = [zone for zone in zones if zone.capacity is not None]
    counts = _together([crowd.counts.get(zone.id, {}) for zone in limited or zones])
    today = sorted((hour, count) for (day, hour), count in counts.items() if day == at.date())
    return tuple(Usual(hour, count.most if limited else count.entries) for hour, count in today)


def _places_left(zones: Sequence[Zone], crowd: Crowd) -> int | None:
    """Add up what is left in each zone: at the moment, and of its day."""
    left = [
        min(
            most - seen.get(zone.id, 0)
            for most, seen in ((zone.capacity, crowd.inside), (zone.daily_capacity, crowd.admitted))
            if most is not None
        )
        for zone in zones
    ]
    return sum(max(0, places) for places in left) if left else None


def _level(inside: int | None, counts: Counts, hours_of: HoursOf, at: datetime) -> Level | None:
    if inside is None:
        return level_of_entries(counts, hours_of, at)
    return level_of_inside(inside, counts, hours_of, at)


def _together(zones: list[Counts]) -> Counts:
    """Add zones up. Their fullest moments may differ within an hour: the sum of `most` is an upper bound."""
    if len(zones) == 1:
        return zones[0]
    keys = {key for counts in zones for key in counts}
    found = {key: [counts.get(key, NOBODY) for counts in zones] for key in keys}
    return {key: Count(sum(c.entries for c in each), sum(c.most for c in each)) for key, each in found.items()}
