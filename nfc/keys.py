"""P-256 keys: made, named, kept and published.

A key's name (`kid`) is the first 4 bytes of its RFC 9679 thumbprint, so it follows from the key and needs no registry.
Four bytes may collide: readers try every key of that name.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from nfc import cbor
from nfc.cose import ESP256

KID_BYTES: Final = 4

# COSE_Key labels and values, RFC 9052 section 7 and RFC 9053 section 7.1
_KTY, _KID, _ALG, _KEY_OPS = 1, 2, 3, 4
_CRV, _X, _Y = -1, -2, -3
_EC2, _P256, _VERIFY = 2, 1, 2


class SigningKey(msgspec.Struct, frozen=True):
    """A private key and its name. It prints as its name alone."""

    private: ec.EllipticCurvePrivateKey
    kid: bytes  # 4 bytes

    @property
    def public(self) -> ec.EllipticCurvePublicKey:
        """The half that may be published."""
        return self.private.public_key()

    def __repr__(self) -> str:
        """The name, never the key."""
        return f"SigningKey({self.kid.hex()})"


class VerifyKey(msgspec.Struct, frozen=True):
    """A public key somebody trusts, for one purpose."""

    kid: bytes  # 4 bytes
    public: ec.EllipticCurvePublicKey
    purpose: str  # the type of object it signs: "print", "phone", "card", "bundle"
    authority: str  # code of the tenant that issues with it
    withdrawn: bool = False  # kept so that its codes are refused by name; no longer published


KeySet: TypeAlias = Mapping[bytes, tuple[VerifyKey, ...]]


def key_set(keys: Iterable[VerifyKey]) -> KeySet:
    """The keys by name, read-only."""
    by_kid: dict[bytes, tuple[VerifyKey, ...]] = {}
    for key in keys:
        by_kid[key.kid] = (*by_kid.get(key.kid, ()), key)
    return MappingProxyType(by_kid)


def generate() -> SigningKey:
    """A new key, from the system's randomness."""
    return _named(ec.generate_private_key(ec.SECP256R1()))


def signing_key(secret: int) -> SigningKey:
    """The key of a known secret number, for test vectors.

    Raises:
        ValueError: not between 1 and the order of the curve.

    """
    return _named(ec.derive_private_key(secret, ec.SECP256R1()))


def verify_key(
    public: ec.EllipticCurvePublicKey, *, purpose: str, authority: str, withdrawn: bool = False
) -> VerifyKey:
    """A trusted key, named after itself."""
    return VerifyKey(thumbprint(public)[:KID_BYTES], public, purpose, authority, withdrawn)


def thumbprint(public: ec.EllipticCurvePublicKey) -> bytes:
    """SHA-256 over the deterministic CBOR of the required parameters: RFC 9679 section 4, 32 bytes."""
    return hashlib.sha256(cbor.dump(_required(public))).digest()


def load_pem(pem: bytes, *, password: bytes | None = None) -> SigningKey:
    """The signing key in a PKCS #8 PEM.

    Raises:
        ValueError: not a P-256 private key, or the password is wrong.
        TypeError: a password is missing, or is given for a key that has none.

    """
    private = load_pem_private_key(pem, password)
    if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(private.curve, ec.SECP256R1):
        raise ValueError("not a P-256 private key")
    return _named(private)


def dump_pem(key: SigningKey, *, password: bytes | None = None) -> bytes:
    """The key as PKCS #8 PEM, encrypted when a password is given."""
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def load_public_pem(pem: bytes) -> ec.EllipticCurvePublicKey:
    """The public key in a SubjectPublicKeyInfo PEM.

    Raises:
        ValueError: not a P-256 public key.

    """
    public = load_pem_public_key(pem)
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise ValueError("not a P-256 public key")
    return public


def dump_public_pem(public: ec.EllipticCurvePublicKey) -> bytes:
    """The key as SubjectPublicKeyInfo PEM."""
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def dump_point(public: ec.EllipticCurvePublicKey) -> bytes:
    """The coordinates x and y, 32 bytes each: how a device's key is sent and kept."""
    return b"".join(_coordinates(public))


def load_point(raw: bytes) -> ec.EllipticCurvePublicKey:
    """The P-256 key whose x and y are these 64 bytes.

    Raises:
        ValueError: no point of the curve.

    """
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + raw)


def cose_key(key: VerifyKey) -> bytes:
    """A COSE_Key for verifying, RFC 9052 section 7."""
    return cbor.dump(_cose_key(key))


def cose_key_set(keys: KeySet) -> bytes:
    """A COSE_KeySet of the keys in force: withdrawn ones are left out."""
    return cbor.dump([_cose_key(key) for key in _in_force(keys)])


def jwk(key: VerifyKey) -> dict[str, str]:
    """The same key for JOSE readers, RFC 7517."""
    x, y = _coordinates(key.public)
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": _base64url(x),
        "y": _base64url(y),
        "kid": key.kid.hex(),
        "alg": "ES256",
        "use": "sig",
    }


def jwks(keys: KeySet) -> dict[str, list[dict[str, str]]]:
    """A JWK set of the keys in force."""
    return {"keys": [jwk(key) for key in _in_force(keys)]}


def _named(private: ec.EllipticCurvePrivateKey) -> SigningKey:
    return SigningKey(private, thumbprint(private.public_key())[:KID_BYTES])


def _in_force(keys: KeySet) -> list[VerifyKey]:
    return [key for _, same_name in sorted(keys.items()) for key in same_name if not key.withdrawn]


def _coordinates(public: ec.EllipticCurvePublicKey) -> tuple[bytes, bytes]:
    point = public.public_numbers()
    return point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _required(public: ec.EllipticCurvePublicKey) -> dict[int, int | bytes]:
    x, y = _coordinates(public)
    return {_KTY: _EC2, _CRV: _P256, _X: x, _Y: y}


def _cose_key(key: VerifyKey) -> dict[int, object]:
    return {**_required(key.public), _KID: key.kid, _ALG: ESP256, _KEY_OPS: [_VERIFY]}
