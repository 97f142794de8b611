"""Imports of households and organisations on both engines: each person, household and firm once, whatever happens."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import func, select

from adapters.cards import CardKeys
from adapters.keyring import KeyRing
from api.importing import Importer
from domain import households, imports, people, products
from domain.agents import Role
from domain.errors.imports import BadImportPlan
from domain.guardians import GuardianKind, appoint_guardian
from domain.import_headings import guess
from domain.import_kinds import ImportKind
from domain.imports import Import, ImportState, LineReason, Plan
from domain.journal import Door, Origin
from domain.people import Holder, Subject
from domain.places import Commune
from domain.products import Product
from domain.text import Text
from store.database import Database
from store.tables.passes import card, pass_
from store.tables.people import beneficiary, guardianship, holder, household, organisation
from store.tables.products import entitlement
from tests.city import KEEP, City, small_city
from tests.house_app import TestClock

HOUSEHOLDS = "Foyer;Num;Nom;Prénom;Né le;Commune;Responsables;Depuis;UID;Produit"
FIRMS = "Compte;Raison sociale;SIRET;Siège;Num;Nom;Prénom;Né le;UID;Produit"
HEADS = {ImportKind.HOUSEHOLDS: HOUSEHOLDS, ImportKind.ORGANISATIONS: FIRMS}
UNTIL = date(2027, 11, 1)
SIRET = "73282932000074"
TABLES = (holder, household, organisation, beneficiary, guardianship, pass_, card, entitlement)

FAMILY = (
    "F-1;A1;Roux;Zoé;17/05/1984;00101;;01/09/2019;04A1B2C3D4E5F6;waste-24",
    "F-1;A2;Roux;Malo;02/09/2016;;A1,A3;01/09/2019;;waste-24",
    "F-2;A3;Blin;Karim;30/01/1981;00101;;;;",
    "F-2;A2;Roux;Malo;02/09/2016;;;;;",
)
FIRM = (
    f"PRO-1;Menuiserie Roux;{SIRET};00101;A1;Roux;Zoé;17/05/1984;04A1B2C3D4E5F6;van",
    "PRO-1;;;;A3;Blin;Karim;30/01/1981;04A1B2C3D4E5F7;van",
    "ASS-7;Les Jardins;W601000012;00101;;;;;;",
)


class World(Struct, frozen=True):
    """A small city to which households and firms come."""

    database: Database
    keyring: KeyRing
    city: City
    clock: TestClock
    importer: Importer

    async def add(self, kind: ImportKind, *lines: str, code: str = "old", plan: Plan | None = None) -> Import:
        content, headings = "\r\n".join((HEADS[kind], *lines)).encode(), tuple(HEADS[kind].split(";"))
        told = plan or Plan({}, until=UNTIL, commune="00101")
        async with self.database.begin() as unit:
            return await imports.begin_import(
                unit,
                authority_id=self.city.authority.id,
                code=code,
                kind=kind,
                file_name="old.csv",
                content=content,
                headings=headings,
                lines=len(lines),
                plan=replace(told, columns=guess(headings, kind)),
                agent_id=self.city.agents[Role.MANAGER].id,
                now=self.clock(),
            )

    async def ready(self, kind: ImportKind, *lines: str, code: str = "old", plan: Plan | None = None) -> Import:
        """Add a file, check it and begin its run, a minute later."""
        await self.add(kind, *lines, code=code, plan=plan)
        await self.importer.check(self.city.authority, code)
        self.clock.turn(seconds=60)
        manager = self.city.agents[Role.MANAGER]
        return await self.importer.start(self.city.authority, code, by=manager.id, origin=Origin(Door.COMMAND))

    async def finish(self, code: str = "old", most: int = 2, importer: Importer | None = None) -> Import:
        async with self.database.look() as unit:
            job = await unit.imports.by_code(self.city.authority.id, code)
        while job.state is ImportState.RUNNING:
            job = await (importer or self.importer).step(self.city.authority, code, most=most)
        return job

    async def bring(
        self, kind: ImportKind, *lines: str, code: str = "old", plan: Plan | None = None, most: int = 2
    ) -> list[tuple[int, LineReason]]:
        """Bring a file in; what the check has found is what the run finds."""
        await self.add(kind, *lines, code=code, plan=plan)
        found = await self.reasons(await self.importer.check(self.city.authority, code))
        self.clock.turn(seconds=60)
        manager = self.city.agents[Role.MANAGER]
        await self.importer.start(self.city.authority, code, by=manager.id, origin=Origin(Door.COMMAND))
        job = await self.finish(code, most)
        assert await self.reasons(job) == found
        assert (job.done, job.taken) == (len(lines), len(lines) - len({line for line, _ in found}))
        self.clock.turn(seconds=60)
        return found

    async def reasons(self, job: Import) -> list[tuple[int, LineReason]]:
        async with self.database.look() as unit:
            return [(one.line, one.reason) for one in await unit.imports.flaws(job.id, after=0, most=100)]

    async def counts(self) -> dict[str, int]:
        async with self.database.read() as connection:
            return {
                table.name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
                for table in TABLES
            }

    async def person(self, reference: str) -> Holder:
        async with self.database.look() as unit:
            return await unit.people.holder(self.city.authority.id, reference)

    async def register(self, reference: str, first_name: str, last_name: str, born_on: date) -> Holder:
        async with self.database.begin() as unit:
            return await people.register_holder(
                unit,
                authority_id=self.city.authority.id,
                reference=reference,
                first_name=first_name,
                last_name=last_name,
                born_on=born_on,
                commune_code="00101",
                now=self.clock(),
                keep_until=KEEP,
            )


@pytest.fixture
async def town(database_url: str, keyring: KeyRing) -> AsyncIterator[World]:
    database, clock = Database(database_url, patience=30), TestClock()
    city = await small_city(database, keyring)
    async with database.begin() as unit:
        text = Text(fr="Camionnette", en="Van")
        van = Product(unit.ids.row(), city.authority.id, "van", "waste-centre", Subject.ORGANISATION, text)
        await products.publish_product(unit, van)
        await unit.places.add_commune(Commune(unit.ids.row(), city.authority.id, "00101", "Sainte-Ville", 1_000))
    clock.turn(seconds=60)
    yield World(database, keyring, city, clock, Importer(database, CardKeys(keyring), clock))
    await database.close()


async def test_households_come_in_with_their_people_guardians_and_one_right_each(town: World) -> None:
    assert await town.bring(ImportKind.HOUSEHOLDS, *FAMILY, plan=Plan({}, until=UNTIL, products=("carnet-10",))) == []
    assert await town.counts() == {
        "holder": 3,
        "household": 2,
        "organisation": 0,
        "beneficiary": 3 + 4,
        "guardianship": 2,
        "pass": 3,
        "card": 1,
        "entitlement": 3 + 1,
    }
    day = town.clock().date()
    async with town.database.look() as unit:
        malo = await unit.people.holder(town.city.authority.id, "A2")
        homes = await unit.people.households_of(malo.id, day)
        guardians = await unit.people.guardians_of(malo.id, day)
        zoes = await unit.people.memberships((await unit.people.holder(town.city.authority.id, "A1")).id, homes[0].id)
        rights = await unit.products.entitlements([homes[0].id], day)
    assert [one.reference for one in homes] == ["F-1", "F-2"]
    assert {one.kind for one in guardians} == {GuardianKind.PARENT}
    assert [one.valid_from for one in zoes] == [date(2019, 9, 1)]
    assert [(one.valid_from, one.valid_until) for one in rights] == [(day, UNTIL)]


async def test_organisations_come_in_with_their_people_cards_and_one_right_each(town: World) -> None:
    assert await town.bring(ImportKind.ORGANISATIONS, *FIRM) == []
    counts = await town.counts()
    assert (counts["organisation"], counts["holder"], counts["card"], counts["entitlement"]) == (2, 2, 2, 1)
    day = town.clock().date()
    async with town.database.look() as unit:
        roux = await unit.people.organisation(town.city.authority.id, "PRO-1")
        members = await unit.people.members(roux.id, day)
        assert len(await unit.products.entitlements([roux.id], day)) == 1
    assert (roux.name, roux.registration) == ("Menuiserie Roux", SIRET)
    assert [one.reference for one, _ in members] == ["A3", "A1"]


@pytest.mark.parametrize(("kind", "lines"), [(ImportKind.HOUSEHOLDS, FAMILY), (ImportKind.ORGANISATIONS, FIRM)])
async def test_a_file_that_is_sent_twice_doubles_nothing(town: World, kind: ImportKind, lines: tuple[str, ...]) -> None:
    await town.bring(kind, *lines)
    before = await town.counts()
    again = await town.bring(kind, *lines, code="again")
    assert {line for line, reason in again if reason is LineReason.GROUP_KNOWN} == set(range(2, len(lines) + 2))
    extended = await town.bring(kind, *lines, code="third", plan=Plan({}, until=UNTIL, commune="00101", extend=True))
    assert {line for line, _ in extended} == set(range(2, len(lines) + 2))
    assert LineReason.MEMBER_ALREADY in {reason for _, reason in extended}
    assert await town.counts() == before


async def test_without_numbers_a_second_sending_finds_people_by_name(town: World) -> None:
    lines = [line.replace(";A1;", ";;").replace(";A3;", ";;") for line in FAMILY[::2]]
    await town.bring(ImportKind.HOUSEHOLDS, *lines)
    before = await town.counts()
    extended = Plan({}, until=UNTIL, extend=True)
    told = await town.bring(ImportKind.HOUSEHOLDS, *lines, code="again", plan=extended)
    assert [reason for line, reason in told if reason is not LineReason.CARD_KNOWN] == [LineReason.IN_REGISTER] * 2
    assert await town.counts() == before


@pytest.mark.parametrize(("kind", "lines"), [(ImportKind.HOUSEHOLDS, FAMILY), (ImportKind.ORGANISATIONS, FIRM)])
async def test_a_run_that_was_killed_between_two_members_goes_on(
    town: World, kind: ImportKind, lines: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R1: what was answered is there, what was not is as if it had never been begun."""
    await town.ready(kind, *lines)
    await town.importer.step(town.city.authority, "old", most=1)
    kept = await town.counts()
    assert (kept["holder"], kept["beneficiary"]) == (1, 2)
    with monkeypatch.context() as broken:
        broken.setattr("domain.imports.advance", _killed)
        with pytest.raises(KeyboardInterrupt):
            await town.importer.step(town.city.authority, "old", most=1)
    assert await town.counts() == kept
    town.clock.turn(days=2)
    other = Importer(town.database, CardKeys(town.keyring), town.clock)
    await other.round()
    async with town.database.look() as unit:
        job = await unit.imports.by_code(town.city.authority.id, "old")
    assert (job.state, job.taken, job.refused) == (ImportState.FINISHED, len(lines), 0)
    at_once = {ImportKind.HOUSEHOLDS: (3, 2, 0), ImportKind.ORGANISATIONS: (2, 0, 2)}
    counts = await town.counts()
    assert (counts["holder"], counts["household"], counts["organisation"]) == at_once[kind]


