"""Keys name themselves, and are published in the two forms readers want."""

from base64 import urlsafe_b64decode
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from nfc import keys
from nfc.keys import SigningKey, VerifyKey


def trusted(key: SigningKey, *, withdrawn: bool = False) -> VerifyKey:
    return keys.verify_key(key.public, purpose="print", authority="clairmont", withdrawn=withdrawn)


def test_a_key_is_named_by_its_rfc_9679_thumbprint(design: dict[str, Any], issuer: SigningKey) -> None:
    assert keys.thumbprint(issuer.public).hex() == design["issuer"]["cose_key_thumbprint_sha256"]
    assert issuer.kid.hex() == design["issuer"]["kid"] == "0e44367f"
    assert trusted(issuer).kid == issuer.kid


def test_a_cose_key_says_what_it_is_for(design: dict[str, Any], issuer: SigningKey) -> None:
    assert cbor2.loads(keys.cose_key(trusted(issuer))) == {
        1: 2,
        2: issuer.kid,
        3: -9,
        4: [2],
        -1: 1,
        -2: bytes.fromhex(design["issuer"]["x"]),
        -3: bytes.fromhex(design["issuer"]["y"]),
    }


def test_a_jwk_is_the_same_key(design: dict[str, Any], issuer: SigningKey) -> None:
    jwk = keys.jwk(trusted(issuer))
    assert {name: jwk[name] for name in ("kty", "crv", "alg", "use", "kid")} == {
        "kty": "EC",
        "crv": "P-256",
        "alg": "ES256",
        "use": "sig",
        "kid": "0e44367f",
    }
    assert urlsafe_b64decode(jwk["x"] + "=").hex() == design["issuer"]["x"]
    assert urlsafe_b64decode(jwk["y"] + "=").hex() == design["issuer"]["y"]


def test_sets_publish_the_keys_in_force_in_one_order() -> None:
    made = [keys.generate() for _ in range(4)]
    withdrawn, *others = made
    published = [trusted(withdrawn, withdrawn=True), *(trusted(key) for key in others)]
    key_set, backwards = keys.key_set(published), keys.key_set(reversed(published))
    names = sorted(key.kid.hex() for key in others)
    assert [key["kid"] for key in keys.jwks(key_set)["keys"]] == names
    assert [key[2].hex() for key in cbor2.loads(keys.cose_key_set(key_set))] == names
    assert keys.cose_key_set(key_set) == keys.cose_key_set(backwards)


def test_a_key_set_cannot_be_changed(issuer: SigningKey) -> None:
    key_set = keys.key_set([trusted(issuer)])
    with pytest.raises(TypeError):
        key_set[b"kid4"] = ()  # type: ignore[index]


def test_keys_of_one_name_are_all_kept(issuer: SigningKey) -> None:
    stranger = VerifyKey(issuer.kid, keys.generate().public, "print", "elsewhere")
    assert keys.key_set([stranger, trusted(issuer)])[issuer.kid] == (stranger, trusted(issuer))


@pytest.mark.parametrize("password", [None, b"a long password"])
def test_a_signing_key_comes_back_from_its_pem(password: bytes | None) -> None:
    key = keys.generate()
    pem = keys.dump_pem(key, password=password)
    assert pem.startswith(b"-----BEGIN ENCRYPTED" if password else b"-----BEGIN PRIVATE KEY")
    back = keys.load_pem(pem, password=password)
    assert back.kid == key.kid
    assert back.private.private_numbers() == key.private.private_numbers()


def test_a_public_key_comes_back_from_its_pem() -> None:
    key = keys.generate()
    assert keys.load_public_pem(keys.dump_public_pem(key.public)) == key.public


def test_keys_of_another_kind_are_refused() -> None:
    for other in (ec.generate_private_key(ec.SECP384R1()), ed25519.Ed25519PrivateKey.generate()):
        private = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        public = other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        with pytest.raises(ValueError, match="P-256"):
            keys.load_pem(private)
        with pytest.raises(ValueError, match="P-256"):
            keys.load_public_pem(public)


def test_a_signing_key_prints_as_its_name(issuer: SigningKey) -> None:
    assert repr(issuer) == "SigningKey(0e44367f)"
