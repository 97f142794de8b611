"""The number of a pass that people read aloud, and that of a medium in a credential."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain import passes
from domain.passes import medium_bytes, medium_from_bytes

SERIALS = st.integers(0, 10**9 - 1)


def test_the_check_digit_is_that_of_the_norm() -> None:
    """ISO/IEC 7812-1 annex B; 7992739871 -> 3 is the example that everybody prints."""
    assert passes.check_digit("7992739871") == 3
    assert passes.number_from(123456789) == "1234567897"
    assert passes.number_from(0) == "0000000000"


@given(SERIALS)
def test_a_number_is_ten_digits_that_check(serial: int) -> None:
    number = passes.number_from(serial)
    assert passes.is_number(number)
    assert int(number[:9]) == serial


@given(SERIALS, st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(serial: int, place: int, shift: int) -> None:
    number = passes.number_from(serial)
    wrong = f"{number[:place]}{(int(number[place]) + shift) % 10}{number[place + 1 :]}"
    assert not passes.is_number(wrong)


@given(SERIALS, st.integers(0, 8))
def test_two_neighbours_swapped_are_seen_but_for_zero_and_nine(serial: int, place: int) -> None:
    number = passes.number_from(serial)
    pair = number[place : place + 2]
    assume(pair[0] != pair[1])
    swapped = f"{number[:place]}{pair[::-1]}{number[place + 2 :]}"
    assert passes.is_number(swapped) is (set(pair) == {"0", "9"})


@pytest.mark.parametrize(
    "text", ["", "123456789", "12345678970", "123456789x", "١٢٣٤٥٦٧٨٩٧", "1234 567897", "-234567897"]
)
def test_anything_but_ten_plain_digits_is_no_number(text: str) -> None:
    assert not passes.is_number(text)


@given(st.binary(min_size=8, max_size=8))
def test_the_eight_bytes_of_a_credential_are_the_mediums_id_and_back(raw: bytes) -> None:
    medium_id = medium_from_bytes(raw)
    assert -(2**63) <= medium_id < 2**63
    assert medium_bytes(medium_id) == raw
