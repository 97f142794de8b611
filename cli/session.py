"""What a command works with: the settings, the database and the keyring of this installation."""

import asyncio
import functools
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Concatenate, ParamSpec

import click
from msgspec import Struct
from sqlalchemy.exc import DBAPIError

from adapters.keyring import KeyRing
from api.settings import Settings, load
from cli import schema
from cli.stop import Stop
from domain.errors.places import AuthorityNotFound
from domain.places import Authority
from domain.ports import Unit
from store.database import Database

P = ParamSpec("P")


class Session(Struct, frozen=True):
    """One command's hold on the installation."""

    settings: Settings
    database: Database
    keyring: KeyRing
    on_account: str | None = None
    """Login of the agent on whose account a command acts, where it was said (`cli.journalling`)."""


@asynccontextmanager
async def opened(on_account: str | None = None) -> AsyncIterator[Session]:
    """Open the installation that the environment describes.

    Raises:
        SettingsError: a setting does not fit.
        Stop: the database cannot be used, or has another schema than this program.
    """
    settings = load(os.environ)
    database = Database(settings.database_url)
    keyring = KeyRing(Path(settings.keys_folder), password=settings.key_password)
    try:
        await schema.require_newest(database)
        try:
            yield Session(settings, database, keyring, on_account)
        except DBAPIError as problem:  # what no verb foresaw, such as a text that is too long for its column
            raise Stop(f"The database refused: {problem.orig}") from problem
    finally:
        await database.close()


def with_session(command: Callable[Concatenate[Session, P], Awaitable[None]]) -> Callable[P, None]:
    """Make a command of an asynchronous function that takes the session first."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        said = kwargs.pop("on_account", None)

        async def inside() -> None:
            async with opened(said if isinstance(said, str) else None) as session:
                await command(session, *args, **kwargs)

        asyncio.run(inside())

    return run


authority_option = click.option(
    "--authority", "authority_code", metavar="CODE", help="Which authority; the only one there is, unless given."
)


async def authority_of(unit: Unit, code: str | None) -> Authority:
    """Return the authority named, or the only one there is.

    Raises:
        AuthorityNotFound: there is none yet, or none with this code.
        Stop: there are several and none is named.
    """
    if code is not None:
        return await unit.places.authority(code)
    found = await unit.places.authorities()
    if not found:
        raise AuthorityNotFound("There is no authority yet: multipass authority add CODE --name-fr … --name-en …")
    if len(found) > 1:
        raise Stop(f"Say which authority with --authority: {', '.join(one.code for one in found)}.")
    return found[0]
