"""Sheets: what must be written before residents read one, what no sheet can say, and what it shows of whom."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.devices import DeviceKind, Position, Sight
from domain.dtpr import ATTRIBUTION, CATEGORIES, ELEMENTS, Category, Chain, Identity, check_chain, identity_of, in_order
from domain.easy_reading import advice_on
from domain.errors.points import BadItinerary, BadSheet, UnknownElement
from domain.itineraries import Stop, Walk, check_walk
from domain.languages import Language, Words
from domain.plates import PLATES, is_plate, plate_from
from domain.points import Point, PointState
from domain.sheets import (
    Blur,
    Link,
    Recording,
    Sheet,
    StreamName,
    Voices,
    check_sheet,
    media_of,
    missing,
    protection_level,
    shown_streams,
)
from tests.point_sheets import READER, SHEET, WRITER
from tests.tour_streams import AIR, CO2, NOON


def test_what_is_heard_is_read_too_and_french_is_heard_where_nobody_has_spoken_a_language() -> None:
    spoken = Recording("a" * 64, Words(fr="Bonjour."), Voices(es="b" * 64))
    assert missing(replace(SHEET, recording=spoken)) == ["recording.transcript.es"]
    assert missing(replace(SHEET, recording=replace(spoken, transcript=Words(fr="Bonjour.", es="Hola.")))) == []
    assert missing(replace(SHEET, recording=replace(spoken, transcript=Words(es="Hola.")))) == ["recording.transcript"]
    assert spoken.heard(Language.SPANISH) == ("b" * 64, Language.SPANISH)
    assert spoken.heard(Language.OCCITAN) == ("a" * 64, Language.FRENCH)
    assert media_of(replace(SHEET, photo=None, recording=spoken)) == ["a" * 64, "b" * 64]


def test_a_sheet_with_all_it_needs_lacks_nothing_and_an_empty_one_names_every_field() -> None:
    check_sheet(SHEET)
    assert missing(SHEET) == []
    assert set(missing(Sheet())) == {
        *("title", "place", "position", "photo.alt", "devices", "whatItIs", "whatItIs.easy", "doesNot", "benefit"),
        *("benefit.easy", "service", "controller", "contact", "retention", "startsOn", "endsOn"),
        *(f"chain.{category}" for category in Category),
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"streams": tuple(StreamName(AIR.code, "co2", str(place)) for place in range(5))},
        {"streams": (StreamName("other", "co2"),)},
        {"devices": (AIR.code, AIR.code)},
        {"longitude": None},
        {"latitude": 91.0},
        {"latitude": float("nan")},
        {"ends_on": date(2026, 8, 31)},
        {"easy_reviewed_by": "ESAT"},
        {"does_not": (Words(),)},
        {"does_not": (Words(fr="x"),) * 21},
        {"commune_code": "3417"},
        {"open_data_url": "http://data.example"},
        {"links": (Link(Words(fr="x"), "javascript:alert(1)"),)},
        {"links": (Link(Words(fr="x"), "https://anne:secret@data.example/"),)},
        {"links": (Link(Words(fr="x"), "https://data.example\\@other.example/"),)},
        {"links": (Link(Words(fr="x"), "https://data.example/" + "x" * 1_000),)},
        {"links": (Link(Words(en="x"), "https://data.example/"),)},
        {"recording": Recording("", Words(fr="x"))},
        {"recording": Recording("a" * 64, Words(fr="x"), Voices(es="b"))},
        {"title": Words(fr="x" * 4_001)},
        {"title": Words(fr="x", oc="\x00")},
        {"devices": (AIR.code, "a\x00")},
        {"benefit": Words(fr="L’air \u202e!riA")},
    ],
)
def test_what_no_sheet_can_say_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadSheet):
        check_sheet(replace(SHEET, **wrong))


@pytest.mark.parametrize(
    "chain",
    [
        Chain(purpose=("surveillance",)),
        Chain(purpose=("air_quality",)),
        Chain(tech=("lorawan_radio",)),
        Chain(tech=("radar", "radar")),
        Chain(purpose=("health", "inform", "mobility", "ecology")),
    ],
)
def test_a_chain_names_known_elements_in_their_category_and_three_purposes(chain: Chain) -> None:
    with pytest.raises(UnknownElement):
        check_chain(chain)


def test_a_chain_shows_technology_and_purpose_first_and_what_identifies_somebody_first_of_all() -> None:
    chain = Chain(retention=("data_retained",), data=("values_time", "personal"), purpose=("inform",), tech=("radar",))
    shown = [(name.en, [one.id for one in elements]) for name, elements in in_order(chain)]
    assert shown == [
        ("Technology", ["radar"]),
        ("Purpose", ["inform"]),
        ("Data type", ["personal", "values_time"]),
        ("Retention", ["data_retained"]),
    ]
    assert identity_of(chain) is Identity.IDENTIFIABLE
    assert identity_of(Chain(process=("de_identified",))) is Identity.DE_IDENTIFIED


def test_the_vocabulary_has_both_languages_its_licence_and_our_own_words_apart() -> None:
    assert CATEGORIES.keys() == set(Category)
    assert "CC BY 4.0" in ATTRIBUTION.name.fr
    assert "CC BY 4.0" in ATTRIBUTION.name.en
    assert {one.id for one in ELEMENTS.values() if one.own} == {
        *("city:lorawan_radio", "city:water_meter", "city:glass_column", "city:bike_pedestrian_counter"),
        *("city:river_gauge", "city:electricity_meter", "city:street_light_controller", "city:parking_sensor"),
    }
    assert all(one.name.fr and one.name.en for one in ELEMENTS.values())
    assert {one.category for one in ELEMENTS.values()} == set(Category)


def test_the_page_explains_every_field_and_lists_every_element() -> None:
    page = (Path(__file__).parents[2] / "docs" / "tour-points.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w:]+)`", page))
    assert set(Sheet.__struct_encode_fields__) - named == set()
    assert set(ELEMENTS) - named == set()


@pytest.mark.parametrize(
    ("blur", "position"),
    [
        (Blur.METRE, Position(43.61123, 3.8767)),
        (Blur.BUILDING, Position(43.6112, 3.8767)),
        (Blur.STREET, Position(43.611, 3.877)),
        (Blur.DISTRICT, Position(43.61, 3.88)),
    ],
)
def test_a_place_is_as_exact_as_may_be_public(blur: Blur, position: Position) -> None:
    assert replace(SHEET, blur=blur).position == position


def test_a_point_is_as_protected_as_the_most_telling_of_its_devices() -> None:
    meter = replace(AIR, kind=DeviceKind.HOME_METER, public=False)
    camera = replace(AIR, kind=DeviceKind.CAMERA, sight=Sight.COUNTS)
    assert [protection_level(many) for many in ([], [AIR], [AIR, camera], [meter, AIR])] == [0, 0, 2, 3]


def test_a_sheet_never_shows_what_is_not_public_nor_what_one_home_does() -> None:
    hidden = replace(CO2, quantity="noise", public=False)
    meter = replace(AIR, code="meter", kind=DeviceKind.HOME_METER)
    registered = [(AIR, [hidden, CO2]), (replace(AIR, code="secret", public=False), [CO2]), (meter, [CO2])]
    named = replace(SHEET, streams=(StreamName("meter", "co2"), StreamName("secret", "co2"), SHEET.streams[0]))
    for sheet in (named, replace(SHEET, streams=())):
        assert shown_streams(sheet, registered) == [(AIR, CO2)]


def test_the_easy_logo_is_shown_only_after_a_review_by_those_it_is_for() -> None:
    assert not SHEET.easy_logo
    assert replace(SHEET, easy_reviewed_by="ESAT Les Ateliers", easy_reviewed_on=date(2026, 10, 1)).easy_logo


def point(**more: object) -> Point:
    return replace(
        Point(
            id=AIR.id,
            authority_id=AIR.authority_id,
            plate=plate_from(1),
            slug="air",
            state=PointState.PUBLISHED,
            sheet=SHEET,
            shown=SHEET,
            target="",
            author_id=WRITER,
            reviewer_id=READER,
            created_at=NOON,
            changed_at=NOON,
            published_at=NOON,
            away_since=None,
            version=3,
        ),
        **more,
    )


def test_a_published_sheet_whose_end_has_passed_is_to_be_reviewed() -> None:
    ends_on = date(2029, 8, 31)
    assert [point().to_review(day) for day in (ends_on, date(2029, 9, 1))] == [False, True]
    assert not point(shown=None).to_review(date(2030, 1, 1))
    assert not point(state=PointState.ARCHIVED).to_review(date(2030, 1, 1))


def test_an_author_is_told_what_is_hard_to_read_and_where() -> None:
    assert advice_on(SHEET) == []
    hard = Words(fr="mot " * 26 + ".", easy="Le CO2 monte (trop). " + "mot " * 13)
    told = advice_on(replace(SHEET, benefit=hard, does_not=(Words(fr="Bien.", easy="OK SIG"),)))
    assert [(one.field, one.language) for one in told] == [
        ("benefit", "fr"),
        *[("benefit", "easy")] * 3,
        *[("doesNot.0", "easy")] * 2,
    ]
    assert "26 words" in told[0].words


def test_what_is_not_translated_is_read_in_french_and_told_so() -> None:
    title = Words(fr="L’air", en="The air")
    assert title.said(Language.ENGLISH) == ("The air", Language.ENGLISH)
    assert title.said(Language.OCCITAN) == ("L’air", Language.FRENCH)


@given(st.integers(0, PLATES - 1), st.integers(0, 6), st.integers(1, 9))
def test_a_number_with_a_wrong_digit_or_two_swapped_is_no_plate(drawn: int, place: int, by: int) -> None:
    plate = plate_from(drawn)
    assert is_plate(plate)
    wrong = plate[:place] + str((int(plate[place]) + by) % 10) + plate[place + 1 :]
    assert not is_plate(wrong)
    if place < 6 and plate[place] != plate[place + 1]:
        assert not is_plate(plate[:place] + plate[place + 1] + plate[place] + plate[place + 2 :])


def test_plates_have_seven_digits_and_none_begins_with_a_zero() -> None:
    assert {len(plate_from(drawn)) for drawn in (0, PLATES - 1)} == {7}
    assert plate_from(0).startswith("1")
    assert not is_plate("٤829176")


ONE, TWO = Stop(plate_from(1)), Stop(plate_from(2))
WALK = Walk(title=Words(fr="L’eau"), stops=(ONE, TWO), distance_m=900, minutes=30)


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": Words(en="Water")},
        {"stops": (ONE,)},
        {"stops": (ONE, ONE)},
        {"stops": (ONE, Stop("1"))},
        {"distance_m": 0},
        {"minutes": 1_441},
        {"steps": -1},
        {"steepest_percent": 101.0},
        {"steps": 3, "wheelchair": True},
        {"stops": (ONE, Stop(TWO.plate, Words(fr="x", en="\x00")))},
    ],
)
def test_a_walk_that_nobody_can_take_is_refused(wrong: dict[str, object]) -> None:
    check_walk("eau", WALK)
    with pytest.raises(BadItinerary):
        check_walk("eau", replace(WALK, **wrong))
