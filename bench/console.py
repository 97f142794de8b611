"""`python -m bench console`: how long a desk waits, with 300,000 holders and 5,000,000 passages on PostgreSQL.

PostgreSQL writes the register and the passages itself; keys of names are made as for anybody who is registered. Then a
desk types beginnings of names, one and two words, and numbers, and opens files.
"""

import asyncio
import shutil
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import rich_click as click
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from adapters.antivirus import Antivirus
from adapters.document_vault import DocumentVault
from adapters.keyring import KeyRing
from admin.files import read_file
from bench.engines import opened
from bench.seed import create_database
from cli.demo.names import FIRST_NAMES, SURNAMES
from cli.demo.places import LOGINS, Territory, open_city
from domain.agents import Agent, Role, everywhere
from domain.names import name_keys, wanted_names
from domain.passes import PassStatus, number_from
from domain.people import Holder
from store import migrate, search
from store.database import Database
from store.search import Found

BUILD = Path(__file__).parents[1] / "build"
FOLDER, REPORT = BUILD / "bench-console", BUILD / "bench-console.json"
DATABASE = "console"
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
KEEP = NOW.date() + timedelta(days=2_000)
TYPED = 300
BARS = {"search": 0.150, "file": 0.300}
"""Seconds, of which 95 in 100 stay below."""

