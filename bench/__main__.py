"""`python -m bench`: seed, measure, check, report."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median

import msgspec
import rich_click as click
from msgspec import Struct
from rich.console import Console

from adapters.clock import utc_now
from adapters.keyring import INSTALLATION, KeyRing, Purpose
from bench import report
from bench.audit import disagreements, granted_share
from bench.bars import Extra, bars
from bench.cases import MANY, MOST_PER_SECOND, City, Rounds, raw_commits, row
from bench.codes import Ask, Signer, Wanted, wanted
from bench.engines import Engine, opened
from bench.growth import same_pass, work
from bench.installation import Installation, Sample, sample
from bench.population import Kind, Population
from bench.rows import gate_code, site_codes

BUILD = Path(__file__).parents[1] / "build"
FOLDER = BUILD / "bench"
MILLION = 1_000_000
STARTS = 3


class Plan(Struct, frozen=True):
    """How much to measure."""

    engines: tuple[str, ...]
    rounds: int
    seconds: float
    passes: int
    million: bool
    pairs: int


class Codes(Struct, frozen=True):
    """What is shown at the gates."""

    seen: list[Ask]
    new: list[Ask]
    same: list[Ask]
    million: list[Ask]


@click.command(epilog="Example: python -m bench --engine sqlite --quick")
@click.option(
    "--engine", "engines", multiple=True, type=click.Choice(["sqlite", "postgresql"]), help="Only this engine."
)
@click.option("--quick", is_flag=True, help="A short run, for trying: two short rounds, no million.")
@click.option("--rounds", type=click.IntRange(1), help="Rounds through all cases. [6; 2 if quick]")
@click.option("--seconds", type=click.FloatRange(0.1), help="Length of one sample. [1.5; 0.7 if quick]")
@click.option("--passes", type=click.IntRange(100), default=5_000, show_default=True, help="Passes that are scanned.")
@click.option("--million/--no-million", default=None, help="Also with 1,000,000 passes loaded. [yes; no if quick]")
def main(
    engines: tuple[str, ...],
    *,
    quick: bool,
    rounds: int | None,
    seconds: float | None,
    passes: int,
    million: bool | None,
) -> None:
    """Measure the gate against the bars of performance.md, with durable settings, in interleaved rounds.

    The figures go to the screen and to build/bench.json. Exits with 1 when answers, events and counters disagree.
    """
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 130)
    plan = Plan(
        engines=tuple(dict.fromkeys(engines)) or ("sqlite", "postgresql"),
        rounds=rounds or (2 if quick else 6),
        seconds=seconds or (0.7 if quick else 1.5),
        passes=passes // 2 * 2,
        million=(not quick) if million is None else million,
        pairs=4 if quick else 12,
    )
    with suppress(PermissionError):
        os.nice(-18)  # the servers inherit it: whoever else is on this machine is not to be measured
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    began = time.perf_counter()

    def say(text: str) -> None:
        console.print(f"{time.perf_counter() - began:4.0f} s  {text}", style="dim")

    with ExitStack() as stack:
        problems = _measure(plan, [stack.enter_context(opened(name, FOLDER)) for name in plan.engines], console, say)
    for problem in problems:
        console.print(f"[red]disagreement:[/] {problem}")
    sys.exit(1 if problems else 0)


def _measure(plan: Plan, engines: list[Engine], console: Console, say: Callable[[str], None]) -> list[str]:
    now = utc_now()
    small = Population(plan.passes, plan.passes)
    large = Population(MILLION, plan.passes) if plan.million else None
    say("seeding")
    _fill(engines, {"city": small, **({"million": large} if large else {})}, now)
    say("signing codes")
    codes = _codes(plan, small, large, now)

    rounds = Rounds()
    cities = {engine.name: City(Installation(engine, "city", FOLDER), codes.seen, codes.new) for engine in engines}
    crowds = {
        engine.name: City(Installation(engine, "million", FOLDER), codes.million, []) for engine in engines if large
    }
    cold = {name: _cold(city, plan, say) for name, city in crowds.items()}
    with _running([*cities.values(), *crowds.values()], say):
        for engine in engines:
            rounds.add(engine.name, "raw_commit", 1, _raw(engine))
            rounds.add_city(cities[engine.name], plan.seconds)
            if large:
                rounds.add_million(crowds[engine.name], plan.seconds)
        rounds.run(plan.rounds, say)
        say(f"one pass a thousand times, {plan.pairs} passes")
        same = {name: same_pass(city.installation, codes.same[: plan.pairs]) for name, city in cities.items()}
    rows = rounds.rows()
    results = []
    for engine in engines:
        name, installation = engine.name, cities[engine.name].installation
        say(f"{name}: counting, starting")
        installation.start(count=True)
        installation.wait()
        counted = work(installation, codes.same[plan.pairs])
        installation.stop()
        bare = median(one.requests_per_s for one in rounds.samples[name, "bare", 1])
        rate = median(one.requests_per_s for one in same[name].samples)
        rows.append(row((name, "same_pass_1000", 1), same[name].samples, rate / bare))
        if large:
            loaded, floor = cold[name]
            rows.append(row((name, "million_cold", MANY), [loaded], loaded.requests_per_s / floor.requests_per_s))
        extra = Extra(
            same_pass=same[name].ratio,
            work=counted,
            start_seconds=_start_seconds(installation, codes.seen),
            million=rounds.ratio((name, "million_passes", MANY)) if large else None,
        )
        results += bars(name, rows, extra)
    say("checking")
    installations = [city.installation for city in (*cities.values(), *crowds.values())]
    problems = [
        f"{one.engine.name} {one.database}: {problem}" for one in installations for problem in disagreements(one)
    ]
    BUILD.joinpath("bench.json").write_bytes(msgspec.json.format(msgspec.json.encode(rows), indent=2))
    rows.sort(key=lambda one: plan.engines.index(one.engine))
    report.show_rows(console, rows)
    report.show_bars(console, results)
    checked = sum(len(one.said) for one in installations)
    share = granted_share(installations[0])
    console.print(
        f"{checked:,} answers checked against events and counters; {share:.1%} of them granted. "
        f"Others used {rounds.foreign():.0%} of the machine meanwhile"
        + (": read differences under 20 % as noise." if rounds.foreign() > 0.15 else ".")
    )
    say("done")
    return problems


def _fill(engines: list[Engine], populations: dict[str, Population], now: datetime) -> None:
    """Build every city, a process for each core."""
    with ProcessPoolExecutor() as pool:
        building = [
            pool.submit(fill, *given)
            for database, population in populations.items()
            for fill, given in (engine.filling(database, population, now) for engine in engines)
        ]
        for one in building:
            one.result()


def _codes(plan: Plan, small: Population, large: Population | None, now: datetime) -> Codes:
    keyring = KeyRing(FOLDER / "keys")
    keyring.generate(INSTALLATION, Purpose.TOKEN, now=now)
    keyring.generate("bench", Purpose.PRINT, now=now)
    keyring.make_master("bench", now=now)
    signer = Signer(keyring.signing_key("bench", Purpose.PRINT), int((now + timedelta(days=300)).timestamp()))
    random = Random(20)
    new = int(plan.rounds * plan.seconds * MOST_PER_SECOND)
    pool = gate_code(site_codes("pool")[0], 0)
    return Codes(
        seen=signer.sign(wanted(small, 8 * plan.passes, random, new=False)),
        new=signer.sign(wanted(small, new, random, new=True)),
        same=signer.sign([Wanted(pool, number) for number in small.special(Kind.UNLIMITED)]),
        million=signer.sign(wanted(large, 8 * plan.passes, random, new=False)) if large else [],
    )


def _cold(city: City, plan: Plan, say: Callable[[str], None]) -> tuple[Sample, Sample]:
    """The first passages after a restart of everything, with no page in memory; and the floor right after."""
    installation = city.installation
    say(f"{installation.engine.name}: a million passes, cold")
    installation.engine.cool(installation.database)
    city.start()
    loaded = sample(city.seen(MANY, plan.seconds))
    floor = sample(city.bare(MANY, plan.seconds))
    installation.stop()
    return loaded, floor


@contextmanager
def _running(cities: list[City], say: Callable[[str], None]) -> Iterator[None]:
    """Run every city's server, warm."""
    with ExitStack() as stack:
        for city in cities:
            say(f"{city.installation.engine.name}: warming {city.installation.database}")
            stack.callback(city.installation.stop)
            city.start()
            city.warm()
        yield


