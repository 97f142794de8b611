"""Roots of the authorities: which key may sign a key set, and the set that is published.

root-<authority>.json       public halves, the one in force first; the private half never comes near
key-set-<authority>.cose    what the root signed last
"""

from datetime import datetime, timedelta
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Struct

from adapters.key_entries import VERIFIED
from adapters.key_folder import KeyFolder
from adapters.keyring import KeyMissing, KeyRing
from domain.errors import Conflict
from nfc import key_set, keys
from nfc.key_set import SignedKeySet, Unsigned

LIFE: Final = timedelta(days=30)
"""A verifier that has heard nothing for longer has no keys to go by: sign anew in the middle of it."""


class KeySetConflict(Conflict):
    """A signed key set does not follow from the one before, or is not of the keys in force."""

    code = "key-set-conflict"


class _Roots(Struct, frozen=True):
    trusted: tuple[bytes, ...] = ()  # x and y of each


def trusted(folder: KeyFolder, authority: str) -> tuple[ec.EllipticCurvePublicKey, ...]:
    """Return the roots that may sign for an authority."""
    try:
        found = msgspec.json.decode(folder.read(_roots_file(authority)), type=_Roots)
    except FileNotFoundError:
        return ()
    return tuple(keys.load_point(point) for point in found.trusted)


def trust(folder: KeyFolder, authority: str, roots: tuple[ec.EllipticCurvePublicKey, ...]) -> None:
    """Name the roots that may sign for an authority: the one in force, and the one to succeed it."""
    content = _Roots(tuple(keys.dump_point(root) for root in roots))
    folder.write(_roots_file(authority), msgspec.json.encode(content))


def request(ring: KeyRing, authority: str, *, now: datetime) -> bytes:
    """What the root is asked to sign: every key in force or coming, under the next version.

    Raises:
        KeyMissing: the authority has no root.
    """
    roots = trusted(ring.folder, authority)
    if not roots:
        raise KeyMissing(f"{authority} has no root: multipass keys root new.")
    before = installed(ring, authority)
    return key_set.payload(
        Unsigned(
            authority,
            before.version + 1 if before else 1,
            int(now.timestamp()),
            int((now + LIFE).timestamp()),
            _in_force(ring, authority),
            roots,
        )
    )


def install(ring: KeyRing, authority: str, signed: bytes, *, now: datetime) -> SignedKeySet:
    """Publish a set that the root has signed.

    Raises:
        CodeError: no root of the authority signed it, or it has expired.
        KeySetConflict: its version is not greater than the one published, or its keys are not those in force.
    """
    roots = _as_keys(trusted(ring.folder, authority), authority)
    before = installed(ring, authority)
    found = key_set.read(signed, roots, authority=authority, now=int(now.timestamp()), last_version=0)
    if before is not None and found.version <= before.version:
        raise KeySetConflict(f"Version {found.version} does not follow version {before.version}.")
    if {*found.keys} != {key.kid for key in _in_force(ring, authority)}:
        raise KeySetConflict("The keys have changed since the request was made: make another.")
    ring.folder.write(_set_file(authority), signed)
    return found


def published(ring: KeyRing, authority: str) -> bytes:
    """Return the set as it was signed.

    Raises:
        KeyMissing: none was.
    """
    try:
        return ring.folder.read(_set_file(authority))
    except (FileNotFoundError, ValueError):
        raise KeyMissing(f"No root has signed the keys of {authority}.") from None


def installed(ring: KeyRing, authority: str) -> SignedKeySet | None:
    """Return the set that is published, even one that is over: versions go on from it."""
    try:
        signed = published(ring, authority)
    except KeyMissing:
        return None
    return key_set.unverified(signed)


def _in_force(ring: KeyRing, authority: str) -> tuple[keys.VerifyKey, ...]:
    known = ring.verify_keys(*VERIFIED)
    return tuple(key for same in known.values() for key in same if key.authority == authority and not key.withdrawn)


def _as_keys(roots: tuple[ec.EllipticCurvePublicKey, ...], authority: str) -> keys.KeySet:
    return keys.key_set(keys.verify_key(root, purpose=key_set.ROOT, authority=authority) for root in roots)


def _roots_file(authority: str) -> str:
    return f"root-{authority}.json"


def _set_file(authority: str) -> str:
    return f"key-set-{authority}.cose"
