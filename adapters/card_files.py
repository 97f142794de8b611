"""Old card files: XLSX, and CSV in the encodings and with the separators of the last thirty years.

Everything comes out as text, as a person reads it: days of a workbook as 1980-12-31, whole numbers without a point.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import Final

from msgspec import Struct

from domain.errors.imports import BadImportFile
from domain.imports import MOST_LINES

LARGEST: Final = 30 * 2**20
_LARGEST_UNPACKED: Final = 600 * 2**20
_LONGEST_CELL: Final = 4_000
_MOST_COLUMNS: Final = 100
_SEPARATORS: Final = (";", "\t", ",")
_ZIP: Final = b"PK\x03\x04"


class CardFile(Struct, frozen=True):
    """A table: its headings, and its lines as they follow. A line may be shorter than the headings."""

    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]


def read_card_file(content: bytes) -> CardFile:
    """The table in a file: CSV, or the first sheet of a workbook.

    Raises:
        BadImportFile: it is neither, has no headings or no line, is too large, or one heading stands twice.
    """
    if len(content) > LARGEST:
        raise BadImportFile(f"The file is larger than {LARGEST // 2**20} MB: cut it in two.")
    rows = _workbook(content) if content.startswith(_ZIP) else _csv(content)
    try:
        headings = tuple(" ".join(cell.split()) for cell in next(rows, ()))
        lines = list(islice(rows, MOST_LINES + 1))
    except csv.Error as broken:
        raise BadImportFile(f"The file is no CSV: {broken}.") from None
    while lines and not any(lines[-1]):
        lines.pop()
    named = [heading for heading in headings if heading]
    if not named or not lines:
        raise BadImportFile("The file has no line below its headings.")
    if len(headings) > _MOST_COLUMNS or len(lines) > MOST_LINES:
        raise BadImportFile(f"A file has {MOST_LINES:,} lines and {_MOST_COLUMNS} columns at most: cut it in two.")
    twice = {heading for heading in named if named.count(heading) > 1}
    if twice:
        raise BadImportFile(f"Two columns are called {min(twice)!r}: name one of them otherwise.")
    return CardFile(headings, lines)


def _csv(content: bytes) -> Iterator[tuple[str, ...]]:
    text = _decoded(content)
    first = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=first.count)
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
        # A line that is empty keeps its place: the report names lines as the spreadsheet counts them.
        yield tuple(cell.strip()[:_LONGEST_CELL] for cell in row)


def _decoded(content: bytes) -> str:
    """The text of a file: UTF-8 with or without its mark, UTF-16 with one, or else what old Windows programs wrote."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ("utf-16",) if marked else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise BadImportFile("The file is neither a text (CSV) nor a workbook (XLSX).")


def _workbook(content: bytes) -> Iterator[tuple[str, ...]]:
    # Loaded with the first workbook: every other command starts without it.
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(each.file_size for each in archive.infolist()) > _LARGEST_UNPACKED:
                raise BadImportFile("The workbook is too large when it is unpacked.")
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheet = workbook.get_sheet_by_index(0)
    except (zipfile.BadZipFile, CalamineError, IndexError) as broken:
        raise BadImportFile("The workbook cannot be read: save it again as XLSX, or as CSV.") from broken
    start = sheet.start or (0, 0)
    if sheet.height == 0 or start[0] > 0:
        raise BadImportFile("The headings stand in the first line of the first sheet.")
    for row in sheet.iter_rows():
        yield tuple(_said(cell)[:_LONGEST_CELL] for cell in row)


def _said(cell: object) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat() if not (cell.hour or cell.minute or cell.second) else cell.isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
