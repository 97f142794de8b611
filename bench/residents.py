"""`python -m bench residents`: what residents wait for, on PostgreSQL beside the server, and the rush of an opening.

First people who have a pass use the mobile API, 50 calls a second: 95 in 100 readings are answered within 40 ms, acts
within 60. Then as many households ask for passes within an hour as did when a city of the north opened its own, from
their first code to their receipt, and nobody is answered an error. Exits with 1 when one of these is missed.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import quantiles

import msgspec
import rich_click as click
from msgspec import Struct
from rich import box
from rich.console import Console
from rich.table import Table

from adapters.clock import utc_now
from adapters.key_entries import OF_AN_AUTHORITY
from adapters.keyring import INSTALLATION, KeyRing, Purpose
from bench import register, report
from bench.bars import Bar
from bench.engines import Engine, opened
from bench.installation import Installation
from bench.residents_load import Job, Run
from bench.seed import create_database
from cli.demo.places import Territory, open_city
from domain.account_links import LinkKind, make_code
from domain.people import Holder
from domain.places import local_day
from domain.products import grant
from store import migrate
from store.database import Database

BUILD = Path(__file__).parents[1] / "build"
FOLDER, REPORT = BUILD / "bench-residents", BUILD / "bench-residents.json"
DATABASE = "residents"
PER_SECOND = 50.0
SECONDS_BETWEEN = 4
"""Between two calls of one resident: as many people as it takes."""

BARS = {"reads": 40.0, "writes": 60.0}
"""Milliseconds, of which 95 in 100 calls stay below."""

AN_HOUR = 20_000 / 3_600
"""Households in a second, when a city opens its pass."""

_ADULT = timedelta(days=17 * 366)
_RIGHTS = ("piscine-carnet-10", "transport-mensuel", "mediatheque-inscription")
_QUIET = {
    "MULTIPASS_MAIL_FROM": "Val-Clair <pass@val-clair.example>",
    "MULTIPASS_TRUSTED_PROXIES": "127.0.0.1",
    "MULTIPASS_LOG_LEVEL": "warning",
}


class Figure(Struct, frozen=True, rename="camel"):
    """What calls of one kind came to: milliseconds."""

    load: str
    what: str
    calls: int
    p50: float
    p95: float
    p99: float
    worst: float


@click.command("residents", epilog="Example: python -m bench residents --requests 500 --seconds 90")
@click.option(
    "--holders", type=click.IntRange(1_000), default=300_000, show_default=True, help="People in the register."
)
@click.option("--passages", type=click.IntRange(1_000), default=1_000_000, show_default=True, help="Their passages.")
@click.option("--mixed", type=click.FloatRange(0), default=120.0, show_default=True, help="Seconds of the mixed calls.")
@click.option("--rate", type=click.FloatRange(0.5), default=PER_SECOND, show_default=True, help="Mixed calls a second.")
@click.option("--requests", type=click.IntRange(0), default=20_000, show_default=True, help="Households of the rush.")
@click.option("--seconds", type=click.FloatRange(10), default=3_600.0, show_default=True, help="Length of the rush.")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes of the server.")
def command(
    holders: int, passages: int, *, mixed: float, rate: float, requests: int, seconds: float, workers: int
) -> None:
    """Measure the mobile API under a steady load, then a rush of requests. Exits with 1 when a bar is missed."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 130)
    with suppress(PermissionError):
        os.nice(-18)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    figures: list[Figure] = []
    results: list[Bar] = []
    with opened("postgresql", FOLDER) as engine:
        codes = asyncio.run(_furnish(engine, holders, passages, residents=round(rate * SECONDS_BETWEEN)))
        installation = Installation(engine, DATABASE, FOLDER)
        folders = {
            "MULTIPASS_MAIL_FOLDER": str(FOLDER / "letters"),
            "MULTIPASS_DOCUMENTS_FOLDER": str(FOLDER / "papers"),
        }
        served = {**_QUIET, **folders, "MULTIPASS_WORKERS": str(workers)}
        installation.start("multipass.py", "serve", environment=served)
        try:
            installation.wait()
            if mixed:
                run = _run(installation, seconds=mixed, codes=codes, per_second=rate)
                figures += _figures("mixed", run)
                results += _mixed_bars(run)
                _tell(console, "mixed", run)
            if requests:
                run = _run(installation, seconds=seconds, households=requests)
                figures += _figures("rush", run)
                results += _rush_bars(engine, run, requests)
                _tell(console, "rush", run)
        finally:
            installation.stop()
    REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2))
    _show(console, figures)
    report.show_bars(console, results)
    sys.exit(0 if all(bar.met for bar in results) else 1)


async def _furnish(engine: Engine, holders: int, passages: int, *, residents: int) -> list[str]:
    """Build the city with its register, and return the codes that letters brought to some of its people."""
    now, dice, keyring = utc_now(), Random(1), KeyRing(FOLDER / "keys")
    keyring.generate(INSTALLATION, Purpose.TOKEN, now=now)
    await create_database(engine.url("postgres"), DATABASE)
    await asyncio.to_thread(migrate.upgrade, engine.url(DATABASE))
    database = Database(engine.url(DATABASE))
    try:
        async with database.begin() as unit:
            city = await open_city(unit, now=now, first_year=now.year)
        for purpose in OF_AN_AUTHORITY:
            keyring.generate(city.authority.code, purpose, now=now)
        keyring.make_master(city.authority.code, now=now)
        people = await register.fill(database.dsn, city, holders=holders, passages=passages, dice=dice, now=now)
        grown = [one for one in people if one.born_on < now.date() - _ADULT]
        return [await _letter(database, city, one) for one in dice.sample(grown, residents)]
    finally:
        await database.close()