async def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


async def test_two_servers_that_take_in_one_file_take_in_each_line_once(town: World) -> None:
    lines = [f"F-{n // 3};A{n};Nom {n};Zoé;17/05/1980;00101;;;;" for n in range(12)]
    await town.ready(ImportKind.HOUSEHOLDS, *lines)
    other = Importer(town.database, CardKeys(town.keyring), town.clock)
    jobs = await asyncio.gather(town.finish(most=1), town.finish(most=1, importer=other))
    assert [(job.state, job.taken) for job in jobs] == [(ImportState.FINISHED, 12)] * 2
    counts = await town.counts()
    assert (counts["holder"], counts["household"], counts["beneficiary"]) == (12, 4, 24)


async def test_who_is_registered_under_the_same_number_joins_and_nothing_else_changes(town: World) -> None:
    zoe = await town.register("A1", "ZOE", "Roux", date(1984, 5, 17))
    lines = ("F-1;A1;Roux;Zoé;17/05/1984;00101;;;;", "F-1;;Roux;Malo;02/09/2016;;A1;;;")
    assert await town.bring(ImportKind.HOUSEHOLDS, *lines, plan=Plan({}, until=UNTIL, products=("carnet-10",))) == []
    assert await town.person("A1") == zoe
    counts = await town.counts()
    assert (counts["holder"], counts["pass"], counts["entitlement"], counts["guardianship"]) == (2, 1, 1, 1)


