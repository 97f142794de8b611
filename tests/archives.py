"""Archives for tests: rows by kind, a small one made without a database, and one packed anew with something changed."""

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
from hypothesis import strategies as st
from sqlalchemy import Column, Table

from store.archive.outward import ABOUT
from store.archive.package import FORMAT, MANIFEST, VERSION, Manifest, Origin, Package, Writer
from store.archive.tables import LEFT_BEHIND, carried
from store.archive.values import Kind, kind_of

WRITTEN = datetime(2026, 11, 18, 13, 5, tzinfo=UTC)
ORIGIN = Origin(revision="0001", program="0.1.0", engine="sqlite", written_at=WRITTEN)

_64 = 2**63
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
BY_KIND: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.UUID: st.uuids(),
    Kind.INSTANT: st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(fold=0)),
    Kind.DATE: st.dates(),
    Kind.YEAR_DAY: st.tuples(st.integers(1, 12), st.integers(1, 31)),
    Kind.BYTES: st.binary(max_size=40),
    Kind.BOOLEAN: st.booleans(),
    Kind.BIG_INTEGER: st.integers(-_64, _64 - 1),
    Kind.INTEGER: st.integers(-_64, _64 - 1),
    Kind.NUMBER: st.floats(),
    Kind.TEXT: st.text(max_size=20),
    Kind.JSON: _JSON,
}
"""What may stand in a column, whatever a check of its table says."""


def rows_of(table: Table) -> st.SearchStrategy[tuple[Any, ...]]:
    """Any row of a table."""
    return st.tuples(
        *(
            BY_KIND[kind_of(column)] | st.none() if column.nullable else BY_KIND[kind_of(column)]
            for column in table.columns
        )
    )


def _checked(number: int) -> dict[str, dict[str, Any]]:
    """What the checks of tables ask of a row."""
    minutes = {"weekday": 1, "opens": 60, "closes": 120}
    return {
        "card_import": {"lines": 5, "done": 2, "taken": 1, "refused": 1},
        "device": {"sight": "none"},
        "flood_thresholds": {"level_1_m": 1.0, "level_2_m": 2.0, "level_3_m": 3.0, "hysteresis_m": 0.1},
        "guardianship": {"guardian_id": UUID(int=3 - number)},
        "journal_head": {"number": number},
        "opening": minutes,
        "product_limit": {"window": "season", "free": 0, "days": None},
        "reading": {"observed_at": WRITTEN.replace(microsecond=999_999, month=9 + number)},
        "rollup": {"step": 60},
        "sale": {"state": "cancelled"},
        "site_session": minutes,
    }


def full(table: Table, number: int) -> tuple[Any, ...]:
    """A row that the table takes, as row `number` of every table: it refers to row `number` of the others.

    The second one has in it what is hard to carry. Tables of a single row have the first alone.
    """
    hard = number == 2
    at = datetime(9999, 12, 31, 23, 59, 59, 999_998, tzinfo=UTC) if hard else WRITTEN.replace(microsecond=1)
    text = "é😀\n\"'\\\t\u2028, ; \x7f" if hard else "Zoé"
    by_kind: dict[Kind, Any] = {
        Kind.UUID: UUID(int=number),
        Kind.INSTANT: at,
        Kind.DATE: WRITTEN.date(),
        Kind.YEAR_DAY: (2, 29),
        Kind.BYTES: bytes(range(256)) if hard else bytes([number]),
        Kind.BOOLEAN: hard,
        Kind.BIG_INTEGER: 2**63 - 1 if hard else number,
        Kind.INTEGER: number,
        Kind.NUMBER: 5e-324 if hard else 0.1,
        Kind.JSON: {text: [None, True, -0.5, 2**70, text, {}]} if hard else None,
    }
    later, asked = {"valid_until", "ends_before"}, _checked(number).get(table.name, {})

    def value(column: Column[Any]) -> object:
        if column.name in asked:
            return asked[column.name]
        kind = kind_of(column)
        if kind is Kind.TEXT:
            return f"{number}{text}"[: getattr(column.type, "length", None) or 400]
        return by_kind[kind] if column.name not in later else date(9999, 12, 31)

    return tuple(value(column) for column in table.columns)


def plain(table: Table, number: int) -> tuple[Any, ...]:
    """One row of a table, the same each time, without anything missing."""
    by_kind: dict[Kind, Any] = {
        Kind.UUID: UUID(int=number),
        Kind.INSTANT: WRITTEN,
        Kind.DATE: WRITTEN.date(),
        Kind.YEAR_DAY: (9, 1),
        Kind.BYTES: bytes([number]),
        Kind.BOOLEAN: True,
        Kind.BIG_INTEGER: number,
        Kind.INTEGER: number,
        Kind.NUMBER: number / 4,
        Kind.TEXT: f"Zoé {number}",
        Kind.JSON: {"n": number},
    }
    return tuple(by_kind[kind_of(column)] for column in table.columns)


def archive(rows: Mapping[str, list[tuple[Any, ...]]], *, origin: Origin = ORIGIN) -> bytes:
    """An archive with these rows, by table; the other tables are empty."""
    file = io.BytesIO()
    with Writer(file) as writer:
        for table in carried():
            with writer.table(table) as member:
                member.add(rows.get(table.name, []))
        writer.finish(
            Manifest(
                format=FORMAT,
                version=VERSION,
                about=ABOUT,
                origin=origin,
                forms={},
                tables=tuple(writer.entries),
                left_behind=LEFT_BEHIND,
            )
        )
    return file.getvalue()


def read(data: bytes) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of an archive, by table: those that have any."""
    with Package(io.BytesIO(data)) as package:
        package.check_tables()
        found = {table.name: [row for page in package.rows(table, page=2) for row in page] for table in carried()}
    return {name: rows for name, rows in found.items() if rows}


def members(data: bytes) -> dict[str, bytes]:
    """What an archive holds, unpacked."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def packed(contents: Mapping[str, bytes]) -> bytes:
    """A ZIP of these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in contents.items():
            target.writestr(name, content)
    return file.getvalue()


def changed(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The same archive, with one member changed."""
    contents = members(data)
    return packed({**contents, name: change(contents[name])})


def restated(data: bytes, change: Callable[[Any], None]) -> bytes:
    """The same archive, with its manifest changed in place."""

    def edit(said: bytes) -> bytes:
        manifest = msgspec.json.decode(said)
        change(manifest)
        return msgspec.json.encode(manifest)

    return changed(data, MANIFEST, edit)
