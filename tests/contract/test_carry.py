"""An installation goes out into a file and comes in elsewhere, between both engines: it decides as before, counts on
from where it was, and answers a tap of yesterday with the bytes of yesterday.
"""

import asyncio
import io
import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from msgspec import Struct
from sqlalchemy import Table, func, insert, select

from adapters.keyring import KeyRing
from domain import passes
from domain.access.answer import compose, encode
from domain.access.decide import decide
from domain.access.facts import Facts
from domain.access.reasons import Reason
from domain.acts import Act
from domain.errors.archives import ArchiveDamaged, ArchiveNotTaken, ArchiveOfAnotherSchema, InstallationNotEmpty
from domain.journal import Door, Entry, Kind, Link, Object, Origin, beginning, follow
from domain.passes import BlockReason
from store import migrate
from store.archive import package as of_package
from store.archive.inward import bring_in
from store.archive.outward import write_out
from store.archive.package import Package
from store.archive.tables import FILLED_BY_MIGRATIONS, LEFT_BEHIND, carried
from store.database import Database
from store.ledger import lane_for
from store.ledger.what_if import WhatIf, imagine
from store.tables import metadata
from store.tables.ledger import scan_key, validation
from store.tables.notices import notice
from store.tables.passes import medium_change
from store.tables.places import authority, terminal_token
from store.tables.tour import reading
from tests.archives import WRITTEN, archive, changed, full, plain, read
from tests.city import NOW, TestPass, resident, small_city
from tests.contract.ledger_world import scan
from tests.house_app import House, TestClock, running
from tests.migrated import lay

LATER = NOW + timedelta(hours=1)
INSTANTS = (LATER, LATER + timedelta(hours=8), LATER + timedelta(days=1), NOW + timedelta(days=63))
"""Soon; when the library is shut; another day's counts; another year's windows, when rights are over."""


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Another fresh database, in each engine by turns: empty, and at the newest revision."""
    if request.param == "sqlite":
        lay(tmp_path / "elsewhere.sqlite3")
        yield f"sqlite:///{tmp_path}/elsewhere.sqlite3"
        return
    clerk, template = request.getfixturevalue("clerk"), request.getfixturevalue("migrated_template")
    name = clerk.copy(template)
    yield request.getfixturevalue("postgres").url.rsplit("/", 1)[0] + "/" + name
    clerk.throw_away(name)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(url, patience=30)
    try:
        yield database
    finally:
        await database.close()


async def rows(database: Database, *names: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of these tables, or of all that travel, in the order of their keys."""
    tables = [metadata.tables[name] for name in names] or carried()
    async with database.read() as connection:
        found = {
            table.name: [tuple(row) for row in await connection.execute(select(table).order_by(*table.primary_key))]
            for table in tables
        }
    return {name: content for name, content in found.items() if content}


async def carried_out(database: Database) -> bytes:
    file = io.BytesIO()
    await write_out(database, file, origin(), lambda *_: None)
    return file.getvalue()


async def carried_in(database: Database, data: bytes) -> None:
    with Package(io.BytesIO(data)) as package:
        await bring_in(database, package, lambda *_: None, now=LATER)


def origin() -> of_package.Origin:
    return of_package.Origin(migrate.newest(), "0.1.0", "either", WRITTEN)


class Town(Struct, frozen=True):
    """Who lives there, and what a gate answered under a key that is kept."""

    people: dict[str, TestPass]
    answered: bytes


async def live(house: House) -> Town:
    """Some life: visits, somebody inside, a carnet that is spent, a lost card, a visit to the waste centre."""
    people = {
        "zoe": await house.resident("zoe", rights=("carnet-10", "bus-year", "waste-24")),
        "kim": await house.resident("kim", rights=("carnet-10",)),
        "lou": await house.resident("lou", rights=("reader", "pool-year")),
        "max": await house.resident("max", rights=("waste-24",), ends=NOW.date() + timedelta(days=30)),
    }
    async with house.database.begin() as unit:
        await passes.block(unit, people["lou"].pass_, people["lou"].medium.id, reason=BlockReason.LOST, now=NOW)
        for entry in (people["zoe"], people["kim"]):
            owner, about = house.city.authority.id, Object(Kind.PASS, str(entry.pass_.id), entry.holder.id)
            await unit.journal.add(Entry(owner, None, Act.PASS_SHOWN, about, Origin(Door.COMMAND), NOW))
    for visit in range(10):
        house.clock.turn(seconds=10)
        said = await house.tap(people["kim"].code, "free-1", key=f"kim-{visit}")
        assert said.json()["outcome"].startswith("granted")
    for who, gate in (
        ("zoe", "pool-1"),
        ("zoe", "waste-1"),
        ("max", "waste-1"),
        ("lou", "library-1"),
        ("zoe", "bus-1"),
    ):
        house.clock.turn(seconds=10)
        await house.tap(people[who].code, gate, key=f"{who}-{gate}")
    house.clock.turn(seconds=10)
    kept = await house.tap(people["zoe"].code, "free-1", key="kept")
    assert kept.json()["outcome"].startswith("granted")
    return Town(people, kept.content)


