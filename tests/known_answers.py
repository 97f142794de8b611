"""The vectors under `tests/vectors`, by file. Where each comes from stands in the file and in its README."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "vectors"


def known_answers(name: str) -> dict[str, Any]:
    """A whole file of vectors."""
    loaded: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return loaded


def entries(name: str, **wanted: object) -> list[dict[str, Any]]:
    """The vectors of a file, or those of them that have these values. A test without any would prove nothing."""
    found = [entry for entry in known_answers(name)["vectors"] if wanted.items() <= entry.items()]
    assert found, (name, wanted)
    return found


def flipped(data: bytes) -> list[bytes]:
    """The same bytes with one bit changed, for each of their bits."""
    number, length = int.from_bytes(data, "big"), len(data)
    return [(number ^ (1 << bit)).to_bytes(length, "big") for bit in range(8 * length)]
