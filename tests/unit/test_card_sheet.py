"""Cards: everything fits, every letter is there, and the code printed is the code read."""

import io
import json
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import combinations
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import Image

from adapters import card_face, card_sheet
from adapters.card_face import Card, Code, Picture, Words
from nfc import keys, picture, qr

MADE_AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
VENDOR = Path(__file__).resolve().parents[2] / "web" / "vendor"
KEY = keys.signing_key(7)


def code(serial: int) -> str:
    return qr.issue_static(
        KEY, medium_id=serial.to_bytes(8, "big"), expires_at=1_831_536_000, status_list=0, status_index=serial
    )


def card(
    holder_name: str = "Éloïse Lefèvre",
    *,
    serial: int = 1,
    authority_name: str = "Ville de Clairmont",
    colour: str = "#0f5c63",
) -> Card:
    return Card(
        number=f"48291736{serial:04}",
        holder_name=holder_name,
        code=code(serial),
        valid_until=date(2027, 12, 31),
        authority_name=authority_name,
        colour=colour,
    )


def lines(of: Card) -> list[str]:
    return [mark.text for mark in card_face.card_face(of) if isinstance(mark, Words)]


def pages(pdf: bytes, *, dpi: int) -> list[Image.Image]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.render(scale=dpi / 72).to_pil() for page in document]


def test_a_card_says_who_whose_and_until_when() -> None:
    assert lines(card()) == [
        "Ville de Clairmont",
        "Carte multiservices",
        "City pass",
        "Éloïse",
        "Lefèvre",
        "Valable jusqu’au · Valid until",
        "31/12/2027",
        "4829 1736 0001",
    ]


@pytest.mark.parametrize(
    ("number", "grouped"),
    [("123456789012", "1234 5678 9012"), ("12 345", "1234 5"), ("1234", "1234"), ("", ""), ("AB12CD34", "AB12 CD34")],
)
def test_the_number_stands_in_groups_of_four(number: str, grouped: str) -> None:
    assert card_face.in_fours(number) == grouped


@pytest.mark.parametrize(
    "name", ["Zoë Œuvrard", "Anaïs L’Œil", "Ümit Öztürk", "Šárka Dvořáková", "Łukasz Żółć", "€ 20"]
)
def test_accents_ligatures_and_the_euro_are_printed(name: str) -> None:
    assert " ".join(lines(card(name))[3:5]) == name


def test_a_name_typed_in_pieces_is_composed() -> None:
    assert lines(card("E\u0301le\u0301onore   Noe\u0308l"))[3:5] == ["Éléonore", "Noël"]


def test_a_letter_the_font_lacks_loses_its_accent_before_it_is_lost() -> None:
    assert lines(card("Nguyễn Thị"))[3:5] == ["Nguyen", "Thi"]
    assert lines(card("李 Wu"))[3:5] == ["?", "Wu"]


LONG = "Wolfeschlegelsteinhausenbergerdorff"


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Marie-Antoinette", ["Marie-Antoinette"]),
        ("Carlos García de la Torre", ["Carlos García", "de la Torre"]),
        ("Jean Pierre Marie de La Rochefoucauld", ["Jean Pierre Marie", "de La Rochefoucauld"]),
        (f"{LONG} {LONG}", ["Wolfeschlegelsteinhaus…", "Wolfeschlegelsteinhaus…"]),
        ("", []),
    ],
)
def test_a_name_takes_two_lines_at_most(name: str, printed: list[str]) -> None:
    holder = lines(card(name))[3:-3]
    assert len(holder) == len(printed)
    for line, expected in zip(holder, printed, strict=True):
        assert line == expected


def test_a_long_authority_takes_two_lines() -> None:
    name = "Communauté d’agglomération du Val de Bièvre et de la Vallée de l’Œuf supérieure"
    assert " ".join(lines(card(authority_name=name))[:2]) == name


