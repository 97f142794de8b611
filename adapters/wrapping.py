"""How secrets lie on disk: under a key of the keyring's own, which lies under the secret given at start-up.

    secret --scrypt--> key-encryption key --AES key wrap (RFC 3394)--> the keyring's key --AES-256-GCM--> a master

The secret changes without a master being touched: one value is wrapped anew (NIST SP 800-57 part 1, 5.3.5). Each master
is bound to its name, so one cannot be put in another's place.
"""

import hmac
import os
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from domain.errors import Conflict, Invalid

KEY_BYTES: Final = 32
SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
COST, _BLOCK, _LANES = 2**15, 8, 3  # 32 MiB and a quarter of a second: OWASP's table for scrypt, RFC 7914


class WrongSecret(Invalid, ValueError):
    """The secret given at start-up is not the one that the keyring is wrapped under."""

    code = "wrong-key-secret"


class KeyringAltered(Conflict, ValueError):
    """The keyring's secrets were changed by something else than this program."""

    code = "keyring-altered"


def key_encryption_key(secret: str, salt: bytes) -> bytes:
    """Stretch the secret to 32 bytes. Without a secret there is nothing to stretch, and nothing is hidden."""
    if not secret:
        return hmac.digest(salt, b"multipass without a secret", "sha256")
    return Scrypt(salt=salt, length=KEY_BYTES, n=COST, r=_BLOCK, p=_LANES).derive(secret.encode())


def new_salt() -> bytes:
    """Random bytes that make the same secret another key elsewhere."""
    return secrets.token_bytes(SALT_BYTES)


def new_key() -> bytes:
    """A key for a keyring."""
    return secrets.token_bytes(KEY_BYTES)


def wrap_key(secret: str, salt: bytes, key: bytes) -> bytes:
    """Wrap the keyring's key under the secret: 40 bytes."""
    return aes_key_wrap(key_encryption_key(secret, salt), key)


def unwrap_key(secret: str, salt: bytes, wrapped: bytes) -> bytes:
    """Return the keyring's key.

    Raises:
        WrongSecret: it was wrapped under another secret.
    """
    try:
        return aes_key_unwrap(key_encryption_key(secret, salt), wrapped)
    except InvalidUnwrap:
        raise WrongSecret("The secret of the keyring (key_password) is not the one it was wrapped under.") from None


def derived(key: bytes, use: bytes) -> bytes:
    """Return a key for one use: HKDF-Expand (RFC 5869) of one that is uniform already."""
    return HKDFExpand(SHA256(), KEY_BYTES, b"multipass " + use).derive(key)


def wrap(key: bytes, plain: bytes, *, name: bytes) -> bytes:
    """Wrap a master under a key, bound to its name: nonce (12), ciphertext, tag (16)."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, name)


def unwrap(key: bytes, wrapped: bytes, *, name: bytes) -> bytes:
    """Return what was wrapped.

    Raises:
        KeyringAltered: not one bit of it, or of its name, may differ.
    """
    try:
        return AESGCM(key).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], name)
    except (InvalidTag, ValueError):
        raise KeyringAltered(f"{name.decode()} was altered, or belongs to another keyring.") from None
