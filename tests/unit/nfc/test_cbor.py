"""CBOR from strangers: one item, bounded, no tags."""

from contextlib import suppress

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfc import cbor
from nfc.errors import CodeError

ITEMS = st.recursive(
    st.integers(-(2**64), 2**64 - 1) | st.binary() | st.text() | st.booleans() | st.none() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.integers(-9, 9) | st.text(), inner, max_size=5),
)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("", "nothing"),
        ("0000", "a byte after the item"),
        ("8301", "cut short"),
        ("8181818180", "five containers deep"),
        ("a101a101a101a101a0", "five maps deep"),
        ("9f01ff", "indefinite length"),
        ("5f4101ff", "indefinite string"),
        ("a201010102", "a label twice"),
        ("c11a00000000", "tag: date"),
        ("c24101", "tag: big number"),
        ("d8236161", "tag: regular expression"),
        ("d81c81d81d00", "tag: a list that holds itself"),
        ("d9d9f700", "tag: CBOR itself"),
        ("d28443a10126a0404100", "tag: COSE_Sign1"),
        ("d9ffff00", "tag: not assigned"),
        ("9bffffffffffffffff", "a list longer than the world"),
        ("5bffffffffffffffff", "a string longer than the world"),
        ("61ff", "text that is not UTF-8"),
        ("ff", "a lone break"),
        ("1c", "a reserved length"),
    ],
)
def test_refuses(data: str, why: str) -> None:
    with pytest.raises(CodeError) as refusal:
        cbor.load(bytes.fromhex(data))
    assert refusal.value.kind == "unreadable", why


def test_reads_four_containers_deep() -> None:
    assert cbor.load(bytes.fromhex("81818180")) == [[[[]]]]


def test_reads_what_is_not_canonical() -> None:
    assert cbor.load(bytes.fromhex("a2190004180119000118ff")) == {4: 1, 1: 255}


def test_writes_deterministically() -> None:
    assert cbor.dump({4: b"k", 1: -9}) == bytes.fromhex("a2012804416b")


@given(st.binary(max_size=400) | ITEMS.map(cbor2.dumps))
def test_any_bytes_give_a_value_or_a_code_error(data: bytes) -> None:
    with suppress(CodeError):
        cbor.load(data)
