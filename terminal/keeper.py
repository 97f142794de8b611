"""What a terminal does beside its gate: keeps keys and bundles new, uploads, says how it is, looks for its server.

One thread. While the server answers it looks every half minute; while it does not, after one second, two, four, up to a
minute. A server that answers here and not at the gate is lost again with the next tap, and the pauses go on growing.
"""

import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from domain.services import SERVICES
from nfc.errors import CodeError
from nfc.key_set import PURPOSES
from terminal import queue, sightings
from terminal.bundles import MOST_DELTAS, Bundles
from terminal.client import TerminalClient
from terminal.clock import TerminalClock
from terminal.disk import Disk, keep
from terminal.errors import NoAnswer, NotRecorded, Revoked, TerminalError, Unsupported
from terminal.link import Link
from terminal.queue import Line
from terminal.reporter import Reporter
from terminal.trust import Published, Trust, published
from terminal.wire import Fetched

POLL_SECONDS: Final = 30.0
FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 60.0

_KEYS_EVERY = 20
"""Turns between two looks at the keys; what they sign is verified each time."""


class Keeper:
    """Keeps one terminal up to date. `turn` is one look; `start` takes one now and then until `close`."""

    def __init__(
        self,
        disk: Disk,
        clock: TerminalClock,
        link: Link,
        *,
        trust: Trust,
        bundles: Bundles,
        reporter: Reporter,
        make_client: Callable[[], TerminalClient],
    ) -> None:
        self._disk = disk
        self._clock = clock
        self._trust = trust
        self._bundles = bundles
        self._reporter = reporter
        self._link = link
        self._make_client = make_client
        self._gates = disk.pairing().gates
        self._etags: dict[str, str] = {}
        self._turns = 0
        self._misses = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="keeper", daemon=True)
        self.trouble = ""
        """The last thing that went wrong, in a sentence; empty while all is well."""

    def start(self) -> None:
        """Begin, with a look at once."""
        self._thread.start()

    def close(self, *, wait_seconds: float = 0.0) -> None:
        """End after the present look."""
        self._ended.set()
        self._link.changed.set()
        if self._thread.is_alive():
            self._thread.join(wait_seconds)

    def turn(self, client: TerminalClient) -> bool:
        """Look once; tell whether the server answered."""
        self.trouble = ""
        answered = self._look(client)
        with suppress(NotRecorded):
            self._note_life()
        return answered

    def _look(self, client: TerminalClient) -> bool:
        losses = self._link.losses
        told: int | None = None
        try:
            self._refresh(client)
            told = self._upload(client)
            self._reporter.report(client)
        except NoAnswer as problem:
            self.trouble = str(problem)
            self._misses += 1
            self._link.lost()
            return False
        except Revoked as problem:
            self.trouble = str(problem)
            self._link.stopped()
            return False
        except TerminalError as problem:
            # It answers, and not as we understand it, or our own disk is full: that is for people to put right.
            self.trouble = str(problem)
        if self._link.online:
            self._link.failures = 0
        self._misses = 0
        self._turns += 1
        if self._link.losses == losses:  # else a tap has got no answer since this look began
            self._link.back()
            if told is not None and queue.newest(self._disk) > told:
                self._link.changed.set()  # decided alone while we told what there was before: half a minute is long
        return True

    def _work(self) -> None:
        with self._make_client() as client:
            while not self._ended.is_set():
                self._link.changed.clear()  # before the look: what is heard during it is looked at once more
                try:
                    self.turn(client)
                except Exception as problem:  # noqa: BLE001 - a gate whose keeper has died never finds its server again
                    self.trouble = f"This program met what it did not foresee: {problem!r}. It goes on."
                    self._misses += 1
                    self._link.lost()
                self._rest()

    def _rest(self) -> None:
        """Wait until the next look. A server that was lost meanwhile gets its pause first: it may only answer here."""
        if self._link.online:
            self._link.changed.wait(self._pause())
        if not self._link.online:
            self._ended.wait(self._pause())

    def _pause(self) -> float:
        """How long to wait, a little more or less than others do: they all lost the server in one moment."""
        seconds = POLL_SECONDS
        if not self._link.online:
            doublings = min(10, max(0, self._misses - 1, self._link.failures - 1))
            seconds = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**doublings)
        return seconds * (0.8 + secrets.randbelow(400) / 1000)

    def _note_life(self) -> None:
        known = self._clock.lived()
        with self._disk.write() as db:
            keep(db, "clock", known)
            sightings.forget(db, self._clock.now().date())

    # --- keys and bundles -----------------------------------------------------------------------------

    def _refresh(self, client: TerminalClient) -> None:
        if self._turns % _KEYS_EVERY == 0 or not self._trust.keys:
            self._fetch_keys(client)
        found = False
        for service in self._services():
            try:
                self._fetch_bundle(client, service)
            except Unsupported:
                continue
            except CodeError as problem:
                self.trouble = f"The bundle of {service} cannot be trusted ({problem}). The one before is kept."
                continue
            found = True
            if all(self._bundles.place(gate) is not None for gate in self._gates):
                break
        if not found and not self.trouble:
            self.trouble = "The server has no bundle for these gates: without a network they stay shut."

    def _services(self) -> list[str]:
        """The services of our gates; all there are while one of our gates is not found."""
        places = [place for gate in self._gates if (place := self._bundles.place(gate)) is not None]
        if len(places) == len(self._gates):
            return list(dict.fromkeys(place.held.bundle.service for place in places))
        return [service.code for service in SERVICES]

    def _fetch_keys(self, client: TerminalClient) -> None:
        signed = client.signed_keys()
        try:
            if signed is not None:
                self._trust.adopt(signed, now=self._clock.now())
            elif not self._trust.pinned:
                found: tuple[Published, ...] = ()
                for purpose in PURPOSES:
                    found += published(client.plain_keys(purpose) or b'{"keys": []}', purpose)
                self._trust.adopt_plain(found)
        except CodeError as problem:
            self.trouble = f"The keys of the server cannot be trusted ({problem}). Those before are kept."

    def _fetch_bundle(self, client: TerminalClient, service: str) -> None:
        held = self._bundles.of_service(service)
        since = held.bundle.sequence if held is not None and held.deltas < MOST_DELTAS else None
        fetched = client.bundle(service, since=since, etag=self._etags.get(service, "") if since is not None else "")
        if fetched is None:
            self._bundles.confirm(service, now=self._clock.now())
            return
        try:
            self._take(service, fetched)
        except CodeError:
            # Signed by a key that is newer than our keys, or a delta that does not fit: once more, from the beginning.
            self._fetch_keys(client)
            whole = client.bundle(service)
            if whole is None:
                raise
            self._take(service, whole)

    def _take(self, service: str, fetched: Fetched) -> None:
        held = self._bundles.take(service, fetched.media_type, fetched.body, now=self._clock.now())
        self._etags[service] = fetched.etag
        self._clock.not_before(held.issued)
        if held.bundle.keys:
            with suppress(CodeError):  # an older set than the one we have; the bundle itself was good
                self._trust.adopt(held.bundle.keys, now=self._clock.now())

    # --- the outbox -----------------------------------------------------------------------------------

    def _upload(self, client: TerminalClient) -> int:
        """Send what waits now, and return the newest of it: a gate that goes on writing would keep us here for ever."""
        after, upto = 0, queue.newest(self._disk)
        while lines := queue.batch(self._disk, after=after, upto=upto):
            self._send(client, lines)
            after = lines[-1].sequence
        return upto

    def _send(self, client: TerminalClient, lines: list[Line]) -> None:
        """Send lines; where the server takes the whole upload for a wrong one, find the line that is."""
        try:
            said = client.upload(lines, sent_at=self._clock.own())
        except (NoAnswer, Revoked, Unsupported, NotRecorded):
            raise
        except TerminalError as problem:
            if len(lines) == 1:
                self.trouble = f"The server does not take line {lines[0].sequence}: {problem}"
                return
            middle = len(lines) // 2
            self._send(client, lines[:middle])
            self._send(client, lines[middle:])
            return
        if queue.forget(self._disk, lines, said.results) < len(lines):
            self.trouble = "The server has not settled all that was sent to it: it is sent again."
