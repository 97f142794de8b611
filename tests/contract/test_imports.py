"""Imports of old card files on both engines: each line once, whatever is interrupted and whoever writes beside."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from msgspec import Struct
from sqlalchemy import func, select

from adapters.cards import CardKeys
from adapters.keyring import KeyRing
from api.importing import Importer
from domain import imports
from domain.acts import Act
from domain.agents import Role
from domain.errors import AlreadyExists
from domain.errors.imports import BadImportPlan, ImportMoved, ImportNotFound, MappingNotFound
from domain.import_headings import guess
from domain.import_kinds import Field
from domain.imports import Import, ImportState, LineReason, Plan
from domain.journal import Door, Origin, Wanted
from domain.passes import MediumKind, is_number
from domain.people import register_holder
from domain.places import Commune
from nfc import uid as uids
from store.database import Database
from store.tables.imports import card_import_file
from store.tables.people import holder
from tests.city import KEEP, NOW, City, small_city
from tests.house_app import TestClock

HEAD = "Num;Nom;Prénom;Né le;Commune;UID"
UNTIL = date(2027, 11, 1)


class World(Struct, frozen=True):
    """A small city whose drawers are full."""

    database: Database
    keyring: KeyRing
    city: City
    clock: TestClock
    importer: Importer

    async def add(self, *lines: str, products: tuple[str, ...] = (), code: str = "old") -> Import:
        content = "\r\n".join((HEAD, *lines)).encode()
        headings = tuple(HEAD.split(";"))
        async with self.database.begin() as unit:
            return await imports.begin_import(
                unit,
                authority_id=self.city.authority.id,
                code=code,
                file_name="old.csv",
                content=content,
                headings=headings,
                lines=len(lines),
                plan=Plan(guess(headings), until=UNTIL, products=products),
                agent_id=self.city.agents[Role.MANAGER].id,
                now=self.clock(),
            )

    async def checked(self, code: str = "old") -> Import:
        return await self.importer.check(self.city.authority, code)

    async def start(self, code: str = "old") -> Import:
        manager = self.city.agents[Role.MANAGER]
        return await self.importer.start(self.city.authority, code, by=manager.id, origin=Origin(Door.COMMAND))

    async def run(self, code: str = "old", most: int = 2) -> Import:
        job = await self.start(code)
        while job.state is ImportState.RUNNING:
            job = await self.importer.step(self.city.authority, code, most=most)
        return job

    async def reasons(self, job: Import) -> list[tuple[int, LineReason]]:
        async with self.database.look() as unit:
            return [(one.line, one.reason) for one in await unit.imports.flaws(job.id, after=0, most=100)]

    async def people(self) -> list[str]:
        async with self.database.read() as connection:
            found = await connection.execute(select(holder.c.reference).order_by(holder.c.reference))
            return list(found.scalars())

    async def files(self) -> int:
        async with self.database.read() as connection:
            found = await connection.execute(select(func.count()).select_from(card_import_file))
            return int(found.scalar_one())


@pytest.fixture
async def drawers(database_url: str, keyring: KeyRing) -> AsyncIterator[World]:
    database, clock = Database(database_url, patience=30), TestClock()
    city = await small_city(database, keyring)
    async with database.begin() as unit:
        await unit.places.add_commune(Commune(unit.ids.row(), city.authority.id, "00101", "Sainte-Ville", 1_000))
    yield World(database, keyring, city, clock, Importer(database, CardKeys(keyring), clock))
    await database.close()


def person(number: int, card: str = "") -> str:
    return f"A{number};Nom {number};Zoé;17/05/1980;Sainte Ville;{card}"


async def test_people_come_in_with_a_pass_their_card_and_rights(drawers: World) -> None:
    await drawers.add(person(1, "04A1B2C3D4E5F6"), person(2), products=("carnet-10",))
    await drawers.checked()
    assert await drawers.people() == []
    job = await drawers.run()
    assert (job.state, job.done, job.taken, job.refused) == (ImportState.FINISHED, 2, 2, 0)
    authority = drawers.city.authority
    async with drawers.database.look() as unit:
        zoe = await unit.people.holder(authority.id, "A1")
        digest = uids.digest(drawers.keyring.uid_key(authority.code), bytes.fromhex("04A1B2C3D4E5F6"))
        found = await unit.passes.card_of(authority.id, digest)
        rights = await unit.products.entitlements([zoe.id], NOW.date())
        assert found is not None
        async with drawers.database.read() as connection:
            passes = await connection.exec_driver_sql("SELECT number FROM pass ORDER BY number")
            numbers = list(passes.scalars())
        first, second = [await unit.passes.by_number(authority.id, number) for number in numbers]
        own = first if first.holder_id == zoe.id else second
        media = await unit.passes.media(own.id)
    assert all(is_number(number) for number in numbers)
    assert (own.valid_from, own.valid_until) == (NOW.date(), UNTIL)
    assert {one.kind for one in media} == {MediumKind.PRINT, MediumKind.CARD}
    assert found[0].medium_id in {one.id for one in media}
    assert [(one.valid_from, one.valid_until) for one in rights] == [(NOW.date(), UNTIL)]
    assert zoe.keep_until == UNTIL + timedelta(days=730)


async def test_the_register_is_asked_who_is_there(drawers: World) -> None:
    async with drawers.database.begin() as unit:
        await register_holder(
            unit,
            authority_id=drawers.city.authority.id,
            reference="A9",
            first_name="ZOE",
            last_name="NOM-1",
            born_on=date(1980, 5, 17),
            commune_code="00101",
            now=NOW,
            keep_until=KEEP,
        )
    await drawers.add(person(1), person(9), person(2, "zz"))
    job = await drawers.checked()
    assert (job.taken, job.refused) == (0, 3)
    told = [(2, LineReason.IN_REGISTER), (3, LineReason.REFERENCE_KNOWN), (4, LineReason.IMPOSSIBLE_CARD)]
    assert await drawers.reasons(job) == told
    job = await drawers.run()
    assert await drawers.reasons(job) == told
    async with drawers.database.look() as unit:
        assert set((await unit.imports.tally(job.id)).values()) == {1}
    assert await drawers.people() == ["A9"]


async def test_a_card_that_is_a_medium_is_known(drawers: World) -> None:
    for code, number in (("old", 1), ("new", 2)):
        await drawers.add(person(number, "04A1B2C3D4E5F6"), code=code)
        await drawers.checked(code)
    await drawers.run("old")
    assert await drawers.reasons(await drawers.run("new")) == [(2, LineReason.CARD_KNOWN)]


async def test_a_file_goes_on_in_the_next_status_list_where_one_is_full(
    drawers: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Places that others have are drawn anew; nobody reads a whole list to find one."""
    monkeypatch.setattr("domain.passes.STATUS_LIST_SIZE", 8)
    monkeypatch.setattr("domain.passes.DRAWS", 4)
    monkeypatch.setattr("store.newcomers.DRAWS", 4)
    for code, first in (("old", 1), ("new", 20)):
        await drawers.add(
            *(person(number, f"04A1B2C3D4E5{number:02}") for number in range(first, first + 6)), code=code
        )
        await drawers.checked(code)
        assert (await drawers.run(code)).taken == 6
    async with drawers.database.read() as connection:
        found = await connection.exec_driver_sql("SELECT DISTINCT status_list FROM medium ORDER BY status_list")
        lists = list(found.scalars())
    assert lists == [*range(0, 2 * len(lists), 2)], "odd lists are for batches of cards"
    assert len(lists) >= 3, "of 24 media"