async def _letter(database: Database, city: Territory, holder: Holder) -> str:
    """Give somebody rights to more, and the code of a letter."""
    now = utc_now()
    today = local_day(now, city.authority.zone)
    async with database.begin() as unit:
        for code in _RIGHTS:
            await grant(
                unit,
                product=city.products[code],
                subject_id=holder.id,
                valid_from=today,
                valid_until=today + timedelta(days=300),
                now=now,
                keep_until=holder.keep_until,
            )
        code, _ = await make_code(unit, holder, kind=LinkKind.OWN, by=None, now=now, today=today)
    return code


def _run(
    installation: Installation,
    *,
    seconds: float,
    codes: list[str] | None = None,
    per_second: float = 0.0,
    households: int = 0,
) -> Run:
    job = Job(
        port=installation.port,
        letters=str(FOLDER / "letters"),
        server_pid=installation.pid,
        database_pid=installation.engine.database_pid or 0,
        seconds=seconds,
        codes=codes or [],
        per_second=per_second,
        households=households,
    )
    given, taken = FOLDER / "job.msgpack", FOLDER / "run.msgpack"
    given.write_bytes(msgspec.msgpack.encode(job))
    subprocess.run([sys.executable, "-m", "bench.residents_load", given, taken], check=True)  # noqa: S603 - our own
    return msgspec.msgpack.decode(taken.read_bytes(), type=Run)


def _figures(load: str, run: Run) -> list[Figure]:
    """What the calls of each kind came to, and all readings and all acts together."""
    kinds = {name: [one for one in run.calls if one.name == name] for name in sorted({one.name for one in run.calls})}
    kinds["all reads"] = [one for one in run.calls if not one.writes]
    kinds["all writes"] = [one for one in run.calls if one.writes]
    return [_figure(load, what, [one.milliseconds for one in calls]) for what, calls in kinds.items() if len(calls) > 1]


def _figure(load: str, what: str, taken: list[float]) -> Figure:
    cuts = quantiles(taken, n=100, method="inclusive")
    return Figure(load, what, len(taken), cuts[49], cuts[94], cuts[98], max(taken))


def _mixed_bars(run: Run) -> list[Bar]:
    by_what = {one.what: one for one in _figures("mixed", run)}
    made = [
        Bar("postgresql", f"mixed: p95 of {what}", by_what[f"all {what}"].p95, bound, "ms")
        for what, bound in BARS.items()
    ]
    return [*made, Bar("postgresql", "mixed: errors", len(run.refused), 0, "")]


def _rush_bars(engine: Engine, run: Run, requests: int) -> list[Bar]:
    ((received, papers),) = engine.ask(
        DATABASE,
        "SELECT count(*), coalesce(sum((SELECT count(*) FROM document WHERE request_id = r.id)), 0)"
        " FROM pass_request AS r JOIN resident_request AS t ON t.request_id = r.id WHERE r.status = 'submitted'",
    )
    return [
        Bar("postgresql", "rush: errors", len(run.refused), 0, ""),
        Bar("postgresql", "rush: requests in the queue", float(received), requests, "", at_least=True),
        Bar("postgresql", "rush: their documents", float(papers), requests, "", at_least=True),
        Bar("postgresql", "rush: receipts by e-mail", run.letters, requests, "", at_least=True),
        Bar("postgresql", f"rush: {requests:,} households, at 20,000 an hour", run.seconds, requests / AN_HOUR, "s"),
    ]


def _tell(console: Console, load: str, run: Run) -> None:
    count, seconds = max(1, len(run.calls)), run.seconds
    parts = {"server": run.usage.server_us, "its other processes": run.cells_us, "database": run.usage.database_us}
    each = ", ".join(f"{what} {spent / count / 1e3:.1f} ms" for what, spent in parts.items())
    cores = ", ".join(f"{spent / seconds / 1e6:.0%}" for spent in parts.values())
    console.print(
        f"{load}: {len(run.calls):,} calls in {seconds:,.0f} s ({len(run.calls) / seconds:.1f}/s); "
        f"CPU of a call: {each}; of a core: {cores}; "
        f"others, these processes included, {run.usage.foreign:.0%} of the machine",
        style="dim",
    )
    for problem in run.refused[:10]:
        console.print(f"[red]refused:[/] {problem}")


def _show(console: Console, figures: list[Figure]) -> None:
    grid = Table("load", "call", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("calls", "p50 ms", "p95 ms", "p99 ms", "worst ms"):
        grid.add_column(name, justify="right", no_wrap=True)
    for one in figures:
        cells = (one.p50, one.p95, one.p99, one.worst)
        grid.add_row(one.load, one.what, f"{one.calls:,}", *(f"{cell:,.1f}" for cell in cells))
    console.print(grid)
