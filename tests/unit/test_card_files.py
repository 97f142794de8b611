"""Old card files: what programs of thirty years have written comes out as the same table."""

import datetime as dt
import io
import zipfile

import pytest

from adapters.card_files import LARGEST, read_card_file
from adapters.import_report import report_csv
from domain.errors.imports import BadImportFile
from domain.import_headings import guess
from domain.import_kinds import Field
from domain.imports import LineFlaw, LineReason
from tests.workbooks import workbook

TEXT = "N° carte{s}Nom{s}Prénom{s}Né le\r\n1{s}Lefèvre{s}Zoé{s}17/05/1980\r\n"


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_csv_reads_the_same_in_each_encoding_and_with_each_separator(encoding: str, separator: str) -> None:
    read = read_card_file(TEXT.format(s=separator).encode(encoding))
    assert read.headings == ("N° carte", "Nom", "Prénom", "Né le")
    assert read.rows == [("1", "Lefèvre", "Zoé", "17/05/1980")]


def test_a_quoted_cell_keeps_its_separator_and_an_empty_line_its_place() -> None:
    read = read_card_file(b'Nom;Ville\r\n"Le Gall; dit Jo";Lille\r\n\r\nMartin;Lille\r\n;\r\n')
    assert read.rows == [("Le Gall; dit Jo", "Lille"), (), ("Martin", "Lille")]


def test_a_workbook_reads_as_people_see_it() -> None:
    content = workbook([["Numéro", "Nom", "Né le"], [42.0, " Lefèvre ", dt.date(1980, 5, 17)], ["A-7", "Blin", "?"]])
    read = read_card_file(content)
    assert read.headings == ("Numéro", "Nom", "Né le")
    assert read.rows == [("42", "Lefèvre", "1980-05-17"), ("A-7", "Blin", "?")]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Nom;Naissance\r\n",
        b"\x00\x01\x02\xff",
        b"Nom;Nom\r\na;b\r\n",
        b"PK\x03\x04 no archive",
        b"a" * (LARGEST + 1),
        workbook([]),
    ],
    ids=["empty", "headings alone", "bytes", "a heading twice", "a broken archive", "too large", "an empty sheet"],
)
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(BadImportFile):
        read_card_file(content)


def test_an_archive_without_a_workbook_is_refused() -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(BadImportFile):
        read_card_file(written.getvalue())


def test_headings_are_guessed_whatever_their_capitals_and_accents() -> None:
    headings = ("N° CARTE", "NOM", "PRENOM", "Date de Naissance", "Ville", "Code INSEE", "U.I.D", "Fin de validité")
    assert guess(headings) == {
        Field.REFERENCE: "N° CARTE",
        Field.LAST_NAME: "NOM",
        Field.FIRST_NAME: "PRENOM",
        Field.BORN_ON: "Date de Naissance",
        Field.COMMUNE: "Code INSEE",
        Field.LAST_DAY: "Fin de validité",
    }


def test_a_report_opens_in_a_french_spreadsheet() -> None:
    flaws = [LineFlaw(5, LineReason.TWICE_IN_FILE, Field.LAST_NAME, 2)]
    written = report_csv(flaws, "fr")
    assert written.startswith("\ufeffligne;colonne;motif;code\r\n5;Nom;")
    assert "(ligne 2)" in written
