"""The folder of the keyring: files that only we can read, written whole or not at all, by one program at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class KeyFolder:
    """A folder of small secret files. A rehearsal reads the same files and keeps what it writes to itself."""

    def __init__(self, path: Path, *, rehearsal: bool = False) -> None:
        self._path = path
        self._rehearsed: dict[str, bytes | None] | None = {} if rehearsal else None

    def rehearsal(self) -> "KeyFolder":
        """Return the same folder, of which nothing will change."""
        return KeyFolder(self._path, rehearsal=True)

    @property
    def would_change(self) -> dict[str, str]:
        """What a rehearsal would have done to which file: "write" or "remove"."""
        return {name: "remove" if content is None else "write" for name, content in (self._rehearsed or {}).items()}

    def read(self, name: str) -> bytes:
        """Return a file's content.

        Raises:
            FileNotFoundError: there is none of this name.
        """
        if self._rehearsed is not None and name in self._rehearsed:
            content = self._rehearsed[name]
            if content is None:
                raise FileNotFoundError(name)
            return content
        return self._place(name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        """Write a file, whole or not at all, for our eyes only."""
        place = self._place(name)
        if self._rehearsed is not None:
            self._rehearsed[name] = content
            return
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = place.with_name(f".{name}.new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.replace(place)
        self._sync()

    def remove(self, name: str) -> None:
        """Take a file away, if it is there."""
        if self._rehearsed is not None:
            self._rehearsed[name] = None
            return
        self._place(name).unlink(missing_ok=True)
        self._sync()

    def mark(self, *names: str) -> tuple[tuple[int, int], ...]:
        """What tells one version of these files from another: they are replaced whole, never written into."""
        return tuple(self._mark(name) for name in names)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Keep other programs from changing the folder: they wait."""
        if self._rehearsed is not None:
            yield
            return
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _mark(self, name: str) -> tuple[int, int]:
        try:
            status = self._place(name).stat()
        except FileNotFoundError:
            return (0, 0)
        return (status.st_ino, status.st_mtime_ns)

    def _place(self, name: str) -> Path:
        """Where a file lies.

        Raises:
            ValueError: a name that would lead elsewhere: codes of authorities come from a command line.
        """
        if not name or name.startswith(".") or "/" in name or "\0" in name:
            raise ValueError(f"no name of a file in the keyring: {name!r}")
        return self._path / name

    def _sync(self) -> None:
        descriptor = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
