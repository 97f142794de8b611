"""The two engines under test, with durable settings: where their files lie, and how to fill, cool and question them."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import asyncpg

from bench.population import Population
from bench.raw import postgres_commits, sqlite_commits
from bench.seed import create_database, fill_postgres, fill_sqlite
from tests.servers import PostgresServer, postgres_server

RAW_SECONDS = 0.5


class Engine(Protocol):
    """What the benchmark asks of a database."""

    name: str

    @property
    def database_pid(self) -> int | None:
        """The process whose CPU is the database's; None when it is the server's own."""
        ...

    def filling(
        self, database: str, population: Population, now: datetime
    ) -> tuple[Callable[..., None], tuple[Any, ...]]:
        """A function that builds a city, with its arguments: to be run in another process."""
        ...

    def url(self, database: str) -> str:
        """Where a city is."""
        ...

    def commits(self) -> list[int]:
        """Time single durable commits for a while; nanoseconds of each."""
        ...

    def cool(self, database: str) -> None:
        """Restart the database with none of its pages in memory. No server of ours may be running."""
        ...

    def ask(self, database: str, question: str) -> list[tuple[Any, ...]]:
        """Run a query."""
        ...


class Sqlite:
    """SQLite: files in a folder on a disk."""

    name = "sqlite"
    database_pid = None

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def filling(
        self, database: str, population: Population, now: datetime
    ) -> tuple[Callable[..., None], tuple[Any, ...]]:
        """As in `Engine`."""
        return fill_sqlite, (self._path(database), population, now)

    def url(self, database: str) -> str:
        """As in `Engine`."""
        return f"sqlite:///{self._path(database)}"

    def commits(self) -> list[int]:
        """As in `Engine`."""
        return sqlite_commits(self._folder / "raw.sqlite3", RAW_SECONDS)

    def cool(self, database: str) -> None:
        """As in `Engine`: a server that has stopped leaves only the system's cache behind."""
        self.ask(database, "PRAGMA wal_checkpoint(TRUNCATE)")
        _forget_pages([self._path(database)])

    def ask(self, database: str, question: str) -> list[tuple[Any, ...]]:
        """As in `Engine`."""
        with closing(sqlite3.connect(self._path(database))) as connection:
            return connection.execute(question).fetchall()

    def _path(self, database: str) -> Path:
        return self._folder / f"{database}.sqlite3"


class Postgres:
    """PostgreSQL: a server of our own."""

    name = "postgresql"

    def __init__(self, server: PostgresServer) -> None:
        self._server = server

    @property
    def database_pid(self) -> int:
        """As in `Engine`."""
        return int((self._data() / "postmaster.pid").read_text().split()[0])

    def filling(
        self, database: str, population: Population, now: datetime
    ) -> tuple[Callable[..., None], tuple[Any, ...]]:
        """As in `Engine`."""
        asyncio.run(create_database(self._server.url, database))
        return fill_postgres, (self.url(database), population, now)

    def url(self, database: str) -> str:
        """As in `Engine`."""
        return self._server.url.rsplit("/", 1)[0] + "/" + database

    def commits(self) -> list[int]:
        """As in `Engine`."""
        return asyncio.run(postgres_commits(self._server.url, RAW_SECONDS))

    def cool(self, database: str) -> None:
        """As in `Engine`."""
        self.ask(database, "CHECKPOINT")
        _forget_pages([path for path in (self._data() / "base").rglob("*") if path.is_file()])
        self._server.restart()

    def ask(self, database: str, question: str) -> list[tuple[Any, ...]]:
        """As in `Engine`."""
        return asyncio.run(_fetch(self.url(database), question))

    def _data(self) -> Path:
        return Path(self.ask("postgres", "SHOW data_directory")[0][0])


@contextmanager
def opened(name: str, folder: Path) -> Iterator[Engine]:
    """Open an engine with its files under `folder`."""
    if name == "sqlite":
        yield Sqlite(folder)
        return
    shutil.rmtree(folder / "postgres", ignore_errors=True)
    with postgres_server(folder, durable=True) as server:
        yield Postgres(server)


async def _fetch(url: str, question: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(question)]
    finally:
        await connection.close()


def _forget_pages(paths: list[Path]) -> None:
    """Take files out of the system's page cache: the next reader goes to the disk."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fdatasync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
