"""The journal on both engines: one chain under concurrency, nothing of it changes, whoever tampers with it is found."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.keyring import KeyRing
from api.forgetter import Forgetter
from domain.acts import Act
from domain.agents import Role
from domain.journal import Broken, Door, Entry, Kind, Link, Object, Origin, Wanted
from domain.journal_keeping import forget, verify
from store.database import Database
from tests.city import NOW, City, small_city

ENTRIES = 6


class Books(Struct):
    """A city's journal with a few lines."""

    database: Database
    city: City
    entry: Entry

    async def add(self, **change: Any) -> Link:  # noqa: ANN401 - fields of an entry
        async with self.database.begin() as unit:
            return await unit.journal.add(replace(self.entry, **change))

    async def verified(self, kept: Link | None = None) -> Link | Broken:
        async with self.database.snapshot() as unit:
            return await verify(unit.journal, self.city.authority.id, kept=kept)

    async def found(self, **wanted: Any) -> list[int]:  # noqa: ANN401 - fields of `Wanted`
        async with self.database.look() as unit:
            lines = await unit.journal.search(self.city.authority.id, Wanted(**wanted), 100)
        return [line.link.number for line in lines]

    async def tamper(self, *statements: str) -> None:
        """Do what only the owner of the database can: take the triggers away first."""
        async with self.database.write() as connection:
            for name in await _triggers(connection):
                on = "" if self.database.is_sqlite else " ON journal_entry"
                await connection.execute(text(f"DROP TRIGGER {name}{on}"))
            for statement in statements:
                await connection.execute(text(statement))


@pytest.fixture
async def books(database_url: str, keyring: KeyRing) -> AsyncIterator[Books]:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    entry = Entry(
        city.authority.id,
        city.agents[Role.DESK].id,
        Act.PASS_SHOWN,
        Object(Kind.PASS, "one", city.gates["pool"].id),
        Origin(Door.API, "2001:db8::1"),
        NOW,
    )
    opened = Books(database, city, entry)
    for number in range(ENTRIES):
        await opened.add(at=NOW + timedelta(seconds=number))
    yield opened
    await database.close()


async def test_acts_at_the_same_moment_make_one_chain(books: Books) -> None:
    """Two databases, as two workers: whoever comes second waits for the first one's commit."""
    other = Database(books.database.url.render_as_string(hide_password=False))
    beside = Books(other, books.city, books.entry)

    links = await asyncio.gather(*(one.add() for one in (books, beside) for _ in range(4)))

    assert sorted(link.number for link in links) == list(range(ENTRIES + 1, ENTRIES + 9))
    assert await books.verified() == max(links, key=lambda link: link.number)
    await other.close()


async def test_the_first_two_acts_of_an_authority_make_one_chain(books: Books) -> None:
    neighbour = books.city.neighbour.id
    links = await asyncio.gather(books.add(authority_id=neighbour), books.add(authority_id=neighbour))
    assert sorted(link.number for link in links) == [1, 2]
    async with books.database.snapshot() as unit:
        assert await verify(unit.journal, neighbour) == max(links, key=lambda link: link.number)


