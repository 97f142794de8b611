"""Phones of a demonstration authority, what they show, and how it is refused."""

import cbor2
import pytest

from nfc import base45, cose, keys, phone_code, phone_credential, qr
from nfc.errors import CodeError
from nfc.keys import KeySet, SigningKey
from nfc.phone import Phone

NOW = 1_800_000_000
EXPIRY = 1_802_592_000
MEDIUM = bytes.fromhex("0102030405060708")
AUTHORITY = keys.signing_key(7)
TRUST = keys.key_set([keys.verify_key(AUTHORITY.public, purpose="phone", authority="demo")])


def refusal(text: str, trusted: KeySet, now: int = NOW) -> CodeError:
    with pytest.raises(CodeError) as caught:
        qr.read(text, trusted, now)
    return caught.value


def bound(device: SigningKey, *, medium_id: bytes = MEDIUM, expires_at: int = EXPIRY) -> Phone:
    """A phone with this key, and the demonstration authority's credential for it."""
    credential = phone_credential.issue(
        AUTHORITY, device.public, medium_id=medium_id, expires_at=expires_at, status_list=0, status_index=9
    )
    return Phone(device.private, credential)


PHONE = bound(keys.signing_key(11))


def presented(phone: Phone, payload: object, *, aad: bytes = b"MPS-QR1", kid: bytes | None = None) -> str:
    raw = payload if isinstance(payload, bytes) else cbor2.dumps(payload)
    return "MP1:" + base45.encode(cose.sign1(phone.private, raw, kid=kid, external_aad=aad))


def certified(claims: object, aad: bytes = b"MPS-CRED1") -> str:
    """A fresh presentation of whatever the authority signed."""
    credential = cose.sign1(AUTHORITY.private, cbor2.dumps(claims), kid=AUTHORITY.kid, external_aad=aad)
    return phone_code.present(PHONE.private, credential, NOW)
