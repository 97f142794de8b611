"""SUN messages of the NTAG 424 DNA: a URL that the card writes anew at each tap (NXP AN12196, AES mode).

    https://.../t/1?e=<32 hex>&c=<16 hex>               key version 1; 54 characters after it
    https://.../t/1?e=<32 hex>&d=<32 n hex>&c=<16 hex>  with n blocks of encrypted file data, 1 to 4

`e` holds UID and counter under the batch's key, `c` eight bytes of a CMAC under the card's own. It proves that the card
was read, not that it is here: whoever tapped it once owns a message nobody has seen. Hence assurance 2, and a counter
to compare with the last one seen. That comparison and its record are one step of the ledger's; `freshness` is its rule.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from nfc import aes
from nfc.errors import CodeError

MAX_CHARACTERS: Final = 255
GAP: Final = 1000
"""Reads in between that are worth a look. Never a refusal: the citizen's own phone reads the card as well."""

_TAG: Final = 0xC7  # UID mirrored (80), counter mirrored (40), UID of 7 bytes (07)
_ENC: Final = bytes.fromhex("c33c00010080")
_MAC: Final = bytes.fromhex("3cc300010080")
_URL = re.compile(
    r"https://[0-9A-Za-z.:/_~%-]{1,160}/t/([0-9]{1,3})\?e=([0-9A-Fa-f]+)(?:&d=([0-9A-Fa-f]+))?&c=([0-9A-Fa-f]+)"
)
_VERSION = re.compile(r"[1-9][0-9]{0,2}")
_HEX = re.compile(r"[0-9A-Fa-f]*")
_PICC_DIGITS, _LRP_DIGITS, _MAC_DIGITS, _BLOCK_DIGITS, _MAX_DATA_DIGITS = 32, 48, 16, 32, 128


class SunMessage(Struct, frozen=True, gc=False):
    """A message of the right form. Nothing in it is known to be true."""

    version: int  # of the keys, 1 to 255
    picc_data: bytes  # 16 bytes, encrypted
    mac: bytes  # 8 bytes
    mac_input: bytes  # the text that the MAC covers, as the card wrote it
    file_data: bytes = b""  # whole blocks, encrypted


class SunKeys(Struct, frozen=True):
    """The keys of one version. It prints without them."""

    meta: bytes  # the batch's key, slot 1
    file: Callable[[bytes], bytes]  # from a UID to that card's key, slot 2

    def __repr__(self) -> str:
        """Never the keys."""
        return "SunKeys()"


SunKeySet: TypeAlias = Mapping[int, SunKeys]


class SunTap(Struct, frozen=True, gc=False):
    """What a genuine message says. Whether it is fresh is for whoever remembers the last counter."""

    uid: bytes  # 7 bytes
    counter: int  # reads of the card, 0 to 2^24 - 1
    key_version: int
    file_data: bytes = b""
    kind: Literal["card"] = "card"
    assurance: int = 2


class Freshness(StrEnum):
    """What a counter says beside the last one seen."""

    FRESH = "fresh"
    GAP = "gap"  # fresh, after more than `GAP` reads that were not shown to us: accepted, and worth a look
    REPLAYED = "replayed"  # not greater than the last: this message, or a newer one, was seen before


def freshness(counter: int, last: int | None) -> Freshness:
    """Compare a counter with the last one accepted from the same card; None when there was none."""
    before = -1 if last is None else last
    if counter <= before:
        return Freshness.REPLAYED
    return Freshness.GAP if counter - before > GAP else Freshness.FRESH


def read(url: str, keys: SunKeySet) -> SunTap:
    """What the card wrote in `url`, verified: `parse_url` and `verify`.

    Raises:
        CodeError: the only one, whatever the text.

    """
    return verify(parse_url(url), keys)


def parse_url(url: str) -> SunMessage:
    """The message in a URL that a terminal read from a card. Whose server it names is not looked at: the MAC decides.

    Raises:
        CodeError: "too_long", "unknown_type" for another URL or for LRP, "unreadable" for a value of another length.

    """
    if len(url) > MAX_CHARACTERS:
        raise CodeError("too_long", f"{len(url)} characters")
    found = _URL.fullmatch(url)
    if found is None:
        raise CodeError("unknown_type", "not the URL of a card")
    version, picc_data, file_data, mac = found.groups()
    return parse(version, e=picc_data, c=mac, d=file_data)


def parse(version: str, *, e: str, c: str, d: str | None = None) -> SunMessage:
    """The message in the values of a URL, as a web page receives them; hex digits in either case.

    Raises:
        CodeError: "unreadable"; "unknown_type" for LRP, the other mode of the chip, which our cards do not use.

    """
    if len(e) == _LRP_DIGITS:
        raise CodeError("unknown_type", "SUN: LRP mode (24 bytes of PICC data) is not supported")
    file_digits = 0 if d is None else len(d)
    if len(e) != _PICC_DIGITS or len(c) != _MAC_DIGITS:
        raise CodeError("unreadable", "SUN: length")
    if d is not None and (file_digits % _BLOCK_DIGITS or not 0 < file_digits <= _MAX_DATA_DIGITS):
        raise CodeError("unreadable", "SUN: length of file data")
    if not (_VERSION.fullmatch(version) and int(version) < 256):
        raise CodeError("unreadable", "SUN: key version")
    if not all(_HEX.fullmatch(value) for value in (e, c, d or "")):
        raise CodeError("unreadable", "SUN: not hexadecimal")
    # A card writes capitals and signs what it writes. Our template starts the MAC at the file data.
    covered = b"" if d is None else d.upper().encode() + b"&c="
    return SunMessage(int(version), bytes.fromhex(e), bytes.fromhex(c), covered, bytes.fromhex(d or ""))


def verify(message: SunMessage, keys: SunKeySet) -> SunTap:
    """What the message says, when a card with these keys made it.

    A wrong tag and a wrong MAC are told alike, after the same work: nobody learns which half of a guess was right.

    Raises:
        CodeError: "unknown_key" for a version without keys, "bad_signature".

    """
    if message.version not in keys:
        raise CodeError("unknown_key", f"version {message.version}")
    mine = keys[message.version]
    plain = aes.decrypt(mine.meta, message.picc_data)
    uid, counter = plain[1:8], plain[8:11]
    file_key = mine.file(uid)
    mac = aes.short_mac(mac_key(file_key, uid, counter), message.mac_input)
    if not (aes.same(mac, message.mac) and plain[0] == _TAG):
        raise CodeError("bad_signature", "SUN")
    data = b""
    if message.file_data:
        key, iv = data_key(file_key, uid, counter)
        data = aes.decrypt(key, message.file_data, iv)
    return SunTap(uid, int.from_bytes(counter, "little"), message.version, data)


def mac_key(file_key: bytes, uid: bytes, counter: bytes) -> bytes:
    """The key of one tap's MAC. `counter` is 3 bytes, least first: only the plain mirror writes it the other way."""
    return aes.cmac(file_key, _MAC + uid + counter)


def data_key(file_key: bytes, uid: bytes, counter: bytes) -> tuple[bytes, bytes]:
    """The key of one tap's file data and its first vector."""
    key = aes.cmac(file_key, _ENC + uid + counter)
    return key, aes.encrypt(key, counter + bytes(aes.BLOCK_BYTES - len(counter)))
