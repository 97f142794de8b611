"""`python -m bench console`: how long a desk waits, with 300,000 holders and 5,000,000 passages on PostgreSQL.

A desk types beginnings of names, one and two words, narrows them, types numbers, and opens files. Then agents open
pages of a running server while people pass its gates: who passes must not feel it.
"""

import asyncio
import os
import shutil
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import rich_click as click
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from adapters.antivirus import Antivirus
from adapters.clock import utc_now
from adapters.document_vault import DocumentVault
from adapters.key_entries import OF_AN_AUTHORITY
from adapters.keyring import INSTALLATION, KeyRing, Purpose
from admin.files import read_file
from bench import beside, register
from bench.beside import Beside
from bench.codes import Ask, Signer, wanted
from bench.engines import Engine, opened
from bench.installation import Installation
from bench.population import Population
from cli.demo.places import LOGINS, Territory, open_city
from domain.agents import Agent, Role, everywhere
from domain.names import wanted_names
from domain.passes import PassStatus
from domain.people import Holder
from store import search
from store.database import Database
from store.figures.counting import count_all
from store.figures.upkeep import snapshot
from store.search import Found

BUILD = Path(__file__).parents[1] / "build"
FOLDER, REPORT = BUILD / "bench-console", BUILD / "bench-console.json"
DATABASE = "console"
NOW = utc_now()
TYPED = 300
GATES = Population(5_000, 5_000)
"""Who passes the gates: a city of its own in the same database."""

BARS = {"search": 0.150, "file": 0.300}
"""Seconds, of which 95 in 100 stay below."""


class Figure(Struct, frozen=True, rename="camel"):
    """One thing that a desk waits for, in seconds."""

    what: str
    bar: str
    median: float
    p95: float
    worst: float

    @property
    def met(self) -> bool:
        """Whether the promise holds."""
        return self.p95 <= BARS[self.bar]


@click.command("console")
@click.option("--passages", type=click.IntRange(1_000), default=5_000_000, show_default=True, help="Passages.")
@click.option("--holders", type=click.IntRange(1_000), default=300_000, show_default=True, help="Holders of a pass.")
@click.option("--rounds", type=click.IntRange(0), default=4, show_default=True, help="Gates alone and beside; 0: not.")
@click.option("--seconds", type=click.FloatRange(2), default=30.0, show_default=True, help="Length of each of the two.")
@click.option(
    "--pages", type=click.FloatRange(0.1), default=5.0, show_default=True, help="Pages a second beside gates."
)
def command(passages: int, holders: int, *, rounds: int, seconds: float, pages: float) -> None:
    """Measure searches and files, then gates beside a console. Exits with 1 when somebody waits too long."""
    with suppress(PermissionError):
        os.nice(-18)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with ExitStack() as stack:
        engine = stack.enter_context(opened("postgresql", FOLDER))
        asks = _gates(engine)
        figures, people = asyncio.run(_measure(engine.url(DATABASE), passages, holders))
        at_gates = _beside(engine, asks, people, rounds=rounds, seconds=seconds, pages=pages) if rounds else None
    REPORT.write_bytes(msgspec.json.format(msgspec.json.encode([*figures, at_gates]), indent=2))
    table = Table("what", "median", "95 in 100", "worst", "bar")
    for one in figures:
        times = (f"{seconds * 1000:.1f} ms" for seconds in (one.median, one.p95, one.worst, BARS[one.bar]))
        table.add_row(one.what, *times)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 130)
    console.print(table)
    if at_gates is not None:
        _tell(console, at_gates)
    sys.exit(0 if all(one.met for one in figures) and (at_gates is None or at_gates.met) else 1)


def _gates(engine: Engine) -> list[Ask]:
    """Build the city whose gates are passed, and sign what is shown there."""
    keyring = KeyRing(FOLDER / "keys")
    keyring.generate(INSTALLATION, Purpose.TOKEN, now=NOW)
    keyring.generate("bench", Purpose.PRINT, now=NOW)
    keyring.make_master("bench", now=NOW)
    with ProcessPoolExecutor(1) as pool:
        fill, given = engine.filling(DATABASE, GATES, NOW)
        pool.submit(fill, *given).result()
    signer = Signer(keyring.signing_key("bench", Purpose.PRINT), int((NOW + timedelta(days=300)).timestamp()))
    return signer.sign(wanted(GATES, 2 * GATES.size, Random(20), new=False))


def _beside(
    engine: Engine, asks: list[Ask], people: list[Holder], *, rounds: int, seconds: float, pages: float
) -> Beside:
    """Run a server over the database, with people at its gates and agents at its console."""
    installation = Installation(engine, DATABASE, FOLDER)
    # A machine that stands still makes somebody wait, and nobody hear that the database is away.
    installation.start("multipass.py", "serve", environment={"MULTIPASS_ANSWER_SECONDS": "30"})
    try:
        installation.wait()
        return beside.measure(installation, asks, people, rounds=rounds, seconds=seconds, pages_per_second=pages)
    finally:
        installation.stop()


def _tell(console: Console, one: Beside) -> None:
    console.print(
        f"gates alone: p50 {one.alone_p50:.1f} ms, p99 {one.alone_p99:.1f} ms; beside {one.pages:,} pages of the "
        f"console: p50 {one.beside_p50:.1f} ms, p99 {one.beside_p99:.1f} ms, {one.ratio:.2f} times "
        f"(at most {beside.BAR:g}); pages p50 {one.page_p50:.0f} ms, p95 {one.page_p95:.0f} ms, {one.refused} refused: "
        + ("[green]met[/]" if one.met else "[red]missed[/]")
    )


