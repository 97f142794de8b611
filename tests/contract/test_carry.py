"""An installation goes out into a file and comes in elsewhere, between both engines: it decides as before, counts on
from where it was, and answers a tap of yesterday with the bytes of yesterday.
"""

import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec import Struct
from sqlalchemy import select

from adapters.keyring import KeyRing
from domain import passes
from domain.access.answer import compose, encode
from domain.access.decide import decide
from domain.access.facts import Facts
from domain.access.reasons import Reason
from domain.acts import Act
from domain.journal import Door, Entry, Kind, Link, Object, Origin, beginning, follow
from domain.passes import BlockReason
from store.archive.tables import FILLED_BY_MIGRATIONS, carried
from store.ledger.what_if import WhatIf, imagine
from store.tables.ledger import validation
from store.tables.passes import medium_change
from store.tables.places import terminal_token
from tests.archives import archive, full, read
from tests.carried import LATER, carried_in, carried_out, count, opened, origin, rows
from tests.city import NOW, TestPass
from tests.house_app import House, TestClock, running
from tests.migrated import lay

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
