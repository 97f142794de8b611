"""What is no code of a phone: each other shape, length and type is one error, whatever is signed."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nfc import base45, qr
from nfc.errors import CodeError
from nfc.qr import CodeReader
from tests.unit.nfc.demo_phones import AUTHORITY, EXPIRY, MEDIUM, NOW, PHONE, TRUST, certified, presented, refusal


def test_every_flipped_bit_is_refused() -> None:
    data = base45.decode(PHONE.code(NOW)[4:])
    reader = CodeReader(TRUST)
    for place in range(len(data)):
        flipped = bytearray(data)
        flipped[place] ^= 1 << place % 8
        with pytest.raises(CodeError) as refused:
            reader.read("MP1:" + base45.encode(bytes(flipped)), NOW)
        assert refused.value.kind in {"unreadable", "unknown_key", "bad_signature", "too_long"}


def test_every_truncation_and_extension_is_refused() -> None:
    text = PHONE.code(NOW)
    for length in range(4, len(text)):
        assert refusal(text[:length], TRUST).kind == "unreadable"
    for more in ("0", "00", "000", " ", "\n", "MP1:"):
        assert refusal(text + more, TRUST).kind == "unreadable"
    assert refusal(text + text, TRUST).kind == "too_long"
    assert refusal("MP1:" + "0" * 396, TRUST).kind == "unreadable"


CREDENTIAL = PHONE.credential


@pytest.mark.parametrize(
    "payload",
    [
        [NOW],
        [NOW, CREDENTIAL, 7],
        [CREDENTIAL, NOW],
        [True, CREDENTIAL],
        [float(NOW), CREDENTIAL],
        [0, CREDENTIAL],
        [-1, CREDENTIAL],
        [2**32, CREDENTIAL],
        [NOW, "text"],
        {0: NOW, 1: CREDENTIAL},
        NOW,
        b"",
        b"\x82\x00",
    ],
)
def test_a_presentation_of_another_shape_is_refused(payload: object) -> None:
    assert refusal(presented(PHONE, payload), TRUST).kind == "unreadable"


def test_a_presentation_names_no_key() -> None:
    assert refusal(presented(PHONE, [NOW, CREDENTIAL], kid=AUTHORITY.kid), TRUST).kind == "unreadable"


def test_a_credential_longer_than_any_of_ours_is_refused_unread() -> None:
    assert refusal(presented(PHONE, [NOW, bytes(159)]), TRUST).kind == "too_long"


X = PHONE.public_key[:32]
SIGN = bool(PHONE.public_key[63] & 1)
KEY: dict[Any, Any] = {1: 2, -1: 1, -2: X, -3: SIGN}
CLAIMS: dict[Any, Any] = {4: EXPIRY, 7: MEDIUM, 8: {1: KEY}, -70001: [0, 9]}


@pytest.mark.parametrize(
    "claims",
    [
        {4: EXPIRY, 7: MEDIUM, -70001: [0, 9]},
        {**CLAIMS, 1: "issuer"},
        {**CLAIMS, 8: KEY},
        {**CLAIMS, 8: {}},
        {**CLAIMS, 8: {1: KEY, 2: b""}},
        {**CLAIMS, 8: {3: b"kid"}},
        {**CLAIMS, 8: {1: {**KEY, 2: b"kid"}}},
        {**CLAIMS, 8: {1: {**KEY, 1: 1}}},
        {**CLAIMS, 8: {1: {**KEY, -1: 2}}},
        {**CLAIMS, 8: {1: {**KEY, -1: True}}},
        {**CLAIMS, 8: {1: {**KEY, -2: X[1:]}}},
        {**CLAIMS, 8: {1: {**KEY, -2: X + b"\x00"}}},
        {**CLAIMS, 8: {1: {**KEY, -2: bytes(31) + b"\x01"}}},
        {**CLAIMS, 8: {1: {**KEY, -3: PHONE.public_key[32:]}}},
        {**CLAIMS, 8: {1: {**KEY, -3: 1}}},
        {**CLAIMS, 8: {True: KEY}},
        {**CLAIMS, 7: MEDIUM + b"\x09"},
        {**CLAIMS, -70001: [0, 2**20]},
        [EXPIRY, MEDIUM],
    ],
)
def test_a_signed_credential_of_another_shape_is_refused(claims: object) -> None:
    assert refusal(certified(claims), TRUST).kind in {"unreadable", "too_long"}


def test_the_shape_above_is_the_only_one() -> None:
    assert qr.read(certified(CLAIMS), TRUST, NOW).medium_id == MEDIUM


@pytest.mark.parametrize("aad", [b"", b"MPS-STAT1", b"MPS-CARD1", b"MPS-QR1"])
def test_a_credential_signed_as_another_type_is_refused(aad: bytes) -> None:
    assert refusal(certified(CLAIMS, aad), TRUST).kind == "bad_signature"


@given(st.text(base45.ALPHABET, max_size=396) | st.binary(max_size=264).map(base45.encode))
def test_any_text_gives_a_code_error(text: str) -> None:
    with pytest.raises(CodeError):
        qr.read("MP1:" + text, TRUST, NOW)


VALUES = st.recursive(
    st.integers() | st.binary(max_size=33) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.integers(-4, 9), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=200)
@given(VALUES | st.binary(max_size=200))
def test_whatever_a_phone_signs_gives_a_code_or_a_code_error(payload: object) -> None:
    with suppress(CodeError):
        qr.read(presented(PHONE, payload), TRUST, NOW)


@settings(max_examples=200)
@given(VALUES)
def test_whatever_key_an_issuer_names_gives_a_code_or_a_code_error(confirmation: object) -> None:
    with suppress(CodeError):
        qr.read(certified({**CLAIMS, 8: confirmation}), TRUST, NOW)
