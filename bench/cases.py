"""The interleaved rounds: every case of every engine once forward, once backward, and so on; medians at the end."""

from collections import defaultdict
from collections.abc import Callable
from statistics import median

from msgspec import Struct

from bench.codes import Ask
from bench.cpu import Usage
from bench.engines import Engine
from bench.installation import Installation, Sample, sample
from bench.load import Run

MOST_PER_SECOND = 6_000
"""Passages prepared for each second of a load: more than a server here settles."""

MANY = 32
"""Connections of a busy city: a dozen sites with a queue at each."""


class Row(Struct):
    """One line of the table and of `build/bench.json`."""

    engine: str
    case: str
    connections: int
    requests_per_s: float
    p50_us: float
    p99_us: float
    cpu_us_server: float
    cpu_us_database: float
    ratio_to_bare: float | None


Key = tuple[str, str, int]
"""Engine, case, connections."""

Measure = Callable[[], Sample]


class City:
    """An installation with the codes to show at its gates."""

    def __init__(self, installation: Installation, seen: list[Ask], new: list[Ask]) -> None:
        self.installation = installation
        self._seen = seen
        self._new = new
        self._seen_next = 0
        self._new_next = 0

    def start(self) -> None:
        """Start a server: it has seen no code yet."""
        self.installation.start()
        self.installation.wait()
        self._new_next = 0

    def warm(self) -> None:
        """Show every code of the repeated mix once, and make the floor's first requests."""
        self.installation.load(connections=MANY, seconds=60, asks=self._seen)
        self.installation.load(connections=MANY, seconds=1)

    def bare(self, connections: int, seconds: float) -> Run:
        """Load the floor."""
        return self.installation.load(connections=connections, seconds=seconds)

    def ordinary(self, connections: int, seconds: float) -> Run:
        """Load a handler that does as little, on an ordinary route of the application."""
        return self.installation.load(connections=connections, seconds=seconds, floor="/ordinary")

    def seen(self, connections: int, seconds: float) -> Run:
        """Load with codes that this server has verified before."""
        count = int(seconds * MOST_PER_SECOND)
        asks = [self._seen[(self._seen_next + place) % len(self._seen)] for place in range(count)]
        run = self.installation.load(connections=connections, seconds=seconds, asks=asks)
        self._seen_next += len(run.latencies_ns)
        return run

    def new(self, connections: int, seconds: float) -> Run:
        """Load with codes that this server has never met."""
        asks = self._new[self._new_next : self._new_next + int(seconds * MOST_PER_SECOND)]
        run = self.installation.load(connections=connections, seconds=seconds, asks=asks)
        self._new_next += len(run.latencies_ns)
        return run


class Rounds:
    """Collects samples, and reduces them to rows."""

    def __init__(self) -> None:
        self.samples: defaultdict[Key, list[Sample]] = defaultdict(list)
        self._measures: list[tuple[Key, Measure]] = []
        self._bases: dict[Key, Key] = {}

    def add(self, engine: str, case: str, connections: int, measure: Measure, *, base: str = "bare") -> None:
        """Visit this case in every round; `base` is the case to compare it with."""
        key = (engine, case, connections)
        self._measures.append((key, measure))
        self._bases[key] = (engine, base, connections)

    def add_city(self, city: City, seconds: float) -> None:
        """Visit the floor and the gate of a city, with codes seen before and with new ones."""
        name = city.installation.engine.name
        for connections in (1, MANY):
            loads = (("bare", city.bare), ("ordinary", city.ordinary), ("seen", city.seen), ("new", city.new))
            for case, load in loads:
                self.add(name, case, connections, _bound(load, connections, seconds))

    def add_million(self, city: City, seconds: float) -> None:
        """Visit a large city, against the floor of its own server."""
        name = city.installation.engine.name
        self.add(name, "million_bare", MANY, _bound(city.bare, MANY, seconds))
        self.add(name, "million_passes", MANY, _bound(city.seen, MANY, seconds), base="million_bare")

    def run(self, rounds: int, say: Callable[[str], None]) -> None:
        """Go through all cases, forward and backward by turns."""
        for turn in range(rounds):
            say(f"round {turn + 1} of {rounds}")
            for key, measure in self._measures if turn % 2 == 0 else reversed(self._measures):
                self.samples[key].append(measure())

    def ratio(self, key: Key) -> float | None:
        """Throughput against the base of the same round; the median over rounds."""
        base = self.samples.get(self._bases[key])
        if not base or key[1] == "raw_commit":
            return None
        return median(
            mine.requests_per_s / floor.requests_per_s for mine, floor in zip(self.samples[key], base, strict=True)
        )

    def rows(self) -> list[Row]:
        """Reduce every case to its medians."""
        return [row(key, self.samples[key], self.ratio(key)) for key, _ in self._measures]

    def foreign(self) -> float:
        """The part of the machine that others used, as a median over all samples."""
        return median(one.foreign for samples in self.samples.values() for one in samples)


def row(key: Key, samples: list[Sample], ratio: float | None) -> Row:
    """Reduce samples to their medians."""
    return Row(
        *key,
        requests_per_s=round(median(one.requests_per_s for one in samples), 1),
        p50_us=round(median(one.p50_us for one in samples), 1),
        p99_us=round(median(one.p99_us for one in samples), 1),
        cpu_us_server=round(median(one.cpu_us_server for one in samples), 1),
        cpu_us_database=round(median(one.cpu_us_database for one in samples), 1),
        ratio_to_bare=None if ratio is None else round(ratio, 3),
    )


def raw_commits(engine: Engine) -> Sample:
    """Measure single durable commits."""
    taken = engine.commits()
    return sample(Run(sum(taken) / 1e9, taken, Usage(), []))


def _bound(load: Callable[[int, float], Run], connections: int, seconds: float) -> Measure:
    return lambda: sample(load(connections, seconds))
