"""What a trusted gateway says of a medium that is not ours: a Calypso card, or an AMC application (NF P99-508).

Cards of others open with a security module (SAM) that only their readers have. The gateway that has it reads the
card and signs what it saw; a terminal passes that on as a credential.

    "EXT:" + base64url of a COSE_Sign1, external_aad "MPS-EXT1", a key of the gateway's own:

    { 6: iat, 7: nonce (16 bytes), -70040: "calypso" | "amc", -70041: serial hash (32 bytes),
      -70042: sector, -70043: the sector's identifier (4 to 32 bytes), -70044: read in a session of a SAM }

A statement speaks of one sector: nothing in it is the same in another, the serial hash included (`serial_hash`).
"""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from nfc import cbor, cose, issued
from nfc.errors import CodeError
from nfc.keys import KeySet, SigningKey

PREFIX: Final = "EXT:"
GATEWAY: Final = "gateway"
"""The purpose of a gateway's key."""
NONCE_BYTES: Final = 16
SERIAL_HASH_BYTES: Final = 32
MIN_IDENTIFIER_BYTES: Final = 4
MAX_IDENTIFIER_BYTES: Final = 32

Technology: TypeAlias = Literal["calypso", "amc"]
"""Whose application the gateway has read."""

MAX_AGE_SECONDS: Final = 60
"""How old a statement may be: a gateway makes it for the tap that is sent at once, or again after a lost answer."""
MAX_AHEAD_SECONDS: Final = 5
"""How far a gateway's clock may run ahead: it has a network, so it has the time."""

_AAD: Final = b"MPS-EXT1"
_MAX_BYTES: Final = 256  # with every claim at its longest
_MAX_CHARACTERS: Final = len(PREFIX) + (_MAX_BYTES + 2) // 3 * 4
_UINT32: Final = 1 << 32
_IAT, _NONCE, _TECHNOLOGY, _SERIAL, _SECTOR, _IDENTIFIER, _SAM = 6, 7, -70040, -70041, -70042, -70043, -70044
_LABELS = frozenset({_IAT, _NONCE, _TECHNOLOGY, _SERIAL, _SECTOR, _IDENTIFIER, _SAM})
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_SECTOR_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


class Statement(Struct, frozen=True):
    """What a gateway says. It prints without what leads to a person."""

    technology: Technology
    serial_hash: bytes  # 32 bytes, other in each sector: `serial_hash`
    sector: str
    identifier: bytes  # 4 to 32 bytes: the name of the card's holder in this sector, and in no other
    sam_session: bool  # the SAM has verified the card; without it anybody could play the card
    iat: int  # seconds since 1970, UTC, by the gateway's clock
    nonce: bytes  # 16 bytes, drawn by whoever asked the gateway to read, who compares it

    def __repr__(self) -> str:
        """The sector and the moment."""
        return f"Statement({self.technology}, {self.sector}, iat={self.iat})"

    @property
    def assurance(self) -> int:
        """3: the card has just proved a key; 1: its content was read, which can be copied."""
        return 3 if self.sam_session else 1


def serial_hash(secret: bytes, sector: str, serial: bytes) -> bytes:
    """How a gateway names a card: HMAC-SHA-256 under a secret that never leaves it, other in each sector."""
    return hmac.digest(secret, sector.encode() + b"\x00" + serial, "sha256")


def state(key: SigningKey, said: Statement) -> str:
    """The credential, as the gateway makes it: the same text for the same arguments.

    Raises:
        ValueError: a claim out of the range that readers accept.

    """
    claims: dict[int, object] = {
        _IAT: said.iat,
        _NONCE: said.nonce,
        _TECHNOLOGY: said.technology,
        _SERIAL: said.serial_hash,
        _SECTOR: said.sector,
        _IDENTIFIER: said.identifier,
        _SAM: said.sam_session,
    }
    if _statement(claims) is None:
        raise ValueError(f"claims out of range: {said!r}")
    signed = cose.sign1(key.private, cbor.dump(claims), kid=key.kid, external_aad=_AAD)
    return PREFIX + urlsafe_b64encode(signed).rstrip(b"=").decode("ascii")


def parse(text: str) -> cose.Sign1:
    """The message in a credential that starts with `PREFIX`: `kid` says whose key to ask for, nothing is believed yet.

    Raises:
        CodeError: "too_long" or "unreadable".

    """
    if len(text) > _MAX_CHARACTERS:
        raise CodeError("too_long", f"{len(text)} characters")
    digits = text.removeprefix(PREFIX)
    if not _BASE64URL.fullmatch(digits) or len(digits) % 4 == 1:
        raise CodeError("unreadable", "not base64url")
    return cose.parse1(urlsafe_b64decode(digits + "=" * (-len(digits) % 4)), max_bytes=_MAX_BYTES)


def verify(message: cose.Sign1, keys: KeySet, now: int) -> Statement:
    """What the gateway says, its signature verified, then its moment; `now` is in seconds since 1970, UTC.

    Raises:
        CodeError: "unknown_key", "withdrawn_key", "bad_signature", "unreadable" or "stale".

    """
    issued.signer(message, keys, purpose=GATEWAY, external_aad=_AAD)
    claims = cbor.load(message.payload)
    said = _statement(claims) if cbor.has_labels(claims, _LABELS) else None
    if said is None:
        raise CodeError("unreadable", "claims")
    age = now - said.iat
    if not -MAX_AHEAD_SECONDS <= age <= MAX_AGE_SECONDS:
        raise CodeError("stale", f"{age} seconds old")
    return said


def read(text: str, keys: KeySet, now: int) -> Statement:
    """`parse` and `verify`.

    Raises:
        CodeError: the only one, whatever the text.

    """
    return verify(parse(text), keys, now)


def _statement(claims: dict[int, object]) -> Statement | None:
    """What the claims say; None when one of them has another type or is out of range."""
    match [claims[label] for label in (_TECHNOLOGY, _SERIAL, _SECTOR, _IDENTIFIER, _SAM, _IAT, _NONCE)]:
        case [
            "calypso" | "amc" as technology,
            bytes(serial),
            str(sector),
            bytes(identifier),
            bool(sam),
            int(iat),
            bytes(nonce),
        ] if (
            len(serial) == SERIAL_HASH_BYTES
            and _SECTOR_NAME.fullmatch(sector)
            and MIN_IDENTIFIER_BYTES <= len(identifier) <= MAX_IDENTIFIER_BYTES
            and type(iat) is int
            and 0 < iat < _UINT32
            and len(nonce) == NONCE_BYTES
        ):
            return Statement(technology, serial, sector, identifier, sam, iat, nonce)
        case _:
            return None
