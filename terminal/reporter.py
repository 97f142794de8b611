"""What a terminal tells of itself once a minute, and what it is told of its place: never a word about a person."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from importlib.metadata import version

import msgspec
from msgspec import Struct

from terminal import queue
from terminal.bundles import Bundles
from terminal.client import TerminalClient
from terminal.clock import TerminalClock
from terminal.disk import Disk
from terminal.errors import Unsupported
from terminal.wire import Health

_NOTE = "configuration"
_LOOK_SECONDS = 600.0
"""How often to ask for the configuration where nobody says that it has changed."""


class Hours(Struct, frozen=True, rename="camel"):
    """From when to when, on a clock on the wall: 09:00."""

    opens: str
    closes: str


class Day(Struct, frozen=True, rename="camel"):
    """One day of a site."""

    day: date
    hours: tuple[Hours, ...]


class Site(Struct, frozen=True, rename="camel"):
    """A site that one of the gates leads into."""

    code: str
    name: dict[str, str]
    service: str
    days: tuple[Day, ...] = ()


class Gate(Struct, frozen=True, rename="camel"):
    """One gate that this terminal may serve."""

    code: str
    name: dict[str, str]
    site: str


class Configuration(Struct, frozen=True, rename="camel"):
    """As much of the configuration as this terminal uses. Texts it has itself."""

    gates: tuple[Gate, ...] = ()
    sites: tuple[Site, ...] = ()


class _Kept(Struct, frozen=True):
    etag: str
    configuration: Configuration


class Reporter:
    """Tells and is told. `report` is the keeper's thread's; anybody may say that the configuration has moved."""

    def __init__(self, disk: Disk, clock: TerminalClock, bundles: Bundles, *, ticks: Callable[[], float]) -> None:
        self._disk = disk
        self._clock = clock
        self._bundles = bundles
        self._ticks = ticks
        self._kept = disk.note(_NOTE, _Kept)
        self._next_beat = self._next_look = ticks()
        self.gate: str | None = None
        """At which of its gates the terminal stands now, where it is known."""

    @property
    def configuration(self) -> Configuration:
        """What was told last; nothing before the first time."""
        return self._kept.configuration if self._kept is not None else Configuration()

    def moved(self) -> None:
        """Ask for the configuration with the next report."""
        self._next_look = self._ticks()

    def report(self, client: TerminalClient) -> None:
        """Say how this terminal is, and fetch its configuration, each when its time has come.

        Raises:
            TerminalError: the server does not answer, or not as we understand it.
        """
        with suppress(Unsupported):  # a server from before
            if self._ticks() >= self._next_beat:
                self._next_beat = self._ticks() + client.heartbeat(self.health()).next_in_seconds
            if self._ticks() >= self._next_look:
                self._next_look = self._ticks() + _LOOK_SECONDS
                self._fetch(client)

    def health(self) -> Health:
        """How this terminal is: its bundle is that of the gate where it stands, else of the first that has one."""
        gates = (self.gate,) if self.gate is not None else self._disk.pairing().gates
        place = next((place for gate in gates if (place := self._bundles.place(gate)) is not None), None)
        age = place.held.age(self._clock.now()) if place is not None else None
        return Health(
            version=version("multipass"),
            terminal_time=self._clock.own(),
            backlog=queue.waiting(self._disk),
            bundle=place.held.bundle.sequence if place is not None else None,
            bundle_age_seconds=int(age.total_seconds()) if age is not None else None,
            gate=self.gate,
        )

    def _fetch(self, client: TerminalClient) -> None:
        fetched = client.configuration(etag=self._kept.etag if self._kept is not None else "")
        if fetched is None:
            return
        with suppress(msgspec.DecodeError):  # a newer server's: what was told before is kept
            kept = _Kept(fetched.etag, msgspec.json.decode(fetched.body, type=Configuration))
            self._disk.keep(_NOTE, kept)
            self._kept = kept
