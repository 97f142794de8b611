"""`multipass serve`."""

import asyncio
import contextlib
import os

import rich_click as click
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from api.settings import PREFIX, Settings, load
from api.short_way import GateProtocol
from cli import schema
from cli.stop import Stop
from store.database import Database


@click.command("serve", epilog="Example: multipass serve --port 8400")
@click.option("--host", help="Address to listen on, instead of the setting's.")
@click.option("--port", type=int, help="Port to listen on, instead of the setting's.")
@click.option("--workers", type=int, help="Processes that answer, instead of the setting's. SQLite takes one.")
def command(host: str | None, port: int | None, workers: int | None) -> None:
    """Serve the installation over HTTP.

    An embedded database is brought up to date first; PostgreSQL must have been: multipass migrate.
    """
    # By way of the environment, because the application reads its settings there, in each worker.
    given = {"HOST": host, "PORT": port, "WORKERS": workers}
    os.environ.update({PREFIX + name: str(value) for name, value in given.items() if value is not None})
    run(load(os.environ))


def run(settings: Settings) -> None:
    """Answer until a signal ends it; the environment must hold these same settings."""
    if settings.is_embedded:
        schema.upgrade(settings.database_url)
    else:
        asyncio.run(_require_newest(settings.database_url))
    config = uvicorn.Config(
        "multipass:create_app",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="auto",  # uvloop wherever it exists, and it is installed there
        http=GateProtocol,
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=3,
    )
    if not _served(config):
        raise Stop("The server did not start; the lines above say why.")


def _served(config: uvicorn.Config) -> bool:
    """Serve until a signal; tell whether it came up. `uvicorn.run` would end well when no worker had started."""
    try:
        if config.workers > 1:
            supervisor = Multiprocess(config, sockets=[config.bind_socket()])
            supervisor.run()
            return all(process.exitcode != STARTUP_FAILURE for process in supervisor.processes)
        server = uvicorn.Server(config)
        with contextlib.suppress(KeyboardInterrupt):
            server.run()
    except SystemExit:  # uvicorn's answer to an address that is taken
        return False
    return server.started


async def _require_newest(url: str) -> None:
    database = Database(url)
    try:
        await schema.require_newest(database)
    finally:
        await database.close()