async def test_a_run_that_was_killed_goes_on_and_nobody_comes_twice(drawers: World) -> None:
    await drawers.add(*(person(number) for number in range(1, 8)))
    await drawers.checked()
    await drawers.start()
    job = await drawers.importer.step(drawers.city.authority, "old", most=3)
    assert (job.state, job.done) == (ImportState.RUNNING, 3)
    assert len(await drawers.people()) == 3
    drawers.clock.turn(days=2)
    other = Importer(drawers.database, CardKeys(drawers.keyring), drawers.clock)
    assert (await drawers.start()).done == 3
    await other.round()
    assert await drawers.people() == [f"A{number}" for number in range(1, 8)]
    async with drawers.database.look() as unit:
        job = await unit.imports.by_code(drawers.city.authority.id, "old")
        kept = await unit.journal.search(drawers.city.authority.id, Wanted(), 10)
    assert (job.state, job.taken, job.refused) == (ImportState.FINISHED, 7, 0)
    assert [(one.entry.act, one.entry.why) for one in kept] == [
        (Act.PEOPLE_IMPORTED, "old"),
        (Act.IMPORT_STARTED, "old"),
    ], "who goes on begins nothing"


async def test_a_batch_that_fails_leaves_nothing_behind(drawers: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await drawers.add(*(person(number) for number in range(1, 4)))
    await drawers.checked()
    await drawers.start()
    with monkeypatch.context() as broken:
        broken.setattr("domain.imports.advance", _killed)
        with pytest.raises(KeyboardInterrupt):
            await drawers.importer.step(drawers.city.authority, "old")
    assert await drawers.people() == []
    assert (await drawers.run()).taken == 3


async def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


async def test_steps_come_in_their_order(drawers: World) -> None:
    await drawers.add(person(1))
    authority = drawers.city.authority
    with pytest.raises(ImportMoved):
        await drawers.start()
    await drawers.checked()
    async with drawers.database.begin() as unit:
        job = await unit.imports.hold(authority.id, "old")
        changed = await imports.plan_anew(unit, job, Plan(job.plan.columns, until=UNTIL, outside=True))
        assert (changed.state, changed.done) == (ImportState.DRAFT, 0)
    await drawers.checked()
    await drawers.run()
    with pytest.raises(ImportMoved):
        await drawers.checked()
    with pytest.raises(AlreadyExists):
        await drawers.add(person(2))
    with pytest.raises(ImportNotFound):
        async with drawers.database.look() as unit:
            await unit.imports.by_code(drawers.city.neighbour.id, "old")


async def test_only_products_that_a_file_may_be_granted_are(drawers: World) -> None:
    await drawers.add(person(1), products=("gone",))
    with pytest.raises(BadImportPlan):
        await drawers.checked()


async def test_the_file_is_deleted_when_it_is_taken_in_given_up_or_forgotten(drawers: World) -> None:
    for code in ("first", "second", "third"):
        await drawers.add(person(1), code=code)
    assert await drawers.files() == 3
    await drawers.checked("first")
    await drawers.run("first")
    assert await drawers.files() == 2
    async with drawers.database.begin() as unit:
        held = await unit.imports.hold(drawers.city.authority.id, "second")
        assert (await imports.drop(unit, held, now=NOW)).state is ImportState.DROPPED
    drawers.clock.turn(days=29)
    await drawers.importer.round()
    assert await drawers.files() == 1
    drawers.clock.turn(days=1)
    await drawers.importer.round()
    assert await drawers.files() == 0
    async with drawers.database.look() as unit:
        states = {one.code: one.state for one in await unit.imports.all_of(drawers.city.authority.id)}
    assert states["third"] is ImportState.DROPPED


async def test_a_mapping_is_kept_under_its_name(drawers: World) -> None:
    authority_id = drawers.city.authority.id
    async with drawers.database.begin() as unit:
        await unit.imports.keep_mapping(authority_id, "pools", {Field.LAST_NAME: "Nom"})
        await unit.imports.keep_mapping(authority_id, "pools", {Field.LAST_NAME: "NOM"})
        assert await unit.imports.mapping(authority_id, "pools") == {Field.LAST_NAME: "NOM"}
        assert await unit.imports.mappings(authority_id) == ["pools"]
        with pytest.raises(MappingNotFound):
            await unit.imports.mapping(drawers.city.neighbour.id, "pools")


async def test_a_check_that_was_asked_for_is_done_in_the_background(drawers: World) -> None:
    await drawers.add(person(1), person(2, "zz"))
    async with drawers.database.begin() as unit:
        held = await unit.imports.hold(drawers.city.authority.id, "old")
        assert (await imports.ask_for_check(unit, held)).state is ImportState.CHECKING
    await drawers.importer.round()
    async with drawers.database.look() as unit:
        job = await unit.imports.by_code(drawers.city.authority.id, "old")
    assert (job.state, job.taken, job.refused) == (ImportState.CHECKED, 1, 1)
