"""Residences, bands and statuses with their days, on both engines."""

from datetime import date

import pytest

from adapters.keyring import KeyRing
from domain.circumstances import (
    Circumstance,
    CircumstanceKind,
    end_circumstance,
    move,
    record_circumstance,
)
from domain.errors import AlreadyExists
from domain.errors.people import BadCircumstance, CircumstanceNotFound, MoveTooEarly
from domain.households import move_household
from domain.periods import FOREVER
from store.database import Database
from tests.city import small_city
from tests.contract.register import A_DAY, ABROAD, DOUAI, FOUNDED, LILLE, NEW_YEAR, OCTOBER, ROUBAIX, Register


async def test_a_move_ends_one_residence_and_begins_another(register: Register) -> None:
    zoe = await register.person("zoe")
    await move(register.unit, zoe, commune_code=ROUBAIX, on=OCTOBER)
    assert await register.communes(zoe, zoe.born_on, OCTOBER - A_DAY, OCTOBER) == [LILLE, LILLE, ROUBAIX]


async def test_a_move_recorded_twice_for_one_day_replaces(register: Register) -> None:
    zoe = await register.person("zoe")
    await move(register.unit, zoe, commune_code=ROUBAIX, on=OCTOBER)
    await move(register.unit, zoe, commune_code=DOUAI, on=OCTOBER)
    await move(register.unit, zoe, commune_code=DOUAI, on=OCTOBER)
    assert await register.communes(zoe, OCTOBER - A_DAY, OCTOBER) == [LILLE, DOUAI]
    found = await register.unit.people.circumstances_after(zoe.id, CircumstanceKind.COMMUNE, date(1900, 1, 1))
    assert [one.value for one in found] == [LILLE, DOUAI]


async def test_a_move_that_lies_ahead_stays_when_an_earlier_one_is_recorded(register: Register) -> None:
    zoe = await register.person("zoe")
    await move(register.unit, zoe, commune_code=ABROAD, on=NEW_YEAR)
    await move(register.unit, zoe, commune_code=ROUBAIX, on=OCTOBER)
    days = (OCTOBER - A_DAY, OCTOBER, NEW_YEAR - A_DAY, NEW_YEAR)
    assert await register.communes(zoe, *days) == [LILLE, ROUBAIX, ROUBAIX, ABROAD]


async def test_a_move_before_anything_is_known_is_refused(register: Register) -> None:
    """Else the first address that was written down would look like a later move, and win."""
    home = await register.home("home", await register.person("zoe"))
    for verb in (move, move_household):
        with pytest.raises(MoveTooEarly, match="from 2020-01-01 on"):
            await verb(register.unit, home, commune_code=ROUBAIX, on=FOUNDED - A_DAY)
    await move(register.unit, home, commune_code=ROUBAIX, on=FOUNDED)
    assert await register.communes(home, FOUNDED, OCTOBER) == [ROUBAIX, ROUBAIX]


async def test_a_move_to_no_commune_is_refused(register: Register) -> None:
    zoe = await register.person("zoe")
    with pytest.raises(BadCircumstance, match="'Lille' is no INSEE code"):
        await move(register.unit, zoe, commune_code="Lille", on=OCTOBER)


async def test_one_band_holds_at_a_time_and_the_later_word_is_the_last(register: Register) -> None:
    home = await register.home("home")
    quotient = CircumstanceKind.QUOTIENT
    await record_circumstance(register.unit, home, kind=quotient, value="A", since=FOUNDED, until=NEW_YEAR)
    await record_circumstance(register.unit, home, kind=quotient, value="C", since=NEW_YEAR, until=date(2028, 1, 1))
    await record_circumstance(register.unit, home, kind=quotient, value="B", since=OCTOBER, until=NEW_YEAR)

    async def bands(day: date) -> list[str]:
        return [one.value for one in await register.unit.people.circumstances([home.id], day) if one.kind == quotient]

    days = (OCTOBER - A_DAY, OCTOBER, NEW_YEAR - A_DAY, NEW_YEAR, date(2028, 1, 1))
    assert [await bands(day) for day in days] == [["A"], ["B"], ["B"], ["C"], []]


async def test_several_statuses_hold_at_once_and_each_ends_by_itself(register: Register) -> None:
    zoe = await register.person("zoe")
    status = CircumstanceKind.STATUS
    for value in ("student", "disability"):
        await record_circumstance(register.unit, zoe, kind=status, value=value, since=FOUNDED, until=NEW_YEAR)
    await record_circumstance(register.unit, zoe, kind=status, value="student", since=FOUNDED, until=FOREVER)
    await end_circumstance(register.unit, zoe, kind=status, value="disability", on=OCTOBER)
    with pytest.raises(CircumstanceNotFound):
        await end_circumstance(register.unit, zoe, kind=status, value="disability", on=OCTOBER)

    async def statuses(day: date) -> list[str]:
        return [one.value for one in await register.unit.people.circumstances([zoe.id], day) if one.kind == status]

    assert [await statuses(day) for day in (OCTOBER - A_DAY, OCTOBER, NEW_YEAR)] == [
        ["disability", "student"],
        ["student"],
        ["student"],
    ]


async def test_the_register_itself_refuses_two_residences_without_end(database_url: str, keyring: KeyRing) -> None:
    """Two desks that record a move at the same instant: one of them fails, none is believed beside the other."""
    database = Database(database_url, patience=30)
    city = await small_city(database, keyring)
    async with database.begin() as unit:
        zoe = await Register(unit, city).person("zoe")
    second = Circumstance(zoe.authority_id, zoe.id, CircumstanceKind.COMMUNE, ROUBAIX, OCTOBER, FOREVER, zoe.keep_until)
    with pytest.raises(AlreadyExists):
        async with database.begin() as unit:
            await unit.people.add_circumstance(second)
    await database.close()
