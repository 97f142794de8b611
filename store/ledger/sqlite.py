"""The ledger on SQLite: one writer thread, one BEGIN IMMEDIATE per batch, synchronous FULL.

The write lock is held from the first read to the commit, so what was read still holds when it is written. Batches are
fed as one JSON text and read with a handful of statements, whatever their size: small calls would hand the
interpreter lock back and forth.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from domain.access.catalogue import Catalogue
from domain.errors import Overloaded
from store.ledger.judge import judge
from store.ledger.rows import Known
from store.ledger.scan import Scan, Settled
from store.ledger.sqlite_read import read
from store.ledger.sqlite_write import write

BUSY_SECONDS = 1.5
"""How long another program may hold the write lock."""

SCANS_BETWEEN_CHECKPOINTS = 500
"""About 8 MB of log."""

# The log is carried into the file by a thread of its own, beside the commits. What it has left is carried by the commit
# that crosses this limit, after 40 MB of log; the next one then starts the log anew.
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "cache_size=-65536",
    "wal_autocheckpoint=10000",
)

LoadCatalogue = Callable[[], Catalogue]


class SqliteEngine:
    """Settles batches on one file. `load_catalogue` reads the reference data anew when its version has moved."""

    at_once = 1
    """The file has one write lock, held from the first read to the commit."""

    def __init__(self, path: Path, load_catalogue: LoadCatalogue) -> None:
        self._path = path
        self._load_catalogue = load_catalogue
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger")
        self._catalogue: Catalogue | None = None
        self._carrier = ThreadPoolExecutor(max_workers=1, thread_name_prefix="checkpoint")
        self._carrying: Future[None] | None = None
        self._not_carried = 0

    async def open(self) -> None:
        """Open the file in the writer thread."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._open)

    def _open(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=BUSY_SECONDS)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        self._connection = connection

    async def close(self) -> None:
        """Close the file and end the thread."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    def _close(self) -> None:
        self._carrier.shutdown()
        self._connection.close()

    async def settle(self, scans: list[Scan]) -> list[Settled]:
        """Settle a batch in the writer thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._settle, scans)

    def _settle(self, scans: list[Scan]) -> list[Settled]:
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as busy:
            raise Overloaded("Another program holds the database.") from busy
        try:
            catalogue = self._current_catalogue()
            settled, working = judge(scans, read(connection, scans, catalogue), catalogue)
            if working.events:
                write(connection, working)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        self._not_carried += len(working.events)
        if self._not_carried >= SCANS_BETWEEN_CHECKPOINTS and (self._carrying is None or self._carrying.done()):
            self._not_carried = 0
            self._carrying = self._carrier.submit(self._checkpoint)
        return settled

    def _checkpoint(self) -> None:
        """Carry what is in the log into the file, as far as nobody has to be waited for."""
        with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def _current_catalogue(self) -> Catalogue:
        if self._catalogue is None or self._catalogue.version != _version(self._connection):
            self._catalogue = self._load_catalogue()
        return self._catalogue


def look(path: Path, scans: list[Scan], catalogue: Catalogue) -> Known | None:
    """Read what a batch of scans that never happen would be judged by, on a connection that waits for no writer.

    None when the reference data is no longer that of `catalogue`.
    """
    with closing(sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)) as connection:
        connection.execute("PRAGMA query_only=ON")
        connection.execute("BEGIN")
        if _version(connection) != catalogue.version:
            return None
        return read(connection, scans, catalogue)


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("SELECT version FROM catalogue").fetchone()
    return int(version)
