"""Names of households that fiscal numbers lead to, and that lead nowhere. Source: domain study 2.1 (SMITOM Lombric)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors.people import BadFiscalNumber
from domain.fiscal_numbers import household_reference

KEY = bytes(range(32))


def number_from(first_ten: int) -> str:
    """The example that everybody prints is 30 23 217 600 053: 3023217600 leaves 53 when divided by 511."""
    return f"{first_ten:010d}{first_ten % 511:03d}"


NUMBERS = st.integers(0, 3_999_999_999).map(number_from)


def test_the_example_checks() -> None:
    assert number_from(3_023_217_600) == "3023217600053"
    assert re.fullmatch(r"N-[A-Z2-7]{16}", household_reference(KEY, "30 23 217 600 053"))


@given(NUMBERS, NUMBERS)
def test_two_numbers_have_two_references_and_one_number_has_one(one: str, other: str) -> None:
    assert (household_reference(KEY, one) == household_reference(KEY, other)) is (one == other)
    assert household_reference(KEY, one) == household_reference(KEY, f" {one[:2]} {one[2:]}\n")


@given(NUMBERS)
def test_another_key_gives_another_reference_and_none_shows_a_digit_run_of_the_number(number: str) -> None:
    """Who has the register and not the key cannot try numbers out."""
    name = household_reference(KEY, number)
    assert name != household_reference(KEY[::-1], number)
    assert number not in name


@given(NUMBERS, st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(number: str, place: int, shift: int) -> None:
    wrong = f"{number[:place]}{(int(number[place]) + shift) % 10}{number[place + 1 :]}"
    with pytest.raises(BadFiscalNumber):
        household_reference(KEY, wrong)


@pytest.mark.parametrize(
    "text", ["", "302321760005", "30232176000531", "302321760005x", "٣٠٢٣٢١٧٦٠٠٠٥٣", "4000000000000"]
)
def test_anything_but_thirteen_plain_digits_is_refused(text: str) -> None:
    with pytest.raises(BadFiscalNumber):
        household_reference(KEY, text)
