"""`python -m bench import`: 100,000 lines of an old card file, checked and taken in beside a register that has people.

On each engine: the check, then the run by the batches of the command line. Every line that is good must be in the
register once, and the run must take less than five minutes. Exits with 1 when one of these is missed.
"""

import asyncio
import shutil
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from random import Random

import msgspec
import rich_click as click
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from adapters.card_files import read_card_file
from adapters.cards import CardKeys
from adapters.clock import utc_now
from adapters.keyring import KeyRing
from api.importing import Importer
from bench.engines import opened
from cli.imports import TOGETHER
from domain import imports
from domain.import_headings import guess
from domain.imports import ImportState, Plan
from domain.journal import Door, Origin
from domain.people import Subject
from domain.places import Authority
from domain.products import Product, publish_product
from domain.text import Text
from store import migrate
from store.database import Database

BUILD = Path(__file__).parents[1] / "build"
FOLDER = BUILD / "bench-import"
BAR_SECONDS = 300.0
_DOUBLES = 50
"""One line in so many says what another has said."""


class Figure(Struct, frozen=True, rename="camel"):
    """What one engine took, in seconds."""

    engine: str
    lines: int
    check_seconds: float
    run_seconds: float
    slowest_batch_seconds: float
    right: bool

    @property
    def met(self) -> bool:
        """Whether the promise holds."""
        return self.right and self.run_seconds < BAR_SECONDS


@click.command("import")
@click.option("--engine", "engines", multiple=True, type=click.Choice(["sqlite", "postgresql"]), default=["postgresql"])
@click.option("--lines", type=click.IntRange(100, 200_000), default=100_000, show_default=True, help="Lines of a file.")
def command(engines: tuple[str, ...], *, lines: int) -> None:
    """Measure the import of an old card file. Exits with 1 when the bar is missed."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    figures = []
    for name in engines:
        with opened(name, FOLDER) as engine:
            figures.append(
                asyncio.run(_measure(name, engine.url("postgres" if name == "postgresql" else "city"), lines))
            )
    BUILD.joinpath("bench-import.json").write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2))
    table = Table("engine", "lines", "check s", "run s", "slowest batch s", "lines/s", "")
    for one in figures:
        told = (one.check_seconds, one.run_seconds, one.slowest_batch_seconds)
        speed = f"{one.lines / one.run_seconds:,.0f}"
        table.add_row(
            one.engine, f"{one.lines:,}", *(f"{each:.1f}" for each in told), speed, "met" if one.met else "MISSED"
        )
    console = Console(highlight=False)
    console.print(table)
    console.print(f"100,000 lines in less than {BAR_SECONDS:g} s; every good line is in the register once.")
    sys.exit(0 if all(one.met for one in figures) else 1)


async def _measure(engine: str, url: str, lines: int) -> Figure:
    await asyncio.to_thread(migrate.upgrade, url)
    database, keyring, now = Database(url), KeyRing(FOLDER / "keys"), utc_now()
    keyring.make_master("bench", now=now)
    try:
        authority = await _authority(database)
        good = await _add(database, authority, lines)
        importer = Importer(database, CardKeys(keyring), utc_now)
        began = time.perf_counter()
        job = await importer.check(authority, "bench")
        checked = time.perf_counter()
        job = await importer.start(authority, "bench", by=authority.id, origin=Origin(Door.COMMAND))
        batches = []
        while job.state is ImportState.RUNNING:
            before = time.perf_counter()
            job = await importer.step(authority, "bench", most=TOGETHER)
            batches.append(time.perf_counter() - before)
        done = time.perf_counter()
        async with database.read() as connection:
            counts = [
                (await connection.exec_driver_sql(f"SELECT count(*) FROM {name}")).scalar_one()  # noqa: S608 - our own
                for name in ("holder", "pass", "card", "entitlement")
            ]
    finally:
        await database.close()
    right = counts == [good] * 4 and job.taken == good
    return Figure(engine, lines, checked - began, done - checked, max(batches), right)


async def _authority(database: Database) -> Authority:
    async with database.begin() as unit:
        text = Text(fr="Ville", en="Town")
        authority = Authority(unit.ids.row(), "bench", text, "Europe/Paris", "#0b6e4f", utc_now())
        await unit.places.add_authority(authority)
        product = Product(unit.ids.row(), authority.id, "pool-year", "pool", Subject.PERSON, text)
        await publish_product(unit, product)
    return authority


async def _add(database: Database, authority: Authority, lines: int) -> int:
    """Add a file, and return how many of its lines are good."""
    random, rows, good = Random(43), ["N° carte;Nom;Prénom;Date de naissance;Code INSEE;UID"], 0
    for number in range(lines):
        double = number % _DOUBLES == _DOUBLES - 1
        if double:
            rows.append(rows[-1])
            continue
        born = date(1930, 1, 1) + timedelta(days=random.randrange(33_000))
        rows.append(f"A{number};Nom {number};Prénom {number % 97};{born:%d/%m/%Y};59350;04{number:012X}")
        good += 1
    content = "\r\n".join(rows).encode("cp1252")
    table = read_card_file(content)
    plan = Plan(
        guess(table.headings), until=utc_now().date() + timedelta(days=365), outside=True, products=("pool-year",)
    )
    async with database.begin() as unit:
        await imports.begin_import(
            unit,
            authority_id=authority.id,
            code="bench",
            file_name="cards.csv",
            content=content,
            headings=table.headings,
            lines=len(table.rows),
            plan=plan,
            agent_id=unit.ids.row(),
            now=utc_now(),
        )
    return good
