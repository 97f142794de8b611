"""What a server is made of, loaded and no more: `tests.processes` forks where this has been imported.

Nothing is put together here, and nothing is opened. What is missing in the list is loaded by each server, as ever.
"""

import gc
import importlib

OF_A_SERVER = (
    *("asyncpg", "httptools", "sqlalchemy.dialects.postgresql.asyncpg", "sqlalchemy.dialects.sqlite.aiosqlite"),
    *("uvicorn.lifespan.on", "uvicorn.protocols.http.httptools_impl", "uvloop"),
    *("admin.front", "api.app", "api.documentation", "api.logs", "cli.main", "cli.serve", "portal.front"),
    *("tour.agents", "tour.front", "web.gate", "web.home", "web.notice_browsers", "web.notice_links", "web.notices"),
    *("web.places", "web.taps"),
)

gc.disable()  # all of it stays
for _name in OF_A_SERVER:
    importlib.import_module(_name)
gc.enable()
gc.freeze()  # and nobody looks through it again: forks share it as it is
