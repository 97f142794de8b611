"""An archive is of one moment, and comes in whole or not at all; on both engines."""

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Table, insert

from adapters.keyring import KeyRing
from domain.errors.archives import ArchiveDamaged, ArchiveNotTaken, ArchiveOfAnotherSchema, InstallationNotEmpty
from store.archive import package as of_package
from store.archive.outward import write_out
from store.archive.package import Package
from store.archive.tables import FILLED_BY_MIGRATIONS, LEFT_BEHIND, carried
from store.ledger import lane_for
from store.tables import metadata
from store.tables.ledger import scan_key, validation
from store.tables.notices import notice
from store.tables.places import authority, terminal_token
from store.tables.tour import reading
from tests.archives import WRITTEN, archive, changed, plain
from tests.carried import LATER, carried_in, carried_out, count, opened, origin, rows
from tests.city import resident, small_city
from tests.contract.ledger_world import scan

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
