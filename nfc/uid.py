"""Cards known by their UID alone: what a city already has in its residents' pockets.

A UID is sent to whoever asks and copied in seconds: assurance 0. It is also a name that follows a person from reader to
reader, so it is never kept: the database holds HMAC-SHA256 of it under a key of the keyring. Without that key the four
billion short UIDs cannot be tried one by one.
"""

import hmac
import re
from typing import Final

from nfc.errors import CodeError

KEY_BYTES: Final = 32

_UID = re.compile(r"(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{14}|[0-9A-Fa-f]{20})")
_SIZES: Final = frozenset({4, 7, 10})  # ISO/IEC 14443-3: single, double, triple
_RANDOM: Final = 0x08  # of a single-size UID: drawn anew at each tap
_CASCADE: Final = 0x88  # "more follows": a reader that stops here has seen three bytes of a longer UID
_PURPOSE: Final = b"MPS-LEGACY-UID"


def parse(text: str) -> bytes:
    """The UID that a reader writes as 8, 14 or 20 hex digits, in either case, nothing between them.

    Raises:
        CodeError: "unreadable", or "unknown_type" as `check`.

    """
    if not _UID.fullmatch(text):
        raise CodeError("unreadable", "UID")
    return check(bytes.fromhex(text))


def check(uid: bytes) -> bytes:
    """The same UID, if a card can be known by it.

    Raises:
        CodeError: "unreadable" unless it has 4, 7 or 10 bytes; "unknown_type" for four bytes that are random (08) or
            cut off (88): the one would never be seen again, the other is shared by many cards.

    """
    if len(uid) not in _SIZES:
        raise CodeError("unreadable", f"UID of {len(uid)} bytes")
    if len(uid) == 4 and uid[0] in (_RANDOM, _CASCADE):
        raise CodeError("unknown_type", "random UID" if uid[0] == _RANDOM else "UID cut off")
    return uid


def digest(key: bytes, uid: bytes) -> bytes:
    """What may be stored of a UID: 32 bytes, the same for the same card and key. `key` is 32 random bytes.

    Raises:
        CodeError: as `check`.
        ValueError: a key of another length.

    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"key of {len(key)} bytes")
    return hmac.digest(key, _PURPOSE + check(uid), "sha256")
