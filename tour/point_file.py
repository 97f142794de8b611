"""Points in a file: TOML as people write it, or a table that a spreadsheet saves as CSV (docs/tour-points.md).

Fields have the names that they have in the API. In a table a column names its place with dots (`title.fr`,
`chain.purpose`), and a cell holds several entries with `|` between them.
"""

import csv
import tomllib
from collections.abc import Callable
from io import StringIO
from itertools import zip_longest
from typing import Any

import msgspec
from msgspec import Struct

from domain.errors import DomainError
from domain.errors.points import BadPointFile
from domain.itineraries import Walk
from domain.sheets import Sheet
from tour.cells import CellFault, day, number

LONGEST = 5_000_000
"""Characters of a file that are looked at."""

Keep = Callable[[str], str]
"""Keeps the photo or recording of this name beside the file, and returns its digest."""

_LISTS = ("devices", "subcontractors")
_DAYS = ("startsOn", "endsOn", "easyReviewedOn")
_NUMBERS = ("latitude", "longitude")


class PointLine(Struct, frozen=True):
    """A point of the file. Where there is a fault, nothing else of it counts."""

    number: int
    slug: str
    sheet: Sheet = Sheet()
    fault: CellFault | None = None


class WalkStop(Struct, frozen=True, forbid_unknown_fields=True):
    """A stop as files name it: by the slug of its point, whose number is not drawn yet."""

    point: str
    way: dict[str, str] = {}


class WalkLine(Struct, frozen=True):
    """An itinerary of the file; `points` are the slugs of its stops, in the order of `walk`'s."""

    number: int
    slug: str
    public: bool = False
    walk: dict[str, Any] = {}
    stops: tuple[WalkStop, ...] = ()
    fault: CellFault | None = None


class PointFile(Struct, frozen=True):
    """What a file says."""

    points: tuple[PointLine, ...]
    walks: tuple[WalkLine, ...] = ()


def read_toml(written: str, keep: Keep) -> PointFile:
    """Read `[[points]]` and `[[itineraries]]`, each with what is wrong with it.

    Raises:
        BadPointFile: it is no TOML, or has neither.
    """
    _check_length(written)
    try:
        tables = tomllib.loads(written)
    except tomllib.TOMLDecodeError as problem:
        raise BadPointFile(f"It is no TOML: {problem}.") from problem
    points, walks = tables.pop("points", []), tables.pop("itineraries", [])
    if tables or not all(isinstance(one, dict) for many in (points, walks) for one in _listed(many)):
        raise BadPointFile("A file has [[points]] and [[itineraries]], and nothing else.")
    if not points and not walks:
        raise BadPointFile("The file names no point.")
    return PointFile(
        tuple(_point(place, dict(one), keep, strict=True) for place, one in enumerate(points, 1)),
        tuple(_walk(place, dict(one)) for place, one in enumerate(walks, 1)),
    )


def read_csv(written: str, keep: Keep) -> PointFile:
    """Read a table with one point on each line.

    Raises:
        BadPointFile: it is no table, or has no column `slug`.
    """
    _check_length(written)
    header, _, _ = written.lstrip("\ufeff").partition("\n")
    rows = csv.DictReader(
        StringIO(written.lstrip("\ufeff")), delimiter=";" if ";" in header else ",", restkey="", restval="", strict=True
    )
    try:
        columns = [name.strip() for name in rows.fieldnames or ()]
        if "slug" not in columns or len(set(columns)) != len(columns) or "" in columns:
            raise BadPointFile("The first line names the columns, each once; one is slug.")
        rows.fieldnames = columns
        lines = [_row(rows.line_num, row, keep) for row in rows if any(row.values())]
    except csv.Error as problem:
        raise BadPointFile(f"Line {rows.line_num} is no CSV: {problem}.") from problem
    if not lines:
        raise BadPointFile("The file has no line under its header.")
    return PointFile(tuple(lines))