async def test_an_act_that_is_rolled_back_leaves_no_line_and_no_gap(books: Books) -> None:
    class Fell(Exception):
        """The act did not come to its end."""

    with suppress(Fell):
        async with books.database.begin() as unit:
            await unit.journal.add(books.entry)
            raise Fell
    assert (await books.add()).number == ENTRIES + 1
    assert isinstance(await books.verified(), Link)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE journal_entry SET why = 'x' WHERE number = 2", "DELETE FROM journal_entry WHERE number = 2"],
)
async def test_the_database_refuses_to_change_a_line(books: Books, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        async with books.database.write() as connection:
            await connection.execute(text(statement))
    assert isinstance(await books.verified(), Link)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_the_database_refuses_to_empty_the_journal(books: Books) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        async with books.database.write() as connection:
            await connection.execute(text("TRUNCATE journal_entry"))


@pytest.mark.parametrize(
    ("statements", "number"),
    [
        (("UPDATE journal_entry SET act = 'file.shown' WHERE number = 3",), 3),
        (("UPDATE journal_entry SET agent_id = NULL WHERE number = 1",), 1),
        (("DELETE FROM journal_entry WHERE number = 4",), 4),
        (("DELETE FROM journal_entry WHERE number = 1",), 1),
        (
            (
                "UPDATE journal_entry SET number = 99 WHERE number = 2",
                "UPDATE journal_entry SET number = 2 WHERE number = 5",
                "UPDATE journal_entry SET number = 5 WHERE number = 99",
            ),
            2,
        ),
        (("DELETE FROM journal_entry WHERE number = 6",), 6),
        (
            (
                "UPDATE journal_head SET purged_hash = (SELECT hash FROM journal_entry WHERE number = 2)",
                "UPDATE journal_head SET purged_number = 2",
                "DELETE FROM journal_entry WHERE number <= 2",
            ),
            2,
        ),
    ],
    ids=["changed", "first changed", "removed", "first removed", "swapped", "last removed", "a purge that was none"],
)
async def test_tampering_is_found_where_it_was_done(books: Books, statements: tuple[str, ...], number: int) -> None:
    assert isinstance(await books.verified(), Link)
    await books.tamper(*statements)
    found = await books.verified()
    assert isinstance(found, Broken)
    assert found.number == number


async def test_an_end_that_was_cut_off_with_its_head_is_found_by_a_link_that_was_kept(books: Books) -> None:
    kept = await books.verified()
    assert isinstance(kept, Link)
    await books.tamper(
        "DELETE FROM journal_entry WHERE number > 4",
        "UPDATE journal_head SET number = 4, hash = (SELECT hash FROM journal_entry WHERE number = 4)",
    )
    assert isinstance(await books.verified(), Link)
    assert await books.verified(kept) == Broken(5, "the end was cut off: a later line was kept elsewhere")

    for _ in range(3):
        await books.add(why="other")
    assert await books.verified(kept) == Broken(6, "this is not the line that was kept elsewhere")


async def test_retention_erases_what_has_come_to_its_end_and_the_rest_still_verifies(books: Books) -> None:
    """What was kept elsewhere before goes on holding, up to the stump."""
    kept = await books.add(at=NOW + timedelta(days=30))
    day = books.entry.keep_until
    async with books.database.begin() as unit:
        assert await forget(unit.journal, books.city.authority.id, day=day - timedelta(days=1), now=NOW) is None
        purged = await forget(unit.journal, books.city.authority.id, day=day, now=NOW + timedelta(days=365))
    assert purged is not None
    stump = purged.stump
    assert (stump.number, purged.lines) == (ENTRIES, ENTRIES)
    assert await books.found() == [8, 7]
    assert isinstance(await books.verified(kept), Link)
    assert isinstance(await books.verified(stump), Link)
    assert isinstance(await books.verified(replace(stump, hash=b"x" * 32)), Broken)

    async with books.database.begin() as unit:
        await forget(unit.journal, books.city.authority.id, day=day + timedelta(days=90), now=NOW + timedelta(days=455))
    assert await books.found() == [9, 8]
    assert isinstance(await books.verified(), Link)


async def test_lines_are_found_by_who_what_whose_and_when(books: Books) -> None:
    desk, dpo = (books.city.agents[role].id for role in (Role.DESK, Role.DPO))
    lost = await books.add(agent_id=dpo, act=Act.MEDIUM_BLOCKED, object=Object(Kind.MEDIUM, "two", desk), why="lost")
    late = NOW + timedelta(days=2)
    last = await books.add(at=late)
    assert await books.found(agent_id=dpo) == [lost.number]
    assert await books.found(act=Act.MEDIUM_BLOCKED) == [lost.number]
    assert await books.found(holder_id=desk) == [lost.number]
    assert await books.found(object=Object(Kind.MEDIUM)) == [lost.number]
    assert await books.found(object=Object(Kind.MEDIUM, "one")) == []
    assert await books.found(since=late) == [last.number]
    assert await books.found(until=NOW) == []
    assert await books.found(agent_id=desk, before=3) == [2, 1]
    async with books.database.look() as unit:
        assert await unit.journal.search(books.city.neighbour.id, Wanted(), 100) == []


async def _triggers(connection: AsyncConnection) -> list[str]:
    asked = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'journal_entry'"
        if connection.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE tgrelid = 'journal_entry'::regclass AND NOT tgisinternal"
    )
    return list((await connection.execute(text(asked))).scalars())


@pytest.mark.parametrize(("days", "is_kept"), [(182, True), (183, False)])
async def test_lines_stay_for_the_days_that_the_installation_sets(books: Books, *, days: int, is_kept: bool) -> None:
    later = NOW + timedelta(days=days)
    await Forgetter(books.database, lambda: later, journalled=timedelta(days=183)).round()
    assert (1 in await books.found()) is is_kept
    assert isinstance(await books.verified(), Link)
