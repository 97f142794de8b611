"""What the tour leaves out, and whatever comes: no value slips through that should be hidden."""

from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.devices import Summary
from tests.unit.tour.explained import EXPLAINED, NOW, PARIS, STATES, USUAL, band, plain, told
from tour.catalogue import CATALOGUE, scale
from tour.explain import SHOWN, WITH_BAND, Explanation, Known, Usual, explain
from tour.terms import Basis, Quantity, Scale, Span, Words
from web.numbers import rounded

# --- what is hidden ------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [0, 1, 4])
def test_fewer_than_five_people_are_not_counted_out_loud(value: float) -> None:
    explanation = told("person_flow", value, span=Span.HOUR)
    assert explanation.number is None
    assert plain(explanation.value)[:2] == ("moins de 5 personnes par heure", "fewer than 5 people an hour")


def test_five_people_are_counted() -> None:
    assert told("person_flow", 5, span=Span.HOUR).number == 5
    assert plain(told("people_inside", 5).value)[0] == "5 personnes"


def test_a_quarter_of_an_hour_hides_as_few_passages_as_an_hour() -> None:
    """Four passages in a quarter of an hour are a flow of 16 an hour."""
    assert plain(told("bicycle_flow", 16, span=Span.QUARTER).value)[0] == "moins de 20 vélos par heure"
    assert told("bicycle_flow", 20, span=Span.QUARTER).number == 20


def test_free_places_are_no_people() -> None:
    assert told("free_places", 3).number == 3


@pytest.mark.parametrize("level", [3, 4])
def test_one_home_or_one_person_is_never_shown(level: int) -> None:
    explanation = told("water_use_per_person", 329, protection_level=level, earlier=300, usual=USUAL, span=Span.DAY)
    said = str(explanation)
    assert "329" not in said
    assert "14 h" not in said
    assert explanation == told("water_use_per_person", 12, protection_level=level)
    assert "jamais montrée" in explanation.sentence.fr


def test_a_district_is_shown() -> None:
    assert band(told("water_use_per_person", 140, protection_level=1, span=Span.DAY)) == "near"


@pytest.mark.parametrize(
    ("more", "french"),
    [
        ({"quality": 4}, "CO2 : la dernière mesure n’est pas sûre, nous ne la montrons pas."),
        ({"quality": 3}, "CO2 : la dernière mesure n’est pas sûre, nous ne la montrons pas."),
        ({"quality": 15}, "CO2 : la dernière mesure n’est pas sûre, nous ne la montrons pas."),
        ({"value": None}, "CO2 : pas de mesure pour le moment."),
        ({"value": 50_000.0}, "CO2 : la dernière mesure n’est pas sûre, nous ne la montrons pas."),
        ({"value": float("nan")}, "CO2 : la dernière mesure n’est pas sûre, nous ne la montrons pas."),
        ({"freshness": "silent"}, "CO2 : le capteur est silencieux. Dernière mesure aujourd’hui à 14 h."),
        ({"freshness": "unheard-of"}, "CO2 : le capteur est silencieux. Dernière mesure aujourd’hui à 14 h."),
    ],
)
def test_what_is_hidden_says_why(more: dict[str, Any], french: str) -> None:
    explanation = told("co2", **{"value": 640.0, **more})
    assert (explanation.number, explanation.value) == (None, None)
    assert plain(explanation.sentence)[0] == french


def test_a_quantity_for_machines_has_no_words() -> None:
    with pytest.raises(ValueError, match="battery_voltage"):
        told("battery_voltage", 3.1)


def test_a_scale_of_another_quantity_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="glass is no scale of co2"):
        told("co2", 640, scale=scale("glass"))


# --- whatever comes ------------------------------------------------------------------------------------

FINITE = st.floats(min_value=-1e9, max_value=1e9)
ANY = st.one_of(st.none(), st.floats(), FINITE)


@st.composite
def usuals(draw: st.DrawFn) -> Usual:
    low, quarter, three, high = sorted(draw(st.tuples(FINITE, FINITE, FINITE, FINITE)))
    return Usual(p10=low, p25=quarter, p75=three, p90=high, weeks=draw(st.integers(0, 9)))


@dataclass(frozen=True)
class Chosen:
    quantity: Quantity
    scale: Scale | None


@cache
def choices() -> st.SearchStrategy[Chosen]:
    """Every quantity, with no scale and with each that is its own; those of places with edges."""
    found = [Chosen(each, None) for each in EXPLAINED]
    for each in EXPLAINED:
        for bands in CATALOGUE.scales.values():
            if bands.quantity == each.code or (bands.basis is Basis.USUAL and each.scale == bands.code):
                found.append(Chosen(each, bands))
                if bands.basis in {Basis.PLACE, Basis.PEOPLE}:
                    found.append(Chosen(each, bands.at((1.0, 2.0, 3.0))))
    return st.sampled_from(found)


