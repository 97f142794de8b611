"""Card keys from a master: NXP AN10922, AES-128.

    K_card = CMAC(K_master, 01 | UID (7) | F0 4D 50 | "MPS" | slot (1) | version (1) | city (4))

AN10922 pads to two blocks always, which is CMAC as everybody knows it only for inputs longer than one block. Ours is
20 bytes, so both readings agree. A card's keys are derived when they are needed and stored nowhere.
"""

from enum import IntEnum
from typing import Final

from nfc import aes

KEY_BYTES: Final = 16
UID_BYTES: Final = 7
CITY_BYTES: Final = 4

_CONSTANT: Final = b"\x01"  # AN10922: a key of AES-128
_APPLICATION: Final = bytes.fromhex("f04d50")
_SYSTEM: Final = b"MPS"


class Slot(IntEnum):
    """The five keys of a card and what each is for."""

    MASTER = 0  # changes the card; used when it is personalised and never after
    META = 1  # hides the UID in SUN messages; one for a whole batch, for it is needed before the UID is known
    SERVER = 2  # SUN messages, and mutual authentication with the server; nobody else has its master
    OFFLINE = 3  # mutual authentication without a network; its master is in terminals' security modules
    NEXT = 4  # what the others are changed under


def card_key(master: bytes, *, uid: bytes, slot: Slot, version: int, city: bytes) -> bytes:
    """The 16-byte key of one slot of one card. `version` names the master, 1 to 255; `city` is 4 bytes of its own.

    Each slot has its own master: who holds one derives nothing of the others.

    Raises:
        ValueError: an argument of another length or range.

    """
    if len(uid) != UID_BYTES or len(city) != CITY_BYTES or not 0 < version < 256:
        raise ValueError(f"UID of {len(uid)} bytes, city of {len(city)}, version {version}")
    return derived(master, uid + _APPLICATION + _SYSTEM + bytes([slot, version]) + city)


def derived(master: bytes, message: bytes) -> bytes:
    """AN10922 section 2.2 for messages of 16 to 31 bytes, those for which it is CMAC itself.

    Raises:
        ValueError: a message of another length.

    """
    if not 16 <= len(message) <= 31:
        raise ValueError(f"diversification input of {len(message)} bytes")
    return aes.cmac(master, _CONSTANT + message)
