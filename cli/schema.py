"""Which schema a database has, and which one this program needs."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from cli.stop import Stop
from store import migrate
from store.database import Database


@contextmanager
def told(url: URL) -> Iterator[None]:
    """Tell in one line why a database cannot be used. The address is printed without its password."""
    try:
        yield
    except DBAPIError as problem:
        raise Stop(f"The database {url.render_as_string()} refused: {problem.orig}") from problem
    except (OSError, sqlite3.Error) as problem:
        raise Stop(f"The database {url.render_as_string()} cannot be reached: {problem}") from problem


async def revision(database: Database) -> str | None:
    """Return the revision a database stands at, None for an empty one.

    Raises:
        Stop: it cannot be reached.
    """
    if database.is_sqlite and not database.path.exists():
        return None
    with told(database.url):
        async with database.read() as connection:
            return await connection.run_sync(_revision)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


async def require_newest(database: Database) -> None:
    """Stop unless the database has the schema of this program.

    Raises:
        Stop: and says which command puts it right.
    """
    found, newest = await revision(database), migrate.newest()
    if found is None:
        raise Stop("The database is empty. Build it: multipass migrate")
    if found != newest:
        raise Stop(f"The database is at revision {found}, this program needs {newest}. Run: multipass migrate")


def upgrade(url: str, to: str = "head") -> None:
    """Bring a database up to date, making the file and its folder where the database is embedded."""
    database = Database(url)
    with told(database.url):
        if database.is_sqlite:
            database.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(database.path)) as connection:
                # Before the first table: the mode stays with the file, and readers never wait for the writer.
                connection.execute("PRAGMA journal_mode=WAL")
        migrate.upgrade(url, to)
