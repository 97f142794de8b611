"""Itineraries: points to walk to in an order, and what the walk asks of legs and wheels."""

import re
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from domain.errors import BadItinerary
from domain.languages import NOTHING, Words
from domain.ports import Unit

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FEWEST_STOPS, _MOST_STOPS = 2, 40


class Theme(StrEnum):
    """What an itinerary is about."""

    CITY = "city"
    WATER = "water"
    AIR = "air"
    SCHOOL = "school"
    NATURE = "nature"
    NIGHT = "night"


class Stop(Struct, frozen=True, omit_defaults=True):
    """One stop: the number of the point's plate, and how to get there from the stop before."""

    plate: str
    way: Words = NOTHING


class Itinerary(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A walk. `steps` counts the steps of stairs, `steepest_percent` is the steepest slope.

    `wheelchair` says that every metre of it can be rolled.
    """

    id: UUID
    authority_id: UUID
    slug: str
    title: Words
    summary: Words = NOTHING
    theme: Theme = Theme.CITY
    stops: tuple[Stop, ...]
    distance_m: int
    minutes: int
    steps: int = 0
    steepest_percent: float = 0.0
    benches: Words = NOTHING
    shade: Words = NOTHING
    wheelchair: bool = False
    public: bool = False
    changed_at: datetime


def check_itinerary(itinerary: Itinerary) -> None:
    """Refuse a walk that nobody can take.

    Raises:
        BadItinerary: and says why.
    """
    plates = [stop.plate for stop in itinerary.stops]
    for fault, words in (
        (not _SLUG.fullmatch(itinerary.slug) or len(itinerary.slug) > 80, "A slug has small letters, digits, hyphens."),
        (not itinerary.title, "An itinerary has a title in French."),
        (not _FEWEST_STOPS <= len(plates) <= _MOST_STOPS, f"It has {_FEWEST_STOPS} to {_MOST_STOPS} stops."),
        (len(set(plates)) != len(plates), "One stop stands twice."),
        (not 0 < itinerary.distance_m <= 50_000, "distance_m lies between 1 and 50,000."),
        (not 0 < itinerary.minutes <= 1_440, "minutes lie between 1 and 1,440."),
        (itinerary.steps < 0 or not 0 <= itinerary.steepest_percent <= 100, "Steps and slope are not negative."),
        (itinerary.wheelchair and itinerary.steps > 0, "No wheelchair climbs steps."),
    ):
        if fault:
            raise BadItinerary(words)


async def save_itinerary(unit: Unit, itinerary: Itinerary) -> None:
    """Write an itinerary, new or changed.

    Raises:
        BadItinerary: as `check_itinerary`.
        PointNotFound: a stop is no point of the authority.
    """
    check_itinerary(itinerary)
    for stop in itinerary.stops:
        await unit.points.by_plate(itinerary.authority_id, stop.plate)
    await unit.points.save_itinerary(itinerary)
