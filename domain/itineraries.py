"""Itineraries: points to walk to in an order, and what the walk asks of legs and wheels."""

import re
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict

from domain.errors.points import BadItinerary
from domain.languages import NOTHING, Words, unreadable
from domain.plates import is_plate
from domain.ports import Unit

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
FEWEST_STOPS, MOST_STOPS = 2, 40


class Theme(StrEnum):
    """What an itinerary is about."""

    CITY = "city"
    WATER = "water"
    AIR = "air"
    SCHOOL = "school"
    NATURE = "nature"
    NIGHT = "night"


class Stop(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One stop: the number of the point's plate, and how to get there from the stop before."""

    plate: str
    way: Words = NOTHING


class Walk(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel", forbid_unknown_fields=True):
    """What is said of an itinerary. `steps` counts the steps of stairs, `steepest_percent` is the steepest slope.

    `wheelchair` says that every metre of it can be rolled. Its fields have the same names in the API and in files.
    """

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


class Itinerary(Walk, frozen=True, kw_only=True):
    """A walk under its address. `public` says that residents see it."""

    id: UUID
    authority_id: UUID
    slug: str
    public: bool = False
    changed_at: datetime

    @property
    def walk(self) -> Walk:
        """What is said of it, without where it is kept."""
        return Walk(**{name: getattr(self, name) for name in Walk.__struct_fields__})


def check_walk(slug: str, walk: Walk) -> None:
    """Refuse a walk that nobody can take.

    Raises:
        BadItinerary: and says why.
    """
    plates = [stop.plate for stop in walk.stops]
    for fault, words in (
        (not _SLUG.fullmatch(slug) or len(slug) > 80, "A slug has small letters, digits and single hyphens."),
        (not walk.title, "An itinerary has a title in French."),
        (not FEWEST_STOPS <= len(plates) <= MOST_STOPS, f"It has {FEWEST_STOPS} to {MOST_STOPS} stops."),
        (len(set(plates)) != len(plates), "One stop stands twice."),
        (not all(map(is_plate, plates)), "A stop is named by the seven digits of its plate."),
        (not 0 < walk.distance_m <= 50_000, "distanceM lies between 1 and 50,000."),
        (not 0 < walk.minutes <= 1_440, "minutes lie between 1 and 1,440."),
        (walk.steps < 0 or not 0 <= walk.steepest_percent <= 100, "Steps and slope are not negative."),
        (unreadable(walk), unreadable(walk)),
        (walk.wheelchair and walk.steps > 0, "No wheelchair climbs steps."),
    ):
        if fault:
            raise BadItinerary(words)


async def save_itinerary(unit: Unit, itinerary: Itinerary) -> None:
    """Write an itinerary under its id, new or changed.

    Raises:
        BadItinerary: as `check_walk`.
        PointNotFound: a stop is no point of the authority.
        AlreadyExists: another itinerary has this slug.
    """
    check_walk(itinerary.slug, itinerary)
    for stop in itinerary.stops:
        await unit.points.by_plate(itinerary.authority_id, stop.plate)
    await unit.points.save_itinerary(itinerary)


async def write(unit: Unit, authority_id: UUID, slug: str, walk: Walk, *, public: bool, now: datetime) -> Itinerary:
    """Write a walk over the one that has this slug, if one does.

    Raises:
        BadItinerary, PointNotFound, AlreadyExists: as `save_itinerary`.
    """
    known = {one.slug: one.id for one in await unit.points.itineraries(authority_id)}
    itinerary = Itinerary(
        **asdict(walk),
        id=known.get(slug) or unit.ids.row(),
        authority_id=authority_id,
        slug=slug,
        public=public,
        changed_at=now,
    )
    await save_itinerary(unit, itinerary)
    return itinerary
