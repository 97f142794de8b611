"""`python -m bench import`: 100,000 lines of an old file of cards, households or organisations, checked and taken in.

On each engine: the check, then the run by the batches of the command line, or smaller ones (`--together`). Every line
that is good must be in the register once, and the run must take less than five minutes. Exits with 1 when one of these
is missed.
"""

import asyncio
import shutil
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from random import Random

import msgspec
import rich_click as click
from msgspec import Struct
from msgspec.structs import replace
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
from domain.import_kinds import ImportKind
from domain.imports import ImportState, Plan
from domain.journal import Door, Origin
from domain.passes import check_digit
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
_TOGETHER_AT_HOME, _TOGETHER_AT_WORK = 4, 10

PRODUCTS = (
    ("pool-year", "pool", Subject.PERSON),
    ("waste-year", "waste-centre", Subject.HOUSEHOLD),
    ("pro-year", "waste-centre", Subject.ORGANISATION),
)
_COMMUNE = {
    ImportKind.CARDS: "Code INSEE",
    ImportKind.HOUSEHOLDS: "Code INSEE",
    ImportKind.ORGANISATIONS: "Commune de domicile",
}
"""Where people live: in a file of organisations, a bare INSEE code is that of the seat."""


class Figure(Struct, frozen=True, rename="camel"):
    """What one engine took, in seconds."""

    engine: str
    kind: str
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
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in ImportKind]),
    default=[ImportKind.CARDS.value],
    help="What the file is about; several may be given.",
)
@click.option(
    "--together",
    type=click.IntRange(10, 10_000),
    default=TOGETHER,
    show_default=True,
    help="Lines of a batch: a server takes fewer than the command.",
)
def command(engines: tuple[str, ...], *, lines: int, kinds: tuple[str, ...], together: int) -> None:
    """Measure the import of an old file. Exits with 1 when the bar is missed."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    figures = []
    for name, kind in product(engines, kinds):
        folder = FOLDER / f"{name}-{kind}"
        folder.mkdir()
        with opened(name, folder) as engine:
            url = engine.url("postgres" if name == "postgresql" else "city")
            figures.append(asyncio.run(_measure(name, url, FILES[ImportKind(kind)](lines), folder, together)))
    BUILD.joinpath("bench-import.json").write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2))
    table = Table("engine", "kind", "lines", "check s", "run s", "slowest batch s", "lines/s", "")
    for one in figures:
        told = (one.check_seconds, one.run_seconds, one.slowest_batch_seconds)
        speed = f"{one.lines / one.run_seconds:,.0f}"
        table.add_row(
            *(one.engine, one.kind, f"{one.lines:,}", *(f"{each:.1f}" for each in told), speed),
            "met" if one.met else "MISSED",
        )
    console = Console(highlight=False)
    console.print(table)
    console.print(f"100,000 lines in less than {BAR_SECONDS:g} s; every good line is in the register once.")
    sys.exit(0 if all(one.met for one in figures) else 1)


class File(Struct, frozen=True):
    """A file of one kind, with how many rows of which tables its good lines make."""

    kind: ImportKind
    rows: list[str]
    product: str
    makes: dict[str, int]

    @property
    def good(self) -> int:
        """How many lines come in."""
        return len(self.rows) - 1 - len(self.rows[1:]) // _DOUBLES


async def _measure(engine: str, url: str, file: File, folder: Path, together: int) -> Figure:
    await asyncio.to_thread(migrate.upgrade, url)
    database, keyring, now = Database(url), KeyRing(folder / "keys"), utc_now()
    keyring.make_master("bench", now=now)
    try:
        authority = await _authority(database)
        await _add(database, authority, file)
        importer = Importer(database, CardKeys(keyring), utc_now)
        began = time.perf_counter()
        job = await importer.check(authority, "bench")
        checked = time.perf_counter()
        job = await importer.start(authority, "bench", by=authority.id, origin=Origin(Door.COMMAND))
        batches = []
        while job.state is ImportState.RUNNING:
            before = time.perf_counter()
            job = await importer.step(authority, "bench", most=together)
            batches.append(time.perf_counter() - before)
        done = time.perf_counter()
        async with database.read() as connection:
            counts = {
                name: (await connection.exec_driver_sql(f"SELECT count(*) FROM {name}")).scalar_one()  # noqa: S608 - our own
                for name in file.makes
            }
    finally:
        await database.close()
    right = counts == file.makes and job.taken == file.good
    return Figure(engine, file.kind, len(file.rows) - 1, checked - began, done - checked, max(batches), right)


async def _authority(database: Database) -> Authority:
    async with database.begin() as unit:
        text = Text(fr="Ville", en="Town")
        authority = Authority(unit.ids.row(), "bench", text, "Europe/Paris", "#0b6e4f", utc_now())
        await unit.places.add_authority(authority)
        for code, service, subject in PRODUCTS:
            await publish_product(unit, Product(unit.ids.row(), authority.id, code, service, subject, text))
    return authority


def _person(number: int, random: Random) -> str:
    born = date(1930, 1, 1) + timedelta(days=random.randrange(27_000))
    return f"A{number};Nom {number};Prénom {number % 97};{born:%d/%m/%Y};59350;04{number:012X}"


def _file(kind: ImportKind, lines: int, product_code: str, head: str, group_of: Callable[[int], str]) -> File:
    """Write a file whose every fiftieth line says what the one before has said."""
    random, rows = Random(43), [f"{head}N° carte;Nom;Prénom;Date de naissance;{_COMMUNE[kind]};UID"]
    for number in range(lines):
        double = number % _DOUBLES == _DOUBLES - 1
        rows.append(rows[-1] if double else f"{group_of(number)}{_person(number, random)}")
    good = lines - lines // _DOUBLES
    return File(kind, rows, product_code, dict.fromkeys(("holder", "pass", "card"), good))


def _cards(lines: int) -> File:
    file = _file(ImportKind.CARDS, lines, "pool-year", "", lambda _: "")
    return replace(file, makes={**file.makes, "entitlement": file.good})


def _households(lines: int) -> File:
    """Four people each, and one right for all of them."""
    file = _file(
        ImportKind.HOUSEHOLDS, lines, "waste-year", "Foyer;", lambda number: f"F{number // _TOGETHER_AT_HOME};"
    )
    homes = -(-lines // _TOGETHER_AT_HOME)
    return replace(file, makes={**file.makes, "household": homes, "entitlement": homes, "beneficiary": 2 * file.good})


def _organisations(lines: int) -> File:
    """Ten people each, and one right for all of them."""

    def firm(number: int) -> str:
        at = number // _TOGETHER_AT_WORK
        return f"P{at};Entreprise {at};{_siret(at)};59350;"

    file = _file(ImportKind.ORGANISATIONS, lines, "pro-year", "Compte;Raison sociale;SIRET;Commune du siège;", firm)
    firms = -(-lines // _TOGETHER_AT_WORK)
    made = {"organisation": firms, "entitlement": firms, "beneficiary": 2 * file.good}
    return replace(file, makes={**file.makes, **made})


def _siret(number: int) -> str:
    """A number whose Luhn sum ends in 0, as `number_from` makes those of passes."""
    digits = f"{number + 10**12:013d}"
    return f"{digits}{check_digit(digits)}"


FILES: dict[ImportKind, Callable[[int], File]] = {
    ImportKind.CARDS: _cards,
    ImportKind.HOUSEHOLDS: _households,
    ImportKind.ORGANISATIONS: _organisations,
}


async def _add(database: Database, authority: Authority, file: File) -> None:
    content = "\r\n".join(file.rows).encode("cp1252")
    table = read_card_file(content)
    plan = Plan(
        guess(table.headings, file.kind),
        until=utc_now().date() + timedelta(days=365),
        outside=True,
        products=(file.product,),
    )
    async with database.begin() as unit:
        await imports.begin_import(
            unit,
            authority_id=authority.id,
            code="bench",
            kind=file.kind,
            file_name="old.csv",
            content=content,
            headings=table.headings,
            lines=len(table.rows),
            plan=plan,
            agent_id=unit.ids.row(),
            now=utc_now(),
        )
