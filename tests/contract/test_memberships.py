"""Who belongs to which household when, on both engines."""

from datetime import date

import pytest

from domain.errors import AlreadyExists, ContradictoryPeriod
from domain.errors.people import HouseholdNotFound, MembershipNotFound, OverlappingMembership
from domain.people import join, leave
from domain.periods import FOREVER
from tests.contract.register import A_DAY, FOUNDED, OCTOBER, Register


async def test_a_child_of_two_households_spends_for_both(register: Register) -> None:
    child = await register.person("malo", born_on=date(2018, 3, 1))
    homes = [await register.home(name, child) for name in ("mother", "father")]
    assert await register.spends(child, OCTOBER) == {home.id for home in homes}
    assert [one.reference for one in await register.unit.people.households_of(child.id, OCTOBER)] == [
        "father",
        "mother",
    ]


async def test_a_member_twice_at_once_is_refused_and_one_after_the_other_is_not(register: Register) -> None:
    zoe = await register.person("zoe")
    home = await register.home("home")
    await join(register.unit, zoe, home.id, since=FOUNDED, until=OCTOBER)
    with pytest.raises(OverlappingMembership, match="zoe is a member from 2020-01-01 to before 2026-10-15 already"):
        await join(register.unit, zoe, home.id, since=OCTOBER - A_DAY)
    with pytest.raises(ContradictoryPeriod):
        await join(register.unit, zoe, home.id, since=OCTOBER, until=OCTOBER)
    await join(register.unit, zoe, home.id, since=OCTOBER)
    assert await register.spends(zoe, OCTOBER) == {home.id}
    kept = await register.unit.people.memberships(zoe.id, home.id)
    assert [(one.valid_from, one.valid_until) for one in kept] == [(FOUNDED, FOREVER)], "she has never been away"


async def test_who_leaves_spends_to_the_eve_and_may_come_back(register: Register) -> None:
    zoe = await register.person("zoe")
    home = await register.home("home", zoe)
    await leave(register.unit, zoe, home.id, on=OCTOBER)
    assert await register.spends(zoe, OCTOBER - A_DAY) == {home.id}
    assert await register.spends(zoe, OCTOBER) == set()
    with pytest.raises(MembershipNotFound):
        await leave(register.unit, zoe, home.id, on=OCTOBER)
    await join(register.unit, zoe, home.id, since=OCTOBER + A_DAY)
    assert await register.spends(zoe, OCTOBER + A_DAY) == {home.id}


async def test_leaving_on_the_first_day_is_never_having_come(register: Register) -> None:
    zoe = await register.person("zoe")
    home = await register.home("home")
    await join(register.unit, zoe, home.id, since=OCTOBER)
    await leave(register.unit, zoe, home.id, on=FOUNDED)
    assert await register.unit.people.memberships(zoe.id, home.id) == []


async def test_nobody_leaves_themself(register: Register) -> None:
    zoe = await register.person("zoe")
    with pytest.raises(MembershipNotFound):
        await leave(register.unit, zoe, zoe.id, on=OCTOBER)


async def test_a_household_is_found_by_its_reference_by_its_own_authority(register: Register) -> None:
    home = await register.home("home")
    assert await register.unit.people.household(register.owner, "home") == home
    with pytest.raises(HouseholdNotFound):
        await register.unit.people.household(register.city.neighbour.id, "home")
    with pytest.raises(AlreadyExists):
        await register.home("home")
