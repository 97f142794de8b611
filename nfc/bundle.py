"""The offline bundle: what a gate of one service knows while nobody can be asked, in one signed object.

    18([ << {1: -9, 4: kid, 16: "application/mps-bundle"} >>, {},
         << {1: authority, 2: service, 6: issued, 4: expiry, -70010: sequence,
             -70015: {list: zlib}, -70016: {list: zlib}, -70017: key set, -70018: zlib} >>, r || s ])
                                                                                             external_aad "MPS-BNDL1"

-70015 are the status lists (`nfc.status_list`), -70016 the entitled lists of the service: one bit a place, lowest
first. -70017 is the authority's signed key set (`nfc.key_set`), empty where it has no root. -70018 is JSON: places,
calendars, policies. Nobody's name is in it, and no medium's: a place says nothing without the medium it was drawn for.
"""

import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from nfc import cbor, cose, issued, status_list
from nfc.errors import CodeError
from nfc.keys import KeySet, SigningKey
from nfc.status_list import BUNDLE, Status

MEDIA_TYPE: Final = "application/mps-bundle"
MAX_BYTES: Final = 8 << 20
MAX_LISTS: Final = 64
MAX_CONTENT_BYTES: Final = 4 << 20

AUTHORITY, SERVICE, EXPIRY, ISSUED = 1, 2, 4, 6
SEQUENCE, STATUS, ENTITLED, KEYS, CONTENT = -70010, -70015, -70016, -70017, -70018
"""Claims; a delta has the same."""

_AAD: Final = b"MPS-BNDL1"
_TAG: Final = b"\xd2"  # 18, COSE_Sign1
_LABELS = frozenset({AUTHORITY, SERVICE, EXPIRY, ISSUED, SEQUENCE, STATUS, ENTITLED, KEYS, CONTENT})


class Bundle(msgspec.Struct, frozen=True):
    """What is known of one service of one authority. `sequence` grows with every bundle that is issued."""

    authority: str
    service: str
    sequence: int
    issued_at: int  # seconds since 1970, UTC
    expires_at: int
    status: dict[int, bytes]  # by number of the list: two bits a place
    entitled: dict[int, bytes]  # by number of the list: one bit a place, lowest first
    keys: bytes  # the signed key set
    content: bytes  # JSON of a domain.offline.Content

    def status_of(self, number: int, index: int) -> Status:
        """What became of the medium at this place. A place that is in no list was not stopped when they were made."""
        places = self.status.get(number, b"")
        return status_list.said(places, index) if index >> 2 < len(places) else Status.VALID

    def is_entitled(self, number: int, index: int) -> bool:
        """Whether the medium at this place may use the service. A place that is in no list may not."""
        places = self.entitled.get(number, b"")
        return index >> 3 < len(places) and bool(places[index >> 3] >> (index & 7) & 1)


def bits(places: Iterable[int], size: int) -> bytes:
    """An entitled list of `size` places, a multiple of eight, in which these are set."""
    packed = bytearray(size >> 3)
    for index in places:
        packed[index >> 3] |= 1 << (index & 7)
    return bytes(packed)


def issue(key: SigningKey, bundle: Bundle) -> bytes:
    """The signed bundle: the same bytes every time for the same arguments.

    Raises:
        ValueError: more than readers accept.

    """
    squeezed = {
        STATUS: {number: status_list.compress(places) for number, places in bundle.status.items()},
        ENTITLED: {number: status_list.compress(places) for number, places in bundle.entitled.items()},
        CONTENT: zlib.compress(bundle.content, 9),
    }
    payload = cbor.dump(claims(bundle) | squeezed)
    data = _TAG + cose.sign1(key.private, payload, kid=key.kid, external_aad=_AAD, typ=MEDIA_TYPE)
    if len(data) > MAX_BYTES or len(bundle.content) > MAX_CONTENT_BYTES or len(bundle.status) > MAX_LISTS:
        raise ValueError(f"a bundle of {len(data)} bytes")
    return data


def read(data: bytes, keys: KeySet, *, authority: str, service: str, newest: int) -> Bundle:
    """The bundle in `data`, signed by this authority for this service.

    `newest` is the greatest sequence that this reader has accepted, 0 at first: keep it where a restart finds it.
    Whether the bundle has expired is for the reader to look at: how old it may be is the site's policy.

    Raises:
        CodeError: the only one, whatever the bytes; "stale" for a smaller sequence than the newest.

    """
    message = _message(data)
    key = issued.signer(message, keys, purpose=BUNDLE, external_aad=_AAD)
    found = _read_claims(message.payload)
    if not key.authority == found.authority == authority or found.service != service:
        raise CodeError("unknown_key", f"bundle of {found.authority}/{found.service}")
    if found.sequence < newest:
        raise CodeError("stale", f"bundle {found.sequence} after {newest}")
    return found


def unverified(data: bytes) -> Bundle:
    """What a bundle says, whoever signed it: for tools that look into files.

    Raises:
        CodeError: "unreadable", "too_long".

    """
    return _read_claims(_message(data).payload)


def claims(bundle: Bundle) -> dict[int, object]:
    """What a bundle says, its lists and content as they are."""
    return {
        AUTHORITY: bundle.authority,
        SERVICE: bundle.service,
        ISSUED: bundle.issued_at,
        EXPIRY: bundle.expires_at,
        SEQUENCE: bundle.sequence,
        STATUS: bundle.status,
        ENTITLED: bundle.entitled,
        KEYS: bundle.keys,
        CONTENT: bundle.content,
    }


def whole_numbers(*values: object) -> bool:
    """Whether all are integers from nothing upwards: `true` is none."""
    return all(type(value) is int and value >= 0 for value in values)


def _message(data: bytes) -> cose.Sign1:
    if not data.startswith(_TAG):
        raise CodeError("unreadable", "not a tagged COSE_Sign1")
    return cose.parse1(data[1:], max_bytes=MAX_BYTES, typ=MEDIA_TYPE)


def _read_claims(payload: bytes) -> Bundle:
    found = cbor.load(payload)
    if not cbor.has_labels(found, _LABELS):
        raise CodeError("unreadable", "claims")
    match [found[label] for label in (AUTHORITY, SERVICE, SEQUENCE, ISSUED, EXPIRY, KEYS, CONTENT)]:
        case [
            str(authority),
            str(service),
            int(sequence),
            int(issued_at),
            int(expires_at),
            bytes(keys),
            bytes(content),
        ] if whole_numbers(sequence, issued_at, expires_at):
            pass
        case _:
            raise CodeError("unreadable", "claims")
    return Bundle(
        authority,
        service,
        sequence,
        issued_at,
        expires_at,
        _lists(found[STATUS], status_list.decompress),
        _lists(found[ENTITLED], _entitled),
        keys,
        status_list.inflate(content, max_bytes=MAX_CONTENT_BYTES),
    )


def _entitled(data: bytes) -> bytes:
    return status_list.decompress(data, bits=1)


def _lists(found: object, unpack: Callable[[bytes], bytes]) -> dict[int, bytes]:
    if not isinstance(found, Mapping) or len(found) > MAX_LISTS or not whole_numbers(*found):
        raise CodeError("unreadable", "lists")
    lists = {}
    for number, squeezed in found.items():
        if not isinstance(squeezed, bytes):
            raise CodeError("unreadable", "list")
        lists[number] = unpack(squeezed)
    return lists
