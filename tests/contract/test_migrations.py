"""The schema: what alembic builds is what the tables say; a database goes up, down and up again; no engine runs with
settings under which a confirmed passage could be lost.
"""

import asyncio
from datetime import date
from typing import Any

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.util import CommandError
from msgspec.structs import replace
from sqlalchemy import Connection, inspect, select, text

from adapters.keyring import KeyRing
from domain.circumstances import Circumstance, CircumstanceKind, move
from domain.limits import ONE, Limit, Measure, Window
from domain.organisations import OrganisationKind, register_organisation
from domain.people import Subject, join
from domain.periods import FOREVER
from domain.products import publish_product
from store import migrate
from store.database import Database
from store.ledger import lane_for
from store.tables import metadata
from store.tables.ledger import validation
from store.tables.passes import medium, pass_
from tests.city import KEEP, NOW, resident, small_city
from tests.contract.ledger_audit import audit
from tests.contract.ledger_world import add_product, scan


async def seen(database_url: str, look: Any) -> Any:  # noqa: ANN401 - whatever is looked at
    database = Database(database_url, patience=30)
    try:
        async with database.read() as connection:
            return await connection.run_sync(look)
    finally:
        await database.close()


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


async def test_what_alembic_builds_is_what_the_tables_say(database_url: str) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))

    assert await seen(database_url, differences) == []


async def test_checks_and_keys_that_alembic_does_not_compare_are_built_too(database_url: str) -> None:
    def rules(connection: Connection) -> dict[str, Any]:
        found = inspect(connection)
        return {
            name: (
                sorted(found.get_pk_constraint(name)["constrained_columns"]),
                sorted(check["name"] or "" for check in found.get_check_constraints(name)),
            )
            for name in _tables(connection)
        }

    declared = {
        table.name: (
            sorted(column.name for column in table.primary_key.columns),
            sorted(
                f"{constraint.name}"
                for constraint in table.constraints
                if constraint.__visit_name__ in {"check_constraint", "table_or_column_check_constraint"}
            ),
        )
        for table in metadata.tables.values()
    }
    built = await seen(database_url, rules)
    assert {name: keys for name, (keys, _) in built.items()} == {name: keys for name, (keys, _) in declared.items()}
    assert {name: len(checks) for name, (_, checks) in built.items()} == {
        name: len(checks) for name, (_, checks) in declared.items()
    }


async def test_a_database_with_data_goes_down_to_nothing_and_up_again(database_url: str, keyring: KeyRing) -> None:
    """Down takes everything away, by intent; up leaves a database in which the first passage can be written."""
    for _ in range(2):
        database = Database(database_url, patience=30)
        city = await small_city(database, keyring)
        zoe = await resident(database, keyring, city, "R1", rights=("carnet-10",))
        lane = lane_for(database)
        await lane.open()
        tap = scan(city.terminal.terminal.id, "k1", city.gates["pool"].id, zoe.medium.id)
        assert isinstance(await lane.submit(tap), bytes)
        await lane.close()
        assert len((await audit(database)).events) == 1
        await database.close()

        await asyncio.to_thread(migrate.downgrade, database_url)
        assert await seen(database_url, _tables) == set()
        if not database.is_sqlite:
            assert await _functions(database.dsn) == []
        await asyncio.to_thread(migrate.upgrade, database_url)
        assert await seen(database_url, _tables) == set(metadata.tables)


async def test_the_way_back_keeps_limits_and_is_refused_where_it_would_lose_what_they_mean(
    database_url: str, keyring: KeyRing
) -> None:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    await database.close()
    await asyncio.to_thread(migrate.downgrade, database_url, "0002")
    await asyncio.to_thread(migrate.upgrade, database_url)

    summer = Limit(0, Measure.VISIT, 30 * ONE, Window.SEASON, starts=(5, 15), ends=(9, 16))
    old = city.products["waste-24"]
    database = Database(database_url, patience=30)
    async with database.begin() as unit:
        assert await unit.products.by_code(city.authority.id, "waste-24") == old
        new = replace(old, id=unit.ids.row(), code="summer", limits=(summer,))
        await publish_product(unit, new)
    await database.close()
    with pytest.raises(CommandError, match="1 limits count in windows"):
        await asyncio.to_thread(migrate.downgrade, database_url, "0002")

    database = Database(database_url, patience=30)
    async with database.look() as unit:
        assert await unit.products.by_code(city.authority.id, "summer") == new
    await database.close()


async def test_residences_go_both_ways_and_the_way_back_keeps_the_one_of_today(
    database_url: str, keyring: KeyRing
) -> None:
    """The day of today is the database's own: these dates lie far on both sides of it."""
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    zoe = await resident(database, keyring, city, "R1")
    async with database.begin() as unit:
        await move(unit, zoe.holder, commune_code="00102", on=date(2021, 1, 1))
        await move(unit, zoe.holder, commune_code="00103", on=date(2390, 1, 1))
        firm = await register_organisation(
            unit,
            authority_id=city.authority.id,
            reference="S-1",
            name="Espaces verts",
            kind=OrganisationKind.MUNICIPAL,
            registration=None,
            commune_code="00101",
            now=NOW,
            keep_until=KEEP,
        )
        await join(unit, zoe.holder, firm.id, since=date(2026, 1, 1))
    await database.close()

    await asyncio.to_thread(migrate.downgrade, database_url, "0003")
    assert await seen(database_url, _communes) == {"holder": "00102", "household": "00101"}
    await asyncio.to_thread(migrate.upgrade, database_url)

    database = Database(database_url, patience=30)
    async with database.look() as unit:
        for subject, since in ((zoe.holder, zoe.holder.born_on), (zoe.household, NOW.date())):
            known = await unit.people.circumstances_after(subject.id, CircumstanceKind.COMMUNE, date(1900, 1, 1))
            commune = "00102" if subject is zoe.holder else "00101"
            assert known == [
                Circumstance(
                    city.authority.id, subject.id, CircumstanceKind.COMMUNE, commune, since, FOREVER, subject.keep_until
                )
            ]
        assert set(await unit.people.subjects_of(zoe.holder.id, NOW.date())) == {zoe.holder.id, zoe.household.id}
        assert await unit.people.households_of(zoe.holder.id, NOW.date()) == [zoe.household]
    await database.close()


