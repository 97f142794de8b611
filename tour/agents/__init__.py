"""What agents call about the devices of the city: how they are, what is wrong, and what nobody could read."""

from collections.abc import Callable

from litestar import Router
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from api.rules import enforce
from tour.agents import devices, letters, troubles
from tour.agents.description import CHAPTER
from tour.hearing import Hearing
from tour.ingest import webhook


def hearing_routes(give: Callable[[], Hearing]) -> tuple[ControllerRouterHandler, ...]:
    """The routes of the webhook and of the agents, for `more_routes` of the application; `give` says who hears."""
    ours = Router(
        path="/v1/sensors",
        route_handlers=[*devices.ROUTES, *letters.ROUTES, *troubles.ROUTES],
        dependencies={"hearing": Provide(give, sync_to_thread=False)},
        guards=[enforce],
        opt={"chapter": CHAPTER},
        tags=["Sensors"],
    )
    return webhook.router(lambda: give().hooks), ours
