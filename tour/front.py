"""What the tour adds to the application: its API, its pages, and what they share within one process."""

from litestar import Router
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide

from adapters.bells import Bell, NoBell
from api.pace import open_router
from api.rules import enforce
from api.settings import Settings
from domain.ports import Clock
from store.database import Database
from tour.api import dcat, description, floods, ngsi_ld, points, questions, readings, sensorthings
from tour.feed import Feed
from tour.pages import apologies, assets, data, voices, walks
from tour.pages import points as pages
from tour.pages import questions as asking
from tour.showcase import Showcase


def _showcase(state: State, database: NamedDependency[Database], clock: NamedDependency[Clock]) -> Showcase:
    """Keep one of each for the application, made with the first request that needs it."""
    if "showcase" not in state:
        state.showcase = Showcase(database, clock)
    shared: Showcase = state.showcase
    return shared


def _feed(
    state: State,
    showcase: NamedDependency[Showcase],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
) -> Feed:
    if "feed" not in state:
        state.feed = Feed(showcase, clock, _bell(settings))
    shared: Feed = state.feed
    return shared


def _bell(settings: Settings) -> Bell:
    if not settings.redis_url:
        return NoBell()
    # An extra: embedded installations do without.
    from redis.asyncio import Redis  # noqa: PLC0415

    from adapters.redis_bell import RedisBell  # noqa: PLC0415

    return RedisBell(Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=0.5))


_SHARED = {
    "showcase": Provide(_showcase, sync_to_thread=False),
    "feed": Provide(_feed, sync_to_thread=False),
}

_API = open_router(
    "/v1/tour",
    [
        *(points.points, points.geojson, points.point, points.now, points.events),
        *(readings.readings, questions.questions, questions.answers, dcat.catalogue, floods.floods),
        description.description,
    ],
)

_STANDARDS = open_router("/", [sensorthings.read, ngsi_ld.entities, ngsi_ld.one_entity, ngsi_ld.types])

_PAGES = Router(
    path="/",
    route_handlers=[
        *(pages.index, pages.sheet, pages.mine, voices.say, asking.ask, data.data, walks.walk),
        *(assets.asset, assets.worker),
        apologies.nowhere,
    ],
    exception_handlers=apologies.HANDLERS,
)

ROUTER = Router(
    path="/",
    route_handlers=[_API, _STANDARDS, _PAGES],
    guards=[enforce],
    dependencies=_SHARED,
)
