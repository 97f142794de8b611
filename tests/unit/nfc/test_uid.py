"""Legacy UIDs: told apart, never stored, and not taken for what they are not."""

import hmac
from contextlib import suppress
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfc import uid
from nfc.errors import CodeError

KEY = bytes(range(32))
UIDS = st.sampled_from((4, 7, 10)).flatmap(lambda size: st.binary(min_size=size, max_size=size))


@pytest.mark.parametrize("text", ["0412ABCD", "04de5f1eacc040", "04DE5f1eacC040", "0102030405060708090a"])
def test_reads_the_three_sizes_in_either_case(text: str) -> None:
    assert uid.parse(text) == bytes.fromhex(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "unreadable"),
        ("0412AB", "unreadable"),
        ("0412ABCDE", "unreadable"),
        ("04:12:AB:CD", "unreadable"),
        ("0412ABCD\n", "unreadable"),
        (" 0412ABCD", "unreadable"),
        ("0412ABCG", "unreadable"),
        ("\u0660412ABCD", "unreadable"),
        ("04" * 5000, "unreadable"),
        ("08AABBCC", "unknown_type"),
        ("88AABBCC", "unknown_type"),
    ],
)
def test_refuses(text: str, kind: str) -> None:
    with pytest.raises(CodeError) as refusal:
        uid.parse(text)
    assert refusal.value.kind == kind


def test_a_longer_uid_may_begin_with_08() -> None:
    """There it names the maker, ISO/IEC 7816-6; only four bytes are drawn at random, ISO/IEC 14443-3."""
    assert uid.parse("08112233445566") == bytes.fromhex("08112233445566")


def test_the_digest_is_keyed_and_stable() -> None:
    card = bytes.fromhex("0412abcd")
    assert uid.digest(KEY, card) == hmac.new(KEY, b"MPS-LEGACY-UID" + card, sha256).digest()
    assert uid.digest(KEY, card) != uid.digest(KEY[::-1], card)


@given(UIDS, UIDS)
def test_two_cards_have_two_digests(one: bytes, other: bytes) -> None:
    with suppress(CodeError):
        assert (uid.digest(KEY, one) == uid.digest(KEY, other)) is (one == other)
        assert one not in uid.digest(KEY, one)


def test_a_random_uid_is_never_enrolled() -> None:
    with pytest.raises(CodeError):
        uid.digest(KEY, bytes.fromhex("08aabbcc"))


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_the_callers_mistake(length: int) -> None:
    with pytest.raises(ValueError, match="key of"):
        uid.digest(bytes(length), bytes(4))


@given(st.text() | st.text("0123456789abcdefABCDEF", max_size=24))
def test_any_text_gives_a_uid_or_a_code_error(text: str) -> None:
    with suppress(CodeError):
        assert uid.parse(text).hex() == text.lower()