async def test_what_the_register_says_otherwise_is_shown_and_left(town: World) -> None:
    await town.register("A1", "Zoé", "Roux", date(1984, 5, 17))
    await town.register("A2", "Malo", "Roux", date(2016, 9, 2))
    await town.register("A9", "Karim", "Blin", date(1981, 1, 30))
    told = await town.bring(
        ImportKind.HOUSEHOLDS,
        "F-1;A9;Blanc;Léa;17/05/1984;00101;;;;",
        "F-1;;Blin;Karim;30/01/1981;00101;;;;",
        "F-1;A2;Roux;Malo;02/09/2016;00101;;;04A1B2C3D4E5F6;",
        "F-1;A1;Roux;Zoé;17/05/1984;00101;;;;carnet-10",
        "F-1;A5;Noir;Max;17/05/1984;00101;A9,A404;;;",
        "F-1;A6;Noir;Tom;17/05/2015;00101;A2;;;",
    )
    assert told == [
        (2, LineReason.REFERENCE_KNOWN),
        (3, LineReason.IN_REGISTER),
        (4, LineReason.IN_REGISTER),
        (5, LineReason.RIGHTS_AT_DESK),
        (6, LineReason.GUARDIAN_UNKNOWN),
        (7, LineReason.BAD_GUARDIAN),
    ]
    assert (await town.counts())["household"] == 0