@st.composite
def whatever(draw: st.DrawFn) -> Known:
    chosen = draw(choices())
    low, high = chosen.quantity.physical
    inside = st.floats(min_value=max(low, -1e6), max_value=min(high, 1e6))
    observed_at = NOW - timedelta(seconds=draw(st.integers(-300, 40_000_000)))
    return Known(
        quantity=chosen.quantity,
        scale=chosen.scale,
        value=draw(st.one_of(inside, inside, inside, ANY)),
        observed_at=observed_at.astimezone(draw(st.sampled_from([UTC, PARIS]))),
        now=NOW,
        freshness=draw(st.sampled_from([*STATES, "direct", "recent", ""])),
        quality=draw(st.one_of(st.sampled_from([1, 2]), st.sampled_from([0, 5, 8]), st.integers(-1, 16))),
        protection_level=draw(st.sampled_from([0, 0, 0, 1, 1, 2, 3, 4])),
        span=draw(st.sampled_from(list(Span))),
        usual=draw(st.one_of(st.none(), usuals())),
        earlier=draw(ANY),
        elsewhere=draw(st.sampled_from(["", "place du Marché", "{name}"])),
    )


def texts(explanation: Explanation) -> list[str]:
    parts = (getattr(explanation, name) for name in explanation.__struct_fields__)
    return [text for each in parts if isinstance(each, Words) for text in (each.fr, each.en, each.easy)]


@settings(max_examples=400, deadline=None)
@given(whatever())
def test_a_band_is_named_only_for_a_good_fresh_public_value_over_its_own_time(facts: Known) -> None:
    explanation = explain(facts)
    if explanation.band is None and explanation.caveat is None:
        return
    low, high = facts.quantity.physical
    assert facts.quality in SHOWN
    assert facts.freshness in WITH_BAND
    assert facts.protection_level < 3
    assert facts.value is not None
    assert low <= facts.value <= high
    assert facts.scale is not None
    assert facts.scale.checked is not None
    assert facts.scale.basis is not Basis.PEOPLE
    assert facts.scale.over is not Span.DAY or facts.span is Span.DAY or explanation.band is None
    assert facts.scale.over is not Span.HOUR or facts.span is Span.HOUR or explanation.band is None


@settings(max_examples=400, deadline=None)
@given(whatever())
def test_no_label_or_state_of_a_band_slips_into_a_sentence_without_its_band(facts: Known) -> None:
    explanation = explain(facts)
    if explanation.band is not None or facts.scale is None:
        return
    sentence, name = explanation.sentence, facts.quantity.name
    for band_ in facts.scale.bands:
        assert band_.state.fr.format(name=name.fr, when="…").partition("…")[0] not in sentence.fr
        assert band_.state.en.format(name=name.en, when="…").partition("…")[0] not in sentence.en
        assert band_.state.easy not in sentence.easy
        assert explanation.caveat is not None or f"« {band_.label.fr} »" not in plain(explanation.sentence)[0]


@settings(max_examples=400, deadline=None)
@given(whatever())
def test_a_hidden_value_leaves_no_trace(facts: Known) -> None:
    explanation = explain(facts)
    if explanation.value is not None:
        return
    assert explanation.number is None
    assert (explanation.band, explanation.caveat, explanation.usual) == (None, None, None)
    assert (explanation.arrow, explanation.trend, explanation.meaning) == (None, None, None)


@settings(max_examples=400, deadline=None)
@given(whatever())
def test_a_number_under_five_people_is_nowhere(facts: Known) -> None:
    explanation = explain(facts)
    if facts.quantity.people and explanation.value is not None and facts.value is not None and facts.value < 4.5:
        assert explanation.number is None
        assert explanation.value.en.startswith("fewer than")


@settings(max_examples=400, deadline=None)
@given(whatever())
def test_every_sentence_is_whole_in_three_languages(facts: Known) -> None:
    explanation = explain(facts)
    for text in texts(explanation):
        assert text.strip() == text != ""
        assert "  " not in text
        assert "{" not in text or facts.elsewhere == "{name}"
        assert "nan" not in text.split()
    for sentence in (explanation.sentence.fr, explanation.sentence.en, explanation.sentence.easy):
        assert sentence.endswith(".")
        assert len(sentence) <= 420
    if explanation.number is not None and facts.value is not None:
        assert explanation.number == rounded(facts.value, facts.quantity.decimals)


def test_only_means_are_held_against_a_longer_time() -> None:
    """Whoever adds a scale for a sum over a day learns here that shorter sums will have no word."""
    longer = {
        each.code
        for each in EXPLAINED
        if each.scale is not None and scale(each.scale).over is not Span.INSTANT and each.summary is Summary.SUM
    }
    assert longer == {"rain"}
