"""An empty SQLite database at the newest revision, migrated once in each process and copied ever after."""

import functools
import tempfile
from pathlib import Path

from store import migrate


def lay(path: Path) -> None:
    """Put an empty, migrated database there."""
    path.write_bytes(_migrated())


@functools.cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.sqlite3"
        migrate.upgrade(f"sqlite:///{path}")
        return path.read_bytes()
