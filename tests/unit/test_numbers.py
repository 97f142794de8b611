"""Numbers as people write them, in two languages."""

import pytest

from web.numbers import number, rounded


@pytest.mark.parametrize(
    ("value", "decimals", "french", "english"),
    [
        (640, 0, "640", "640"),
        (1500, 0, "1\u202f500", "1,500"),
        (1234567.25, 1, "1\u202f234\u202f567,3", "1,234,567.3"),
        (23.1, 1, "23,1", "23.1"),
        (23, 1, "23,0", "23.0"),
        (-2.35, 1, "−2,4", "−2.4"),
        (-0.04, 1, "0,0", "0.0"),
        (0, 0, "0", "0"),
    ],
)
def test_a_number(value: float, decimals: int, french: str, english: str) -> None:
    assert (number(value, decimals, "fr"), number(value, decimals, "en")) == (french, english)


@pytest.mark.parametrize(
    ("value", "decimals", "told"), [(2.5, 0, 3), (0.285, 2, 0.29), (-2.5, 0, -3), (799.5, 0, 800), (1e-9, 2, 0)]
)
def test_a_half_is_rounded_away_from_nothing(value: float, decimals: int, told: float) -> None:
    assert rounded(value, decimals) == told


def test_nothing_has_no_sign() -> None:
    assert str(rounded(-0.001, 1)) == "0.0"
