"""What a phone says to be bound: it has this key, and means that pass."""

from base64 import urlsafe_b64encode

import pytest

from nfc import cbor, cose, keys, phone_binding
from nfc.errors import CodeError
from nfc.keys import dump_point
from tests.known_answers import flipped

KEY = keys.signing_key(20_261_123)
OTHER = keys.signing_key(20_261_124)
NUMBER = "2336175969"
NOW = 1_800_000_000


def said(payload: object, *, kid: bytes | None = None, aad: bytes = b"MPS-BIND1") -> str:
    """Whatever payload, under this phone's signature."""
    return urlsafe_b64encode(cose.sign1(KEY.private, cbor.dump(payload), kid=kid, external_aad=aad)).decode()


def kind_of(text: str, *, number: str = NUMBER, now: int = NOW) -> str:
    with pytest.raises(CodeError) as refused:
        phone_binding.read(text, number=number, now=now)
    return refused.value.kind


def test_a_phone_proves_its_own_key() -> None:
    assert phone_binding.read(phone_binding.prove(KEY.private, NUMBER, NOW), number=NUMBER, now=NOW) == dump_point(
        KEY.public
    )


def test_nobody_binds_a_key_that_they_do_not_have() -> None:
    assert kind_of(said([NOW, NUMBER, dump_point(OTHER.public)])) == "bad_signature"


def test_a_proof_for_one_pass_is_none_for_another() -> None:
    assert kind_of(phone_binding.prove(KEY.private, NUMBER, NOW), number="1234567897") == "bad_signature"


def test_what_a_phone_signs_at_a_gate_is_no_proof() -> None:
    assert kind_of(said([NOW, NUMBER, dump_point(KEY.public)], aad=b"MPS-QR1")) == "bad_signature"


@pytest.mark.parametrize(
    "payload",
    [
        [],
        [NOW, NUMBER],
        [NOW, NUMBER, bytes(64)],
        [NOW, NUMBER, dump_point(KEY.public)[:-1]],
        [True, NUMBER, dump_point(KEY.public)],
        [NOW, int(NUMBER), dump_point(KEY.public)],
        {1: NOW},
    ],
)
def test_another_shape_is_unreadable(payload: object) -> None:
    assert kind_of(said(payload)) == "unreadable"


def test_a_name_of_a_key_in_the_header_is_unreadable() -> None:
    assert kind_of(said([NOW, NUMBER, dump_point(KEY.public)], kid=KEY.kid)) == "unreadable"


@pytest.mark.parametrize("text", ["", "é", "AAAA", "A", "A" * 300])
def test_garbage_is_refused(text: str) -> None:
    assert kind_of(text) in {"unreadable", "too_long"}


def test_every_flipped_bit_is_refused() -> None:
    raw = phone_binding._bytes(phone_binding.prove(KEY.private, NUMBER, NOW))
    for changed in flipped(raw):
        kind_of(urlsafe_b64encode(changed).decode())