async def _measure(url: str, passages: int, holders: int) -> tuple[list[Figure], list[Holder]]:
    database, dice = Database(url), Random(1)
    try:
        async with database.begin() as unit:
            city = await open_city(unit, now=NOW, first_year=NOW.year)
            agents = [await unit.agents.by_login(one.login) for one in LOGINS if one.role is Role.DESK]
        keyring = KeyRing(FOLDER / "keys")
        for purpose in OF_AN_AUTHORITY:
            keyring.generate(city.authority.code, purpose, now=NOW)
        keyring.make_master(city.authority.code, now=NOW)
        people = await register.fill(database.dsn, city, holders=holders, passages=passages, dice=dice, now=NOW)
        desk = next(one for one in agents if one is not None)
        narrow = _filters(city)
        figures = [
            await _timed("a name begun, 2 to 6 letters", "search", _names(database, city, people, dice, words=1)),
            await _timed("two words, in any order", "search", _names(database, city, people, dice, words=2)),
            *[
                await _timed(
                    f"a name begun, narrowed by {what}", "search", _narrowed(database, city, people, dice, filters)
                )
                for what, filters in narrow.items()
            ],
            await _timed("the number of a pass", "search", _numbers(database, city, people, dice)),
            await _timed("somebody's file", "file", _files(database, city, people, dice, desk)),
        ]
        # A city has counted its past; a server that begins with years of it would count beside the gates.
        await count_all(database)
        await snapshot(database, NOW)
        return figures, people
    finally:
        await database.close()


Asks = Iterator[Callable[[], Awaitable[object]]]


async def _timed(what: str, bar: str, asks: Asks) -> Figure:
    taken = []
    for ask in asks:
        began = time.perf_counter()
        await ask()
        taken.append(time.perf_counter() - began)
    taken.sort()
    return Figure(what, bar, taken[len(taken) // 2], taken[len(taken) * 95 // 100], taken[-1])


def _names(database: Database, city: Territory, people: list[Holder], dice: Random, *, words: int) -> Asks:
    async def ask(typed: str) -> None:
        found: list[Found] = []
        async with database.read() as connection:
            for wanted in wanted_names(typed):
                found = found or await search.by_name(connection, city.authority.id, wanted, limit=26)
            await search.passes_of(connection, city.authority.id, [one.id for one in found])
        if not found:
            raise LookupError(typed)

    for one in dice.sample(people, TYPED):
        last, first = one.last_name[: dice.randint(2, 6)], one.first_name[: dice.randint(1, 4)]
        typed = last if words == 1 else " ".join(dice.sample([last, first], 2))
        yield lambda typed=typed: ask(typed)  # type: ignore[misc]  # a default is how a loop binds its value


def _filters(city: Territory) -> dict[str, list[dict[str, Any]]]:
    """What narrows a name: to one in five, to one in 85, or to nobody, which is the worst."""
    commune = {"commune": str(register.FIRST_COMMUNE + 7)}
    age = {"born": (NOW.date() - timedelta(days=45 * 365), NOW.date() - timedelta(days=30 * 365))}
    right = {"product": next(iter(city.products))}
    status, without = {"status": PassStatus.SUSPENDED}, {"without_pass": True}
    return {
        "a commune": [commune],
        "an age": [age],
        "a right": [right],
        "a suspended pass, which nobody has": [status],
        "no pass, which nobody is without": [without],
        "one of these, by turns": [commune, age, right, status, without],
        "all of these": [commune | age | right | status],
        "commune, age and right": [commune | age | right],
    }


def _narrowed(
    database: Database, city: Territory, people: list[Holder], dice: Random, filters: list[dict[str, Any]]
) -> Asks:
    """Names of two letters or more, each narrowed by one of these."""

    async def ask(typed: str, **more: Any) -> None:  # noqa: ANN401 - any field of what narrows
        narrowed, found = search.Narrowed(NOW.date(), **more), list[Found]()
        async with database.read() as connection:
            for wanted in wanted_names(typed):
                found = found or await search.by_name(
                    connection, city.authority.id, wanted, limit=26, narrowed=narrowed
                )
            await search.passes_of(connection, city.authority.id, [one.id for one in found])

    for one in dice.sample(people, TYPED):
        more = dice.choice(filters)
        typed = one.last_name[: dice.randint(2, 6)]
        yield lambda typed=typed, more=more: ask(typed, **more)  # type: ignore[misc]  # as above


def _numbers(database: Database, city: Territory, people: list[Holder], dice: Random) -> Asks:
    async def ask(number: str) -> None:
        async with database.read() as connection:
            if not await search.by_pass(connection, city.authority.id, number):
                raise LookupError(number)

    for one in dice.sample(people, TYPED):
        yield lambda one=one: ask(one.reference)  # type: ignore[misc]  # as above


def _files(database: Database, city: Territory, people: list[Holder], dice: Random, desk: Agent) -> Asks:
    # Nobody has a photo here; opening one costs a millisecond.
    vault = DocumentVault(FOLDER / "documents", KeyRing(FOLDER / "keys"), Antivirus(""))
    everything = msgspec.structs.replace(desk, grants=everywhere(*Role))
    for one in dice.sample(people, TYPED):
        yield lambda one=one: read_file(database, vault, everything, city.authority, one.reference, now=NOW)  # type: ignore[misc]  # as above
