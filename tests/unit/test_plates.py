"""Plates: a phone reads them, people can type them, and the four things a sign must say are there."""

from datetime import UTC, datetime

import pypdfium2  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from adapters.card_face import Code, Words
from adapters.plate_face import BLUE, CODE_SIDE, HEIGHT, WHITE, WIDTH, YELLOW, Icon, Plate, plate_face, told_of_people
from adapters.plate_sheet import plate_pdf, sheet_pdf
from domain.dtpr import Identity
from domain.plates import PLATES, plate_from, short_url
from domain.text import Text
from nfc.picture import find_codes

MADE_AT = datetime(2026, 11, 22, tzinfo=UTC)
CITY = "https://tour.clairmont.example"


def plate(number: str = "4829176") -> Plate:
    return Plate(
        url=short_url(CITY, number),
        number=number,
        title="L’air de la classe 12",
        purposes=(Text(fr="Santé", en="Health"), Text(fr="Information du public", en="Informing the public")),
        service=Text(fr="Direction de l’éducation", en="Education department"),
        identity=Identity.NONE,
        level=0,
        authority_name="Ville de Clairmont",
        colour="#0f5c63",
    )


def codes(pdf: bytes, page: int = 0, *, dpi: int = 150) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return find_codes(document[page].render(scale=dpi / 72).to_pil())


def texts(pdf: bytes, page: int = 0) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return str(document[page].get_textpage().get_text_range())


def test_a_plate_is_read_back_from_its_page_and_says_what_a_sign_must() -> None:
    pdf = plate_pdf([plate()], made_at=MADE_AT)
    assert codes(pdf) == ["https://tour.clairmont.example/c/4829176"]
    said = texts(pdf)
    for words in (
        *("Ville de Clairmont", "L’air de la classe 12", "N° 482 9176", "tour.clairmont.example/c/4829176"),
        *("Pourquoi ?", "Santé, Information du public", "Health, Informing the public"),
        *("Qui répond ?", "Direction de l’éducation", "Education department"),
        *("Mes données ?", "Aucune donnée sur les gens", "No data about people", "Réagir", "React"),
    ):
        assert words in said, words


def test_nine_plates_are_eight_on_a_page_and_one_on_the_next() -> None:
    plates = [plate(plate_from(place)) for place in range(9)]
    pdf = sheet_pdf(plates, made_at=MADE_AT)
    assert sorted(codes(pdf)) == sorted(one.url for one in plates[:8])
    assert codes(pdf, 1) == [plates[8].url]
    with pytest.raises(ValueError, match="no plate"):
        sheet_pdf([], made_at=MADE_AT)


def test_the_same_plates_make_the_same_bytes() -> None:
    assert plate_pdf([plate()], made_at=MADE_AT) == plate_pdf([plate()], made_at=MADE_AT)


def test_a_code_is_three_centimetres_with_its_quiet_zone_free() -> None:
    marks = plate_face(plate())
    (code,) = [mark for mark in marks if isinstance(mark, Code)]
    assert code.side == CODE_SIDE >= 20
    quiet = 4 * code.side / len(code.modules)
    others = [mark for mark in marks if isinstance(mark, Words | Icon)]
    for mark in others:
        right = mark.x + (mark.width if isinstance(mark, Words) else mark.side)
        # A text stands on its baseline, and its capitals are 0.7 of its size.
        top = mark.y - mark.points * 0.25 if isinstance(mark, Words) else mark.y
        bottom = mark.y if isinstance(mark, Words) else mark.y + mark.side
        beside = right <= code.x - quiet or mark.x >= code.x + code.side + quiet
        over = bottom <= code.y - quiet + 0.6 or top >= code.y + code.side + quiet - 0.6
        assert beside or over, mark


@settings(max_examples=60)
@given(st.text(max_size=200), st.text(max_size=200), st.integers(0, PLATES - 1))
def test_whatever_it_is_called_everything_stands_on_the_plate(title: str, service: str, drawn: int) -> None:
    for mark in plate_face(replace(plate(plate_from(drawn)), title=title, service=Text(fr=service, en=service))):
        if isinstance(mark, Words):
            assert mark.x + mark.width <= WIDTH - 4.9
            assert 0 < mark.y < HEIGHT


@pytest.mark.parametrize(
    ("identity", "level", "picture", "colour"),
    [
        (Identity.NONE, 0, "nobody", WHITE),
        (Identity.NONE, 1, "counts", WHITE),
        (Identity.NONE, 2, "hidden", BLUE),
        (Identity.DE_IDENTIFIED, 0, "hidden", BLUE),
        (Identity.NONE, 3, "somebody", YELLOW),
        (Identity.IDENTIFIABLE, 0, "somebody", YELLOW),
    ],
)
def test_what_it_tells_of_people_is_the_worse_of_chain_and_devices(
    identity: Identity, level: int, picture: str, colour: str
) -> None:
    told = told_of_people(identity, level)
    assert (told.picture, told.colour) == (picture, colour)
    (icon,) = [
        mark
        for mark in plate_face(replace(plate(), identity=identity, level=level))
        if isinstance(mark, Icon) and mark.picture == picture
    ]
    assert icon.colour == colour
