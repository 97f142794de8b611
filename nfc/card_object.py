"""The object in a file of a card, for terminals without a network and without card keys.

    the issuer's COSE_Sign1, external_aad "MPS-CARD1", with one claim more:
    -70004: SHA-256("MPS-UID" | UID)[:8]

    file of 128 bytes: its length (1) | the object, 119 to 127 bytes | zeros

It gives such a terminal the index for its signed lists, which a bare UID would not. Bound to the UID, it is worthless
on another card; it says nothing against a device that plays a UID as well. Assurance 1, or 3 when the card has
just proved a key of its own (`nfc.ev2`).
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from nfc import aes, apdu, issued
from nfc.errors import CodeError
from nfc.keys import KeySet, SigningKey
from nfc.tap import VerifiedTap, tap

FILE_BYTES: Final = 128  # file 3 of an NTAG 424 DNA, or a standard file of a DESFire
CARD: Final = "card"  # the purpose of the keys that sign these

READ_FILE: Final = apdu.native(0xAD, bytes.fromhex("03 000000 800000"))  # file 3, from 0, 128 bytes, in clear

PREFIX: Final = "OBJ:"
"""How a terminal sends one: base64url of the length of the UID, the UID, the object."""

_AAD: Final = b"MPS-CARD1"
_BINDING: Final = -70004
_BINDING_BYTES: Final = 8
_MAX_BYTES: Final = FILE_BYTES - 1


def issue(
    key: SigningKey, *, uid: bytes, medium_id: bytes, expires_at: int, status_list: int, status_index: int
) -> bytes:
    """The object for the card with this UID, the real one where the card shows random ones.

    `medium_id` is 8 random bytes, `expires_at` in seconds since 1970, UTC.

    Raises:
        ValueError: an argument out of the range that readers accept.

    """
    return issued.issue(
        key,
        external_aad=_AAD,
        medium_id=medium_id,
        expires_at=expires_at,
        status_list=status_list,
        status_index=status_index,
        more={_BINDING: _bound_to(uid)},
    )


def read(data: bytes, keys: KeySet, now: int, *, uid: bytes, authenticated: bool = False) -> VerifiedTap:
    """The object read from the card with this UID, verified; `now` is in seconds since 1970, UTC.

    `authenticated`: this very card has just proved a key derived from this UID.

    Raises:
        CodeError: the only one, whatever the bytes. "wrong_card" when it was written for another card, and "expired"
            name the medium.

    """
    said, claims = issued.read(
        data, keys, purpose=CARD, external_aad=_AAD, max_bytes=_MAX_BYTES, more=frozenset({_BINDING})
    )
    binding = claims[_BINDING]
    if not isinstance(binding, bytes) or len(binding) != _BINDING_BYTES:
        raise CodeError("unreadable", "UID binding")
    if not aes.same(_bound_to(uid), binding):
        raise CodeError("wrong_card", medium_id=said.medium_id, authority=said.authority)
    issued.still_valid(said, now)
    return tap(said, kind="card", assurance=3 if authenticated else 1)


def to_file(data: bytes) -> bytes:
    """The 128 bytes to write to the card.

    Raises:
        ValueError: more than a file holds.

    """
    if len(data) > _MAX_BYTES:
        raise ValueError(f"object of {len(data)} bytes")
    return (bytes([len(data)]) + data).ljust(FILE_BYTES, b"\x00")


def from_file(content: bytes) -> bytes:
    """The object in the 128 bytes read from a card.

    Raises:
        CodeError: "unreadable" for another length, an empty file, or something after the object.

    """
    if len(content) != FILE_BYTES or not 0 < content[0] <= _MAX_BYTES:
        raise CodeError("unreadable", "card file")
    end = 1 + content[0]
    if any(content[end:]):
        raise CodeError("unreadable", "card file: bytes after the object")
    return content[1:end]


def file_content(answer: bytes) -> bytes:
    """The file in a card's answer to `READ_FILE`.

    Raises:
        CodeError: as `apdu.content`.

    """
    return apdu.content(answer, status=apdu.NATIVE_OK, least=FILE_BYTES, most=FILE_BYTES)


def to_text(uid: bytes, data: bytes) -> str:
    """What a terminal sends of the object that it read from the card with this UID."""
    return PREFIX + urlsafe_b64encode(bytes([len(uid)]) + uid + data).decode()


def from_text(text: str) -> tuple[bytes, bytes]:
    """The UID and the object in what a terminal sent, nothing of it verified.

    Raises:
        CodeError: "unreadable".

    """
    text = text.removeprefix(PREFIX)
    try:
        said = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as garbage:
        raise CodeError("unreadable", "not base64url") from garbage
    if not said or len(said) <= 1 + said[0]:
        raise CodeError("unreadable", "card object without its UID")
    return said[1 : 1 + said[0]], said[1 + said[0] :]


def _bound_to(uid: bytes) -> bytes:
    return hashlib.sha256(b"MPS-UID" + uid).digest()[:_BINDING_BYTES]
