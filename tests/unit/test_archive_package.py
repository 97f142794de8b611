"""The file of an archive: whole, it gives back what was written; damaged or foreign, it is told as such."""

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors.archives import ArchiveDamaged, ArchiveOfAnotherSchema
from store.archive import package
from store.archive.inward import look_through, require_revision
from store.archive.package import MANIFEST, Package
from store.archive.tables import carried
from store.tables import metadata
from tests.archives import ORIGIN, archive, changed, members, packed, plain, read, restated

HOLDERS = "tables/holder.jsonl"
ROWS = {
    name: [plain(metadata.tables[name], number) for number in range(1, 6)] for name in ("authority", "holder", "site")
}
WHOLE = archive(ROWS)


def test_what_was_written_is_read() -> None:
    assert read(WHOLE) == ROWS


def test_the_manifest_says_what_is_in_it_to_whoever_has_nothing_else() -> None:
    said = json.loads(members(WHOLE)[MANIFEST])
    holder = next(one for one in said["tables"] if one["name"] == "holder")
    content = members(WHOLE)[HOLDERS]
    assert (holder["rows"], holder["bytes"], holder["key"]) == (5, len(content), ["id"])
    assert holder["sha256"] == hashlib.sha256(content).hexdigest()
    assert (holder["columns"]["born_on"], holder["columns"]["id"]) == ("date", "uuid")
    assert "Persons" in holder["about"]
    assert said["left_behind"]["online_handle"]
    assert [json.loads(line)["reference"] for line in content.splitlines()] == [f"Zoé {n}" for n in range(1, 6)]


@settings(max_examples=40)
@given(st.integers(0, len(WHOLE) - 1))
def test_an_archive_that_was_cut_off_is_told(length: int) -> None:
    with pytest.raises(ArchiveDamaged):
        read(WHOLE[:length])


@settings(max_examples=200)
@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_a_byte_that_changed_is_told_or_changes_nothing(place: int, by: int) -> None:
    """A ZIP has bytes that mean nothing to us, such as the times of its members."""
    damaged = bytearray(WHOLE)
    damaged[place] ^= by
    try:
        found = read(bytes(damaged))
    except ArchiveDamaged:
        return
    assert found == ROWS


def _without_second_line(content: bytes) -> bytes:
    first, _, *rest = content.splitlines(keepends=True)
    return b"".join([first, *rest])


@pytest.mark.parametrize(
    "damage",
    [
        _without_second_line,
        lambda content: content.replace(b"Zo", b"Za", 1),
        lambda content: content + content.splitlines(keepends=True)[0],
        lambda content: content[:-1],
        lambda _: b"",
    ],
    ids=["a line is missing", "a letter is another", "a line too many", "no end", "nothing"],
)
def test_a_member_that_is_not_what_was_written_is_told(damage: Any) -> None:  # noqa: ANN401 - bytes to bytes
    with pytest.raises(ArchiveDamaged, match="holder"):
        read(changed(WHOLE, HOLDERS, damage))


def _restated_line(data: bytes, line: bytes) -> bytes:
    """An archive whose manifest fits its damaged member: as somebody would make it on purpose."""

    def edit(manifest: Any) -> None:  # noqa: ANN401 - JSON
        entry = next(one for one in manifest["tables"] if one["name"] == "holder")
        entry.update(bytes=len(line), sha256=hashlib.sha256(line).hexdigest(), rows=1)

    return restated(changed(data, HOLDERS, lambda _: line), edit)


@pytest.mark.parametrize(
    "line", [b"{}\n", b"\n", b"[]\n", b"no JSON\n", b'{"id":"00000000-0000-0000-0000-000000000001"}\n']
)
def test_a_line_that_is_no_row_is_told_without_what_it_says(line: bytes) -> None:
    with pytest.raises(ArchiveDamaged, match="no row of the table") as told:
        read(_restated_line(WHOLE, line))
    assert "00000000" not in told.value.detail


def test_a_count_that_does_not_fit_is_told() -> None:
    def edit(manifest: Any) -> None:  # noqa: ANN401 - JSON
        next(one for one in manifest["tables"] if one["name"] == "holder")["rows"] = 6

    with pytest.raises(ArchiveDamaged, match="5 lines in the place of 6"):
        read(restated(WHOLE, edit))


