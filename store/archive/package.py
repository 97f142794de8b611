"""The file of an archive: a ZIP with one member for each table, and the manifest that says what is in each.

Nothing of it is believed before it is looked at: names, sizes, hashes, the length of every line. Whatever it unpacks
to, no more than a few lines lie in memory.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import IO, Any, Final, Self

import msgspec
from msgspec import Struct
from sqlalchemy import Table

from domain.errors.archives import ArchiveDamaged
from store.archive.tables import ABOUT, carried, member_of
from store.archive.values import Lines, kind_of, lines_of

FORMAT: Final = "multipass-archive"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"

LONGEST_MANIFEST: Final = 4 << 20
"""Bytes. That of today has a hundred thousand."""

LONGEST_LINE: Final = 64 << 20
"""Bytes of one row: a file that is being imported has thirty million at most, and a third more in Base64."""

THICKEST: Final = 400
"""How many times a member may grow as it is unpacked: the dullest of ours grow 75 times, a ZIP could a thousand."""

_SLACK: Final = 1 << 20
"""Bytes that a member may grow to whatever its size: two rows that are alike take no room."""

_CHUNK: Final = 1 << 18


class KeyName(Struct, frozen=True):
    """A key that the installation has, by its name."""

    authority: str
    purpose: str
    kid: str


class TableEntry(Struct, frozen=True):
    """What the manifest says of a table. `sha256` is of the unpacked member, in hexadecimal; `bytes` is its length."""

    name: str
    member: str
    about: str
    key: tuple[str, ...]
    columns: dict[str, str]
    rows: int
    bytes: int
    sha256: str


class Origin(Struct, frozen=True):
    """Where an archive comes from: the schema of its tables, the program and the engine, and the keys it lived with."""

    revision: str
    program: str
    engine: str
    written_at: datetime
    keys: tuple[KeyName, ...] = ()
    masters: tuple[str, ...] = ()


class Manifest(Struct, frozen=True):
    """What an archive says of itself, in words for whoever finds it without MultiPass."""

    format: str
    version: int
    about: str
    origin: Origin
    forms: dict[str, str]
    tables: tuple[TableEntry, ...]
    left_behind: dict[str, str]

    @property
    def rows(self) -> int:
        """How many rows all tables have."""
        return sum(entry.rows for entry in self.tables)


def columns_of(table: Table) -> dict[str, str]:
    """Say what each column of a table holds, in the words of the manifest."""
    return {
        str(column.name): f"{kind_of(column)} or null" if column.nullable else str(kind_of(column))
        for column in table.columns
    }


def key_of(table: Table) -> tuple[str, ...]:
    """Name the columns that tell one row of a table from another."""
    return tuple(str(column.name) for column in table.primary_key.columns)


class Writer:
    """An archive that is being written: table by table, in the order of `carried`, the manifest last.

    To be left before the file is read: the end of a ZIP says where its members are.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self.entries: list[TableEntry] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    @contextmanager
    def table(self, table: Table) -> Iterator["Member"]:
        """Open the member of a table."""
        with self._member(member_of(table)) as target:
            member = Member(target, lines_of(table))
            yield member
        self.entries.append(
            TableEntry(
                name=str(table.name),
                member=member_of(table),
                about=ABOUT[table.name],
                key=key_of(table),
                columns=columns_of(table),
                rows=member.rows,
                bytes=member.bytes,
                sha256=member.digest(),
            )
        )

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest: without one a file is no archive."""
        with self._member(MANIFEST) as target:
            target.write(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")

    def _member(self, name: str) -> IO[bytes]:
        return self._zip.open(name, "w", force_zip64=True)


class Member:
    """A member that is being written."""

    def __init__(self, target: IO[bytes], lines: Lines) -> None:
        self._target = target
        self._lines = lines
        self._hash = hashlib.sha256()
        self.rows = 0
        self.bytes = 0

    def add(self, rows: list[Any]) -> None:
        """Write rows."""
        written = b"".join([self._lines.write(row) + b"\n" for row in rows])
        self._target.write(written)
        self._hash.update(written)
        self.rows += len(rows)
        self.bytes += len(written)

    def digest(self) -> str:
        """The hash of what was written, in hexadecimal."""
        return self._hash.hexdigest()


class Package:
    """An archive that is being read."""

    def __init__(self, file: IO[bytes]) -> None:
        """Look at its members and read its manifest.

        Raises:
            ArchiveDamaged: it is no archive of ours, or not whole.
        """
        with _damage():
            self._zip = zipfile.ZipFile(file)
        self.manifest = self._manifest()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def check_tables(self) -> None:
        """See that it holds the tables of this program, each once, column by column, and nothing else.

        Raises:
            ArchiveDamaged: it does not.
        """
        tables = carried()
        said = [(entry.name, entry.member, entry.columns) for entry in self.manifest.tables]
        if said != [(table.name, member_of(table), columns_of(table)) for table in tables]:
            raise ArchiveDamaged("The tables that the manifest names are not those of its revision.")
        names = sorted(info.filename for info in self._zip.infolist())
        if names != sorted([MANIFEST, *(member_of(table) for table in tables)]):
            raise ArchiveDamaged("The archive holds other members than its manifest names.")
        for entry in self.manifest.tables:
            self._look(self._zip.getinfo(entry.member), entry.bytes)

    def rows(self, table: Table, *, page: int) -> Iterator[list[tuple[Any, ...]]]:
        """Read a table, some rows at a time. Only after the last page is known that it is whole.

        Raises:
            ArchiveDamaged: a line is none of this table, or the member is not what the manifest says.
        """
        entry = next(one for one in self.manifest.tables if one.name == table.name)
        lines, count = lines_of(table), 0
        for some in self._pages(entry, page):
            try:
                read = [lines.read(line) for line in some]
            except ValueError as problem:
                # Where it is, never what it says: a row may be somebody.
                raise ArchiveDamaged(f"{entry.member}: a line after line {count} is no row of the table.") from problem
            yield read
            count += len(some)
        if count != entry.rows:
            raise ArchiveDamaged(f"{entry.member}: {count:,} lines in the place of {entry.rows:,}.")

    def _manifest(self) -> Manifest:
        with _damage():
            info = self._zip.getinfo(MANIFEST)
            self._look(info, min(info.file_size, LONGEST_MANIFEST))
            with self._zip.open(info) as source:
                said = source.read(LONGEST_MANIFEST)
        try:
            found = msgspec.json.decode(said, type=Manifest)
        except msgspec.DecodeError as problem:
            raise ArchiveDamaged("The manifest cannot be read.") from problem
        if (found.format, found.version) != (FORMAT, VERSION):
            raise ArchiveDamaged(f"This is {found.format} {found.version}, in the place of {FORMAT} {VERSION}.")
        return found

    def _look(self, info: zipfile.ZipInfo, length: int) -> None:
        if info.file_size != length:
            raise ArchiveDamaged(f"{info.filename} has {info.file_size:,} bytes in the place of {length:,}.")
        if info.file_size > THICKEST * info.compress_size + _SLACK:
            raise ArchiveDamaged(f"{info.filename} would grow out of all proportion.")
        if info.flag_bits & 1 or info.compress_type not in {zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED}:
            raise ArchiveDamaged(f"{info.filename} is encrypted or packed in another way than by deflate.")

    def _pages(self, entry: TableEntry, page: int) -> Iterator[list[bytes]]:
        """Read the lines of a member, some at a time, and at its end compare its hash."""
        hashed, rest, waiting, size = hashlib.sha256(), b"", [], 0
        for chunk in self._chunks(entry):
            hashed.update(chunk)
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > LONGEST_LINE:
                raise ArchiveDamaged(f"{entry.member}: a line has no end.")
            waiting += lines
            size += len(chunk)
            if waiting and (len(waiting) >= page or size > _CHUNK * 16):
                yield waiting
                waiting, size = [], 0
        if rest or hashed.hexdigest() != entry.sha256:
            raise ArchiveDamaged(f"{entry.member} is not what was written: its hash is another.")
        if waiting:
            yield waiting

    def _chunks(self, entry: TableEntry) -> Iterator[bytes]:
        with _damage(), self._zip.open(entry.member) as source:
            # No more than was said, however much there is: the manifest's figures were held against the ZIP's own.
            left = entry.bytes
            while left and (chunk := source.read(min(_CHUNK, left))):
                left -= len(chunk)
                yield chunk
            if left or source.read(1):
                raise ArchiveDamaged(f"{entry.member} does not end where it should.")


@contextmanager
def _damage() -> Iterator[None]:
    """Tell in one word what the library finds wrong with a ZIP."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, OSError) as problem:
        raise ArchiveDamaged(f"The file is no archive, or not whole ({type(problem).__name__}).") from problem