@asynccontextmanager
async def moved(house: House, url: str, folder: Path) -> AsyncIterator[House]:
    """The same application on the database that the archive was carried into, with a copy of the keyring."""
    shutil.copytree(folder / "keys", folder / "there" / "keys")
    keyring = KeyRing(folder / "there" / "keys")
    clock = TestClock(house.clock())
    async with running(url, keyring, clock, folder / "there" / "keys", house.city) as there:
        there._keys = itertools.count(1_000)  # what this terminal has used at the old place stays used
        yield there


async def facts(house: House, who: TestPass, site: str, at: datetime) -> Facts:
    question = WhatIf(house.city.authority.id, who.pass_.number, site, at)
    return (await imagine(house.database, question, house.keyring.flaw_then)).facts


async def test_a_town_that_moves_decides_and_counts_on_as_before(
    house: House, elsewhere_url: str, tmp_path: Path
) -> None:
    """domain.md, section 7: export, then import into an empty installation, gives equal decisions."""
    town = await live(house)
    async with opened(elsewhere_url) as elsewhere:
        archived = await carried_out(house.database)
        await carried_in(elsewhere, archived)
        said, came = read(archived), await rows(elsewhere)
        assert len(said["validation"]) == 16
        assert said.keys() == came.keys()
        for name in said.keys() - {"journal_head", "journal_entry"}:
            assert sorted(came[name], key=repr) == sorted(said[name], key=repr)
    async with moved(house, elsewhere_url, tmp_path) as there:
        heard = set()
        for who in town.people.values():
            for site in house.city.sites:
                for at in INSTANTS:
                    here, yonder = await facts(house, who, site, at), await facts(there, who, site, at)
                    assert yonder == here
                    assert encode(compose(yonder, decide(yonder))) == encode(compose(here, decide(here)))
                    heard.add(decide(here).reason)
        assert {Reason.WELCOME, Reason.MEDIUM_LOST, Reason.RIGHT_EXPIRED, Reason.SITE_CLOSED} <= heard
        assert {Reason.ALREADY_INSIDE, Reason.CARNET_EMPTY, Reason.NO_RIGHT} <= heard