def test_a_line_without_an_end_is_not_read_on_and_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "LONGEST_LINE", 1_000)
    monkeypatch.setattr(package, "_CHUNK", 100)
    with pytest.raises(ArchiveDamaged, match="a line has no end"):
        read(_restated_line(WHOLE, b'"' + bytes(range(40, 90)) * 40))


@pytest.mark.parametrize("name", ["tables/../../evil", "/evil", "tables/holder2.jsonl", "README"])
def test_a_foreign_member_is_told(name: str) -> None:
    with pytest.raises(ArchiveDamaged, match="other members"):
        read(packed({**members(WHOLE), name: b"x"}))


def test_a_member_that_is_missing_or_there_twice_is_told() -> None:
    contents = members(WHOLE)
    with pytest.raises(ArchiveDamaged, match="other members"):
        read(packed({name: content for name, content in contents.items() if name != HOLDERS}))
    twice = io.BytesIO(WHOLE)
    with zipfile.ZipFile(twice, "a") as target, pytest.warns(UserWarning, match="Duplicate"):
        target.writestr(HOLDERS, contents[HOLDERS])
    with pytest.raises(ArchiveDamaged, match="other members"):
        read(twice.getvalue())


def test_a_member_that_would_burst_is_not_unpacked() -> None:
    bomb = _restated_line(WHOLE, b" " * 20_000_000)
    assert len(bomb) < 200_000
    with pytest.raises(ArchiveDamaged, match="out of all proportion"):
        read(bomb)


def test_a_manifest_that_would_burst_is_not_unpacked() -> None:
    with pytest.raises(ArchiveDamaged, match="bytes in the place of"):
        read(changed(WHOLE, MANIFEST, lambda said: said + b" " * package.LONGEST_MANIFEST))


def test_a_member_that_says_less_than_it_holds_is_told() -> None:
    def edit(manifest: Any) -> None:  # noqa: ANN401 - JSON
        next(one for one in manifest["tables"] if one["name"] == "holder")["bytes"] = 3

    with pytest.raises(ArchiveDamaged, match="in the place of 3"):
        read(restated(WHOLE, edit))


def test_other_tables_and_other_columns_are_told() -> None:
    def fewer(manifest: Any) -> None:  # noqa: ANN401 - JSON
        del manifest["tables"][3]

    def other(manifest: Any) -> None:  # noqa: ANN401 - JSON
        manifest["tables"][0]["columns"]["id"] = "text"

    for change in (fewer, other):
        with pytest.raises(ArchiveDamaged, match="not those of its revision"):
            read(restated(WHOLE, change))


@pytest.mark.parametrize("data", [b"", b"PK", b"no archive at all", packed({}), packed({MANIFEST: b"{}"})])
def test_what_is_no_archive_is_told(data: bytes) -> None:
    with pytest.raises(ArchiveDamaged):
        read(data)


def test_a_later_format_is_told() -> None:
    def edit(manifest: Any) -> None:  # noqa: ANN401 - JSON
        manifest["version"] = 2

    with pytest.raises(ArchiveDamaged, match="multipass-archive 2"):
        read(restated(WHOLE, edit))


def test_a_check_reads_to_the_end_and_says_how_far_it_is() -> None:
    heard: list[tuple[str, int, int]] = []
    with Package(io.BytesIO(WHOLE)) as whole:
        look_through(whole, lambda *said: heard.append(said))
    assert heard[-1] == ("site", 15, 15) or heard[-1][1:] == (15, 15)
    with Package(io.BytesIO(changed(WHOLE, HOLDERS, _without_second_line))) as damaged, pytest.raises(ArchiveDamaged):
        look_through(damaged, lambda *_: None)


def test_an_archive_of_another_schema_says_which_program_reads_it() -> None:
    with Package(io.BytesIO(archive({}, origin=ORIGIN))) as older:
        require_revision(older.manifest, "0001")
        with pytest.raises(ArchiveOfAnotherSchema, match=r"MultiPass 0\.1\.0 reads it: carry it in with that version"):
            require_revision(older.manifest, "0002")
        with pytest.raises(ArchiveOfAnotherSchema, match=r"0\.1\.0 or a later version"):
            require_revision(older.manifest, "0000")


def test_every_table_has_its_member() -> None:
    assert set(members(WHOLE)) == {MANIFEST, *(f"tables/{table.name}.jsonl" for table in carried())}
