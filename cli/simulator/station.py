"""One terminal of the run: the program's own, on its own state file, with a clock and a power supply of ours.

The power may go whenever the terminal looks at its clock: before it asks, before it commits, after the server has
acknowledged and before it forgets. What is on its disk is what the next start finds.
"""

import threading
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import msgspec

from cli.simulator.agenda import Agenda
from cli.simulator.books import Books, Heard, Tap
from cli.simulator.wire import Wire
from domain.access.facts import Direction
from domain.services import SERVICES
from terminal import client, queue, state
from terminal.client import TerminalClient
from terminal.device import Device
from terminal.errors import NotRecorded
from terminal.run import Gate
from terminal.state import State

ADDRESS = "http://city.example"
_DAMAGE = b'{"key": "damaged on its disk", '


class PowerCut(BaseException):
    """Nothing of the program goes on, and nothing tidies up."""


class Station:
    """A terminal at a gate. Time passes between its acts, never within one."""

    def __init__(
        self, number: int, path: Path, gates: tuple[str, ...], *, wire: Wire, agenda: Agenda, books: Books
    ) -> None:
        self.number = number
        self.gates = gates
        self.path = path
        self.wire = wire
        self.synced_at: datetime | None = None
        """When it last had everything from the server."""
        self.revoked_at: datetime | None = None
        self.readings_left: int | None = None
        """After how many readings of its clock the power goes."""
        self._agenda = agenda
        self._books = books
        self._thread = threading.get_ident()
        self._device: _Device | None = None
        self._held: dict[str, int] = {}
        """The sequences of the bundles it had as its power went."""

    @property
    def name(self) -> str:
        """What the log calls it."""
        return f"terminal {self.number}"

    @property
    def on(self) -> bool:
        """Whether it runs."""
        return self._device is not None

    @property
    def terminal_id(self) -> UUID:
        """Who it is for the server."""
        return UUID(state.load(self.path).terminal_id)

    @property
    def waiting(self) -> int:
        """How many lines it has still to tell."""
        return queue.waiting(self._device.disk) if self._device is not None else 0

    @property
    def stopped(self) -> bool:
        """Whether it knows that it was revoked."""
        return self._device is not None and self._device.link.revoked

    def untold(self) -> set[datetime]:
        """The taps in its outbox; it must be on."""
        assert self._device is not None  # noqa: S101 - whoever asks has switched it on
        found = set()
        for line in queue.batch(self._device.disk):
            with suppress(msgspec.DecodeError):
                found.add(msgspec.json.decode(line.body, type=_Line).terminal_time)
        return found

    def set_clock(self, offset: timedelta) -> None:
        """Set its own clock so much before the true time."""
        self.wire.offset = offset

    def pair(self, code: str, transport: httpx.BaseTransport) -> None:
        """Become a terminal, or another one; what there is to tell stays."""
        known: State = client.pair(ADDRESS, code, transport=transport)
        if self._device is None:
            state.save(self.path, known)
        else:
            self._device.disk.pair(known)
            self.switch_off()
        self.revoked_at = None
        self.switch_on()

    def switch_on(self) -> None:
        """Start, with what is on the disk."""
        if self._device is None:
            self.readings_left = None
            self._device = _Device(self)
            found = self._device.sequences()
            for service, sequence in self._held.items():
                if found.get(service, 0) < sequence:
                    self._books.wrong(f"{self.name} had bundle {sequence} of {service} and starts without it")

    def switch_off(self) -> None:
        """Lose all that is not on the disk."""
        if self._device is not None:
            self._held = self._device.sequences()
            self._device.link.close()
            self._device.disk.close()
            self._device = None

    def show(self, text: str, *, gate: str, direction: Direction, medium: str) -> Tap | None:
        """Somebody shows a code; None where the terminal is dark."""
        if self._device is None:
            return None
        while self._agenda() + self.wire.offset in self._books.taps:
            self._agenda.pass_()
        shown_at = self._agenda() + self.wire.offset
        tap = Tap(
            number=len(self._books.taps) + 1,
            at=self._agenda(),
            shown_at=shown_at,
            station=self.number,
            gate=gate,
            direction=direction,
            medium=medium,
            showing=text,
            offset=self.wire.offset,
        )
        self._books.taps[shown_at] = tap
        try:
            shown = Gate(self._device, gate, direction).show(text)
        except PowerCut:
            self._books.log(f"{self.name}: the power goes during tap {tap.number} ({medium} at {gate})")
            self._books.count("power cuts during a tap")
            self.switch_off()
            return tap
        tap.heard, tap.trouble = Heard(shown.answer.outcome, shown.answer.reason, shown.alone), shown.trouble
        how = "alone" if shown.alone else "online"
        self._books.log(
            f"{self.name}: tap {tap.number}, {medium} {direction} at {gate}: {shown.answer.outcome}, "
            f"{shown.answer.reason}, {how}{' ' if shown.trouble else ''}{shown.trouble}"
        )
        return tap

    def look(self) -> bool:
        """Do what the keeper does now and then; tell whether the server answered."""
        if self._device is None:
            return False
        before = self.waiting
        try:
            with self._device.client() as asking:
                answered = self._device.keeper.turn(asking)
        except PowerCut:
            self._books.log(f"{self.name}: the power goes while it looks")
            self._books.count("power cuts during a look")
            self.switch_off()
            return False
        trouble = self._device.keeper.trouble
        if answered and not trouble:
            self.synced_at = self._agenda()
        if before or trouble:
            self._books.log(f"{self.name}: looks, {before} to tell, {self.waiting} left. {trouble}".rstrip())
        return answered

    def break_disk(self) -> None:
        """Its disk takes nothing any more, until it is mended or the terminal starts anew."""
        self._query_only("ON")

    def mend_disk(self) -> None:
        """Its disk takes what is written."""
        self._query_only("OFF")

    def damage_line(self) -> bool:
        """Bits of the oldest line flip; tell whether there was one."""
        lines = queue.batch(self._device.disk) if self._device is not None else []
        if self._device is None or not lines:
            return False
        with suppress(msgspec.DecodeError, NotRecorded):  # damaged before, or on a disk that takes nothing
            tap = self._books.taps[msgspec.json.decode(lines[0].body, type=_Line).terminal_time]
            with self._device.disk.write() as db:
                db.execute("UPDATE outbox SET body = ? WHERE sequence = ?", (_DAMAGE, lines[0].sequence))
            tap.damaged = True
            self._books.log(f"{self.name}: the line of tap {tap.number} is damaged on its disk")
            return True
        return False

    def own_clock(self) -> datetime:
        """What its own clock shows.

        Raises:
            PowerCut: this was the last reading.
        """
        if self.readings_left is not None and threading.get_ident() == self._thread:
            self.readings_left -= 1
            if self.readings_left < 0:
                self.readings_left = None
                raise PowerCut
        return self._agenda() + self.wire.offset

    def ticks(self) -> float:
        """Seconds that nobody sets."""
        return self._agenda.seconds

    def _query_only(self, value: str) -> None:
        if self._device is not None:
            with self._device.disk.read() as db:
                db.execute(f"PRAGMA query_only={value}")


class _Device(Device):
    """A terminal whose questions go over the wire of its station, and which sits out no pause."""

    def __init__(self, station: Station) -> None:
        self._station = station
        super().__init__(station.path, station.own_clock, ticks=station.ticks)

    def client(self) -> TerminalClient:
        """A conversation of its own with the server."""
        return TerminalClient(
            self.pairing, clock=self.clock.own, wait=lambda _: None, transport=self._station.wire, heard=self._heard
        )

    def sequences(self) -> dict[str, int]:
        """The sequences of the bundles that are held, by service."""
        found = {service.code: self.bundles.of_service(service.code) for service in SERVICES}
        return {code: held.bundle.sequence for code, held in found.items() if held is not None}


class _Line(msgspec.Struct, rename="camel"):
    terminal_time: datetime
