"""Opening the database, and the unit of work.

On SQLite every transaction that may write starts with BEGIN IMMEDIATE: the driver's own late BEGIN lets two tasks
read the same row and overwrite each other without an error.
"""

import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as SqlTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from domain.access.catalogue import Catalogue
from domain.errors import LedgerUnavailable
from domain.ports import Ids, Unit
from store import catalogue
from store.attendance import catalogue_version
from store.ids import RandomIds
from store.unit import SqlUnit
from store.waiting import WaitingLine

Begin = Callable[[], AbstractAsyncContextManager[Unit]]
"""Opens a unit of work: `async with begin() as unit:`."""

# At its most talkative the driver tells each statement with its values, and people are in those.
logging.getLogger("aiosqlite").setLevel(logging.INFO)

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000")


PATIENCE_SECONDS = 2.0
"""How long a gate waits for its database before it hears that it is away (invariant D1)."""

TURN_SECONDS = 30.0
"""How long whoever is no gate waits for one of our connections: in a rush it is busy, and not away. Half of what
a proxy waits for us (nginx: sixty seconds) is left for the answer, which may take a second turn.
"""

MOST_WAITING = 2_000
"""Who wait at once in a process, which answers some sixty in a second: whoever came behind them would wait in vain, and
would only take memory.
"""

TURNS = 8
"""Connections of a process for all who are no gates."""
KEPT_FREE = 2
"""Connections besides, which gates alone take: nobody who has time stands before them."""


