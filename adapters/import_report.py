"""The report on an import as a spreadsheet reads it: the lines that were not taken in, and why."""

import csv
import io
from collections.abc import Iterable
from typing import Literal

from domain.import_words import FIELDS, sentence
from domain.imports import LineFlaw

_MARK = "\ufeff"
"""Without it, a spreadsheet takes UTF-8 for what Windows wrote in 1995."""

_HEADINGS = {"fr": ("ligne", "colonne", "motif", "code"), "en": ("line", "column", "reason", "code")}


def report_csv(flaws: Iterable[LineFlaw], language: Literal["fr", "en"]) -> str:
    """Write a report, with semicolons: what French spreadsheets open by a double click."""
    written = io.StringIO()
    lines = csv.writer(written, delimiter=";", lineterminator="\r\n")
    lines.writerow(_HEADINGS[language])
    for flaw in flaws:
        column = getattr(FIELDS[flaw.field], language) if flaw.field is not None else ""
        lines.writerow((flaw.line, column, getattr(sentence(flaw), language), flaw.reason.value))
    return _MARK + written.getvalue()
