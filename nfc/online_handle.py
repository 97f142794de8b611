"""MP3, the online handle: sixteen random bytes that stand for a medium once, for a minute.

    MP3:<base45 of 16 bytes>     28 characters, QR version 2

It carries nothing and proves nothing by itself: whoever reads it asks the server, which keeps its SHA-256 and forgets
it as it is taken. For screens that are online anyway, and readers that manage small codes only.
"""

import hashlib
import secrets
from typing import Final

from nfc import base45
from nfc.errors import CodeError

PREFIX: Final = "MP3:"
HANDLE_BYTES: Final = 16  # 128 bits: nobody guesses one within its minute
TTL_SECONDS: Final = 60

_CHARACTERS: Final = len(PREFIX) + HANDLE_BYTES // 2 * 3


def make() -> str:
    """A new handle, from the system's randomness."""
    return PREFIX + base45.encode(secrets.token_bytes(HANDLE_BYTES))


def parse(text: str) -> bytes:
    """The 16 bytes of a handle.

    Raises:
        CodeError: "unknown_type" without the prefix, "unreadable" for anything but 16 bytes after it.

    """
    if not text.startswith(PREFIX):
        raise CodeError("unknown_type")
    if len(text) != _CHARACTERS:
        raise CodeError("unreadable", f"{len(text)} characters")
    return base45.decode(text[len(PREFIX) :])


def stored_hash(handle: bytes) -> bytes:
    """What the server keeps of it: SHA-256, 32 bytes. A database that leaks opens nothing."""
    return hashlib.sha256(handle).digest()
