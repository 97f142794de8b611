"""Base45 is RFC 9285, and nothing more lenient."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfc import base45
from nfc.errors import CodeError


def test_the_examples_of_rfc_9285(base45_vectors: list[dict[str, Any]]) -> None:
    assert len(base45_vectors) == 4
    for vector in base45_vectors:
        assert base45.encode(vector["text"].encode()) == vector["encoded"]
        assert base45.decode(vector["encoded"]) == vector["text"].encode()


def test_nothing_is_nothing() -> None:
    assert base45.encode(b"") == ""
    assert base45.decode("") == b""


@given(st.binary(max_size=300))
def test_decode_undoes_encode(data: bytes) -> None:
    assert base45.decode(base45.encode(data)) == data


@given(st.text(base45.ALPHABET, max_size=60) | st.text(max_size=60))
def test_only_one_text_decodes_to_given_bytes(text: str) -> None:
    with suppress(CodeError):
        assert base45.encode(base45.decode(text)) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("GGX", "65536"),
        (":::", "91124, the largest group"),
        ("V5", "256 in a last pair"),
        ("::", "the largest pair"),
        ("A", "one character"),
        ("BB8A", "one character left over"),
        ("bb8", "lower case"),
        ("BB8\n", "line end"),
        ("BÉ8", "not ASCII"),
        ("BB\u0660", "a digit of another script"),
        ("BB\x00", "a control character"),
        ("BB;", "next to the alphabet"),
    ],
)
def test_refuses(text: str, why: str) -> None:
    with pytest.raises(CodeError) as refusal:
        base45.decode(text)
    assert refusal.value.kind == "unreadable", why


def test_accepts_the_largest_groups() -> None:
    assert base45.decode("FGW") == b"\xff\xff"
    assert base45.decode("U5") == b"\xff"
