"""Codes of a telephone: those of the norm, each once, and around now alone."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.second_factors import address_for, code_at, secret_to_type, step_of

SECRET = b"12345678901234567890"  # of RFC 6238, appendix B
NOW = datetime(2026, 11, 18, 13, 5, 10, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    """The last six of the eight digits that appendix B lists for SHA-1."""
    assert code_at(SECRET, seconds // 30) == code
    assert step_of(SECRET, code, datetime.fromtimestamp(seconds, UTC), after=0) == seconds // 30


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(steps: int, taken: bool) -> None:  # noqa: FBT001 - a column of the table
    found = step_of(SECRET, code_at(SECRET, STEP + steps), NOW, after=0)
    assert found == (STEP + steps if taken else None)


def test_what_was_taken_once_and_what_came_before_it_is_taken_no_more() -> None:
    codes = [code_at(SECRET, STEP + steps) for steps in (-1, 0, 1)]
    assert [step_of(SECRET, code, NOW, after=STEP) for code in codes] == [None, None, STEP + 1]
    assert step_of(SECRET, codes[1], NOW + timedelta(seconds=60), after=0) is None


@pytest.mark.parametrize(
    "typed", ["", "28708", "abcdef", "\uff12\uff18\uff17\uff10\uff18\uff12", "2870820", "-87082", "\x00"]
)
def test_whatever_is_typed_is_no_code(typed: str) -> None:
    assert step_of(SECRET, typed, datetime.fromtimestamp(59, UTC), after=0) is None


def test_digits_are_typed_as_they_are_shown() -> None:
    assert step_of(SECRET, " 287 082 ", datetime.fromtimestamp(59, UTC), after=0) == 1


def test_an_address_for_the_telephone_says_whose_account_it_is() -> None:
    address = address_for(SECRET, login="inès:a", issuer="Val & Clair")
    assert address == (
        "otpauth://totp/Val%20%26%20Clair:in%C3%A8s%3Aa"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Val%20%26%20Clair"
    )
    assert secret_to_type(SECRET) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