def _communes(connection: Connection) -> dict[str, str]:
    return {
        table: connection.execute(text(f"SELECT commune_code FROM {table}")).scalar_one()  # noqa: S608 - ours
        for table in ("holder", "household")
    }


async def test_the_way_back_is_refused_while_products_are_for_organisations(
    database_url: str, keyring: KeyRing
) -> None:
    """The older program would stumble over one at every gate."""
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    await add_product(database, city, "firms", (4, Window.MONTH), service="waste-centre", subject=Subject.ORGANISATION)
    await database.close()
    with pytest.raises(CommandError, match="1 products are for organisations"):
        await asyncio.to_thread(migrate.downgrade, database_url, "0003")
    database = Database(database_url, patience=30)
    assert (await database.catalogue()).products
    await database.close()


async def test_the_keys_of_media_and_events_change_their_shape_and_nothing_they_hold(
    database_url: str, keyring: KeyRing
) -> None:
    def rows(connection: Connection) -> list[Any]:
        return [
            connection.execute(select(table).order_by(*table.primary_key)).all()
            for table in (medium, pass_, validation)
        ]

    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    zoe = await resident(database, keyring, city, "R1", rights=("carnet-10",))
    lane = lane_for(database)
    await lane.open()
    tap = scan(city.terminal.terminal.id, "k1", city.gates["pool"].id, zoe.medium.id)
    said = await lane.submit(tap)
    await lane.close()
    await database.close()
    before = await seen(database_url, rows)
    assert all(before)

    await asyncio.to_thread(migrate.downgrade, database_url, "0003")
    assert await seen(database_url, rows) == before
    await asyncio.to_thread(migrate.upgrade, database_url)
    assert await seen(database_url, rows) == before

    database = Database(database_url, patience=30)
    lane = lane_for(database)
    await lane.open()
    assert await lane.submit(tap) == said
    await lane.close()
    await database.close()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
async def test_on_sqlite_media_and_events_are_found_without_an_index(database_url: str) -> None:
    def indexes(connection: Connection) -> list[str]:
        ask = text("SELECT name FROM pragma_index_list(:name) WHERE origin = 'pk'")
        return [
            *connection.execute(ask, {"name": "medium"}).scalars(),
            *connection.execute(ask, {"name": "validation"}).scalars(),
        ]

    assert await seen(database_url, indexes) == []


async def _functions(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "SELECT proname FROM pg_proc JOIN pg_namespace AS n ON n.oid = pronamespace WHERE nspname = 'public'"
        )
        return [row[0] for row in rows]
    finally:
        await connection.close()


async def test_the_schema_does_not_go_back_over_a_group(database_url: str, keyring: KeyRing) -> None:
    """The older one would count it as one person."""
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    zoe = await resident(database, keyring, city, "R1", rights=("pool-year",))
    lane = lane_for(database)
    await lane.open()
    asked = {Measure.VISIT: 4 * ONE}
    await lane.submit(scan(city.terminal.terminal.id, "k1", city.gates["free"].id, zoe.medium.id, asked=asked))
    await lane.close()
    await database.close()
    with pytest.raises(CommandError, match="1 passages say how many"):
        await asyncio.to_thread(migrate.downgrade, database_url, "0014")


async def test_up_on_a_database_that_is_up_changes_nothing(database_url: str, keyring: KeyRing) -> None:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    await database.close()

    await asyncio.to_thread(migrate.upgrade, database_url)

    database = Database(database_url, patience=30)
    async with database.look() as unit:
        assert await unit.places.authority("ville") == city.authority
    await database.close()


def test_every_personal_table_says_whose_it_is_and_until_when_it_may_speak() -> None:
    personal = [table for table in metadata.tables.values() if table.info.get("personal")]
    assert personal
    for table in personal:
        for name in ("authority_id", "keep_until"):
            assert name in table.columns, f"{table.name} has no {name}"
            assert not table.columns[name].nullable, f"{table.name}.{name} may be missing"


def test_every_table_that_names_a_person_is_marked_personal() -> None:
    """By the names of their columns: whoever adds a table cannot forget the mark."""
    telling = {"holder_id", "pass_id", "medium_id", "subject_id", "first_name", "last_name", "born_on", "login"}
    forgotten = [
        table.name
        for table in metadata.tables.values()
        if telling & set(table.columns.keys()) and not table.info.get("personal")
    ]
    assert forgotten == []


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
async def test_what_every_message_of_a_sensor_rewrites_has_room_in_its_page(database_url: str) -> None:
    """Without it each new value goes to another page, and an entry to the index with it: twice the work."""

    def roomy(connection: Connection) -> set[str]:
        return set(
            connection.execute(text("SELECT relname FROM pg_class WHERE reloptions @> '{fillfactor=50}'")).scalars()
        )

    assert await seen(database_url, roomy) == {"reading_latest", "rollup_due", "device_state"}
