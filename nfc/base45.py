"""Base45, RFC 9285: two bytes as three characters of the QR alphanumeric alphabet."""

import struct

from nfc.errors import CodeError

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

_PAIRS = [low + high for high in ALPHABET for low in ALPHABET]  # index = low + 45 * high
_INVALID = 0xFF
_VALUES = bytes(ALPHABET.find(chr(byte)) & _INVALID for byte in range(256))  # find's -1 becomes 255


def encode(data: bytes) -> str:
    """The base45 text of `data`: 3 characters for each 2 bytes, 2 for a last odd one."""
    even = len(data) & ~1
    words = struct.unpack(f">{even // 2}H", data[:even])
    parts = [_PAIRS[word % 2025] + ALPHABET[word // 2025] for word in words]
    if len(data) > even:
        parts.append(_PAIRS[data[-1]])
    return "".join(parts)


def decode(text: str) -> bytes:
    """The bytes that `encode` would write as exactly `text`.

    A space is a character of the alphabet: do not strip the text before.

    Raises:
        CodeError: "unreadable" for a character outside the alphabet (lower case included), a length of 3n+1, or a
            group above 65535 (above 255 for a last pair).

    """
    try:
        values = text.encode("ascii").translate(_VALUES)
    except UnicodeEncodeError as error:
        raise CodeError("unreadable", "base45: not ASCII") from error
    if _INVALID in values:
        raise CodeError("unreadable", "base45: character outside the alphabet")
    groups, rest = divmod(len(values), 3)
    if rest == 1:
        raise CodeError("unreadable", "base45: one character left over")
    whole = groups * 3
    words = [
        low + 45 * middle + 2025 * high
        for low, middle, high in zip(values[0:whole:3], values[1:whole:3], values[2:whole:3], strict=True)
    ]
    try:
        data = struct.pack(f">{groups}H", *words)
        return data + struct.pack(">B", values[-2] + 45 * values[-1]) if rest else data
    except struct.error as error:
        raise CodeError("unreadable", "base45: group out of range") from error
