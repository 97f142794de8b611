"""COSE_Sign1: what others made verifies; what is not exactly ours is refused."""

import zlib
from contextlib import suppress
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from nfc import base45, cbor, cose
from nfc.errors import CodeError
from nfc.keys import SigningKey

AAD = b"MPS-STAT1"
LIMIT = 600


def public_key(vector: dict[str, Any]) -> ec.EllipticCurvePublicKey:
    point = ec.EllipticCurvePublicNumbers(int(vector["x"], 16), int(vector["y"], 16), ec.SECP256R1())
    return point.public_key()


def assemble(
    protected: object, *, unprotected: object = None, payload: object = b"p", signature: object = None
) -> bytes:
    header = protected if isinstance(protected, bytes) else cbor2.dumps(protected)
    return cbor2.dumps([header, unprotected or {}, payload, bytes(64) if signature is None else signature])


def test_the_signed_cwt_of_rfc_8392(cose_vectors: list[dict[str, Any]]) -> None:
    vector = next(entry for entry in cose_vectors if entry["id"] == "rfc8392-a3-signed-cwt")
    signature = bytes.fromhex(vector["signature"])
    message = cose.Sign1(
        bytes.fromhex(vector["protected"]), bytes.fromhex(vector["payload"]), signature, cose.ES256, None
    )
    assert cose.verify1(message, public_key(vector), external_aad=b"")
    assert not cose.verify1(message, public_key(vector), external_aad=AAD)
    claims = cbor.load(message.payload)
    assert isinstance(claims, dict)
    assert claims[1] == vector["claims"]["iss"]
    assert claims[4] == vector["claims"]["exp"]


def test_a_key_name_that_is_not_signed_is_refused(cose_vectors: list[dict[str, Any]]) -> None:
    """RFC 8392 puts it in the unprotected header: fine there, refused here."""
    vector = next(entry for entry in cose_vectors if entry["id"] == "rfc8392-a3-signed-cwt")
    tagged = bytes.fromhex(vector["cwt"])
    assert tagged[0] == 0xD2
    with pytest.raises(CodeError, match="unprotected"):
        cose.parse1(tagged[1:], max_bytes=LIMIT)


def test_health_certificates_of_france_and_austria(cose_vectors: list[dict[str, Any]]) -> None:
    certificates = [entry for entry in cose_vectors if entry["id"].startswith("dcc-")]
    assert len(certificates) == 4
    for vector in certificates:
        deflated = base45.decode(vector["prefix_payload"].removeprefix("HC1:"))
        assert len(deflated) == vector["deflated_len"]
        tagged = zlib.decompress(deflated)
        assert tagged.hex() == vector["cose"]
        if cbor2.loads(tagged).value[1]:  # some carry the key's name unsigned
            with pytest.raises(CodeError, match="unprotected"):
                cose.parse1(tagged[1:], max_bytes=LIMIT)
            continue
        message = cose.parse1(tagged[1:], max_bytes=LIMIT)
        assert message.alg == cose.ES256
        assert message.kid == bytes.fromhex(vector["kid"])
        assert cose.verify1(message, public_key(vector), external_aad=b"")


@pytest.mark.parametrize(("name", "aad"), [("credential", b"MPS-CRED1"), ("card_object", b"MPS-CARD1")])
def test_the_design_examples_verify_as_their_own_type_only(
    design: dict[str, Any], issuer: SigningKey, name: str, aad: bytes
) -> None:
    example = design[name]
    message = cose.parse1(bytes.fromhex(example["cbor"] if isinstance(example, dict) else example), max_bytes=LIMIT)
    assert message.kid == issuer.kid
    assert cose.verify1(message, issuer.public, external_aad=aad)
    for other in (b"", AAD, b"MPS-QR1", b"MPS-CARD1", b"MPS-CRED1"):
        assert cose.verify1(message, issuer.public, external_aad=other) is (other == aad)


