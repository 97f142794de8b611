"""What a terminal keeps of its pairing: one JSON file that only its user may read.

The private key never leaves this file; the server knows the public half.
"""

import os
import secrets
from pathlib import Path

import msgspec
from msgspec import Struct

from terminal.errors import TerminalError


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


def load(path: Path) -> State:
    """Read a state file.

    Raises:
        TerminalError: there is none, or it is not one.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=State)
    except FileNotFoundError:
        raise TerminalError(
            f"There is no terminal in {path}. Pair one: multipass terminal pair URL CODE --state {path}"
        ) from None
    except (OSError, msgspec.DecodeError) as problem:
        raise TerminalError(f"{path} cannot be read as a terminal's state ({problem}). Pair it anew.") from problem


def save(path: Path, state: State) -> None:
    """Write a state file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(state), indent=2))
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
