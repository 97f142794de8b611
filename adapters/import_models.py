"""Models of files to be imported, as workbooks.

Every cell is a text, in the columns below too: no spreadsheet rounds a SIRET or turns a day round.
"""

import io
from typing import Final, Literal

import xlsxwriter

from domain.import_kinds import FIELDS_OF, ImportKind
from domain.import_models import model_lines
from domain.import_words import FIELDS, KINDS

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_WIDE = 24
"""Width of a column, in characters."""


def model_file(kind: ImportKind, language: Literal["fr", "en"], commune: str) -> bytes:
    """Write a model of a kind of file, whose people live in this commune. All of its headings are recognised."""
    fields = FIELDS_OF[kind]
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold, as_text = book.add_format({"bold": True, "num_format": "@"}), book.add_format({"num_format": "@"})
        tab = book.add_worksheet(getattr(KINDS[kind], language))
        tab.freeze_panes(1, 0)
        tab.set_column(0, len(fields) - 1, _WIDE, as_text)
        for column, field in enumerate(fields):
            tab.write_string(0, column, getattr(FIELDS[field], language), bold)
        for row, line in enumerate(model_lines(kind, language, commune), 1):
            for column, field in enumerate(fields):
                if field in line:
                    tab.write_string(row, column, line[field], as_text)
    return out.getvalue()