class Database:
    """One database for management work: small pool, ordinary transactions. The ledger has its own connection.

    `patience` is in seconds: longer, nobody at a gate waits for it.
    """

    def __init__(self, url: str, *, ids: Ids | None = None, patience: float = PATIENCE_SECONDS) -> None:
        self.url = make_url(url)
        self.patience = patience
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._ids = ids or RandomIds()
        self._sync: Engine | None = None
        self._catalogue: Catalogue | None = None
        self.line = WaitingLine(TURNS, seconds=max(patience, TURN_SECONDS), most=MOST_WAITING)
        if self.is_sqlite:
            self.engine = create_async_engine(
                async_url(url),
                hide_parameters=True,
                pool_size=TURNS + KEPT_FREE,
                max_overflow=0,
                connect_args={"timeout": 5},
            )
            _own_transactions(self.engine.sync_engine)
        else:
            self.engine = create_async_engine(
                async_url(url),
                hide_parameters=True,
                # All of them stay: in a rush none is opened for a moment and closed again.
                pool_size=TURNS + KEPT_FREE,
                max_overflow=0,
                pool_timeout=patience,
                connect_args={
                    "timeout": patience,
                    "command_timeout": 30,
                    "server_settings": {"statement_timeout": "30000", "synchronous_commit": "on"},
                },
            )
            _no_goodbyes(self.engine.sync_engine)
            _no_dead_ones(self.engine.sync_engine)

    @property
    def path(self) -> Path:
        """The file of an embedded database."""
        return Path(str(self.url.database))

    @property
    def soon(self) -> float:
        """Seconds for one statement of a gate's request, so that its refusal leaves within `patience`."""
        return 0.9 * self.patience

    @property
    def dsn(self) -> str:
        """The address for the driver itself."""
        return self.url.set(drivername="postgresql").render_as_string(hide_password=False)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Unit]:
        """Open a unit of work. A clean exit commits, an exception rolls back; nothing else commits.

        Raises:
            LedgerUnavailable: the database is away.
        """
        with _outages():
            async with self.line.turn(), self.engine.begin() as connection:
                yield SqlUnit(connection, self._ids)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection for queries that change nothing: on SQLite it waits for no writer.

        Raises:
            LedgerUnavailable: the database is away.
        """
        with _outages():
            async with self.line.turn(), self._reading() as connection:
                yield connection

    @asynccontextmanager
    async def read_at_once(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection for what a gate waits for: as `read`, but before everybody who is none.

        Raises:
            LedgerUnavailable: the database is away.
        """
        with _outages():
            async with self._reading() as connection:
                yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Unit]:
        """Open a unit of work that only reads, all of it as of one moment.

        Raises:
            LedgerUnavailable: the database is away.
        """
        async with self.read() as connection:
            # A transaction of SQLite reads one moment anyway.
            level = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
            yield SqlUnit(await connection.execution_options(**level), self._ids)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction for named queries that belong to no unit of work.

        Raises:
            LedgerUnavailable: the database is away.
        """
        with _outages():
            async with self.line.turn(), self.engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def look(self) -> AsyncIterator[Unit]:
        """Open a unit of work that only reads, each of its questions as of its own moment."""
        async with self.read() as connection:
            # Without a transaction around them, which would see no more and takes two questions of its own.
            level = {} if self.is_sqlite else {"isolation_level": "AUTOCOMMIT"}
            yield SqlUnit(await connection.execution_options(**level), self._ids)

    async def catalogue(self) -> Catalogue:
        """Return the reference data of decisions, at one version: read anew only where that has moved."""
        async with self.read() as connection:
            if self._catalogue is None or self._catalogue.version != await catalogue_version(connection):
                self._catalogue = await connection.run_sync(catalogue.read)
            return self._catalogue

    def catalogue_now(self) -> Catalogue:
        """Read the reference data from a thread: for the embedded ledger."""
        if self._sync is None:
            self._sync = create_engine(self.url.set(drivername="sqlite+pysqlite"), connect_args={"timeout": 5})
        with self._sync.connect() as connection:
            return catalogue.read(connection)

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        async with self.engine.connect() as connection:
            yield await connection.execution_options(read_only=True) if self.is_sqlite else connection

    async def close(self) -> None:
        """Let go of every connection."""
        await self.engine.dispose()
        if self._sync is not None:
            self._sync.dispose()


_AWAY = ("08", "53", "57P")
"""SQLSTATE classes of PostgreSQL: connection lost, resources exhausted, shutting down or starting."""


@contextmanager
def _outages() -> Iterator[None]:
    """Tell a database that is away from one that refuses: the first is nobody's fault, and passes."""
    try:
        yield
    except (OSError, SqlTimeoutError) as away:
        raise LedgerUnavailable("The database does not answer.") from away
    except DBAPIError as problem:
        state = getattr(problem.orig, "sqlstate", None) or ""
        locked = isinstance(problem.orig, sqlite3.OperationalError) and "locked" in str(problem.orig)
        if problem.connection_invalidated or locked or state.startswith(_AWAY):
            raise LedgerUnavailable("The database does not answer.") from problem
        raise


def _own_transactions(engine: Engine) -> None:
    """Take transactions out of the SQLite driver's hands."""

    @event.listens_for(engine, "connect")
    def _connect(dbapi: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own connection
        dbapi.isolation_level = None
        cursor = dbapi.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get("read_only", False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _no_goodbyes(engine: Engine) -> None:
    """Cut a connection that is given up at once: the library would say goodbye to a frozen server for two seconds."""

    @event.listens_for(engine, "invalidate")
    def _cut(dbapi: Any, _record: object, _problem: object) -> None:  # noqa: ANN401 - the driver's own connection
        dbapi.driver_connection.terminate()


def _no_dead_ones(engine: Engine) -> None:
    """Hand out no connection that the server has closed. The driver has heard of it: to ask takes three questions more
    for every few of ours.
    """

    @event.listens_for(engine, "checkout")
    def _look(dbapi: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401 - the driver's own connection
        if dbapi.driver_connection.is_closed():
            raise DisconnectionError("closed by the server")


def async_url(url: str | URL) -> URL:
    """The URL with the driver that we use for this database."""
    parsed = make_url(url)
    driver = "sqlite+aiosqlite" if parsed.get_backend_name() == "sqlite" else "postgresql+asyncpg"
    return parsed.set(drivername=driver)
