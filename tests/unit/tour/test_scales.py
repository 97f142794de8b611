"""The scales in force: the program's own, and what two people of a city have put over them."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from msgspec import structs

from domain.band_editions import Bands, Edition, EditionState, Limit
from domain.errors.bands import BadBands
from domain.places import Authority
from domain.text import Text
from tour.catalogue import CATALOGUE, model, quantity
from tour.scales import FILES, bands_of, check_bands, laid_over, scales_from

CO2 = CATALOGUE.scales["co2-room"]
CITY = Authority(
    UUID(int=1), "ville", Text(fr="Ville", en="City"), "Europe/Paris", "#0b6e4f", datetime(2026, 1, 1, tzinfo=UTC)
)
NIGHT = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
TODAY = max(one.checked for one in CATALOGUE.scales.values() if one.checked)


def stricter() -> Bands:
    """The bands of a classroom with 700 ppm where the program has 800, and another word for it."""
    bands = bands_of(CO2)
    second = structs.replace(bands.texts[1], label=structs.replace(bands.texts[1].label, fr="frais : oui"))
    return structs.replace(
        bands,
        edges=(bands.edges[0], Limit(700.0, included=False), *bands.edges[2:]),
        texts=(bands.texts[0], second, *bands.texts[2:]),
        source="Délibération du conseil municipal",
        source_date=date(2026, 10, 1),
        checked=date(2026, 11, 20),
    )


def edition(state: EditionState, bands: Bands | None) -> Edition:
    return Edition(
        id=UUID(int=7),
        authority_id=CITY.id,
        scale="co2-room",
        number=1,
        bands=bands,
        reason="",
        state=state,
        proposed_by=UUID(int=8),
        proposed_at=NIGHT,
        decided_by=UUID(int=9),
        decided_at=NIGHT,
    )


def test_an_edition_in_force_moves_an_edge_and_keeps_what_a_band_is() -> None:
    scale = scales_from([edition(EditionState.IN_FORCE, stricter())], CITY).of(
        quantity("co2"), model("milesight-am307")
    )
    assert scale is not None
    band, before = scale.band(750), CO2.band(650)
    assert band is not None
    assert before is not None
    assert (before.code, band.code) == (CO2.bands[1].code, CO2.bands[2].code)
    assert [one.tone for one in scale.bands] == [one.tone for one in CO2.bands]
    assert scale.bands[1].label.fr == "frais\u00a0: oui"
    assert scale.version == date(2026, 11, 23)  # the day of the city, an hour ahead


@pytest.mark.parametrize("state", [one for one in EditionState if one is not EditionState.IN_FORCE])
def test_what_is_not_in_force_says_nothing(state: EditionState) -> None:
    assert scales_from([edition(state, stricter())], CITY) == FILES


def test_going_back_to_the_program_and_an_edition_that_it_has_outgrown_leave_its_own_scale() -> None:
    shorter = structs.replace(stricter(), texts=stricter().texts[:-1])
    assert scales_from([edition(EditionState.IN_FORCE, None)], CITY) == FILES
    assert scales_from([edition(EditionState.IN_FORCE, shorter)], CITY) == FILES
    assert FILES.called("co2-room") is CO2
    assert FILES.called("none") is None


@pytest.mark.parametrize("code", CATALOGUE.scales)
def test_every_scale_of_the_program_can_be_an_edition_and_says_the_same(code: str) -> None:
    scale = CATALOGUE.scales[code]
    bands = bands_of(scale)
    check_bands(scale, bands, TODAY)
    assert structs.replace(laid_over(scale, bands), checked=scale.checked) == scale


def test_edges_that_fall_a_missing_text_and_an_opening_that_nothing_fills_are_refused_together() -> None:
    bands = stricter()
    first = structs.replace(
        bands.texts[0],
        label=structs.replace(bands.texts[0].label, en=" "),
        action=structs.replace(bands.texts[0].action, fr="{ici}"),
    )
    wrong = structs.replace(bands, edges=bands.edges[::-1], texts=(first, *bands.texts[1:]))
    with pytest.raises(BadBands) as refused:
        check_bands(CO2, wrong, TODAY)
    told = str(refused.value)
    assert "edges that do not rise" in told
    assert "says nothing in en" in told
    assert "leaves ici open" in told
    with pytest.raises(BadBands, match="other bands"):
        check_bands(CO2, structs.replace(bands, edges=()), TODAY)
