"""NXP signed this chip's UID, or did not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfc import originality
from nfc.errors import CodeError
from terminal.software_card import SoftwareCard
from tests.known_answers import entries, flipped

VECTORS = entries("nxp_originality.json")
GENUINE = entries("nxp_originality.json", valid=True)[0]
UID, SIGNATURE = bytes.fromhex(GENUINE["uid"]), bytes.fromhex(GENUINE["signature"])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: f"{vector['uid']}-{vector['signature'][-2:]}")
def test_the_published_chips(vector: dict[str, Any]) -> None:
    genuine = originality.is_genuine(bytes.fromhex(vector["uid"]), bytes.fromhex(vector["signature"]))
    assert genuine is vector["valid"]


def test_every_flipped_bit_is_refused() -> None:
    assert originality.is_genuine(UID, SIGNATURE)
    assert not any(originality.is_genuine(uid, SIGNATURE) for uid in flipped(UID))
    assert not any(originality.is_genuine(UID, signature) for signature in flipped(SIGNATURE))


@given(st.binary(max_size=60), st.binary(max_size=60) | st.binary(min_size=56, max_size=56))
def test_anything_else_is_not_genuine(uid: bytes, signature: bytes) -> None:
    assert not originality.is_genuine(uid, signature)


def test_a_uid_is_not_padded_into_another() -> None:
    assert not originality.is_genuine(b"\x00" + UID, SIGNATURE)


def test_the_signature_is_read_from_the_cards_answer() -> None:
    assert originality.READ_SIGNATURE.hex() == "903c0000010000"
    assert originality.read_signature(SIGNATURE + b"\x91\x90") == SIGNATURE
    for answer, kind in ((SIGNATURE + b"\x91\x00", "refused"), (SIGNATURE[1:] + b"\x91\x90", "unreadable")):
        with pytest.raises(CodeError) as refusal:
            originality.read_signature(answer)
        assert refusal.value.kind == kind


def test_a_card_is_checked_when_it_is_enrolled() -> None:
    for signature, genuine in ((SIGNATURE, True), (bytes(56), False)):
        card = SoftwareCard(UID, {}, "https://pass.example.org/t/1", originality_signature=signature)
        said = originality.read_signature(card.transmit(originality.READ_SIGNATURE))
        assert originality.is_genuine(UID, said) is genuine
