"""AES-128 as contactless cards use it: CBC without padding of its own, one block, and CMAC (RFC 4493).

Keys, blocks and vectors are 16 bytes; another length is a ValueError: it is the caller's mistake, never a card's.
"""

import hmac
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.cmac import CMAC

BLOCK_BYTES: Final = 16
MAC_BYTES: Final = 8

_ZERO: Final = bytes(BLOCK_BYTES)
_MARK: Final = b"\x80"


def encrypt(key: bytes, data: bytes, iv: bytes = _ZERO) -> bytes:
    """CBC over whole blocks."""
    encryptor = Cipher(AES128(key), CBC(iv)).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def decrypt(key: bytes, data: bytes, iv: bytes = _ZERO) -> bytes:
    """What `encrypt` was given."""
    decryptor = Cipher(AES128(key), CBC(iv)).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def cmac(key: bytes, data: bytes) -> bytes:
    """The whole CMAC, 16 bytes: what keys are derived with."""
    mac = CMAC(AES128(key))
    mac.update(data)
    return mac.finalize()


def short_mac(key: bytes, data: bytes) -> bytes:
    """The 8 bytes of a CMAC that cards send: the second, fourth ... sixteenth ("even-numbered", counted from one)."""
    return cmac(key, data)[1::2]


def same(mine: bytes, theirs: bytes) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(mine, theirs)


def pad(data: bytes) -> bytes:
    """ISO/IEC 9797-1 method 2: one bit, then zeros to the end of the block; a whole block more when it is full."""
    marked = data + _MARK
    return marked + bytes(-len(marked) % BLOCK_BYTES)


def unpad(data: bytes) -> bytes | None:
    """What `pad` was given; None when nothing of that form was."""
    content = data.rstrip(b"\x00")
    short = len(data) - len(content) < BLOCK_BYTES
    return content[:-1] if short and content.endswith(_MARK) else None


def rotated(block: bytes) -> bytes:
    """A block turned left by one byte: what either side sends back of the other's random number."""
    return block[1:] + block[:1]