async def test_a_ward_waits_for_a_guardian_whose_own_line_is_refused(town: World) -> None:
    lines = ("F-1;A1;Roux;Zoé;31/02/1984;00101;;;;", "F-1;A2;Roux;Malo;02/09/2016;00101;A1;;;")
    told = await town.bring(ImportKind.HOUSEHOLDS, *lines)
    assert told == [(2, LineReason.IMPOSSIBLE_DATE), (3, LineReason.GUARDIAN_UNKNOWN)]
    right = (lines[0].replace("31/02", "17/05"), lines[1])
    assert await town.bring(ImportKind.HOUSEHOLDS, *right, code="corrected") == []


async def test_corrected_lines_join_the_household_that_came_in_without_them(town: World) -> None:
    await town.bring(ImportKind.HOUSEHOLDS, *FAMILY[:2])
    late = ("F-1;A7;Roux;Tom;17/05/2019;00101;A1;;;waste-24",)
    assert await town.bring(ImportKind.HOUSEHOLDS, *late, code="late") == [(2, LineReason.GROUP_KNOWN)]
    extended = Plan({}, until=UNTIL, products=("carnet-10",), extend=True)
    before = await town.counts()
    assert await town.bring(ImportKind.HOUSEHOLDS, *late, code="later", plan=extended) == []
    after = await town.counts()
    assert (after["household"], after["holder"]) == (before["household"], before["holder"] + 1)
    assert after["entitlement"] == before["entitlement"] + 1, "their own carnet, and no second right of the household"


async def test_a_firm_of_the_register_is_found_by_its_siret_and_never_doubled(town: World) -> None:
    await town.bring(ImportKind.ORGANISATIONS, *FIRM)
    extended = Plan({}, until=UNTIL, commune="00101", extend=True)
    told = await town.bring(
        ImportKind.ORGANISATIONS,
        f";Menuiserie Roux;{SIRET};00101;A5;Noir;Max;17/05/1984;;",
        code="more",
        plan=extended,
    )
    assert told == []
    told = await town.bring(
        ImportKind.ORGANISATIONS,
        f"PRO-9;Menuiserie Roux;{SIRET};00101;A6;Gris;Ana;17/05/1984;;",
        "PRO-1;Menuiserie Roux;55208131766522;00101;A7;Vert;Lou;17/05/1984;;",
        code="odd",
        plan=extended,
    )
    assert told == [(2, LineReason.REGISTRATION_KNOWN), (3, LineReason.REFERENCE_KNOWN)]
    counts = await town.counts()
    assert (counts["organisation"], counts["holder"], counts["entitlement"]) == (2, 3, 1)


