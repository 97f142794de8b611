"""What a server is made of, loaded and put together: `tests.processes` forks where this has been imported.

Nothing is opened here, and nothing that belongs to one server is kept: each runs the whole of `multipass.create_app`,
and furnishes routes that stand already, as every house of this suite does (`api.frame`). To put them together and to
describe them was nearly all that a server computed before it listened. What is missing in the list, each loads itself.
"""

import functools
import gc
import importlib
import os
import tempfile
from collections.abc import Callable

from litestar import Litestar

import multipass
from api import app, documentation
from tour import agents
from tour.hearing import Hearing

OF_A_SERVER = (
    *("asyncpg", "httptools", "sqlalchemy.dialects.postgresql.asyncpg", "sqlalchemy.dialects.sqlite.aiosqlite"),
    *("uvicorn.lifespan.on", "uvicorn.protocols.http.httptools_impl", "uvloop", "cli.main", "cli.serve"),
)


def _keep_what_stands() -> None:
    """Make routes and their description once in this process and its forks, each of which serves one application."""
    hearings: list[Callable[[], Hearing]] = []
    describe = functools.cache(documentation.description)
    put_together = functools.cache(agents.hearing_routes)

    def heard_now() -> Hearing:
        return hearings[-1]()

    def hearing_routes(give: Callable[[], Hearing]) -> object:
        hearings.append(give)
        return put_together(heard_now)

    def description(served: Litestar) -> bytes:
        served.state.openapi = describe(served)
        return describe(served)

    vars(agents)["hearing_routes"] = hearing_routes
    vars(documentation)["description"] = description
    vars(app)["frame_of"] = functools.cache(app.frame_of)


def _put_together() -> None:
    """Build an application of nothing, and let go of it."""
    with tempfile.TemporaryDirectory() as folder:
        of_nobody = {"DATABASE_URL": f"sqlite:///{folder}/none.sqlite3", "KEYS_FOLDER": f"{folder}/keys"}
        os.environ.update({f"MULTIPASS_{name}": value for name, value in of_nobody.items()})
        multipass.create_app()


gc.disable()  # all of it stays
for _name in OF_A_SERVER:
    importlib.import_module(_name)
_keep_what_stands()
_put_together()
gc.freeze()  # and nobody looks through it again: forks share it as it is
