"""A terminal's state: one SQLite file with its pairing, its newest bundles, what it saw today, what it has to tell.

Written ahead (WAL) and synced with every commit: what was committed is there after the power has gone. Where the disk
takes nothing, `NotRecorded` is raised and nothing has changed; it is tried again with the next write.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self, TypeVar

import msgspec

from terminal import state
from terminal.clock import Known
from terminal.errors import NotRecorded, TerminalError
from terminal.state import State

T = TypeVar("T")

_PENDING = "pending-key"

_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE pairing (one INTEGER PRIMARY KEY CHECK (one = 1), body BLOB NOT NULL) STRICT;
CREATE TABLE note (name TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE TABLE bundle (service TEXT NOT NULL, sequence INTEGER NOT NULL, kind TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (service, sequence)) STRICT;
CREATE TABLE outbox (sequence INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, body BLOB NOT NULL) STRICT;
CREATE TABLE sighting (medium INTEGER NOT NULL, site TEXT NOT NULL, day TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (medium, site)) STRICT;
CREATE TABLE mark (medium INTEGER PRIMARY KEY, day TEXT NOT NULL, mark INTEGER NOT NULL, spent INTEGER NOT NULL) STRICT;
"""
_PATIENCE_SECONDS = 2.0


class Disk:
    """The open state file. Any thread's: one writes or reads at a time, and none waits for the network meanwhile."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        try:
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=_PATIENCE_SECONDS)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
                self._db.execute(f"PRAGMA {pragma}")
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
        except sqlite3.Error as problem:
            raise TerminalError(
                f"{path} cannot be opened as a terminal's state ({problem}). Pair it anew."
            ) from problem
        if version != _VERSION:
            raise TerminalError(f"{path} was written by another version of this program ({version}). Update it.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what is beside it goes with the last to close."""
        self._db.close()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Write all of it or nothing; it is on the disk when the context ends.

        Raises:
            NotRecorded: the disk is full or broken. Nothing was written.
        """
        with self._lock:
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield self._db
                self._db.execute("COMMIT")
            except sqlite3.DatabaseError as problem:
                if isinstance(problem, sqlite3.IntegrityError | sqlite3.ProgrammingError):
                    raise  # the program's own fault, not the disk's
                raise NotRecorded(f"This terminal's memory cannot be written: {problem}. Make room on its disk.") from (
                    problem
                )
            finally:
                if self._db.in_transaction:
                    with suppress(sqlite3.Error):  # whatever it was ends with the connection at the latest
                        self._db.execute("ROLLBACK")

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Look at what is there."""
        with self._lock:
            yield self._db

    def pairing(self) -> State:
        """Who this terminal is."""
        with self.read() as db:
            return msgspec.json.decode(db.execute("SELECT body FROM pairing").fetchone()[0], type=State)

    def pair(self, known: State) -> None:
        """Become another terminal: a revoked one that was paired anew. What it has to tell stays."""
        with self.write() as db:
            db.execute("UPDATE pairing SET body = ?", (msgspec.json.encode(known),))
            db.execute("DELETE FROM note WHERE name IN ('revoked', ?)", (_PENDING,))

    def pending_key(self) -> str | None:
        """A private key (PEM) that is to become this terminal's, and may be already."""
        return self.note(_PENDING, str)

    def keep_pending_key(self, private_key: str) -> None:
        """Keep a key before the server hears of it."""
        self.keep(_PENDING, private_key)

    def change_key(self, private_key: str) -> None:
        """Have another key from now on; the one before is forgotten."""
        with self.write() as db:
            changed = msgspec.structs.replace(self.pairing(), private_key=private_key)
            db.execute("UPDATE pairing SET body = ?", (msgspec.json.encode(changed),))
            keep(db, _PENDING, None)

    def private_keys(self) -> tuple[str, ...]:
        """The keys that may be this terminal's: its own, and the one that is to take its place."""
        pending = self.pending_key()
        return (self.pairing().private_key, *([pending] if pending is not None else []))

    def note(self, name: str, kind: type[T]) -> T | None:
        """Return what was kept under a name."""
        with self.read() as db:
            row = db.execute("SELECT body FROM note WHERE name = ?", (name,)).fetchone()
        return msgspec.json.decode(row[0], type=kind) if row is not None else None

    def keep(self, name: str, value: object) -> None:
        """Keep something under a name; None forgets it."""
        with self.write() as db:
            keep(db, name, value)

    def clock(self) -> Known:
        """What was known of the time when it was kept last."""
        return self.note("clock", Known) or Known()


def is_revoked(path: Path) -> bool:
    """Tell whether the server has revoked the terminal in a state file."""
    with Disk(path) as found:
        return bool(found.note("revoked", bool))


def keep(db: sqlite3.Connection, name: str, value: object) -> None:
    """As `Disk.keep`, together with what else is being written."""
    if value is None:
        db.execute("DELETE FROM note WHERE name = ?", (name,))
    else:
        db.execute(
            "INSERT INTO note VALUES (?1, ?2) ON CONFLICT DO UPDATE SET body = ?2", (name, msgspec.json.encode(value))
        )


def opened(path: Path) -> Disk:
    """Open a state file; a pairing that is still a JSON file becomes one first, under the same name.

    Raises:
        TerminalError: there is none, or it is not one.
    """
    if not state.is_database(path):
        _build(path, state.load(path))
    return Disk(path)


def _build(path: Path, paired: State) -> None:
    def fill(new: Path) -> None:
        db = sqlite3.connect(new, isolation_level=None)
        try:
            db.executescript(f"PRAGMA synchronous=FULL; BEGIN; {_SCHEMA} PRAGMA user_version={_VERSION}; COMMIT;")
            db.execute("INSERT INTO pairing VALUES (1, ?)", (msgspec.json.encode(paired),))
        finally:
            db.close()

    try:
        state.replace_whole(path, fill)
    except (OSError, sqlite3.Error) as problem:
        raise TerminalError(f"{path} cannot become a terminal's state: {problem}. Make room on its disk.") from problem
