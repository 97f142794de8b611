"""Values in an archive: each comes back as it was, and nothing else is taken for one."""

import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Interval, MetaData, Table

from store.archive.tables import carried
from store.archive.values import Kind, kind_of, lines_of
from store.tables import metadata
from tests.archives import plain, rows_of

ANY_ROW = st.sampled_from(carried()).flatmap(lambda table: st.tuples(st.just(table), rows_of(table)))
LIMIT, HOLDER, STREAM, SITE = (metadata.tables[name] for name in ("product_limit", "holder", "stream", "site"))


@settings(max_examples=300)
@given(ANY_ROW)
def test_any_row_of_any_table_comes_back_as_it_was(given_: tuple[Table, tuple[object, ...]]) -> None:
    table, row = given_
    line = lines_of(table).write(row)
    assert b"\n" not in line
    # By their words: a number that is none is not even equal to itself.
    assert repr(lines_of(table).read(line)) == repr(row)


@pytest.mark.parametrize("table", carried(), ids=lambda table: str(table.name))
def test_each_table_is_written_in_its_own_columns(table: Table) -> None:
    row = plain(table, 7)
    said = json.loads(lines_of(table).write(row))
    assert list(said) == [column.name for column in table.columns]
    assert lines_of(table).read(json.dumps(said).encode()) == row


def test_a_line_is_read_without_multipass() -> None:
    """What docs/reversibility.md promises of each kind, as another program sees it."""
    medium = metadata.tables["medium"]
    row = list(plain(medium, 7))
    names = [column.name for column in medium.columns]
    row[names.index("id")] = -(2**63)
    row[names.index("created_at")] = datetime(2026, 11, 18, 13, 5, 0, 1, tzinfo=UTC)
    said = json.loads(lines_of(medium).write(row))
    assert (said["id"], said["created_at"]) == ("-9223372036854775808", "2026-11-18T13:05:00.000001Z")
    assert (said["pass_id"], said["keep_until"]) == ("00000000-0000-0000-0000-000000000007", "2026-11-18")
    card = json.loads(lines_of(metadata.tables["card"]).write(plain(metadata.tables["card"], 255)))
    assert card["uid_digest"] == "/w=="
    assert json.loads(lines_of(LIMIT).write(plain(LIMIT, 3)))["starts"] == "09-01"
    numbers = (float("nan"), float("inf"), float("-inf"))
    assert [_low(number) for number in numbers] == ["NaN", "Infinity", "-Infinity"]


def _low(value: float) -> object:
    names = [column.name for column in STREAM.columns]
    row = list(plain(STREAM, 1))
    row[names.index("low")] = value
    return json.loads(lines_of(STREAM).write(row))["low"]


def test_an_instant_of_another_zone_is_the_same_instant() -> None:
    names = [column.name for column in HOLDER.columns]
    row, at = list(plain(HOLDER, 1)), datetime(2026, 11, 18, 14, 5, tzinfo=timezone(timedelta(hours=1)))
    row[names.index("created_at")] = at
    assert lines_of(HOLDER).read(lines_of(HOLDER).write(row))[names.index("created_at")] == at


def test_the_end_of_time_is_an_instant_too() -> None:
    """PostgreSQL's driver reads the last microsecond of the year 9999 as infinity, without a zone."""
    names = [column.name for column in HOLDER.columns]
    row, last = list(plain(HOLDER, 1)), datetime.max  # noqa: DTZ901 - what the driver gives
    row[names.index("created_at")] = last
    assert lines_of(HOLDER).read(lines_of(HOLDER).write(row))[names.index("created_at")] == last.replace(tzinfo=UTC)


def test_half_a_sign_in_a_columns_json_stays_half_a_sign() -> None:
    """JSON may escape one half of a surrogate pair: both engines keep it."""
    names = [column.name for column in SITE.columns]
    row = list(plain(SITE, 1))
    row[names.index("name")] = {"fr": "\ud83d", "n": 2**80}
    assert lines_of(SITE).read(lines_of(SITE).write(row)) == tuple(row)


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("id", "7"),
        ("id", None),
        ("born_on", "2026-02-30"),
        ("created_at", "2026-11-18T13:05:00"),
        ("first_name", 7),
        ("first_name", None),
        ("nickname", "Zo"),
    ],
)
def test_a_line_that_says_something_else_is_none(column: str, said: object) -> None:
    line = json.loads(lines_of(HOLDER).write(plain(HOLDER, 1)))
    with pytest.raises(ValueError, match="no row"):
        lines_of(HOLDER).read(json.dumps({**line, column: said}).encode())


@pytest.mark.parametrize("said", ["9223372036854775808", "-9223372036854775809", "1.5", "007", "-0", "1_000", "1\n", 7])
def test_a_big_number_has_sixty_four_bits_and_is_a_text(said: object) -> None:
    line = json.loads(lines_of(LIMIT).write(plain(LIMIT, 1)))
    with pytest.raises(ValueError, match="no row"):
        lines_of(LIMIT).read(json.dumps({**line, "amount": said}).encode())


@pytest.mark.parametrize(
    "line", [b"", b"[]", b"{}", b"null", b"{", b'{"id": 1}', b"\xff", b"[" * 100_000, b'{"rates": ' + b"[" * 100_000]
)
def test_what_is_no_line_at_all_is_told(line: bytes) -> None:
    with pytest.raises(ValueError, match="no row"):
        lines_of(LIMIT).read(line)


def test_json_that_is_none_is_not_taken() -> None:
    line = lines_of(LIMIT).write(plain(LIMIT, 1)).replace(b'{"n":1}', b"[NaN]")
    with pytest.raises(ValueError, match="no row"):
        lines_of(LIMIT).read(line)


def test_a_column_says_by_itself_whether_nothing_is_null_or_absent() -> None:
    """JSON null and SQL NULL are one in an archive: no column may hold both."""
    columns = [column for table in carried() for column in table.columns if kind_of(column) is Kind.JSON]
    assert len(columns) > 30
    assert [
        str(column) for column in columns if column.nullable and not getattr(column.type, "none_as_null", False)
    ] == []


def test_a_new_type_of_column_has_to_be_thought_about() -> None:
    with pytest.raises(TypeError, match="knows how to write"):
        kind_of(Table("new", MetaData(), Column("span", Interval)).c.span)


def test_an_id_is_read_as_an_id() -> None:
    assert lines_of(HOLDER).read(lines_of(HOLDER).write(plain(HOLDER, 9)))[0] == UUID(int=9)
