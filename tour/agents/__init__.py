"""What agents call: how the devices are, what is wrong, what nobody could read; and the bands of the tour."""

from collections.abc import Callable

from litestar import Router
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from api.rules import enforce
from tour.agents import bands, devices, letters, troubles
from tour.agents.description import BANDS, SENSORS
from tour.hearing import Hearing
from tour.ingest import webhook


def hearing_routes(give: Callable[[], Hearing]) -> tuple[ControllerRouterHandler, ...]:
    """The routes of the webhook and of the agents, for `more_routes` of the application; `give` says who hears."""
    ours = Router(
        path="/v1/sensors",
        route_handlers=[*devices.ROUTES, *letters.ROUTES, *troubles.ROUTES],
        dependencies={"hearing": Provide(give, sync_to_thread=False)},
        guards=[enforce],
        opt={"chapter": SENSORS},
        tags=["Sensors"],
    )
    of_bands = Router(
        path="/v1/bands", route_handlers=[*bands.ROUTES], guards=[enforce], opt={"chapter": BANDS}, tags=["Tour"]
    )
    return webhook.router(lambda: give().hooks), ours, of_bands