async def test_who_shares_the_rights_of_a_former_household_is_a_matter_for_the_desk(town: World) -> None:
    """Q1: a household's quota is not granted again to those who still spend the old one."""
    await town.bring(ImportKind.HOUSEHOLDS, *FAMILY)
    day = town.clock().date()
    zoe = await town.person("A1")
    async with town.database.begin() as unit:
        await households.split_household(
            unit,
            await unit.people.household(town.city.authority.id, "F-1"),
            [zoe],
            on=day,
            reference="F-8",
            commune_code="00101",
            now=town.clock(),
            keep_until=KEEP,
        )
    told = await town.bring(ImportKind.HOUSEHOLDS, "F-9;A1;Roux;Zoé;17/05/1984;00101;;;;waste-24", code="new")
    assert told == [(2, LineReason.QUOTA_SHARED)]


async def test_a_stay_that_is_over_is_not_told_again(town: World) -> None:
    await town.bring(ImportKind.HOUSEHOLDS, *FAMILY)
    zoe = await town.person("A1")
    async with town.database.begin() as unit:
        home = await unit.people.household(town.city.authority.id, "F-1")
        await people.leave(unit, zoe, home.id, on=date(2020, 9, 1))
    extended = Plan({}, until=UNTIL, extend=True)
    same, later = ("F-1;A1;Roux;Zoé;17/05/1984;00101;;01/09/2019;;", "F-1;A1;Roux;Zoé;17/05/1984;00101;;01/09/2020;;")
    told = await town.bring(ImportKind.HOUSEHOLDS, same, code="same", plan=extended)
    assert told == [(2, LineReason.MEMBER_ALREADY)]
    assert await town.bring(ImportKind.HOUSEHOLDS, later, code="back", plan=extended) == []


async def test_nobody_is_their_own_guardian_under_the_number_that_a_file_gives_them(town: World) -> None:
    told = await town.bring(ImportKind.HOUSEHOLDS, "F-1;;Roux;Zoé;17/05/1984;00101;old-2;;;")
    assert told == [(2, LineReason.BAD_GUARDIAN)]


async def test_who_acts_for_somebody_already_goes_on(town: World) -> None:
    zoe = await town.register("A1", "Zoé", "Roux", date(1984, 5, 17))
    malo = await town.register("A2", "Malo", "Roux", date(2016, 9, 2))
    async with town.database.begin() as unit:
        since = town.clock().date() - timedelta(days=10)
        await appoint_guardian(unit, ward=malo, guardian=zoe, kind=GuardianKind.PARENT, since=since)
    lines = ("F-1;A1;Roux;Zoé;17/05/1984;00101;;;;", "F-1;A2;Roux;Malo;02/09/2016;00101;A1;;;")
    assert await town.bring(ImportKind.HOUSEHOLDS, *lines) == []
    assert (await town.counts())["guardianship"] == 1


async def test_an_adult_has_a_tutor(town: World) -> None:
    lines = ("F-1;A1;Roux;Zoé;17/05/1984;00101;;;;", "F-1;A2;Roux;Paul;02/09/1950;00101;A1;;;")
    assert await town.bring(ImportKind.HOUSEHOLDS, *lines) == []
    paul = await town.person("A2")
    async with town.database.look() as unit:
        (told,) = await unit.people.guardians_of(paul.id, town.clock().date())
    assert told.kind is GuardianKind.TUTOR


@pytest.mark.parametrize(("kind", "product"), [(ImportKind.HOUSEHOLDS, "van"), (ImportKind.ORGANISATIONS, "waste-24")])
async def test_no_file_grants_rights_of_others(town: World, kind: ImportKind, product: str) -> None:
    await town.add(kind, *FAMILY, plan=Plan({}, until=UNTIL, commune="00101", products=(product,)))
    with pytest.raises(BadImportPlan):
        await town.importer.check(town.city.authority, "old")
