"""One run: a city, its terminals, and what the seed lets happen to them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self

from msgspec import Struct

from adapters.keyring import KeyRing
from api.settings import Settings
from cli.demo.ids import SeededIds
from cli.simulator import checks, city, mishaps, visits
from cli.simulator.agenda import Agenda
from cli.simulator.agent import Agent
from cli.simulator.books import Books
from cli.simulator.city import City
from cli.simulator.server import Server
from cli.simulator.stage import Stage
from cli.simulator.station import Station
from cli.simulator.wire import Weather, Wire
from store import migrate
from store.database import Database

START = datetime(2026, 11, 18, 5, 0, tzinfo=UTC)
"""Six in the morning in Paris; thirty days go past the end of a month."""

QUIET_DAYS = 3
"""So often the books are held against the export while everything goes on."""


class Scale(Struct, frozen=True):
    """How large a run is. People are three for each terminal."""

    terminals: int
    days: int

    @property
    def people(self) -> int:
        """How many have a pass."""
        return 3 * self.terminals


class Outcome(Struct, frozen=True):
    """What came of a run: its ledger, and what disagrees, in words."""

    seed: int
    scale: Scale
    digest: str
    counts: dict[str, int]
    problems: tuple[str, ...]


class Run:
    """Everything of one run, in a folder of its own. Close it."""

    def __init__(self, seed: int, scale: Scale, folder: Path, *, tell: Callable[[str], None] | None = None) -> None:
        self.seed = seed
        self.scale = scale
        self.dice = Random(f"multipass {seed}")  # noqa: S311 - the same run every time is the point
        self.agenda = Agenda(START)
        self.books = Books(self.agenda, tell)
        url = f"sqlite:///{folder / 'city.sqlite3'}"
        self.ring = KeyRing(folder / "keys")
        # The machine may be slow, and everything else lives by a clock that waits for it: so does the database's.
        settings = Settings(database_url=url, keys_folder=str(folder / "keys"), answer_seconds=60)
        self.server = Server(settings, self.agenda)
        self.database = Database(url, ids=SeededIds(seed, START))
        self.agent = Agent(self.server, self.books)
        migrate.upgrade(url)
        self.city: City = self.server.run(self._build())
        self.server.start()
        self.stations = tuple(self._station(number, gate, folder) for number, gate in enumerate(self._gates(), 1))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for station in self.stations:
            station.switch_off()
        self.server.run(self.database.close())
        self.server.close()

    def live(self, progress: Callable[[int], None] = lambda _day: None) -> Outcome:
        """Live through all days, then let the weather clear and everybody tell what they have."""
        visits.plan(self.stage)
        mishaps.plan(self.stage)
        for day in range(1, self.scale.days + 1):
            self.agenda.live(START + timedelta(days=day))
            if day % QUIET_DAYS == 0 and day < self.scale.days:
                self._compare(finished=False)
            progress(day)
        self.finish()
        return self._outcome()

    def finish(self) -> None:
        """Let the weather clear and everybody tell what they have, and hold everything against the export."""
        self._clear_up()
        self._compare(finished=True)

    @property
    def stage(self) -> Stage:
        """Everybody and everything, for those who let things happen."""
        return Stage(
            agenda=self.agenda,
            books=self.books,
            dice=self.dice,
            server=self.server,
            agent=self.agent,
            city=self.city,
            stations=self.stations,
            days=self.scale.days,
            replace_card=self._replace_card,
        )

    def _replace_card(self, person: city.Person) -> None:
        """Give somebody a new card at a desk."""

        async def replaced() -> None:
            async with self.database.begin() as unit:
                await city.new_card(unit, self.ring, self.city.authority, person, self.agenda())

        self.server.run(replaced())

    def _outcome(self) -> Outcome:
        counts = dict(sorted(self.books.counts.items()))
        counts["server starts"] = self.server.starts
        return Outcome(self.seed, self.scale, self.books.digest, counts, tuple(dict.fromkeys(self.books.problems)))

    async def _build(self) -> City:
        async with self.database.begin() as unit:
            return await city.build(
                unit,
                self.ring,
                Random(f"city {self.seed}"),  # noqa: S311 - as above
                gates=self.scale.terminals,
                people_count=self.scale.people,
                now=START,
            )

    def _gates(self) -> list[str]:
        return [gate for gates in self.city.gates for gate in gates]

    def _station(self, number: int, gate: str, folder: Path) -> Station:
        dice = Random(f"wire {number} of {self.seed}")  # noqa: S311 - as above
        wire = Wire(self.server, self.agenda, self.books, dice, f"terminal {number}")
        station = Station(
            number, folder / f"terminal-{number}", (gate,), wire=wire, agenda=self.agenda, books=self.books
        )
        station.pair(self.agent.invite(station.name, station.gates), wire)
        return station

    def _clear_up(self) -> None:
        """Faults end here: whoever is a terminal still must be able to tell everything (liveness)."""
        self.agenda.pass_(timedelta(hours=1))
        self.server.start()
        for station in self.stations:
            station.wire.weather, station.wire.interruption = Weather.GOOD, None
            station.switch_on()
            station.readings_left = None
            station.mend_disk()
        for _ in range(3):
            self.agenda.pass_(timedelta(minutes=1))
            for station in self.stations:
                station.look()
        for station in self.stations:
            if station.revoked_at is not None:
                if not station.stopped:
                    self.books.wrong(f"V1: {station.name} was revoked and does not know it")
            elif station.waiting or not station.look():
                self.books.wrong(f"liveness: {station.name} has {station.waiting} lines that it cannot tell")

    def _compare(self, *, finished: bool) -> None:
        """Hold the books against the export. A server that is down is started for it."""
        self.server.start()
        self.agent.follow()
        dark = [station for station in self.stations if not station.on]
        for station in dark:
            station.switch_on()
        untold = frozenset(stamp for station in self.stations for stamp in station.untold())
        for station in dark:
            station.switch_off()
        scene = checks.Scene(
            books=self.books, rows=self.agent.rows, city=self.city, stations=self.stations, untold=untold
        )
        found = checks.disagreements(scene)
        self.books.problems += found
        self.books.count("comparisons")
        self.books.log(f"books and export are compared: {len(self.agent.rows)} passages, {len(found)} disagree")
        if finished:
            self._sum_up(scene)

    def _sum_up(self, scene: checks.Scene) -> None:
        counts, taps = self.books.counts, self.books.taps.values()
        counts["taps"] = len(taps)
        counts["taps online"] = sum(tap.heard is not None and not tap.heard.alone for tap in taps)
        counts["taps alone"] = sum(tap.heard is not None and tap.heard.alone for tap in taps)
        counts["taps unheard"] = sum(tap.heard is None for tap in taps)
        counts["taps told otherwise"] = checks.told_otherwise(scene)
        counts["passages"] = len(scene.rows)
        counts["passages offline"] = sum(row.offline for row in scene.rows)
        for row in scene.rows:
            for flag in row.flags:
                counts[f"flags {flag}"] += 1
        told = {station.number for station in self.stations if station.revoked_at is None}
        damaged = sum(tap.damaged and tap.station in told for tap in taps)
        held = self.agent.quarantined()
        if held > counts["lines quarantined"] or (damaged and not held):
            self.books.wrong(f"O3: {damaged} lines were damaged, {held} lie in quarantine")


def live(
    seed: int,
    scale: Scale,
    folder: Path,
    *,
    tell: Callable[[str], None] | None = None,
    progress: Callable[[int], None] = lambda _day: None,
) -> Outcome:
    """Live through one run. The folder is empty, and is not emptied afterwards."""
    with Run(seed, scale, folder, tell=tell) as run:
        return run.live(progress)
