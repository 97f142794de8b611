"""Codes as a forger, a crumpled print or an old key would show them."""

from datetime import datetime

from adapters.keyring import KeyRing, Purpose
from nfc import base45, cbor, cose, keys, qr
from nfc.keys import SigningKey
from tests.city import TestPass
from tests.house_app import House

PREFIX = "MP2:"


def printing_key(keyring: KeyRing, authority: str = "ville") -> SigningKey:
    """The key that signs an authority's printed codes."""
    return keyring.signing_key(authority, Purpose.PRINT)


def signed_by(key: SigningKey, shown: TestPass, *, expires_at: datetime | None = None) -> str:
    """The code of somebody's medium, signed by whoever has the key."""
    return qr.issue_static(
        key,
        medium_id=shown.medium.id.to_bytes(8, "big", signed=True),
        expires_at=int((expires_at or shown.medium.expires_at).timestamp()),
        status_list=0,
        status_index=0,
    )


def claims_signed_by(key: SigningKey, claims: object, *, aad: bytes = b"MPS-STAT1") -> str:
    """Whatever claims, under a signature that holds."""
    return PREFIX + base45.encode(cose.sign1(key.private, cbor.dump(claims), kid=key.kid, external_aad=aad))


def with_byte_changed(code: str, place: int) -> str:
    """The code with one bit of one byte turned."""
    raw = bytearray(base45.decode(code.removeprefix(PREFIX)))
    raw[place] ^= 1
    return PREFIX + base45.encode(bytes(raw))


def stranger() -> SigningKey:
    """A key of nobody here."""
    return keys.generate()


def impostor(house: House) -> SigningKey:
    """A stranger's key under the name of the city's own: four bytes of a name may collide."""
    return SigningKey(keys.generate().private, printing_key(house.keyring).kid)
