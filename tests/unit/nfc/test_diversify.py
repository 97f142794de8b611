"""Card keys: AN10922 to the byte, and no two of them alike."""

from itertools import product
from typing import Any

import pytest

from nfc import aes, diversify
from nfc.diversify import Slot, card_key
from tests.known_answers import entries

MASTER = bytes.fromhex("00112233445566778899aabbccddeeff")
UID = bytes.fromhex("04782e21801d80")
CITY = b"CLMT"


@pytest.mark.parametrize(
    "vector", entries("key_diversification.json", scheme="AN10922"), ids=lambda vector: vector["id"]
)
def test_the_example_of_an10922(vector: dict[str, Any]) -> None:
    derived = diversify.derived(bytes.fromhex(vector["master"]), bytes.fromhex(vector["m"]))
    assert derived.hex() == vector["derived"]


def test_the_input_is_the_designs_20_bytes() -> None:
    whole = b"\x01" + UID + bytes.fromhex("f04d50") + b"MPS" + bytes([2, 7]) + CITY
    assert len(whole) == 20
    assert card_key(MASTER, uid=UID, slot=Slot.SERVER, version=7, city=CITY) == aes.cmac(MASTER, whole)


def test_each_part_makes_another_key() -> None:
    keys = {
        card_key(master, uid=uid, slot=slot, version=version, city=city)
        for master, uid, slot, version, city in product(
            (MASTER, bytes(16)), (UID, UID[::-1]), Slot, (1, 2, 255), (CITY, b"ROCH")
        )
    }
    assert len(keys) == 2 * 2 * 5 * 3 * 2


@pytest.mark.parametrize(
    "wrong",
    [{"uid": UID[:4]}, {"uid": UID + b"\x00"}, {"city": b"CLM"}, {"version": 0}, {"version": 256}],
)
def test_refuses_another_length_or_range(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="UID of"):
        card_key(MASTER, **{"uid": UID, "slot": Slot.SERVER, "version": 1, "city": CITY, **wrong})


@pytest.mark.parametrize("length", [0, 15, 32])
def test_refuses_an_input_for_which_an10922_is_not_cmac(length: int) -> None:
    with pytest.raises(ValueError, match="input of"):
        diversify.derived(MASTER, bytes(length))