@settings(max_examples=60, deadline=None)
@given(
    holder_name=st.text(max_size=90) | st.text("MWŒ mw-", max_size=90),
    authority_name=st.text(max_size=200) | st.text("MWŒ mw-", max_size=200),
    number=st.text("0123456789 ", max_size=40),
)
def test_nothing_overflows_or_overlaps(holder_name: str, authority_name: str, number: str) -> None:
    face = card_face.card_face(
        Card(
            number=number,
            holder_name=holder_name,
            code="MP3:I12$C2BO2UZ2423ND3.O3G 3",
            valid_until=date(2027, 12, 31),
            authority_name=authority_name,
            colour="#0f5c63",
        )
    )
    words = [mark for mark in face if isinstance(mark, Words)]
    symbol = next(mark for mark in face if isinstance(mark, Code))
    quiet = symbol.side / 53 * 4
    zones = [(mark.x, mark.y - mark.points * 0.236, mark.x + mark.width, mark.y) for mark in words]  # cap height
    for left, top, right, bottom in zones:
        assert left >= 4
        assert right <= card_face.WIDTH - 4
        assert top >= 1.5
        assert bottom <= card_face.HEIGHT - 3
    zones.append((symbol.x - quiet, symbol.y - quiet, symbol.x + symbol.side + quiet, symbol.y + symbol.side + quiet))
    for one, other in combinations(zones, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (one, other)


@pytest.mark.parametrize(
    ("colour", "ink"), [("#0f5c63", "#ffffff"), ("#f2c230", "#1b1f24"), ("#ffffff", "#1b1f24"), ("#000000", "#ffffff")]
)
def test_the_authority_is_readable_on_its_colour(colour: str, ink: str) -> None:
    words = next(mark for mark in card_face.card_face(card(colour=colour)) if isinstance(mark, Words))
    assert words.colour == ink


@pytest.mark.parametrize("colour", ["teal", "#fff", '#000000"/><script>', "#0f5c6g", "#0f5c63\n"])
def test_a_colour_is_six_hexadecimal_figures(colour: str) -> None:
    with pytest.raises(ValueError, match="colour"):
        card_face.card_face(card(colour=colour))


@pytest.mark.parametrize("dpi", [150, 300, 600])
def test_the_code_of_a_card_picture_is_read_back(dpi: int) -> None:
    image = Image.open(io.BytesIO(card_sheet.card_png(card(), dpi=dpi)))
    assert image.size == (round(85.6 / 25.4 * dpi), round(54 / 25.4 * dpi))
    assert picture.find_codes(image) == [code(1)]


def test_every_code_of_a_sheet_is_read_back_at_150_dpi() -> None:
    cards = [card(serial=serial) for serial in range(1, 13)]
    first, second = pages(card_sheet.sheet_pdf(cards, made_at=MADE_AT), dpi=150)
    assert first.size in {(1240, 1754), (1241, 1754), (1241, 1755)}
    assert sorted(picture.find_codes(first)) == sorted(each.code for each in cards[:10])
    assert sorted(picture.find_codes(second)) == sorted(each.code for each in cards[10:])


def test_a_sheet_can_be_searched_for_a_name() -> None:
    with pypdfium2.PdfDocument(card_sheet.sheet_pdf([card("Zoë Œuvrard")], made_at=MADE_AT)) as document:
        text = document[0].get_textpage().get_text_range()
    assert "Œuvrard" in text
    assert "4829 1736 0001" in text


def test_a_sheet_made_twice_is_the_same() -> None:
    cards = [card(), card("Li Wu", serial=2)]
    assert card_sheet.sheet_pdf(cards, made_at=MADE_AT) == card_sheet.sheet_pdf(cards, made_at=MADE_AT)


def test_a_sheet_of_no_card_is_not_made() -> None:
    with pytest.raises(ValueError, match="no card"):
        card_sheet.sheet_pdf([], made_at=MADE_AT)


def test_the_svg_holds_what_was_typed_as_text() -> None:
    svg = card_sheet.card_svg(card("<b>&\"' Œuvrard", authority_name='A & "B"'))
    root = ET.fromstring(svg)  # noqa: S314 -- our own
    texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[0] == 'A & "B"'
    assert texts[3:5] == ["<b>&\"'", "Œuvrard"]
    assert root.get("aria-label") == "Carte multiservices, <b>&\"' Œuvrard, 4829 1736 0001"


def test_the_fonts_are_the_ones_vendored() -> None:
    vendored = {
        VENDOR / file["path"]: file["sha256"]
        for entry in json.loads((VENDOR / "vendor.json").read_text(encoding="utf-8"))
        for file in entry["files"]
    }
    for font in card_face.FONT_FILES.values():
        assert sha256(font.read_bytes()).hexdigest() == vendored[font]


def test_a_photo_stands_where_it_hides_nothing_and_is_on_the_sheet_too() -> None:
    written = io.BytesIO()
    Image.new("RGB", (360, 480), (0, 120, 200)).save(written, "JPEG")
    bearing = replace(card("Éloïse-Marie Lefèvre de La Tour"), photo=written.getvalue())
    marks = card_face.card_face(bearing)
    [photo] = [mark for mark in marks if isinstance(mark, Picture)]
    words = [mark for mark in marks if isinstance(mark, Words)]
    for one in words:
        above = one.y - one.points * card_face.MM_PER_POINT
        beside = one.x >= photo.x + photo.width or one.x + one.width <= photo.x
        assert beside or one.y < photo.y or above >= photo.y + photo.height, one.text
    assert " ".join(one.text for one in words[1:3]) == "Carte multiservices"
    with Image.open(io.BytesIO(card_sheet.card_png(bearing))) as face:
        pixel = face.getpixel((round((photo.x + 5) * 300 / 25.4), round((photo.y + 5) * 300 / 25.4)))
    assert pixel == pytest.approx((0, 120, 200), abs=4)
    assert "data:image/jpeg;base64," in card_sheet.card_svg(bearing)
    assert b"/Subtype /Image" in card_sheet.sheet_pdf([bearing], made_at=MADE_AT)