def _check_length(written: str) -> None:
    if len(written) > LONGEST:
        raise BadPointFile(f"The file is longer than {LONGEST} characters.")


def _listed(many: object) -> list[object]:
    return many if isinstance(many, list) else [many, None]


def _point(place: int, said: dict[str, Any], keep: Keep, *, strict: bool) -> PointLine:
    slug = said.pop("slug", "")
    try:
        for name in ("photo", "recording"):
            part = said.get(name)
            if isinstance(part, dict) and isinstance(file := part.get("file"), str):
                said[name] = {**{key: value for key, value in part.items() if key != "file"}, "digest": keep(file)}
        spoken = said.get("recording")
        if isinstance(spoken, dict) and isinstance(spoken.get("files"), dict):
            # The files of other languages than French; `also` names such ones by digest, as the API does.
            also, files = spoken.get("also", {}), spoken["files"]
            rest = {key: value for key, value in spoken.items() if key not in {"also", "files"}}
            kept = {language: keep(str(file)) for language, file in files.items()}
            said["recording"] = {**rest, "also": {**also, **kept} if isinstance(also, dict) else also}
        return PointLine(place, msgspec.convert(slug, str), msgspec.convert(said, Sheet, strict=strict))
    except msgspec.ValidationError as problem:
        return PointLine(place, str(slug), fault=CellFault("", BadPointFile.code, str(problem)))
    except DomainError as problem:
        return PointLine(place, str(slug), fault=CellFault("", problem.code, problem.detail))


def _walk(place: int, said: dict[str, Any]) -> WalkLine:
    slug = str(said.pop("slug", ""))
    try:
        public = msgspec.convert(said.pop("public", False), bool)
        stops = msgspec.convert(said.pop("stops", []), tuple[WalkStop, ...])
        # Its own words are checked before the numbers of its stops are known.
        msgspec.convert({**said, "stops": []}, Walk)
    except msgspec.ValidationError as problem:
        return WalkLine(place, slug, fault=CellFault("", BadPointFile.code, str(problem)))
    return WalkLine(place, slug, public, said, stops)


def _row(place: int, row: dict[str, Any], keep: Keep) -> PointLine:
    if row.get("") or not all(isinstance(cell, str) for cell in row.values()):
        return PointLine(place, "", fault=CellFault("", BadPointFile.code, "More cells than columns."))
    said: dict[str, Any] = {}
    for column, cell in row.items():
        if not cell.strip():
            continue
        try:
            _put(said, column.split("."), _value(column, cell.strip()))
        except DomainError as problem:
            return PointLine(place, str(row["slug"]), fault=CellFault(column, problem.code, problem.detail))
    if "doesNot" in said:
        said["doesNot"] = _apart(said["doesNot"])
    return _point(place, said, keep, strict=False)


def _value(column: str, cell: str) -> object:
    if column in _NUMBERS:
        return number(cell)
    if column in _DAYS:
        return day(cell)
    if column == "streams":
        names = ("device", "quantity", "channel")
        return [dict(zip(names, one.split(), strict=False)) for one in _entries(cell)]
    if column in _LISTS or column.startswith("chain."):
        return _entries(cell)
    return cell


def _entries(cell: str) -> list[str]:
    return [entry.strip() for entry in cell.split("|") if entry.strip()]


def _put(said: dict[str, Any], path: list[str], value: object) -> None:
    for name in path[:-1]:
        said = said.setdefault(name, {})
        if not isinstance(said, dict):
            raise BadPointFile("One column is inside another.")
    said[path[-1]] = value


def _apart(by_language: object) -> object:
    """Turn the columns `doesNot.fr` and `doesNot.en` into one entry for each line of them."""
    if not isinstance(by_language, dict):
        return by_language
    columns = [[cell.strip() for cell in str(cells).split("|")] for cells in by_language.values()]
    return [dict(zip(by_language, entry, strict=True)) for entry in zip_longest(*columns, fillvalue="")]
