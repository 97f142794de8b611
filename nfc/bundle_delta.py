"""What has changed between two bundles of one service, so that a gate on a thin line need not fetch the whole.

    18([ << {1: -9, 4: kid, 16: "application/mps-bundle-delta"} >>, {},
         << {1: authority, 2: service, 6: issued, 4: expiry, -70010: to, -70013: from,
             -70015: {list: [size, valid, invalid, suspended, 3]}, -70016: {list: [size, may not, may]},
             -70017: key set or null, -70018: zlib or null, -70019: sha-256} >>, r || s ])   external_aad "MPS-BNDD1"

Places are told by what they say now, as in a delta of a status list (`nfc.status_delta`), for every list of the new
bundle; a list that is not named is gone, one that was not there begins with nothing set. `size` is in bytes. Null: as
before. The hash is that of the bundle that must come out, so a gate never goes on with anything but what the server
has.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from nfc import cbor, cose, issued, status_list
from nfc.bundle import (
    AUTHORITY,
    CONTENT,
    ENTITLED,
    EXPIRY,
    ISSUED,
    KEYS,
    MAX_BYTES,
    MAX_CONTENT_BYTES,
    MAX_LISTS,
    SEQUENCE,
    SERVICE,
    STATUS,
    Bundle,
    claims,
    whole_numbers,
)
from nfc.errors import CodeError
from nfc.issued import STATUS_LIST_SIZE
from nfc.keys import KeySet, SigningKey
from nfc.status_delta import dump_places, load_places
from nfc.status_list import BUNDLE

MEDIA_TYPE: Final = "application/mps-bundle-delta"

_AAD: Final = b"MPS-BNDD1"
_TAG: Final = b"\xd2"
_FROM, _HASH = -70013, -70019
_LABELS = frozenset({AUTHORITY, SERVICE, EXPIRY, ISSUED, SEQUENCE, _FROM, STATUS, ENTITLED, KEYS, CONTENT, _HASH})
_STATUS_BITS, _ENTITLED_BITS = 2, 1


def make(key: SigningKey, old: Bundle, new: Bundle) -> bytes:
    """The signed delta that turns `old` into `new`, two bundles of one service."""
    said = {
        AUTHORITY: new.authority,
        SERVICE: new.service,
        ISSUED: new.issued_at,
        EXPIRY: new.expires_at,
        SEQUENCE: new.sequence,
        _FROM: old.sequence,
        STATUS: _told(old.status, new.status, _STATUS_BITS),
        ENTITLED: _told(old.entitled, new.entitled, _ENTITLED_BITS),
        KEYS: new.keys if new.keys != old.keys else None,
        CONTENT: zlib.compress(new.content, 9) if new.content != old.content else None,
        _HASH: _digest(new),
    }
    return _TAG + cose.sign1(key.private, cbor.dump(said), kid=key.kid, external_aad=_AAD, typ=MEDIA_TYPE)


def apply(bundle: Bundle, data: bytes, keys: KeySet) -> Bundle:
    """The bundle that the delta in `data` makes of this one. Nothing of the old one is changed.

    Raises:
        CodeError: the only one, whatever the bytes; "stale" when the delta begins at another sequence or goes back, or
            when something else comes out than the server has: fetch the bundle whole.

    """
    if not data.startswith(_TAG):
        raise CodeError("unreadable", "not a tagged COSE_Sign1")
    message = cose.parse1(data[1:], max_bytes=MAX_BYTES, typ=MEDIA_TYPE)
    key = issued.signer(message, keys, purpose=BUNDLE, external_aad=_AAD)
    found = cbor.load(message.payload)
    if not cbor.has_labels(found, _LABELS):
        raise CodeError("unreadable", "claims")
    if not key.authority == found[AUTHORITY] == bundle.authority or found[SERVICE] != bundle.service:
        raise CodeError("unknown_key", f"delta of {found[AUTHORITY]}/{found[SERVICE]}")
    match [found[label] for label in (_FROM, SEQUENCE, ISSUED, EXPIRY, KEYS, CONTENT)]:
        case [
            int(since),
            int(sequence),
            int(issued_at),
            int(expires_at),
            bytes() | None as signed_keys,
            bytes() | None as content,
        ] if whole_numbers(since, sequence, issued_at, expires_at):
            pass
        case _:
            raise CodeError("unreadable", "claims")
    if since != bundle.sequence or sequence < since:
        raise CodeError("stale", f"delta from {since} to {sequence} on bundle {bundle.sequence}")
    new = Bundle(
        bundle.authority,
        bundle.service,
        sequence,
        issued_at,
        expires_at,
        _lists(found[STATUS], bundle.status, _STATUS_BITS),
        _lists(found[ENTITLED], bundle.entitled, _ENTITLED_BITS),
        bundle.keys if signed_keys is None else signed_keys,
        bundle.content if content is None else status_list.inflate(content, max_bytes=MAX_CONTENT_BYTES),
    )
    if _digest(new) != found[_HASH]:
        raise CodeError("stale", f"another bundle than {sequence} comes out")
    return new


def _digest(bundle: Bundle) -> bytes:
    """SHA-256 of the claims with lists and content unpacked: no two programs need to pack alike."""
    return hashlib.sha256(cbor.dump(claims(bundle))).digest()


def _told(old: Mapping[int, bytes], new: Mapping[int, bytes], bits: int) -> dict[int, list[int | bytes]]:
    told: dict[int, list[int | bytes]] = {}
    for number, places in new.items():
        changed: list[list[int]] = [[] for _ in range(1 << bits)]
        for place, value in _changes(old.get(number, b""), places, bits):
            changed[value].append(place)
        told[number] = [len(places), *(dump_places(of_value) for of_value in changed)]
    return told


def _changes(old: bytes, new: bytes, bits: int) -> Iterator[tuple[int, int]]:
    """Each place whose value is another one, with the new value."""
    a_byte, mask = 8 // bits, (1 << bits) - 1
    before = _grown(old, len(new))
    for at, (was, now) in enumerate(zip(before, new, strict=True)):
        if was != now:
            for slot in range(a_byte):
                value = now >> bits * slot & mask
                if value != was >> bits * slot & mask:
                    yield at * a_byte + slot, value


def _lists(found: object, old: Mapping[int, bytes], bits: int) -> dict[int, bytes]:
    if not isinstance(found, Mapping) or len(found) > MAX_LISTS or not whole_numbers(*found):
        raise CodeError("unreadable", "lists")
    return {number: _list(told, old.get(number, b""), bits) for number, told in found.items()}


def _list(told: object, old: bytes, bits: int) -> bytes:
    match told:
        case [int(size), *changed] if (
            whole_numbers(size)
            and size.bit_count() == 1
            and size <= STATUS_LIST_SIZE * bits >> 3
            and len(changed) == 1 << bits
        ):
            pass
        case _:
            raise CodeError("unreadable", "list")
    places = bytearray(_grown(old, size))
    put = _putter(places, bits)
    for value, raw in enumerate(changed):
        if not isinstance(raw, bytes):
            raise CodeError("unreadable", "places")
        for place in load_places(raw):
            put(place, value)
    return bytes(places)


def _putter(places: bytearray, bits: int) -> Callable[[int, int], None]:
    a_byte, mask = 8 // bits, (1 << bits) - 1

    def put(place: int, value: int) -> None:
        at, shift = place // a_byte, bits * (place % a_byte)
        if at >= len(places):
            raise CodeError("unreadable", "place beyond the list")
        places[at] = places[at] & ~(mask << shift) | value << shift

    return put


def _grown(places: bytes, size: int) -> bytes:
    """The list at another size: what is new says nothing, what is cut off said something and is gone."""
    return places[:size].ljust(size, b"\x00")
