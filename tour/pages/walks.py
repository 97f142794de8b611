"""`/tour/itineraries/{slug}`: a walk from point to point. What somebody has seen of it, only their browser knows."""

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from api.rules import Rule
from api.settings import Settings
from domain.errors.points import ItineraryNotFound
from domain.itineraries import Itinerary
from domain.languages import Language as Written
from domain.languages import Words
from tour.api.wire import MEDIA, sheet_of
from tour.live import Live
from tour.pages.drawing import WORDS, Asked, Language, Page, Reader, draw, language_of, local, spoken
from tour.pages.ground import ground
from tour.pages.map import map_of
from tour.showcase import Scene, Showcase
from web.moments import NARROW
from web.numbers import number


class Step(Struct, frozen=True):
    """One stop: how to get there, and what its point says. `kept` is what a visit without network needs."""

    slug: str
    title: Words
    place: Words
    way: Words
    away: bool
    first: Live | None
    kept: tuple[str, ...]


@get("/tour/itineraries/{slug:str}", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def walk(
    request: Asked, slug: FromPath[str], showcase: NamedDependency[Showcase], settings: NamedDependency[Settings]
) -> Page:
    """Show a walk: its stops in order, and what it asks of legs and wheels."""
    scene, language = await showcase.scene(), language_of(request)
    itinerary = scene.register.itineraries.get(slug)
    if itinerary is None:
        raise ItineraryNotFound("No itinerary has this address.")
    steps = steps_of(itinerary, scene, Written(language))
    stands = scene.register.stands
    authority = next(
        (one.authority for one in stands.values() if one.point.authority_id == itinerary.authority_id), None
    )
    said = Reader(language)
    return draw(
        request,
        "walk.html",
        authority=authority,
        at=local(scene.at, authority),
        tongues=scene.register.tongues,
        walk=itinerary,
        facts=facts(itinerary, language),
        steps=steps,
        map=map_of(
            [(step.slug, sheet_of(stands[step.slug]).position) for step in steps],
            ground(settings.map_ground),
            spoken(language),
            joined=True,
        ),
        names={step.slug: said.plain(step.title) for step in steps},
    )


def facts(itinerary: Itinerary, language: Language) -> str:
    """Say a walk in one line: how far, how long, how steep, and for whom."""
    words, tongue = WORDS[language], spoken(language)
    told = [
        f"{number(itinerary.distance_m / 1000, 1, tongue)}{NARROW}km",
        words["walk_minutes"].format(minutes=itinerary.minutes),
        words["walk_stops"].format(stops=len(itinerary.stops)),
        words["walk_steps"].format(steps=itinerary.steps) if itinerary.steps else words["walk_no_steps"],
    ]
    if itinerary.steepest_percent:
        told.append(words["walk_slope"].format(slope=number(itinerary.steepest_percent, 0, tongue)))
    if itinerary.wheelchair:
        told.append(words["walk_wheelchair"])
    return " · ".join(told)


def steps_of(itinerary: Itinerary, scene: Scene, language: Written = Written.FRENCH) -> list[Step]:
    """List the stops that residents may see, in order: one whose point is a draft or archived is left out.

    What is kept for a visit without network is the recording in the visitor's language.
    """
    by_plate = {sight.stand.point.plate: sight for sight in scene.sights.values()}
    steps = []
    for stop in itinerary.stops:
        sight = by_plate.get(stop.plate)
        if sight is None:
            continue
        sheet, point = sheet_of(sight.stand), sight.stand.point
        heard = sheet.recording.heard(language)[0] if sheet.recording is not None else ""
        media = (MEDIA + one for one in (sheet.photo.digest if sheet.photo is not None else "", heard) if one)
        first = sight.live[0] if sight.live else None
        kept = (f"/tour/points/{point.slug}", *media)
        steps.append(Step(point.slug, sheet.title, sheet.place, stop.way, point.away_since is not None, first, kept))
    return steps
