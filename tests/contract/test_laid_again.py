"""A city whose rows are laid again is the one that the domain's verbs have built, down to the last byte."""

import shutil
from pathlib import Path

from adapters.keyring import INSTALLATION, KeyRing, Purpose
from domain.agents import Role
from store.database import Database
from store.tables import metadata
from tests.city import NOW, resident, small_city
from tests.laid_again import contents, lay_again, take


async def test_what_is_laid_again_is_what_was_written(database_url: str, keyring: KeyRing, tmp_path: Path) -> None:
    database = Database(database_url, patience=30)
    empty = await contents(database)
    keyring.generate(INSTALLATION, Purpose.TOKEN, now=NOW)
    city = await small_city(database, keyring)  # the keyring is not empty: by its verbs
    zoe = await resident(database, keyring, city, "R1", rights=("carnet-10",))
    built = await contents(database)
    laid = await take(database, tmp_path / "keys", empty)
    assert laid.tables.keys() >= {"authority", "gate", "agent", "pass", "entitlement"}

    async with database.write() as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name in laid.tables:
                await connection.execute(table.delete())
    shutil.rmtree(tmp_path / "keys")
    await lay_again(database, tmp_path / "keys", laid)

    assert await contents(database) == built
    assert KeyRing(tmp_path / "keys").entries == keyring.entries
    async with database.begin() as unit:
        assert await unit.passes.by_number(city.authority.id, zoe.pass_.number) == zoe.pass_
    await database.close()


async def test_each_test_has_a_city_of_its_own(migrated_file: Path, tmp_path: Path) -> None:
    """Whether it is the first one of its process or the hundredth."""
    for number in range(4):
        path, keyring = tmp_path / f"{number}.sqlite3", KeyRing(tmp_path / f"keys-{number}")
        shutil.copyfile(migrated_file, path)
        database = Database(f"sqlite:///{path}", patience=30)
        city = await small_city(database, keyring)
        async with database.begin() as unit:
            assert await unit.places.authority("ville") == city.authority
            assert await unit.places.gate(city.authority.id, "pool-1") == city.gates["pool"]
            agent = city.agents[Role.DESK]
            assert await unit.agents.one(city.authority.id, agent.login) == agent
        assert {entry.authority for entry in keyring.entries} == {INSTALLATION, "ville", "voisine"}
        city.gates.clear()
        await database.close()
