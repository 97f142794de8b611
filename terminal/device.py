"""A terminal put together from its state file: what it knows, whom it asks, what it does in the background."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self
from uuid import UUID

from terminal import disk
from terminal.bundles import Bundles
from terminal.challenges import Challenges
from terminal.client import TerminalClient
from terminal.clock import TerminalClock, Ticks, passing_seconds
from terminal.follower import Follower
from terminal.keeper import Keeper
from terminal.link import Link
from terminal.offline import OfflineGate
from terminal.reporter import Reporter
from terminal.trust import Trust


class Device:
    """One terminal. `own_clock` is its own, right or wrong."""

    def __init__(self, path: Path, own_clock: Callable[[], datetime], *, ticks: Ticks = passing_seconds) -> None:
        self.disk = disk.opened(path)
        self.pairing = self.disk.pairing()
        self.clock = TerminalClock(own_clock, self.disk.clock(), ticks=ticks)
        self.challenges = Challenges(UUID(self.pairing.terminal_id).bytes)
        self.trust = Trust(self.disk, self.pairing.authority)
        self.bundles = Bundles(self.disk, self.trust)
        self.offline = OfflineGate(
            self.disk, self.clock, trust=self.trust, bundles=self.bundles, challenges=self.challenges
        )
        self.link = Link(self.disk, self.clock, self.offline, self.client)
        self.reporter = Reporter(self.disk, self.clock, self.bundles, ticks=ticks)
        self.keeper = Keeper(
            self.disk,
            self.clock,
            self.link,
            trust=self.trust,
            bundles=self.bundles,
            reporter=self.reporter,
            make_client=self.client,
        )
        self.follower = Follower(self.link, configuration_moved=self.reporter.moved, make_client=self.client)

    def client(self) -> TerminalClient:
        """A conversation of its own with the server: each thread has one."""
        return TerminalClient(self.pairing, clock=self.clock.own, heard=self._heard, candidates=self.disk.private_keys)

    def start(self) -> None:
        """Begin what is done beside the gate."""
        self.keeper.start()
        self.follower.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        self.follower.close()
        self.keeper.close(wait_seconds=1.0)
        self.link.close()
        self.disk.close()

    def _heard(self, server_time: datetime, after: timedelta) -> None:
        self.clock.heard(server_time, after=after)
