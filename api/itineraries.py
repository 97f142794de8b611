"""What agents do with the itineraries of the tour: the walks between its points."""

from typing import Any

from litestar import Request, Router, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from domain import itineraries
from domain.agents import Agent, Permission
from domain.itineraries import Itinerary, Walk
from domain.ports import Clock
from store.database import Begin, Database

Caller = Request[Agent, Any, Any]


class ItineraryRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole itinerary, in the place of the one before, and whether residents see it."""

    walk: Walk
    public: bool = False


class ItineraryView(Struct, frozen=True):
    """An itinerary with the end of its address."""

    slug: str
    walk: Walk
    public: bool


@get("/itineraries", opt={"rule": Permission.POINT_EDIT}, summary="List itineraries", tags=["Tour"])
async def list_itineraries(request: Caller, database: NamedDependency[Database]) -> list[ItineraryView]:
    """List the itineraries of the agent's authority by slug, public or not."""
    async with database.look() as unit:
        return [_view(one) for one in await unit.points.itineraries(request.user.authority_id)]


@put("/itineraries/{slug:str}", opt={"rule": Permission.POINT_PUBLISH}, summary="Write an itinerary", tags=["Tour"])
async def write_itinerary(
    *,
    request: Caller,
    slug: FromPath[str],
    data: JSONBody[ItineraryRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> ItineraryView:
    """Write an itinerary, new or changed. Stops are named by the numbers of their plates."""
    async with begin() as unit:
        made = await itineraries.write(
            unit, request.user.authority_id, slug, data.walk, public=data.public, now=clock()
        )
    return _view(made)


def _view(itinerary: Itinerary) -> ItineraryView:
    return ItineraryView(itinerary.slug, itinerary.walk, itinerary.public)


ROUTER = Router(path="/v1", route_handlers=[list_itineraries, write_itinerary])
