"""Itineraries of the tour at the console: points to walk to in an order, and what the walk asks of legs and wheels."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.forms import Form, read
from admin.points import WORDS as POINT_WORDS
from admin.sheet_words import tag_of
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.walk_fields import SPARE, TEXTS, labels, read_walk, typed_of
from admin.words import Words, language_of, read_words
from domain import itineraries
from domain.agents import Permission
from domain.errors import AlreadyExists
from domain.errors.points import BadItinerary, ItineraryNotFound, PointNotFound
from domain.itineraries import MOST_STOPS, Itinerary, Theme
from domain.languages import Language
from domain.points import PointState
from domain.ports import Clock, Unit
from store.database import Begin, Database

PATH = "/console/points/itineraries"

_OWN = read_words("itineraries")
WORDS: Words = {
    "fr": {**POINT_WORDS["fr"], **_OWN["fr"], **labels(POINT_WORDS["fr"], _OWN["fr"])},
    "en": {**POINT_WORDS["en"], **_OWN["en"], **labels(POINT_WORDS["en"], _OWN["en"])},
}

_LONGEST_SLUG = 80
_PUBLISH: dict[str, Any] = {"rule": Permission.POINT_PUBLISH}


@get("/points/itineraries", opt={"rule": Permission.POINT_EDIT}, include_in_schema=False)
async def listed(request: Asked, database: NamedDependency[Database]) -> Page:
    """List the itineraries, public or not."""
    async with database.look() as unit:
        found = await unit.points.itineraries(request.user.authority_id)
    may = request.user.may(Permission.POINT_PUBLISH)
    return draw(request, "itineraries/index.html", words=WORDS, itineraries=found, writes=may)


@get("/points/itineraries/new", opt=_PUBLISH, include_in_schema=False)
async def new(request: Asked, database: NamedDependency[Database]) -> Page:
    """Ask for one more itinerary."""
    async with database.look() as unit:
        return await _page(request, unit, None, Form({"theme": Theme.CITY.value}))


@post("/points/itineraries/new", opt=_PUBLISH, include_in_schema=False)
async def begin_one(
    request: Asked, begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Page | Response[None]:
    """Begin an itinerary, at an address that stays."""
    form = await read(request)
    slug = form.text("slug", longest=_LONGEST_SLUG)
    async with begin() as unit:
        if slug in {one.slug for one in await unit.points.itineraries(request.user.authority_id)}:
            form.refuse("slug", "slug_taken")
        done = await _written(unit, request, slug, form, clock)
        if not done:
            return await _page(request, unit, None, form, status_code=422)
    return go(request, PATH, said=WORDS[language_of(request)]["kept_said"])


@get("/points/itineraries/{slug:str}", opt=_PUBLISH, include_in_schema=False)
async def show(request: Asked, slug: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Show an itinerary as the form that changes it."""
    async with database.look() as unit:
        itinerary = await _of(unit, request, slug)
        return await _page(request, unit, itinerary, Form(typed_of(itinerary, language_of(request))))


@post("/points/itineraries/{slug:str}", opt=_PUBLISH, include_in_schema=False)
async def write(
    *, request: Asked, slug: FromPath[str], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Page | Response[None]:
    """Write an itinerary anew. Who was slower than a colleague loses nothing."""
    form = await read(request)
    async with begin() as unit:
        itinerary = await _of(unit, request, slug)
        if form.kept("version") != itinerary.changed_at.isoformat():
            form.refuse("version", "moved_itinerary")
        if not await _written(unit, request, slug, form, clock):
            return await _page(request, unit, itinerary, form, status_code=422)
    return go(request, PATH, said=WORDS[language_of(request)]["kept_said"])


async def _written(unit: Unit, request: Asked, slug: str, form: Form, clock: Clock) -> bool:
    """Write what a form says; what does not fit together is said at its field."""
    walk = read_walk(form)
    if walk is None:
        return False
    try:
        await itineraries.write(unit, request.user.authority_id, slug, walk, public=form.ticked("public"), now=clock())
    except AlreadyExists:
        form.refuse("slug", "slug_taken")
    except PointNotFound:
        form.refuse("stop_0", "no_such_point")
    except BadItinerary:
        form.refuse(*(("slug", "bad_slug") if "slug" in form.typed else ("stop_0", "no_such_point")))
    return not form.is_wrong


async def _of(unit: Unit, request: Asked, slug: str) -> Itinerary:
    """Find an itinerary of the agent's authority.

    Raises:
        ItineraryNotFound: there is none of this address.
    """
    found = next((one for one in await unit.points.itineraries(request.user.authority_id) if one.slug == slug), None)
    if found is None:
        raise ItineraryNotFound("No itinerary has this address.")
    return found


async def _page(request: Asked, unit: Unit, itinerary: Itinerary | None, form: Form, *, status_code: int = 200) -> Page:
    language = language_of(request)
    words = WORDS[language]
    now = typed_of(itinerary, language) if itinerary is not None else {}
    known = [one for one in await unit.points.all_of(request.user.authority_id) if one.state is not PointState.ARCHIVED]
    names = {one.plate: one.sheet.title.fr or one.slug for one in known}
    stops = itinerary.stops if itinerary is not None else ()
    # A point that has ended since stays to be seen, and to be taken off.
    names = {**{one.plate: one.plate for one in stops if one.plate not in names}, **names}
    rows = max([len(stops), *(int(name[5:]) + 1 for name in form.typed if _is_row(name))])
    return draw(
        request,
        "itineraries/write.html",
        words=WORDS,
        status_code=status_code,
        itinerary=itinerary,
        form=form,
        texts=TEXTS,
        tongues=[(one.value, tag_of(one)) for one in Language],
        themes=[(one.value, words[f"theme_{one.value}"]) for one in Theme],
        rows=min(rows + SPARE, MOST_STOPS),
        wrong_ways=[[f"way_{place}_{one.value}" for one in Language] for place in range(MOST_STOPS)],
        points=[("", words["no_stop"]), *sorted(names.items(), key=lambda pair: pair[1])],
        theirs=[
            (words[f"label_{name}"], names.get(value, value))
            for name, value in now.items()
            if f"label_{name}" in words and value != form.kept(name)
        ],
    )


def _is_row(name: str) -> bool:
    number = name.removeprefix("stop_")
    return name.startswith("stop_") and number.isascii() and number.isdigit() and int(number[:4]) < MOST_STOPS


ROUTES = (listed, new, begin_one, show, write)
