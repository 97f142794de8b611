"""Passkeys, spent challenges, late forms, ends of roles and lists of agents in the database, on both engines."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select

from adapters.keyring import KeyRing
from api.forgetter import Forgetter
from domain import passkeys, staff
from domain.agents import Agent, Grant, Role, everywhere, sought_of
from domain.errors import AlreadyExists
from domain.errors.agents import LastAdministrator, LastWayIn, PasskeyRefused, TooManyPasskeys
from domain.passkeys import MOST_PASSKEYS, Passkey
from domain.ports import Unit
from domain.staff_lists import Count, Wanted
from store import unsent
from store.database import Database
from store.tables.agents import unsent_form
from store.unsent import LIFE, MOST, Kept
from tests.city import NOW, small_city
from tests.house_app import TestClock

TODAY = NOW.date()
DAY = timedelta(days=1)


async def registered(unit: Unit, agent: Agent, credential: bytes = b"c", *, count: int = 0) -> Passkey:
    return await passkeys.register(
        unit, unit.passkeys, agent, credential_id=credential, public_key=b"k", sign_count=count, name="n", now=NOW
    )


async def test_a_passkey_counts_on_and_a_challenge_is_spent_once(database_url: str, keyring: KeyRing) -> None:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    desk, manager = city.agents[Role.DESK], city.agents[Role.MANAGER]
    async with database.begin() as unit:
        counting = await registered(unit, desk, count=3)
        synced = await registered(unit, desk, b"s")
        counts = [await passkeys.use(unit.passkeys, counting, count, now=NOW) for count in (4, 4, 3, 0, 5)]
        assert counts == [True, False, False, False, True]
        assert [await passkeys.use(unit.passkeys, synced, count, now=NOW) for count in (0, 0)] == [True, True]
        assert [one.suspect_at for one in await unit.passkeys.of(desk.id)] == [NOW, None]
    for agent in (desk, manager):
        with pytest.raises(AlreadyExists):
            async with database.begin() as unit:
                await registered(unit, agent)
    async with database.begin() as unit:
        await unit.passkeys.spend(b"h" * 32, until=NOW + DAY, now=NOW)
    with pytest.raises(PasskeyRefused):
        async with database.begin() as unit:
            await unit.passkeys.spend(b"h" * 32, until=NOW + DAY, now=NOW)
    async with database.begin() as unit:
        await unit.passkeys.spend(b"h" * 32, until=NOW + DAY, now=NOW + DAY)
    await database.close()


async def test_the_last_way_in_stays_and_ten_are_enough(database_url: str, keyring: KeyRing) -> None:
    database = Database(database_url, patience=30)
    desk = (await small_city(database, keyring)).agents[Role.DESK]
    async with database.begin() as unit:
        without = replace(desk, password_hash="")
        mine = [await registered(unit, desk, bytes([one])) for one in range(MOST_PASSKEYS)]
        with pytest.raises(TooManyPasskeys):
            await registered(unit, desk, b"one more")
        for one in mine[1:]:
            await passkeys.remove(unit, without, one.id, is_second_factor=False)
        with pytest.raises(LastWayIn):
            await passkeys.remove(unit, without, mine[0].id, is_second_factor=False)
        with pytest.raises(LastWayIn):
            await passkeys.remove(unit, desk, mine[0].id, is_second_factor=True)
        await passkeys.remove(unit, desk, mine[0].id, is_second_factor=False)
    await database.close()


async def test_a_late_form_is_taken_once_by_its_agent_within_the_hour(database_url: str, keyring: KeyRing) -> None:
    database, clock = Database(database_url, patience=30), TestClock()
    city = await small_city(database, keyring)
    desk, other = city.agents[Role.DESK], city.agents[Role.MANAGER]

    def kept(number: int, at: timedelta = timedelta(0)) -> Kept:
        return Kept(bytes([number]) * 32, desk.authority_id, desk.id, b"sealed", NOW + at, TODAY + DAY)

    async def left() -> int:
        async with database.read() as connection:
            return int(await connection.scalar(select(func.count()).select_from(unsent_form)) or 0)

    async with database.write() as connection:
        await unsent.keep(connection, kept(1))
        took = [await unsent.take(connection, kept(1).ticket_hash, who.id, NOW) for who in (other, desk, desk)]
        assert took == [None, b"sealed", None]
        await unsent.keep(connection, kept(2))
        assert await unsent.take(connection, kept(2).ticket_hash, desk.id, NOW + LIFE) is None
        for number in range(MOST + 2):
            await unsent.keep(connection, kept(number, timedelta(seconds=number)))
    assert await left() == MOST
    clock.now = NOW + LIFE + timedelta(minutes=1)
    await Forgetter(database, clock).round()
    assert await left() == 0
    await database.close()


async def test_a_role_until_a_day_is_extended_shortened_and_never_the_last_administrators(
    database_url: str, keyring: KeyRing
) -> None:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    desk, admin = city.agents[Role.DESK], city.agents[Role.ADMINISTRATOR]
    summer = Grant(Role.SITE_AGENT, site="pool", until=TODAY + 60 * DAY)
    async with database.begin() as unit:
        await staff.grant(unit, desk, summer)
        stored = await unit.agents.one(desk.authority_id, desk.login)
        assert summer in stored.grants
        assert stored.on(summer.until - DAY).roles == (Role.DESK, Role.SITE_AGENT)
        assert stored.on(summer.until).roles == (Role.DESK,)
        with pytest.raises(AlreadyExists):
            await staff.grant(unit, stored, summer)
        longer = await staff.grant(unit, stored, replace(summer, until=summer.until + DAY))
        assert await unit.agents.one(desk.authority_id, desk.login) == longer
        assert (await staff.withdraw(unit, longer, replace(summer, until=TODAY))).roles == (Role.DESK,)
        for_a_while = Grant(Role.ADMINISTRATOR, until=TODAY + DAY)
        with pytest.raises(LastAdministrator):
            await staff.grant(unit, admin, for_a_while)
        await staff.grant(unit, desk, for_a_while)
        with pytest.raises(LastAdministrator):
            await staff.close(unit, admin, by=None, now=NOW)
    await database.close()


async def test_agents_are_listed_page_by_page_by_words_role_and_use(database_url: str, keyring: KeyRing) -> None:
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    mine = city.agents[Role.DESK].authority_id
    names = ("Élodie Brésil", "elodie Bresil", "Zoé de La Tour", "Eloi 100%")
    async with database.begin() as unit:
        before = await unit.agents.count(mine, idle_since=NOW - DAY)
        new = [
            await staff.take_on(
                unit, mine, login=f"login-{number}", name=name, password_hash="", now=NOW + number * DAY,
                grants=everywhere(Role.REVIEWER) if number else (Grant(Role.REVIEWER, until=TODAY),),
            )
            for number, name in enumerate(names)
        ]  # fmt: skip

        async def found(**wanted: object) -> list[str]:
            page = await unit.agents.page(mine, Wanted(TODAY, **wanted), limit=50)  # type: ignore[arg-type]
            return [one.name for one in page if one.login.startswith("login-")]

        assert await found(words=("elo",)) == ["Élodie Brésil", "elodie Bresil", "Eloi 100%"]
        assert await found(words=("bres", "login")) == ["Élodie Brésil", "elodie Bresil"]
        assert await found(role=Role.REVIEWER) == ["elodie Bresil", "Eloi 100%", "Zoé de La Tour"]
        assert await found(idle_since=NOW + DAY) == ["Élodie Brésil", "elodie Bresil"]
        await unit.agents.noticed(new[0].id, NOW + 2 * DAY)
        assert await found(idle_since=NOW + DAY) == ["elodie Bresil"]
        await staff.close(unit, new[1], by=None, now=NOW)
        assert await found(active=False) == ["elodie Bresil"]
        assert "elodie Bresil" not in await found()
        walked: list[str] = []
        wanted = Wanted(TODAY)
        while page := await unit.agents.page(mine, wanted, limit=3):
            walked += [one.login for one in page]
            wanted = replace(wanted, after=(sought_of(page[-1].name, page[-1].login), page[-1].id))
        assert len(walked) == len(set(walked)) == before.active + 3
        assert await unit.agents.count(mine, idle_since=NOW - DAY) == Count(before.active + 3, before.idle, 1)
    await database.close()
