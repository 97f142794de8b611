"""`multipass migrate`."""

import asyncio
import os

import rich_click as click
from alembic.util import CommandError

from api.settings import load
from cli import schema
from cli.screen import say
from cli.stop import Stop
from store import migrate
from store.database import Database


@click.command("migrate", epilog="Example: multipass migrate --check")
@click.option("--to", "target", metavar="REVISION", default="head", help="Go to this revision instead of the newest.")
@click.option("--check", is_flag=True, help="Change nothing: status 0 when the schema is the newest, 1 when not.")
@click.option("--yes", is_flag=True, help="Do not ask before going back, which loses what the newer schema held.")
@click.pass_context
def command(context: click.Context, target: str, *, check: bool, yes: bool) -> None:
    """Bring the database to the schema of this version."""
    url = load(os.environ).database_url
    before, newest = asyncio.run(_revision(url)), migrate.newest()
    if check:
        say(f"The schema is at {before or 'nothing'}, the newest is {newest}.")
        context.exit(0 if before == newest else 1)
    try:
        if before is not None and (target == "base" or target < before):  # revisions are numbered
            if not yes:
                click.confirm(f"Go back from {before} to {target}, and lose what it does not hold?", abort=True)
            migrate.downgrade(url, target)
        else:
            schema.upgrade(url, target)
    except CommandError as problem:
        raise Stop(f"{problem}.") from problem
    after = asyncio.run(_revision(url))
    say(f"The schema is at {after or 'nothing'}." if after != before else f"Nothing to do: the schema is at {after}.")


async def _revision(url: str) -> str | None:
    database = Database(url)
    try:
        return await schema.revision(database)
    finally:
        await database.close()