_BORN = NOW.date() - timedelta(days=30_000)
_PASSES = """
INSERT INTO pass (id, authority_id, holder_id, number, status, valid_from, valid_until, created_at, keep_until)
SELECT id, authority_id, id, reference, 'active', date '2024-01-01', date '2029-01-01', created_at, keep_until
FROM holder
"""
_MEDIA = """
INSERT INTO medium (id, authority_id, pass_id, kind, status, status_list, status_index, expires_at, created_at,
    keep_until)
SELECT n, authority_id, id, 'card', 'active', 1 + n / 250000, n % 250000, timestamptz '2029-01-01', created_at,
    keep_until
FROM (SELECT row_number() OVER (ORDER BY id) - 1 AS n, * FROM pass) AS numbered
"""
_SELVES = """
INSERT INTO beneficiary (authority_id, holder_id, subject_id, valid_from, valid_until, former, keep_until)
SELECT authority_id, id, id, born_on, date '9999-12-31', false, keep_until FROM holder
"""
_HOMES = """
INSERT INTO circumstance (authority_id, subject_id, kind, valid_from, value, valid_until, keep_until)
SELECT authority_id, id, 'commune', born_on, (59000 + ('x' || right(id::text, 2))::bit(8)::int % 24)::text,
    date '9999-12-31', keep_until
FROM holder
"""
_RIGHTS = """
INSERT INTO entitlement (id, authority_id, subject_id, product_id, service_code, valid_from, valid_until, granted_at,
    keep_until)
SELECT id, authority_id, id, $1, $2, date '2026-01-01', date '2027-01-01', created_at, keep_until
FROM holder WHERE right(id::text, 2) IN ('00', '55', 'aa')
"""
_PASSAGES = """
INSERT INTO validation (number, authority_id, recorded_at, terminal_id, gate_id, site_id, service_code, direction,
    medium_id, pass_id, outcome, reason, charges, keep_until)
SELECT n, m.authority_id, timestamptz '2024-01-01' + n * interval '18 seconds', $1, $1, $2, 'pool', 'entry', m.id,
    m.pass_id, 'granted', 'welcome', '[]', date '2030-01-01'
FROM generate_series($3::bigint, $4::bigint) AS n JOIN medium AS m ON m.id = (n * 7919) % $5
"""


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
def command(passages: int, holders: int) -> None:
    """Measure the search and a person's file. Exits with 1 when a desk waits too long."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with ExitStack() as stack:
        engine = stack.enter_context(opened("postgresql", FOLDER))
        figures = asyncio.run(_measure(engine.url("postgres"), engine.url(DATABASE), passages, holders))
    REPORT.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2))
    table = Table("what", "median", "95 in 100", "worst", "bar")
    for one in figures:
        times = (f"{seconds * 1000:.1f} ms" for seconds in (one.median, one.p95, one.worst, BARS[one.bar]))
        table.add_row(one.what, *times)
    Console(highlight=False).print(table)
    sys.exit(0 if all(one.met for one in figures) else 1)


async def _measure(server: str, url: str, passages: int, holders: int) -> list[Figure]:
    await create_database(server, DATABASE)
    await asyncio.to_thread(migrate.upgrade, url)
    database, dice = Database(url), Random(1)
    try:
        async with database.begin() as unit:
            city = await open_city(unit, now=NOW, first_year=NOW.year)
            agents = [await unit.agents.by_login(one.login) for one in LOGINS if one.role is Role.DESK]
        people = await _fill(database.dsn, city, passages, holders, dice)
        desk = next(one for one in agents if one is not None)
        return [
            await _timed("a name begun, 2 to 6 letters", "search", _names(database, city, people, dice, words=1)),
            await _timed("two words, in any order", "search", _names(database, city, people, dice, words=2)),
            await _timed(
                "a name begun, narrowed by one filter", "search", _narrowed(database, city, people, dice, count=1)
            ),
            await _timed(
                "a name begun, narrowed by all filters", "search", _narrowed(database, city, people, dice, count=4)
            ),
            await _timed("the number of a pass", "search", _numbers(database, city, people, dice)),
            await _timed("somebody's file", "file", _files(database, city, people, dice, desk)),
        ]
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


def _narrowed(database: Database, city: Territory, people: list[Holder], dice: Random, *, count: int) -> Asks:
    """Names of two letters or more with filters that one in four to one in 80 fits; of passes, nobody: the worst."""
    product = next(iter(city.products))
    adults = (date(1981, 11, 23), date(1996, 11, 22))
    filters: tuple[dict[str, Any], ...] = (
        {"commune": "59007"},
        {"born": adults},
        {"product": product},
        {"status": PassStatus.SUSPENDED},
    )

    async def ask(typed: str, **more: Any) -> None:  # noqa: ANN401 - any field of what narrows
        narrowed, found = search.Narrowed(NOW.date(), **more), list[Found]()
        async with database.read() as connection:
            for wanted in wanted_names(typed):
                found = found or await search.by_name(
                    connection, city.authority.id, wanted, limit=26, narrowed=narrowed
                )
            await search.passes_of(connection, city.authority.id, [one.id for one in found])

    for one in dice.sample(people, TYPED):
        more = {name: value for each in dice.sample(filters, count) for name, value in each.items()}
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


async def _fill(dsn: str, city: Territory, passages: int, holders: int, dice: Random) -> list[Holder]:
    """Write the register and its passages. A holder's reference is the number of their pass."""
    authority_id, place = city.authority.id, next(iter(city.places.values()))
    people = [
        Holder(
            UUID(int=(1 << 64) + n),
            authority_id,
            number_from(n),
            dice.choice(FIRST_NAMES),
            f"{dice.choice(SURNAMES)} {dice.choice(SURNAMES)}" if n % 9 == 0 else dice.choice(SURNAMES),
            _BORN + timedelta(days=dice.randrange(29_000)),
            NOW,
            KEEP,
        )
        for n in range(holders)
    ]
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("SET session_replication_role = replica")
        rows = [msgspec.structs.astuple(one) for one in people]
        await connection.copy_records_to_table("holder", records=rows, columns=Holder.__struct_fields__)
        keys = [(authority_id, key, one.id, KEEP) for one in people for key in name_keys(one.first_name, one.last_name)]
        columns = ("authority_id", "key", "holder_id", "keep_until")
        await connection.copy_records_to_table("holder_name", records=keys, columns=columns)
        for statement in (_PASSES, _MEDIA, _SELVES, _HOMES):
            await connection.execute(statement)
        product = next(iter(city.products.values()))
        await connection.execute(_RIGHTS, product.id, product.service_code)
        for first in range(1, passages + 1, 500_000):
            last = min(first + 499_999, passages)
            gate_id, site_id = place.entries[0].gate_id, place.site.id
            await connection.execute(_PASSAGES, gate_id, site_id, first, last, holders)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return people