def _raw(engine: Engine) -> Callable[[], Sample]:
    return lambda: raw_commits(engine)


def _start_seconds(installation: Installation, asks: list[Ask]) -> float:
    """From the start of `multipass serve` on an existing installation to its first granted passage."""
    taken = []
    for _ in range(STARTS):
        began = time.perf_counter()
        installation.start("multipass.py", "serve")
        for ask in asks:
            said = installation.tap(ask)
            if said is not None and said.outcome == "granted":
                break
            time.sleep(0.005)
        taken.append(time.perf_counter() - began)
        installation.stop()
    return median(taken)


if __name__ == "__main__":
    if sys.argv[1:2] == ["credentials"]:
        from bench.credentials import command

        command(sys.argv[2:])
    if sys.argv[1:2] == ["terminal"]:
        from bench.terminal import command as of_terminals

        of_terminals(sys.argv[2:])
    if sys.argv[1:2] == ["upload"]:
        from bench.upload import command as of_uploads

        of_uploads(sys.argv[2:])
    if sys.argv[1:2] == ["import"]:
        from bench.imports import command as of_imports

        of_imports(sys.argv[2:])
    if sys.argv[1:2] == ["bundle"]:
        from bench.bundle import command as of_bundles

        of_bundles(sys.argv[2:])
    if sys.argv[1:2] == ["readings"]:
        from bench.readings import command as readings

        readings(sys.argv[2:])
    if sys.argv[1:2] == ["console"]:
        from bench.console import command as of_console

        of_console(sys.argv[2:])
    if sys.argv[1:2] == ["residents"]:
        from bench.residents import command as of_residents

        of_residents(sys.argv[2:])
    if sys.argv[1:2] == ["figures"]:
        from bench.figures import command as of_figures

        of_figures(sys.argv[2:])
    if sys.argv[1:2] == ["tour"]:
        from bench.tour import command as of_the_tour

        of_the_tour(sys.argv[2:])
    main()
