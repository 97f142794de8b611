"""What an agent's screen shows to a device that is to become a terminal: where the server is, and the code, as one QR.

    MPP1: base45( JSON [address, code] )

It is good once and for half an hour, and opens nothing by itself: the device brings a key of its own.
"""

from typing import Final
from urllib.parse import urlsplit

import msgspec

from nfc import base45
from nfc.errors import CodeError

PREFIX: Final = "MPP1:"
MAX_CHARACTERS: Final = 400
_CODE_CHARACTERS: Final = 40


class PairingCode(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The address of a server, `http` or `https`, and the code that pairs one device with it."""

    server: str
    code: str


def write(server: str, code: str) -> str:
    """The text of the QR, in its alphanumeric alphabet.

    Raises:
        ValueError: no address, no code, or too long for a symbol that a phone reads from a screen.

    """
    text = PREFIX + base45.encode(msgspec.json.encode(PairingCode(server, code)))
    if len(text) > MAX_CHARACTERS or not _holds(PairingCode(server, code)):
        raise ValueError(f"no pairing code can be made of {server!r}")
    return text


def read(text: str) -> PairingCode:
    """The address and the code in a text that was read from a QR.

    Raises:
        CodeError: "unknown_type" for another kind of code, "unreadable" for a broken one.

    """
    if not text.startswith(PREFIX):
        raise CodeError("unknown_type", "no pairing code")
    if len(text) > MAX_CHARACTERS:
        raise CodeError("unreadable", "too long")
    try:
        found = msgspec.json.decode(base45.decode(text[len(PREFIX) :]), type=PairingCode)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise CodeError("unreadable", "pairing code") from error
    if not _holds(found):
        raise CodeError("unreadable", "pairing code")
    return found


def _holds(found: PairingCode) -> bool:
    try:
        address = urlsplit(found.server)
    except ValueError:
        return False
    printable = found.code.isascii() and found.code.isprintable()
    return (
        address.scheme in {"http", "https"}
        and bool(address.netloc)
        and printable
        and 0 < len(found.code) <= _CODE_CHARACTERS
    )
