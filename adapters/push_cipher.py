"""What only one browser can read: message encryption for Web Push (RFC 8291), in the coding `aes128gcm` (RFC 8188).

A page of code on `cryptography`, tried against the example of RFC 8291, section 5: the libraries for it bring two more
HTTP clients along.
"""

import os
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.errors.push import PushRefused
from domain.push import MOST_BYTES, PushAddress

SALT_BYTES: Final = 16
RECORD_BYTES: Final = 4_096
_LAST: Final = b"\x02"
_LENGTH: Final = 1_024
"""What a message is filled up to (RFC 8188, section 2): its length then tells the service nothing."""


def seal(plain: bytes, address: PushAddress) -> bytes:
    """Encrypt a message under a key that is drawn for it alone.

    Raises:
        PushRefused: it is too long for a push service.
    """
    if len(plain) > MOST_BYTES:
        raise PushRefused("The message is too long.")
    filled = plain + _LAST + bytes(max(0, _LENGTH - len(plain)))
    return encrypt(filled, address, sender=ec.generate_private_key(ec.SECP256R1()), salt=os.urandom(SALT_BYTES))


def encrypt(record: bytes, address: PushAddress, *, sender: ec.EllipticCurvePrivateKey, salt: bytes) -> bytes:
    """Encrypt one record, its delimiter included, from a given key and salt: as seal does, and the RFC's example."""
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), address.point)
    ours = raw(sender.public_key())
    shared = sender.exchange(ec.ECDH(), theirs)
    known = _derived(shared, address.secret, b"WebPush: info\0" + address.point + ours, 32)
    key = _derived(known, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(known, salt, b"Content-Encoding: nonce\0", 12)
    header = salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return header + AESGCM(key).encrypt(nonce, record, None)


def raw(public: ec.EllipticCurvePublicKey) -> bytes:
    """Write a public key as browsers do: the 65 bytes of its point."""
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(secret: bytes, salt: bytes, use: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, use).derive(secret)
