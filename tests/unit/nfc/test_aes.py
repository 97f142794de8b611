"""AES-128 for cards: CMAC as RFC 4493 says, padding that is undone exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfc import aes
from tests.known_answers import entries

KEY = bytes(range(16))


@pytest.mark.parametrize("vector", entries("aes_cmac.json"), ids=lambda vector: str(vector["id"]))
def test_the_examples_of_rfc_4493(vector: dict[str, str]) -> None:
    mac = aes.cmac(bytes.fromhex(vector["key"]), bytes.fromhex(vector["message"]))
    assert mac.hex() == vector["mac"]


def test_a_short_mac_is_every_second_byte() -> None:
    whole = aes.cmac(KEY, b"text")
    assert aes.short_mac(KEY, b"text") == bytes(whole[place] for place in range(1, 16, 2))


@given(st.binary(max_size=64))
def test_padding_fills_whole_blocks_and_is_undone(data: bytes) -> None:
    padded = aes.pad(data)
    assert len(padded) % 16 == 0
    assert 0 < len(padded) - len(data) <= 16
    assert aes.unpad(padded) == data


@pytest.mark.parametrize("data", [b"", bytes(16), b"\x81" * 16, b"\x80" + bytes(16), b"\x01" + bytes(15)])
def test_what_was_never_padded_is_not_unpadded(data: bytes) -> None:
    assert aes.unpad(data) is None


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=16, max_size=16))
def test_decrypting_undoes_encrypting(data: bytes, iv: bytes) -> None:
    assert aes.decrypt(KEY, aes.encrypt(KEY, data, iv), iv) == data


@pytest.mark.parametrize("length", [0, 15, 17, 24, 32])
def test_a_key_of_another_length_is_the_callers_mistake(length: int) -> None:
    for call in (aes.cmac, aes.encrypt, aes.decrypt, aes.short_mac):
        with pytest.raises(ValueError, match="key"):
            call(bytes(length), bytes(16))
