"""Kinds of waste. Sources: domain study 2.1 (rubble 1 m³, paints 50 L, oil 20 L a day, 5 tyres a week)."""

import pytest

from domain.errors.places import UnknownKind
from domain.limits import Measure
from domain.text import Text
from domain.waste import BY_CODE, KINDS, check_kind, counted_in


@pytest.mark.parametrize(
    ("code", "unit"),
    [
        ("rubble", Measure.M3),
        ("plaster", Measure.M3),
        ("paint", Measure.LITRE),
        ("oil", Measure.LITRE),
        ("tyre", Measure.PIECE),
        ("weee", Measure.PIECE),
    ],
)
def test_a_kind_is_measured_as_at_the_quay(code: str, unit: Measure) -> None:
    assert BY_CODE[code].unit is unit


def test_each_kind_has_a_code_and_two_names_of_its_own() -> None:
    for told in ([kind.code for kind in KINDS], [kind.name.fr for kind in KINDS], [kind.name.en for kind in KINDS]):
        assert all(told)
        assert len(set(told)) == len(told) == 13


def test_a_code_is_one_plain_word() -> None:
    assert all(kind.code.isalpha() and kind.code.islower() for kind in KINDS)


def test_a_limit_of_one_kind_says_which() -> None:
    """Seven limits of 12 m³ a week on one card read the same, until each says what it counts."""
    unit = Text(fr="m³", en="m³")
    assert counted_in(unit, None) == unit
    assert counted_in(unit, "rubble") == Text(fr="m³ (gravats)", en="m³ (rubble)")


@pytest.mark.parametrize("code", ["", "gold", "Rubble", "gravats"])
def test_an_unknown_kind_is_refused_with_those_that_there_are(code: str) -> None:
    with pytest.raises(UnknownKind) as refused:
        check_kind(code, of="Site s")
    assert refused.value.detail.startswith(f"Site s names the waste kind {code!r}; there are asbestos, bulky,")
