"""The keys of an authority, signed by its root: what verifiers without a network trust.

    18([ << {1: -9, 4: root kid, 16: "application/cose-key-set+cwt"} >>, {},
         << {1: authority, 6: issued, 4: expiry, -70010: version, -70011: {"print": keys, "phone": ..., "bundle": ...},
             -70012: roots} >>, r || s ])                                                external_aad "MPS-KEYS1"

`keys` and `roots` are byte strings, each a COSE_KeySet (RFC 9052 section 7). A key signs what its place in the map says
and nothing else. `version` grows with every set. A verifier pins one root, keeps the version it has seen, takes no
smaller one, and learns from `roots` which keys may sign the next: that is how a root is succeeded.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from nfc import cbor, cose, keys
from nfc.errors import CodeError
from nfc.keys import KeySet, SigningKey, VerifyKey

MEDIA_TYPE: Final = "application/cose-key-set+cwt"
MAX_BYTES: Final = 16_384
ROOT: Final = "root"
PURPOSES: Final = ("bundle", "card", "phone", "print")

_AAD: Final = b"MPS-KEYS1"
_TAG: Final = b"\xd2"  # 18, COSE_Sign1
_MAX_KEYS: Final = 64
_ISSUER, _EXPIRY, _ISSUED = 1, 4, 6
_VERSION, _KEYS, _ROOTS = -70010, -70011, -70012
_LABELS = frozenset({_ISSUER, _EXPIRY, _ISSUED, _VERSION, _KEYS, _ROOTS})


class Unsigned(msgspec.Struct, frozen=True):
    """What a root is asked to sign."""

    authority: str
    version: int  # 1 and upwards
    issued_at: int  # seconds since 1970, UTC
    expires_at: int
    keys: tuple[VerifyKey, ...]
    roots: tuple[ec.EllipticCurvePublicKey, ...]  # which may sign the next


class SignedKeySet(msgspec.Struct, frozen=True):
    """A verified set."""

    authority: str
    version: int
    issued_at: int
    expires_at: int
    keys: KeySet
    roots: KeySet


def payload(asked: Unsigned) -> bytes:
    """What the root's signature is over: the request that travels to where the root is kept."""
    by_purpose = {
        purpose: keys.cose_key_set(keys.key_set(key for key in asked.keys if key.purpose == purpose))
        for purpose in sorted({key.purpose for key in asked.keys})
    }
    roots = keys.key_set(keys.verify_key(root, purpose=ROOT, authority=asked.authority) for root in asked.roots)
    return cbor.dump(
        {
            _ISSUER: asked.authority,
            _ISSUED: asked.issued_at,
            _EXPIRY: asked.expires_at,
            _VERSION: asked.version,
            _KEYS: by_purpose,
            _ROOTS: keys.cose_key_set(roots),
        }
    )


def sign(root: SigningKey, request: bytes) -> bytes:
    """Sign a request, if it is one.

    Raises:
        CodeError: "unreadable".

    """
    read_request(request)
    return _TAG + cose.sign1(root.private, request, kid=root.kid, external_aad=_AAD, typ=MEDIA_TYPE)


def read(data: bytes, roots: KeySet, *, authority: str, now: int, last_version: int) -> SignedKeySet:
    """The set in `data`, signed by one of these roots for this authority; `now` is in seconds since 1970, UTC.

    `last_version` is the greatest that this verifier has accepted, 0 at first: keep it where a restart finds it.

    Raises:
        CodeError: the only one, whatever the bytes; "stale" for a smaller version than the last.

    """
    if not data.startswith(_TAG):
        raise CodeError("unreadable", "not a tagged COSE_Sign1")
    message = cose.parse1(data[1:], max_bytes=MAX_BYTES, typ=MEDIA_TYPE)
    mine = [key for key in roots.get(message.kid or b"", ()) if key.purpose == ROOT and key.authority == authority]
    if not mine:
        raise CodeError("unknown_key", "root")
    if not any(cose.verify1(message, key.public, external_aad=_AAD) for key in mine):
        raise CodeError("bad_signature", "root")
    found = read_request(message.payload)
    if found.authority != authority:
        raise CodeError("unknown_key", "another authority's set")
    if now >= found.expires_at:
        raise CodeError("expired", f"key set {found.version}")
    if found.version < last_version:
        raise CodeError("stale", f"key set {found.version} after {last_version}")
    return found


def unverified(data: bytes) -> SignedKeySet:
    """What a set says, whoever signed it: for its own keeper, who counts versions across roots.

    Raises:
        CodeError: "unreadable", "too_long".

    """
    return read_request(cose.parse1(data[1:], max_bytes=MAX_BYTES, typ=MEDIA_TYPE).payload)


def read_request(data: bytes) -> SignedKeySet:
    """What somebody asks a root to sign: nothing in it is believed yet.

    Raises:
        CodeError: "unreadable", "too_long".

    """
    if len(data) > MAX_BYTES:
        raise CodeError("too_long", f"{len(data)} bytes")
    claims = cbor.load(data)
    if not cbor.has_labels(claims, _LABELS):
        raise CodeError("unreadable", "claims")
    match [claims[_ISSUER], claims[_VERSION], claims[_ISSUED], claims[_EXPIRY]]:
        case [str(authority), int(version), int(issued), int(expiry)] if (
            bool not in {type(claims[label]) for label in (_VERSION, _ISSUED, _EXPIRY)}
            and version > 0
            and 0 <= issued < expiry
        ):
            pass
        case _:
            raise CodeError("unreadable", "claims")
    match claims[_KEYS], claims[_ROOTS]:
        case dict(by_purpose), bytes(roots) if by_purpose.keys() <= set(PURPOSES):
            pass
        case _:
            raise CodeError("unreadable", "keys")
    trusted = [key for purpose, raw in by_purpose.items() for key in _keys(raw, purpose=purpose, authority=authority)]
    return SignedKeySet(
        authority,
        version,
        issued,
        expiry,
        keys.key_set(trusted),
        keys.key_set(_keys(roots, purpose=ROOT, authority=authority)),
    )


def _keys(raw: object, *, purpose: str, authority: str) -> Iterable[VerifyKey]:
    if not isinstance(raw, bytes):
        raise CodeError("unreadable", "key set")
    items = cbor.load(raw)
    if not isinstance(items, list) or len(items) > _MAX_KEYS:
        raise CodeError("unreadable", "key set")
    return [keys.verify_key(_point(item), purpose=purpose, authority=authority) for item in items]


def _point(item: object) -> ec.EllipticCurvePublicKey:
    """The key of a COSE_Key, which must be written as we write it: its name follows from it."""
    match item:
        case {-2: bytes(x), -3: bytes(y)} if len(x) == len(y) == 32 and isinstance(item, Mapping):
            try:
                public = keys.load_point(x + y)
            except ValueError as error:
                raise CodeError("unreadable", "point") from error
        case _:
            raise CodeError("unreadable", "COSE_Key")
    if cbor.dump(item) != keys.cose_key(keys.verify_key(public, purpose="", authority="")):
        raise CodeError("unreadable", "COSE_Key")
    return public
