"""The online handle: sixteen random bytes, read strictly, kept as a hash."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfc import base45, keys, online_handle, qr
from nfc.errors import CodeError


def test_the_designed_handle_and_its_hash(design: dict[str, Any]) -> None:
    example = next(entry for entry in design["payloads"] if entry["id"] == "online_handle")
    handle = online_handle.parse(example["text"])
    assert handle.hex() == example["handle"]
    assert online_handle.stored_hash(handle).hex() == example["stored_sha256"]


def test_a_handle_is_sixteen_bytes_in_twenty_eight_characters_and_never_twice_the_same() -> None:
    made = {online_handle.make() for _ in range(200)}
    assert len(made) == 200
    assert {len(text) for text in made} == {28}
    assert {len(online_handle.parse(text)) for text in made} == {16}


@given(st.binary(min_size=16, max_size=16))
def test_any_sixteen_bytes_are_read_back(handle: bytes) -> None:
    assert online_handle.parse("MP3:" + base45.encode(handle)) == handle


@pytest.mark.parametrize("size", [0, 1, 15, 17, 32])
def test_any_other_length_is_refused(size: int) -> None:
    with pytest.raises(CodeError) as refused:
        online_handle.parse("MP3:" + base45.encode(bytes(size)))
    assert refused.value.kind == "unreadable"


@given(st.text() | st.text(base45.ALPHABET, min_size=24, max_size=24).map("MP3:".__add__))
def test_any_text_gives_sixteen_bytes_or_a_code_error(text: str) -> None:
    with suppress(CodeError):
        assert len(online_handle.parse(text)) == 16


def test_a_handle_proves_nothing_to_a_reader_of_signatures() -> None:
    with pytest.raises(CodeError) as refused:
        qr.read(online_handle.make(), keys.key_set([]), 1_800_000_000)
    assert refused.value.kind == "unknown_type"
