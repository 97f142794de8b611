"""Whom a tap is decided by: the server as long as it answers in time, else this terminal alone.

The first tap that gets no answer waits for three seconds at most and is then decided here, under the key under which
the server was asked; those after it are decided here at once. `terminal.keeper` tries meanwhile whether the server is
back, and says so.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import SimpleQueue

from msgspec import Struct

from domain.access.answer import Answer, plain
from domain.access.reasons import Reason
from terminal.client import TerminalClient
from terminal.clock import TerminalClock
from terminal.connection import PATIENCE_SECONDS
from terminal.disk import Disk
from terminal.errors import NoAnswer, NotRecorded, Revoked
from terminal.offline import OfflineGate, Tap

_REVOKED = "revoked"


class Said(Struct, frozen=True):
    """What a tap hears; `alone`: the server was not there."""

    answer: Answer
    alone: bool


class Link:
    """Asks the server or decides alone. `ask` is the gate's thread's; the keeper's may call the others."""

    def __init__(
        self, disk: Disk, clock: TerminalClock, offline: OfflineGate, make_client: Callable[[], TerminalClient]
    ) -> None:
        self._disk = disk
        self._clock = clock
        self._offline = offline
        self._make_client = make_client
        self._asker: _Asker | None = None
        self._online = True
        self._revoked = bool(disk.note(_REVOKED, bool))
        self.failures = 0
        """How often the server was lost since it decided last: pauses grow with it."""
        self.losses = 0
        """How often it was lost at all: who looks for it and loses it meanwhile has not found it."""
        self.changed = threading.Event()
        """Set whenever the keeper should look at once."""

    @property
    def online(self) -> bool:
        """Whether the next tap is brought to the server."""
        return self._online and not self._revoked

    @property
    def revoked(self) -> bool:
        """Whether the server has said that this terminal is none of its own."""
        return self._revoked

    def ask(self, tap: Tap) -> Said:
        """Settle one tap.

        Raises:
            TerminalError: the server took the question for a wrong one. Nobody passes on it.
        """
        if self.online:
            try:
                answer = self._asked(tap)
            except NoAnswer:
                self.lost()
            except Revoked:
                self.stopped()
            else:
                self.failures = 0
                with suppress(NotRecorded):  # the server knows it: the gate opens though we may not remember
                    self._offline.remember(tap, answer)
                return Said(answer, alone=False)
        if self._revoked:
            return Said(plain(Reason.TERMINAL_STOPPED, tap.direction, self._clock.now()), alone=True)
        alone = Said(self._offline.decide(tap), alone=True)
        if self.online:  # found again while this was decided: the keeper has told only what was there before
            self.changed.set()
        return alone

    def lost(self) -> None:
        """Go on alone: nobody answers."""
        if self._online:
            self._online = False
            self.failures += 1
            self.losses += 1
            self.changed.set()

    def back(self) -> None:
        """Ask again: the server answers."""
        self._online = True
        self._keep_revoked(revoked=False)

    def stopped(self) -> None:
        """Decide nothing any more: the server has revoked this terminal. What there is to tell is kept."""
        self._keep_revoked(revoked=True)

    def close(self) -> None:
        """Let go of the server."""
        if self._asker is not None:
            self._asker.close()

    def _asked(self, tap: Tap) -> Answer:
        if self._asker is None:
            self._asker = _Asker(self._make_client)
        try:
            return self._asker.ask(tap)
        except NoAnswer:
            # It may still hang, in a name service that does not answer: the next question has a thread of its own.
            self._asker.close()
            self._asker = None
            raise

    def _keep_revoked(self, *, revoked: bool) -> None:
        if self._revoked is not revoked:
            self._revoked = revoked
            with suppress(NotRecorded):  # the server will say it again
                self._disk.keep(_REVOKED, revoked or None)


class _Asker:
    """A thread that asks, so that nobody waits longer than people do, whatever hangs: sockets, names, slow answers."""

    def __init__(self, make_client: Callable[[], TerminalClient]) -> None:
        self._taps: SimpleQueue[tuple[Tap, Future[Answer]] | None] = SimpleQueue()
        threading.Thread(target=self._work, args=(make_client,), name="asker", daemon=True).start()

    def ask(self, tap: Tap) -> Answer:
        """Ask and wait, not too long.

        Raises:
            NoAnswer: nobody answered in time.
        """
        answer: Future[Answer] = Future()
        self._taps.put((tap, answer))
        try:
            return answer.result(PATIENCE_SECONDS)
        except TimeoutError:
            raise NoAnswer("The server did not answer in time. Nothing was granted; try again.") from None

    def close(self) -> None:
        """End after the question that is being asked."""
        self._taps.put(None)

    def _work(self, make_client: Callable[[], TerminalClient]) -> None:
        with make_client() as client:
            while (given := self._taps.get()) is not None:
                tap, answer = given
                try:
                    said = client.validate(
                        tap.credential,
                        gate=tap.gate,
                        direction=tap.direction,
                        key=tap.key,
                        terminal_time=tap.terminal_time,
                    )
                except Exception as problem:  # noqa: BLE001 - whatever it is, the gate's thread has to hear it
                    answer.set_exception(problem)
                else:
                    answer.set_result(said)
