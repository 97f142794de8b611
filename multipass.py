"""The front door: `create_app` for servers, `main` for the command line.

What a server is made of is loaded when one is built: a gate's commands, and `multipass --help`, wait for none of it.
"""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from litestar import Litestar


def create_app() -> "Litestar":
    """Build the application from the environment (`uvicorn --factory multipass:create_app`)."""
    from api import collector

    with collector.starting():
        return _built()


def _built() -> "Litestar":
    from adapters.clock import utc_now
    from admin import front as console
    from api import documentation, logs
    from api.app import build_app
    from api.settings import load
    from portal import front as portal
    from tour import front, plates
    from tour.agents import hearing_routes
    from tour.hearing import hearing_of
    from tour.pages.ground import ground
    from web import gate, home, notice_browsers, notice_links, notices, places, taps

    settings = load(os.environ)
    logs.configure(settings)
    ground(settings.map_ground)  # a file that is none stops the start, not the first visitor
    hearing = hearing_of(settings, utc_now)
    pages = (home.ROUTER, places.ROUTER, taps.ROUTER, gate.ROUTER, plates.ROUTER, front.ROUTER, console.ROUTER)
    of_residents = (portal.ROUTER, notices.ROUTER, notice_links.ROUTER, notice_browsers.ROUTER)
    app = build_app(
        settings,
        clock=utc_now,
        more_routes=(*pages, *of_residents, *hearing_routes(lambda: hearing)),
        more_lifespans=(hearing.lifespan,),
    )
    documentation.description(app)
    return app


def main() -> None:
    """Run the command line."""
    from cli.main import main as run

    run()


if __name__ == "__main__":
    main()
