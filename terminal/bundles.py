"""The newest bundle of each service, as it was signed: a restart without a network goes on with it.

A whole bundle, and what changed since in deltas that stand after it. Nothing older than the newest is ever taken.
"""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from msgspec import Struct

from domain.access.offline import site_of
from domain.offline import Content, OfflineSite
from domain.places import Doorway
from nfc import bundle, bundle_delta
from nfc.bundle import Bundle
from nfc.errors import CodeError
from terminal.disk import Disk, keep
from terminal.trust import Trust

MOST_DELTAS: Final = 50
"""After so many a whole bundle is fetched: a restart has to apply them all."""

_WHOLE, _DELTA = "whole", "delta"


class Held(Struct, frozen=True):
    """A verified bundle. `confirmed` is when the server last had nothing newer."""

    bundle: Bundle
    content: Content
    confirmed: datetime
    deltas: int

    @property
    def issued(self) -> datetime:
        """When the server signed it."""
        return datetime.fromtimestamp(self.bundle.issued_at, UTC)

    def age(self, now: datetime) -> timedelta:
        """How long ago the server last stood by it; after its expiry that counts no more."""
        return max(timedelta(0), now - min(self.confirmed, datetime.fromtimestamp(self.bundle.expires_at, UTC)))


class Place(Struct, frozen=True):
    """One gate as its bundle knows it."""

    held: Held
    site: OfflineSite
    doorway: Doorway


class Bundles:
    """What is held, by service."""

    def __init__(self, disk: Disk, trust: Trust) -> None:
        self._disk = disk
        self._trust = trust
        self._held: dict[str, Held] = {}
        self._load()

    def place(self, gate: str) -> Place | None:
        """What the bundles know of a gate; None where none of them has it."""
        for held in self._held.values():
            found = site_of(held.content, gate)
            if found is not None:
                return Place(held, *found)
        return None

    def of_service(self, service: str) -> Held | None:
        """The bundle of a service."""
        return self._held.get(service)

    def take(self, service: str, media_type: str, data: bytes, *, now: datetime) -> Held:
        """Take in what the server sent for a service, and keep it.

        Raises:
            CodeError: it is none, it is older than what is held, or no key that we trust signed it.
            NotRecorded: the state file takes nothing; what was held is held.
        """
        before = self._held.get(service)
        if media_type == bundle_delta.MEDIA_TYPE:
            if before is None:
                raise CodeError("stale", "a delta, and nothing to apply it to")
            held = self._verified(bundle_delta.apply(before.bundle, data, self._trust.keys), now, before.deltas + 1)
            kind = _DELTA
            if held.bundle.sequence == before.bundle.sequence:  # nothing has changed, and this says so
                self.confirm(service, now=now)
                return self._held[service]
        else:
            found = bundle.read(
                data,
                self._trust.keys,
                authority=self._trust.authority,
                service=service,
                newest=before.bundle.sequence if before is not None else 0,
            )
            held, kind = self._verified(found, now, 0), _WHOLE
        with self._disk.write() as db:
            if kind == _WHOLE:
                db.execute("DELETE FROM bundle WHERE service = ?", (service,))
            db.execute("INSERT INTO bundle VALUES (?, ?, ?, ?)", (service, held.bundle.sequence, kind, data))
            _keep_confirmed(db, held)
        self._held = {**self._held, service: held}
        return held

    def confirm(self, service: str, *, now: datetime) -> None:
        """Note that the server has nothing newer.

        Raises:
            NotRecorded: as `take`.
        """
        held = self._held[service]
        confirmed = msgspec.structs.replace(held, confirmed=max(now, held.confirmed))
        with self._disk.write() as db:
            _keep_confirmed(db, confirmed)
        self._held = {**self._held, service: confirmed}

    def drop(self, service: str) -> None:
        """Forget a bundle that nothing can be applied to: the next one comes whole. Its sequence still counts."""
        if service in self._held:
            self._held = {**self._held, service: msgspec.structs.replace(self._held[service], deltas=MOST_DELTAS)}

    def _verified(self, found: Bundle, now: datetime, deltas: int) -> Held:
        try:
            content = msgspec.json.decode(found.content, type=Content)
        except msgspec.DecodeError as problem:
            raise CodeError("unreadable", "content") from problem
        return Held(found, content, max(datetime.fromtimestamp(found.issued_at, UTC), now), deltas)

    def _load(self) -> None:
        with self._disk.read() as db:
            rows = db.execute("SELECT service, sequence, kind, body FROM bundle ORDER BY service, sequence").fetchall()
        for service, _, kind, data in rows:
            confirmed = self._disk.note(_confirmed(service), datetime)
            try:
                if kind == _WHOLE:
                    found, deltas = (
                        bundle.read(data, self._trust.keys, authority=self._trust.authority, service=service, newest=0),
                        0,
                    )
                else:
                    before = self._held[service]
                    found, deltas = bundle_delta.apply(before.bundle, data, self._trust.keys), before.deltas + 1
                issued = datetime.fromtimestamp(found.issued_at, UTC)
                self._held[service] = self._verified(found, confirmed or issued, deltas)
            except (CodeError, KeyError):
                # The key that signed it is trusted no longer, say: nothing is decided by it.
                self._held.pop(service, None)


def _confirmed(service: str) -> str:
    return f"confirmed:{service}"


def _keep_confirmed(db: sqlite3.Connection, held: Held) -> None:
    keep(db, _confirmed(held.bundle.service), held.confirmed)