async def test_the_gates_of_a_town_that_moved_answer_as_the_old_ones_would(
    house: House, elsewhere_url: str, tmp_path: Path
) -> None:
    town = await live(house)
    async with opened(elsewhere_url) as elsewhere:
        await carried_in(elsewhere, await carried_out(house.database))
    async with moved(house, elsewhere_url, tmp_path) as there:
        assert await count(there.database, terminal_token) == 0
        spent = house.city.terminal.proof(there.clock(), nonce="n0")
        refused = await there.client.post("/v1/terminals/tokens", json={"assertion": spent})
        assert refused.status_code == 401, "it was spent at the old place"
        again = await there.tap(town.people["zoe"].code, "free-1", key="kept")
        assert again.content == town.answered
        assert await count(there.database, validation) == 16
        other = await there.tap(town.people["kim"].code, "free-1", key="kept")
        assert other.json()["code"] == "idempotency-key-reused"
        for number, (who, gate) in enumerate(
            [
                ("zoe", "pool-1"),
                ("zoe", "free-1"),
                ("kim", "free-1"),
                ("lou", "pool-1"),
                ("max", "waste-1"),
                ("zoe", "bus-1"),
            ]
        ):
            for one in (house, there):
                one.clock.turn(minutes=20)
            said = [
                await one.tap(town.people[who].code, gate, key=f"after-{number}", token=await one.terminal_token())
                for one in (house, there)
            ]
            assert said[0].json() == said[1].json()
        assert await rows(
            house.database, "validation", "counter", "presence", "occupancy", "ledger_head"
        ) == await rows(there.database, "validation", "counter", "presence", "occupancy", "ledger_head")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_what_comes_after_gets_the_numbers_after(house: House, elsewhere_url: str) -> None:
    """PostgreSQL counts some rows by itself: it goes on behind the greatest number that came."""
    town = await live(house)
    async with opened(elsewhere_url) as elsewhere:
        await carried_in(elsewhere, await carried_out(house.database))
        async with elsewhere.begin() as unit:
            zoe = town.people["zoe"]
            await passes.block(unit, zoe.pass_, zoe.medium.id, reason=BlockReason.STOLEN, now=LATER)
        async with elsewhere.read() as connection:
            numbers = list((await connection.execute(select(medium_change.c.number))).scalars())
        assert sorted(numbers) == [1, 2]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_the_chain_of_acts_goes_on_and_says_that_it_moved(house: House, elsewhere_url: str) -> None:
    await live(house)
    async with opened(elsewhere_url) as elsewhere:
        await carried_in(elsewhere, await carried_out(house.database))
        for owner in (house.city.authority.id, house.city.neighbour.id):
            async with house.database.look() as unit:
                before = await unit.journal.lines(owner, 0, 1_000)
            async with elsewhere.look() as unit:
                lines, head = await unit.journal.lines(owner, 0, 1_000), await unit.journal.head(owner)
            assert lines[:-1] == before
            assert (lines[-1].entry.act, lines[-1].entry.at) == (Act.INSTALLATION_CARRIED_IN, LATER)
            assert follow(beginning(owner), lines) == head == lines[-1].link
            assert isinstance(head, Link)


async def count(database: Database, table: Table) -> int:
    async with database.read() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


# --- out: one moment ---------------------------------------------------------------------------------


async def test_an_archive_is_of_one_moment_while_gates_go_on(database_url: str, keyring: KeyRing) -> None:
    """A passage in the middle of the writing is in no table of it, or in all; the gate does not wait."""
    async with opened(database_url) as database:
        city = await small_city(database, keyring)
        zoe = await resident(database, keyring, city, "zoe", rights=("carnet-10",))

        async def tap(key: str) -> None:
            async with opened(database_url) as beside:
                lane = lane_for(beside)
                await lane.open()
                await lane.submit(scan(city.terminal.terminal.id, key, city.gates["free"].id, zoe.medium.id))
                await lane.close()

        await tap("before")
        was = await rows(database)
        tapped: list[str] = []

        def heard(table: str, _done: int, _total: int) -> None:
            if not tapped:
                tapped.append(table)
                with ThreadPoolExecutor(1) as beside:
                    beside.submit(asyncio.run, tap("meanwhile")).result()

        file = io.BytesIO()
        await write_out(database, file, origin(), heard)
        assert tapped
        assert await count(database, validation) == 2
        with Package(file) as package:
            found = {
                table.name: sorted((row for page in package.rows(table, page=100) for row in page), key=repr)
                for table in carried()
            }
        assert {name: content for name, content in found.items() if content} == {
            name: sorted(content, key=repr) for name, content in was.items()
        }


async def test_an_archive_is_of_this_programs_schema(database_url: str) -> None:
    async with opened(database_url) as database:
        old = of_package.Origin("0001", "0.1.0", "either", WRITTEN)
        with pytest.raises(ArchiveOfAnotherSchema, match="multipass migrate"):
            await write_out(database, io.BytesIO(), old, lambda *_: None)


# --- in: whole or not at all ----------------------------------------------------------------------------


async def test_an_empty_database_has_nothing_but_what_migrations_fill(database_url: str) -> None:
    async with opened(database_url) as database:
        assert set(await rows(database, *metadata.tables)) == set(FILLED_BY_MIGRATIONS)


async def test_a_damaged_archive_leaves_the_database_empty(database_url: str) -> None:
    """Its last member is damaged: everything else was written by then."""
    names = ("authority", "commune", "webhook")
    whole = archive({name: [plain(metadata.tables[name], 1)] for name in names}, origin=origin())
    damaged = changed(whole, "tables/webhook.jsonl", lambda content: content.replace(b"Zo", b"Za", 1))
    async with opened(database_url) as database:
        was = await rows(database)
        with pytest.raises(ArchiveDamaged, match="webhook"):
            await carried_in(database, damaged)
        assert await rows(database) == was
        await carried_in(database, whole)
        assert set(names) <= set(await rows(database))


