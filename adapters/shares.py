"""Two shares of a master, each for one custodian's eyes.

The first share is drawn, the second is the master XOR the first: a one-time pad (Shannon 1949), the "split knowledge"
of NIST SP 800-57 part 1. Who holds one knows nothing, with whatever machine. On its way a share is sealed to its
custodian's key (ephemeral ECDH on P-256, HKDF-SHA-256, AES-256-GCM), so whoever runs the command cannot read it either.
"""

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Struct

from adapters.wrapping import KEY_BYTES
from domain.errors import Invalid
from nfc import keys

_NONCE: Final = bytes(12)  # the key is used once
_INFO: Final = b"MPS-SHARE1"


class ShareRefused(Invalid):
    """A share is not this custodian's, or was altered, or the two are no pair."""

    code = "share-refused"


class Share(Struct, frozen=True, forbid_unknown_fields=True):
    """The file a custodian takes home. Master, custodian, pair and check are sealed with it."""

    master: str
    custodian: str
    pair: str  # the same in both
    check: str  # of the master: whether what was put together is what was taken apart
    ephemeral: bytes  # x and y, 64 bytes
    sealed: bytes


def split(master: bytes) -> tuple[bytes, bytes]:
    """Take a secret apart."""
    one = secrets.token_bytes(len(master))
    return one, joined(one, master)


def joined(one: bytes, other: bytes) -> bytes:
    """Put a secret together; of two shares of different lengths, nothing.

    Raises:
        ShareRefused: they are no pair.
    """
    if len(one) != len(other):
        raise ShareRefused("The two shares are no pair.")
    return bytes(left ^ right for left, right in zip(one, other, strict=True))


def seal(share: bytes, to: ec.EllipticCurvePublicKey, *, master: str, custodian: str, pair: str, check: str) -> Share:
    """Seal a share so that one custodian alone can open it."""
    once = keys.generate()
    ephemeral = keys.dump_point(once.public)
    key = _agreed(once.private, to, ephemeral, keys.dump_point(to))
    sealed = AESGCM(key).encrypt(_NONCE, share, _bound(master, custodian, pair, check))
    return Share(master, custodian, pair, check, ephemeral, sealed)


def unseal(share: Share, private: ec.EllipticCurvePrivateKey) -> bytes:
    """Open a share with its custodian's key.

    Raises:
        ShareRefused: it was sealed to another, or altered.
    """
    try:
        key = _agreed(private, keys.load_point(share.ephemeral), share.ephemeral, keys.dump_point(private.public_key()))
        return AESGCM(key).decrypt(_NONCE, share.sealed, _bound(share.master, share.custodian, share.pair, share.check))
    except (InvalidTag, ValueError):
        raise ShareRefused(f"The share of {share.custodian} does not open with this key, or was altered.") from None


def _agreed(private: ec.EllipticCurvePrivateKey, public: ec.EllipticCurvePublicKey, once: bytes, to: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, None, _INFO + once + to).derive(private.exchange(ec.ECDH(), public))


def _bound(*parts: str) -> bytes:
    return b"\0".join(part.encode() for part in parts)