def test_signing_twice_gives_the_same_bytes(issuer: SigningKey) -> None:
    first = cose.sign1(issuer.private, b"claims", kid=issuer.kid, external_aad=AAD)
    assert first == cose.sign1(issuer.private, b"claims", kid=issuer.kid, external_aad=AAD)
    message = cose.parse1(first, max_bytes=len(first))
    assert (message.alg, message.kid, message.payload) == (cose.ESP256, issuer.kid, b"claims")
    assert cose.verify1(message, issuer.public, external_aad=AAD)


def test_a_message_may_leave_its_key_unnamed(issuer: SigningKey) -> None:
    message = cose.parse1(cose.sign1(issuer.private, b"", kid=None, external_aad=AAD), max_bytes=LIMIT)
    assert message.kid is None
    assert cose.verify1(message, issuer.public, external_aad=AAD)


def test_too_long_is_said_before_anything_is_read() -> None:
    with pytest.raises(CodeError) as refusal:
        cose.parse1(b"\xff" * 11, max_bytes=10)
    assert refusal.value.kind == "too_long"


KID = b"\x0e\x44\x36\x7f"
REFUSED: dict[str, bytes] = {
    "not a list": cbor2.dumps({1: 2}),
    "three members": cbor2.dumps([b"\xa1\x01\x28", {}, b"p"]),
    "five members": cbor2.dumps([b"\xa1\x01\x28", {}, b"p", bytes(64), 0]),
    "tagged": b"\xd2" + assemble({1: -9}),
    "bytes after": assemble({1: -9}) + b"\x00",
    "unprotected header": assemble({1: -9}, unprotected={4: KID}),
    "unprotected is a list": cbor2.dumps([b"\xa1\x01\x28", [], b"p", bytes(64)]),
    "detached payload": cbor2.dumps([b"\xa1\x01\x28", {}, None, bytes(64)]),
    "payload is text": assemble({1: -9}, payload="p"),
    "signature of 63 bytes": assemble({1: -9}, signature=bytes(63)),
    "signature of 65 bytes": assemble({1: -9}, signature=bytes(65)),
    "header is text": cbor2.dumps(["\u00a1", {}, b"p", bytes(64)]),
    "header is empty": assemble(b""),
    "header is a list": assemble(cbor2.dumps([1, -9])),
    "header has bytes after": assemble(cbor2.dumps({1: -9}) + b"\x00"),
    "no algorithm": assemble({4: KID}),
    "EdDSA": assemble({1: -8}),
    "HMAC": assemble({1: 5}),
    "no algorithm at all": assemble({1: 0}),
    "algorithm by name": assemble({1: "ES256"}),
    "algorithm as a float": assemble({1: -9.0}),
    "label as a float": assemble({1.0: -9}),
    "label as a boolean": assemble({True: -9}),
    "critical header": assemble({1: -9, 2: [4]}),
    "unknown header": assemble({1: -9, 3: 0}),
    "private header": assemble({1: -9, -70000: 0}),
    "key name is text": assemble({1: -9, 4: "kid"}),
    "key name is empty": assemble({1: -9, 4: b""}),
    "key name is long": assemble({1: -9, 4: bytes(33)}),
    "key name twice": assemble(b"\xa3\x01\x28\x04\x41\x00\x04\x41\x01"),
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_refuses(data: bytes) -> None:
    with pytest.raises(CodeError) as refusal:
        cose.parse1(data, max_bytes=LIMIT)
    assert refusal.value.kind == "unreadable"


def test_an_encoding_that_is_not_canonical_is_read(issuer: SigningKey) -> None:
    signed = cose.sign1(issuer.private, b"claims", kid=issuer.kid, external_aad=AAD)
    message = cose.parse1(b"\x98\x04" + signed[1:], max_bytes=LIMIT)
    assert cose.verify1(message, issuer.public, external_aad=AAD)


@pytest.mark.parametrize("signature", [bytes(64), b"\xff" * 64, bytes(63) + b"\x01"])
def test_impossible_signatures_do_not_verify(issuer: SigningKey, signature: bytes) -> None:
    message = cose.Sign1(b"\xa1\x01\x28", b"claims", signature, cose.ESP256, None)
    assert not cose.verify1(message, issuer.public, external_aad=AAD)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_message_or_a_code_error(data: bytes) -> None:
    with suppress(CodeError):
        cose.parse1(data, max_bytes=200)
