"""What a card maker writes into an NTAG 424 DNA: the NDEF template with its offsets, file settings, the card's keys.

    NDEF file    length (2) | D1 01 n 55 | 04 | pass.example.org/t/1?e=0000...&c=0000...
                                                                     |        |
                                                                PICC data     MAC

The chip writes over the zeros at each tap; where, its file settings say (NXP AN12196 section 5.9, NT4H2421Gx section
10.7.1). The MAC covers no text: it begins where it is written. Keys leave in one value, K0 to K4 one after the other,
under AES key wrap (RFC 3394): what is damaged or was wrapped under another key does not open.
"""

from collections.abc import Mapping
from typing import Final

from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from msgspec import Struct

from nfc import sdm
from nfc.diversify import Slot, card_key
from nfc.errors import CodeError

TRANSPORT_BYTES: Final = 32
FILE_BYTES: Final = 256

CARD_FILE_SETTINGS: Final = bytes.fromhex("0000e0")
"""Of the file with the card object: in clear, anybody reads, K0 writes and changes."""

_HTTPS: Final = "https://"
_RECORD: Final = bytes.fromhex("d101")  # one short record of a well-known type, whose name has one letter
_URI: Final = b"U\x04"  # ... "U", and the abbreviation for https://
_PICC_DIGITS, _MAC_DIGITS = "0" * 32, "0" * 16

_SUN_IN_CLEAR = 0x40  # FileOption: SDM is on, plain communication
_READ_FREELY = bytes.fromhex("00e0")  # read: anybody; write, both, change: K0
_UID_AND_COUNTER = 0xC1  # mirrored, as ASCII
_NOBODY = 0xF


class Template(Struct, frozen=True):
    """The content of the NDEF file before the first tap. Offsets are in bytes from the file's beginning."""

    content: bytes
    picc_data: int
    mac_input: int
    mac: int

    @property
    def settings(self) -> bytes:
        """The data of ChangeFileSettings for file 2. Offsets and key numbers go least significant byte first."""
        rights = bytes([_NOBODY << 4 | _NOBODY, Slot.META << 4 | Slot.SERVER])
        offsets = b"".join(offset.to_bytes(3, "little") for offset in (self.picc_data, self.mac_input, self.mac))
        return bytes([_SUN_IN_CLEAR]) + _READ_FREELY + bytes([_UID_AND_COUNTER]) + rights + offsets


def ndef_template(address: str) -> Template:
    """The template for an address that ends in the version of its keys: `https://pass.example.org/t/1`.

    Raises:
        ValueError: our own reader would not take the URL of such a card, or it does not fit into the file.

    """
    before = f"{address}?e="
    url = f"{before}{_PICC_DIGITS}&c={_MAC_DIGITS}"
    try:
        sdm.parse_url(url)
    except CodeError as unreadable:
        raise ValueError(f"no address of cards: {address}") from unreadable
    payload = _URI[1:] + url.removeprefix(_HTTPS).encode()
    message = _RECORD + bytes([len(payload)]) + _URI[:1] + payload
    content = len(message).to_bytes(2, "big") + message
    first = len(content) - len(url)  # where the URL would begin if https:// were written out
    picc_data = first + len(before)
    mac = picc_data + len(_PICC_DIGITS) + len("&c=")
    return Template(content, picc_data=picc_data, mac_input=mac, mac=mac)


def card_keys(masters: Mapping[Slot, bytes], *, uid: bytes, version: int, city: bytes) -> bytes:
    """K0 to K4 of one card, 80 bytes. Slot 1 is the batch's own key: it is needed before the UID is known.

    Raises:
        ValueError: as `diversify.card_key`.

    """
    return b"".join(
        masters[slot] if slot is Slot.META else card_key(masters[slot], uid=uid, slot=slot, version=version, city=city)
        for slot in Slot
    )


def wrap_keys(transport: bytes, keys: bytes) -> bytes:
    """Wrap the keys of one card for its maker: 8 bytes more (RFC 3394).

    Raises:
        ValueError: a transport key of another length.

    """
    _check_transport(transport)
    return aes_key_wrap(transport, keys)


def key_check(transport: bytes) -> str:
    """What tells that two hold the same key: the first 3 bytes of its CMAC over 16 zeros (ANSI X9.24-1), in hex.

    Raises:
        ValueError: a transport key of another length.

    """
    _check_transport(transport)
    mac = CMAC(AES256(transport))
    mac.update(bytes(16))
    return mac.finalize()[:3].hex()


def _check_transport(transport: bytes) -> None:
    if len(transport) != TRANSPORT_BYTES:
        raise ValueError(f"transport key of {len(transport)} bytes")
