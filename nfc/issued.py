"""What an authority says of a medium, under its signature, in every code and card of ours.

    { 4: expiry, 7: medium id, -70001: [status list, index] }      and what a type of object adds

Nothing in it tells who the person is or what they may do. Each type of object has its own external_aad and its own
keys: what was signed as one type is refused as every other.
"""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from nfc import cbor, cose
from nfc.errors import CodeError
from nfc.keys import KeySet, SigningKey, VerifyKey

MEDIUM_ID_BYTES: Final = 8
STATUS_LIST_SIZE: Final = 1 << 20  # entries of one status list, credentials.md section 4

_UINT32: Final = 1 << 32
_EXPIRY, _MEDIUM_ID, _STATUS = 4, 7, -70001
_LABELS = frozenset({_EXPIRY, _MEDIUM_ID, _STATUS})

Label = int
Claims = dict[int, object]


class Issued(msgspec.Struct, frozen=True, gc=False):
    """What the issuer vouches for. Whether it was revoked since is elsewhere."""

    medium_id: bytes  # 8 bytes
    expires_at: int  # seconds since 1970, UTC: not accepted from this second on
    status_list: int
    status_index: int
    authority: str  # code of the issuing tenant
    kid: bytes


class VerifiedCode(Issued, frozen=True, gc=False):
    """What a code proves once its signatures are checked and it is not over."""

    kind: Literal["print", "phone"]
    assurance: int  # 1: a picture, which can be copied; 2: fresh, which can be relayed (credentials.md section 0)
    presented_at: int | None = None  # a phone's `iat`, by its own clock: only a later one of the same medium is new


def issue(
    key: SigningKey,
    *,
    external_aad: bytes,
    medium_id: bytes,
    expires_at: int,
    status_list: int,
    status_index: int,
    more: Mapping[Label, object] | None = None,
) -> bytes:
    """The signed object: the same bytes every time for the same arguments.

    `medium_id` is 8 random bytes, `expires_at` in seconds since 1970, UTC; `more` is what this type of object adds.

    Raises:
        ValueError: an argument out of the range that readers accept.

    """
    claims: Claims = {_EXPIRY: expires_at, _MEDIUM_ID: medium_id, _STATUS: [status_list, status_index]}
    if _values(claims) is None:
        raise ValueError(f"claims out of range: {claims}")
    return cose.sign1(key.private, cbor.dump({**claims, **(more or {})}), kid=key.kid, external_aad=external_aad)


def read(
    data: bytes,
    keys: KeySet,
    *,
    purpose: str,
    external_aad: bytes,
    max_bytes: int,
    more: frozenset[Label] = frozenset(),
) -> tuple[Issued, Claims]:
    """What the issuer says, and all claims: those labelled `more` are there, signed, and still to be checked.

    The expiry is not looked at: see `still_valid`.

    Raises:
        CodeError: the only one, whatever the bytes.

    """
    message = cose.parse1(data, max_bytes=max_bytes)
    key = signer(message, keys, purpose=purpose, external_aad=external_aad)
    claims = cbor.load(message.payload)
    if not cbor.has_labels(claims, _LABELS | more) or (values := _values(claims)) is None:
        raise CodeError("unreadable", "claims")
    return Issued(*values, key.authority, key.kid), claims


def still_valid(issued: Issued, now: int) -> None:
    """Look at the expiry, last of all: what is over is known to be genuine, and names its medium.

    Raises:
        CodeError: "expired", from that very second on.

    """
    if now >= issued.expires_at:
        raise CodeError("expired", medium_id=issued.medium_id, authority=issued.authority)


def signer(message: cose.Sign1, keys: KeySet, *, purpose: str, external_aad: bytes) -> VerifyKey:
    """The trusted key for this purpose that signed this.

    Raises:
        CodeError: "unknown_key", "withdrawn_key" or "bad_signature".

    """
    candidates = [key for key in keys.get(message.kid or b"", ()) if key.purpose == purpose]
    if not candidates:
        raise CodeError("unknown_key", (message.kid or b"").hex())
    for key in candidates:
        if cose.verify1(message, key.public, external_aad=external_aad):
            if key.withdrawn:
                raise CodeError("withdrawn_key", key.kid.hex())
            return key
    raise CodeError("bad_signature")


def _values(claims: Claims) -> tuple[bytes, int, int, int] | None:
    """Medium id, expiry, status list and index; None when one of them has another type or is out of range."""
    match claims[_MEDIUM_ID], claims[_EXPIRY], claims[_STATUS]:
        case bytes(medium_id), int(expires_at), [int(status_list), int(status_index)] if (
            bool not in {type(expires_at), type(status_list), type(status_index)}
            and 0 < expires_at < _UINT32
            and len(medium_id) == MEDIUM_ID_BYTES
            and 0 <= status_list < _UINT32
            and 0 <= status_index < STATUS_LIST_SIZE
        ):
            return medium_id, expires_at, status_list, status_index
        case _:
            return None
