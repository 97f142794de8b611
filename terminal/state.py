"""What a terminal keeps of its pairing: a file that only its user may read.

`multipass terminal pair` writes JSON. The first `multipass terminal run` turns it into the SQLite file that remembers
everything else too (`terminal.disk`), under the same name. The private key never leaves it; the server knows the
public half.
"""

import os
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
from msgspec import Struct

from terminal.errors import TerminalError

_DATABASE = b"SQLite format 3\x00"


class State(Struct, frozen=True, rename="camel"):
    """One paired terminal. It prints without its key."""

    server: str
    terminal_id: str
    name: str
    authority: str
    gates: tuple[str, ...]
    private_key: str  # PKCS #8 PEM

    def __repr__(self) -> str:
        """The name, never the key."""
        return f"State({self.name!r} at {self.server})"


def is_database(path: Path) -> bool:
    """Tell whether a state file is the one that remembers everything, and not a pairing alone."""
    try:
        with path.open("rb") as file:
            return file.read(len(_DATABASE)) == _DATABASE
    except OSError:
        return False


def load(path: Path) -> State:
    """Read the pairing in a state file of either kind.

    Raises:
        TerminalError: there is none, or it is not one.
    """
    try:
        return msgspec.json.decode(_stored(path) if is_database(path) else path.read_bytes(), type=State)
    except FileNotFoundError:
        raise TerminalError(
            f"There is no terminal in {path}. Pair one: multipass terminal pair URL CODE --state {path}"
        ) from None
    except (OSError, sqlite3.Error, msgspec.DecodeError) as problem:
        raise TerminalError(f"{path} cannot be read as a terminal's state ({problem}). Pair it anew.") from problem


def save(path: Path, state: State) -> None:
    """Write a pairing, whole or not at all."""

    def fill(new: Path) -> None:
        with new.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(state), indent=2))
            file.flush()
            os.fsync(file.fileno())

    replace_whole(path, fill)


def replace_whole(path: Path, fill: Callable[[Path], None]) -> None:
    """Put a new file in the place of one, whole or not at all; `fill` writes it, and only its user may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        fill(new)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _stored(path: Path) -> bytes:
    with closing(sqlite3.connect(path)) as db:
        row = db.execute("SELECT body FROM pairing").fetchone()
    if row is None:
        raise msgspec.DecodeError("no pairing in it")
    return bytes(row[0])
