"""Seasons of opening hours: a week that holds from one day to another."""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from domain.calendars import Hours
from domain.catalogue.contents import SiteContent

Stretches = tuple[tuple[int, int], ...]
"""From a minute of the day to the one before another, in order."""

Week = Mapping[int, Stretches]
"""Stretches by weekday, 0 being Monday. A weekday that is missing is one on which nobody opens."""


class Season(Struct, frozen=True):
    """The week that holds from `since` to the day before `until`."""

    since: date
    until: date
    week: Week


def seasons_of(content: SiteContent) -> list[Season]:
    """List the seasons by their first day, each as long as its week does not change."""
    edges = sorted({edge for hours in content.hours for edge in (hours.valid_from, hours.valid_until)})
    found: list[Season] = []
    for since, until in pairwise(edges):
        week = _week(content, since)
        if found and found[-1].until == since and found[-1].week == week:
            found[-1] = replace(found[-1], until=until)
        elif week:
            found.append(Season(since, until, week))
    return found


def _week(content: SiteContent, day: date) -> Week:
    week: dict[int, list[tuple[int, int]]] = {}
    for hours in content.hours:
        if hours.valid_from <= day < hours.valid_until:
            week.setdefault(hours.weekday, []).append((hours.opens, hours.closes))
    return {weekday: tuple(sorted(found)) for weekday, found in sorted(week.items())}


def with_season(content: SiteContent, season: Season) -> SiteContent:
    """Return a site that keeps this week over this season; the days around keep theirs."""
    kept = [part for hours in content.hours for part in _around(hours, season)]
    new = [
        Hours(season.since, season.until, weekday, opens, closes)
        for weekday, found in season.week.items()
        for opens, closes in found
    ]
    return replace(content, hours=tuple(sorted(kept + new, key=lambda one: (one.valid_from, one.weekday, one.opens))))


def _around(hours: Hours, season: Season) -> list[Hours]:
    """Cut the days of a season out of hours."""
    if hours.valid_until <= season.since or season.until <= hours.valid_from:
        return [hours]
    parts = (replace(hours, valid_until=season.since), replace(hours, valid_from=season.until))
    return [part for part in parts if part.valid_from < part.valid_until]