async def test_a_database_with_anything_in_it_is_left_alone(database_url: str) -> None:
    whole = archive({"authority": [plain(authority, 1)]}, origin=origin())
    for table in (authority, scan_key):
        async with opened(database_url) as database:
            async with database.write() as connection:
                await connection.execute(insert(table).values(plain(table, 9)))
            was = await rows(database)
            with pytest.raises(InstallationNotEmpty, match=table.name):
                await carried_in(database, whole)
            assert await rows(database) == was
            async with database.write() as connection:
                await connection.execute(table.delete())


@pytest.mark.parametrize(
    ("table", "row"),
    [("commune", plain(metadata.tables["commune"], 1)), ("opening", plain(metadata.tables["opening"], 9))],
    ids=["of nobody", "of no place"],
)
async def test_a_row_that_the_database_refuses_stops_all_of_it(database_url: str, table: str, row: Any) -> None:  # noqa: ANN401 - a row
    async with opened(database_url) as database:
        was = await rows(database)
        with pytest.raises(ArchiveNotTaken, match=table) as told:
            await carried_in(database, archive({table: [row]}, origin=origin()))
        assert "Zo" not in told.value.detail
        assert await rows(database) == was


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_a_text_that_postgresql_cannot_hold_is_told_by_its_table(database_url: str) -> None:
    row = tuple("a\0b" if isinstance(value, str) else value for value in plain(metadata.tables["authority"], 1))
    async with opened(database_url) as database:
        with pytest.raises(ArchiveNotTaken, match="authority"):
            await carried_in(database, archive({"authority": [row]}, origin=origin()))


def with_values(table: Table, number: int, **values: object) -> tuple[Any, ...]:
    names = [column.name for column in table.columns]
    return tuple(values.get(name, value) for name, value in zip(names, plain(table, number), strict=True))


async def test_a_notice_may_correct_one_that_comes_after_it(database_url: str) -> None:
    owner = UUID(int=1)
    said = [
        with_values(notice, 1, authority_id=owner, corrects=UUID(int=2)),
        with_values(notice, 2, authority_id=owner, corrects=UUID(int=3)),
        with_values(notice, 3, authority_id=owner, corrects=None),
    ]
    async with opened(database_url) as database:
        await carried_in(database, archive({"authority": [plain(authority, 1)], "notice": said}, origin=origin()))
        assert (await rows(database, "notice"))["notice"] == said


async def test_readings_of_many_months_find_their_place(database_url: str) -> None:
    months = [datetime(2026, month, 28, 23, 59, 59, 999_999, tzinfo=UTC) for month in (9, 10, 11)]
    said = [with_values(reading, 1, observed_at=at) for at in months]
    async with opened(database_url) as database:
        await carried_in(database, archive({"reading": said}, origin=origin()))
        assert (await rows(database, "reading"))["reading"] == said


async def test_rows_of_every_table_go_there_and_back(database_url: str, elsewhere_url: str) -> None:
    """Two of each, with every sign, every byte, the largest numbers and the end of the last year."""
    said = {
        table.name: [full(table, number) for number in (1, 2)][: 1 if table.name in FILLED_BY_MIGRATIONS else 2]
        for table in carried()
    }
    async with opened(database_url) as here, opened(elsewhere_url) as elsewhere:
        await carried_in(here, archive(said, origin=origin()))
        was = await rows(here)
        assert set(was) == {table.name for table in carried()}
        await carried_in(elsewhere, await carried_out(here))
        there = await rows(elsewhere)
    for name in set(was) - {"journal_head", "journal_entry"}:
        assert there[name] == was[name]
        assert sorted(was[name], key=repr) == sorted(said[name], key=repr)


async def test_what_lives_for_a_minute_stays_behind(database_url: str, keyring: KeyRing) -> None:
    async with opened(database_url) as database:
        city = await small_city(database, keyring)
        async with database.write() as connection:
            token = {"token_hash": bytes(32), "terminal_id": city.terminal.terminal.id, "expires_at": LATER}
            await connection.execute(insert(terminal_token).values(token))
        with Package(io.BytesIO(await carried_out(database))) as package:
            assert {entry.name for entry in package.manifest.tables} & set(LEFT_BEHIND) == set()
            assert package.manifest.left_behind == LEFT_BEHIND
            assert package.manifest.rows > 100
