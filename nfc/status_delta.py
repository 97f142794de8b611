"""What has changed in a status list between two of its versions.

    18([ << {1: -9, 4: kid, 16: "application/statuslist-delta+cwt"} >>, {},
         << {2: uri, 6: issued, 4: expiry, 65534: ttl, -70010: to, -70013: from,
             -70014: [valid, invalid, suspended]} >>, r || s ])                          external_aad "MPS-DELTA1"

Each of the three is a byte string of places, smallest first: of each, how many places lie between it and the one
before, in LEB128. Places are told as they are, never as "flipped", so a list that is a little newer comes out right
too, and no hash of the result is needed: list and delta are signed, and a delta fits one version.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from nfc import cbor, cose, issued
from nfc.errors import CodeError
from nfc.issued import STATUS_LIST_SIZE
from nfc.keys import KeySet, SigningKey
from nfc.status_list import BUNDLE, Status, StatusList

MEDIA_TYPE: Final = "application/statuslist-delta+cwt"
MAX_BYTES: Final = 32_768

_AAD: Final = b"MPS-DELTA1"
_TAG: Final = b"\xd2"
_EXPIRY, _SUBJECT, _ISSUED, _TTL = 4, 2, 6, 65534
_TO, _FROM, _CHANGES = -70010, -70013, -70014
_LABELS = frozenset({_EXPIRY, _SUBJECT, _ISSUED, _TTL, _TO, _FROM, _CHANGES})


class Delta(msgspec.Struct, frozen=True):
    """A verified delta."""

    from_version: int
    to_version: int
    issued_at: int  # seconds since 1970, UTC
    expires_at: int
    ttl_seconds: int
    authority: str
    changes: Mapping[int, Status]


def issue(
    key: SigningKey,
    changes: Mapping[int, Status],
    *,
    uri: str,
    from_version: int,
    to_version: int,
    issued_at: int,
    expires_at: int,
    ttl_seconds: int,
) -> bytes:
    """The signed delta of the list that is fetched at `uri`."""
    claims = {
        _SUBJECT: uri,
        _ISSUED: issued_at,
        _EXPIRY: expires_at,
        _TTL: ttl_seconds,
        _TO: to_version,
        _FROM: from_version,
        _CHANGES: [
            dump_places(sorted(place for place, said in changes.items() if said is status)) for status in Status
        ],
    }
    return _TAG + cose.sign1(key.private, cbor.dump(claims), kid=key.kid, external_aad=_AAD, typ=MEDIA_TYPE)


def read(data: bytes, keys: KeySet, now: int, *, uri: str) -> Delta:
    """The delta in `data` for the list that is fetched at `uri`; `now` is in seconds since 1970, UTC.

    Raises:
        CodeError: the only one, whatever the bytes.

    """
    if not data.startswith(_TAG):
        raise CodeError("unreadable", "not a tagged COSE_Sign1")
    message = cose.parse1(data[1:], max_bytes=MAX_BYTES, typ=MEDIA_TYPE)
    key = issued.signer(message, keys, purpose=BUNDLE, external_aad=_AAD)
    claims = cbor.load(message.payload)
    if not cbor.has_labels(claims, _LABELS) or claims[_SUBJECT] != uri:
        raise CodeError("unreadable", "claims")
    numbers = [claims[label] for label in (_FROM, _TO, _ISSUED, _EXPIRY, _TTL)]
    match numbers, claims[_CHANGES]:
        case [int(since), int(until), int(issued_at), int(expires_at), int(ttl)], [
            bytes(valid),
            bytes(invalid),
            bytes(suspended),
        ] if bool not in map(type, numbers) and 0 <= since <= until and min(issued_at, expires_at, ttl) >= 0:
            pass
        case _:
            raise CodeError("unreadable", "claims")
    changes = {
        place: status
        for status, raw in zip(Status, (valid, invalid, suspended), strict=True)
        for place in load_places(raw)
    }
    if now >= expires_at:
        raise CodeError("expired", f"delta to {until}")
    return Delta(since, until, issued_at, expires_at, ttl, key.authority, changes)


def applied(to: StatusList, delta: Delta) -> StatusList:
    """The list at the delta's version.

    Raises:
        CodeError: "stale" when the delta begins at another version, is another authority's or of a longer list: fetch
            the list whole.

    """
    if (to.version, to.authority) != (delta.from_version, delta.authority):
        raise CodeError("stale", f"delta from {delta.from_version} on list {to.version}")
    places = bytearray(to.places)
    if any(index >> 2 >= len(places) for index in delta.changes):
        raise CodeError("stale", "a place beyond the list")
    for index, status in delta.changes.items():
        shift = 2 * (index & 3)
        places[index >> 2] = places[index >> 2] & ~(3 << shift) | status << shift
    return msgspec.structs.replace(
        to,
        version=delta.to_version,
        issued_at=delta.issued_at,
        expires_at=delta.expires_at,
        ttl_seconds=delta.ttl_seconds,
        places=bytes(places),
    )


def dump_places(places: Iterable[int]) -> bytes:
    """Places, smallest first, as the gaps between them."""
    raw, last = bytearray(), -1
    for place in places:
        gap, last = place - last - 1, place
        while gap > 0x7F:
            raw.append(gap & 0x7F | 0x80)
            gap >>= 7
        raw.append(gap)
    return bytes(raw)


def load_places(raw: bytes) -> Iterable[int]:
    """The places that gaps tell, smallest first.

    Raises:
        CodeError: "unreadable", a place that no list has, or half a gap.

    """
    place, gap, shift = -1, 0, 0
    for byte in raw:
        gap |= (byte & 0x7F) << shift
        shift += 7
        if byte & 0x80:
            if shift > 14:
                raise CodeError("unreadable", "gap")
            continue
        place += gap + 1
        if place >= STATUS_LIST_SIZE:
            raise CodeError("unreadable", "place")
        yield place
        gap, shift = 0, 0
    if shift:
        raise CodeError("unreadable", "gap cut off")
