"""The sheets and walks of the demonstration: files of the same fields as those of `multipass points import`.

What sheets have in common stands once: in shared.toml for all of them, under [shared] for those of one file. A place
that a sheet does not give is that of its first device.
"""

import tomllib
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from cli.demo.tour.plan import FOLDER, register_file
from domain.sheets import Sheet
from tour.device_file import DeviceCells, read
from tour.known import from_catalogue
from tour.point_file import Keep, PointFile, PointLine, read_toml

_FOLDER = FOLDER / "sheets"
_COMMON, _WALKS = "shared.toml", "walks.toml"


def sheets(draw: Keep, keep: Callable[[bytes], str]) -> PointFile:
    """Read every point and walk. `draw` stores the drawing of a motif, `keep` a recording; both return a digest."""
    common = _toml(_COMMON)
    digests: dict[str, str] = {}
    lines: list[PointLine] = []
    for path in sorted(_FOLDER.glob("*.toml")):
        said = _toml(path.name)
        alike = _over(common, said.get("shared", {}))
        for point in said.get("points", ()):
            whole = _over(alike, point)
            slug, motif, alt = whole.pop("slug"), whole.pop("motif"), whole.pop("alt")
            if motif not in digests:
                digests[motif] = draw(motif)
            whole["photo"] = {"digest": digests[motif], "alt": alt}
            if "spoken" in whole:
                spoken = {tongue: keep((_FOLDER / file).read_bytes()) for tongue, file in whole.pop("spoken").items()}
                digest, transcript = spoken.pop("fr"), whole.pop("transcript")
                whole["recording"] = {"digest": digest, "transcript": transcript, "also": spoken}
            lines.append(PointLine(len(lines) + 1, slug, msgspec.convert(_placed(whole), Sheet)))
    return PointFile(tuple(lines), read_toml((_FOLDER / _WALKS).read_text(encoding="utf-8"), draw).walks)


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"))


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Lay one table over another; of the chain, category by category."""
    return {**below, **above, "chain": {**below["chain"], **above.get("chain", {})}}


def _placed(said: dict[str, Any]) -> dict[str, Any]:
    first = _devices()[said["devices"][0]]
    return {
        "latitude": first.latitude,
        "longitude": first.longitude,
        "communeCode": first.commune_code,
        **said,
    }


@cache
def _devices() -> dict[str, DeviceCells]:
    return {line.device.code: line.device for line in read(register_file(), from_catalogue())}
