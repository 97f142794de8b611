"""Whose signatures a terminal believes.

The set of keys that the authority's offline root signed (`nfc.key_set`). The root is learnt once, from the server that
the terminal was paired with, and pinned: from then on a set counts only if that root signed it, or the one it named as
its successor. Where the authority has no root, its keys are taken from that server as they are, over TLS.
"""

from base64 import urlsafe_b64decode
from datetime import datetime

import msgspec
from msgspec import Struct

from nfc import key_set, keys
from nfc.errors import CodeError
from nfc.key_set import ROOT, SignedKeySet
from nfc.keys import KeySet
from terminal.disk import Disk

_NOTE = "trust"


class Published(Struct, frozen=True):
    """One public key as a server without a root publishes it."""

    purpose: str
    point: bytes  # x and y, 64 bytes


class _Kept(Struct, frozen=True):
    """What a restart finds: a signed set with the roots that may sign the next, or plain keys."""

    version: int = 0
    signed: bytes = b""
    roots: tuple[bytes, ...] = ()
    plain: tuple[Published, ...] = ()


class Trust:
    """The keys that are believed now."""

    def __init__(self, disk: Disk, authority: str) -> None:
        self._disk = disk
        self.authority = authority
        self._kept = disk.note(_NOTE, _Kept) or _Kept()
        self.keys: KeySet = self._believed()

    @property
    def pinned(self) -> bool:
        """Whether a root is known: nothing unsigned counts any more."""
        return bool(self._kept.roots)

    def adopt(self, signed: bytes, *, now: datetime) -> None:
        """Believe a set that the pinned root has signed; the first one tells which root that is.

        Raises:
            CodeError: it is none, it is over, it is older than the last, or another root signed it.
            NotRecorded: the state file takes nothing; the keys are those of before.
        """
        if signed == self._kept.signed:
            return
        roots = self._roots() if self.pinned else key_set.unverified(signed).roots
        found = key_set.read(
            signed,
            roots,
            authority=self.authority,
            now=int(now.timestamp()),
            last_version=self._kept.version,
        )
        self._keep(_Kept(found.version, signed, _points(found)))

    def adopt_plain(self, published: tuple[Published, ...]) -> None:
        """Believe what the server of an authority without a root says.

        Raises:
            NotRecorded: as `adopt`.
        """
        if not self.pinned and published != self._kept.plain:
            self._keep(_Kept(plain=published))

    def _keep(self, kept: _Kept) -> None:
        self._disk.keep(_NOTE, kept)
        self._kept = kept
        self.keys = self._believed()

    def _believed(self) -> KeySet:
        if self._kept.signed:
            # Verified as it was taken in; nobody but this terminal's user writes here.
            return key_set.unverified(self._kept.signed).keys
        return keys.key_set(
            keys.verify_key(keys.load_point(one.point), purpose=one.purpose, authority=self.authority)
            for one in self._kept.plain
        )

    def _roots(self) -> KeySet:
        return keys.key_set(
            keys.verify_key(keys.load_point(point), purpose=ROOT, authority=self.authority)
            for point in self._kept.roots
        )


def published(jwks: bytes, purpose: str) -> tuple[Published, ...]:
    """Read the keys of one purpose in a JWK set.

    Raises:
        CodeError: "unreadable".
    """
    try:
        found = msgspec.json.decode(jwks, type=_Jwks)
        return tuple(Published(purpose, _coordinate(one.x) + _coordinate(one.y)) for one in found.keys)
    except (msgspec.DecodeError, ValueError) as problem:
        raise CodeError("unreadable", "JWK set") from problem


class _Jwk(Struct, frozen=True):
    x: str
    y: str


class _Jwks(Struct, frozen=True):
    keys: tuple[_Jwk, ...]


def _coordinate(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _points(found: SignedKeySet) -> tuple[bytes, ...]:
    return tuple(keys.dump_point(key.public) for same_name in found.roots.values() for key in same_name)
