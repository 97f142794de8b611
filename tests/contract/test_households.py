"""Households that move and households that split, on both engines."""

from datetime import date

import pytest

from domain.errors.people import EmptySplit, MembershipNotFound, NobodyStays, QuotaShared
from domain.households import check_not_shared, household_rights, move_household, residents, rights_of
from domain.people import join, leave
from tests.contract.register import A_DAY, DOUAI, FOUNDED, LILLE, NEW_YEAR, OCTOBER, ROUBAIX, Register


async def test_a_household_moves_with_those_who_live_there_and_no_others(register: Register) -> None:
    zoe, away = await register.person("zoe"), await register.person("away", commune=DOUAI)
    shared, child = await register.person("shared"), await register.person("child")
    home = await register.home("home", zoe, away, shared, child)
    await register.home("other parent", child)
    await register.home("far parent", shared, commune=DOUAI)

    moved = await move_household(register.unit, home, commune_code=ROUBAIX, on=OCTOBER)

    assert {one.reference for one in moved} == {"zoe", "shared"}
    assert await register.communes(home, OCTOBER - A_DAY, OCTOBER) == [LILLE, ROUBAIX]
    assert [await register.communes(one, OCTOBER) for one in (zoe, shared, child, away)] == [
        [ROUBAIX],
        [ROUBAIX],
        [LILLE],
        [DOUAI],
    ]


async def test_who_leaves_in_a_split_shares_what_was_running_until_it_ends(register: Register) -> None:
    zoe, yann, malo = [await register.person(name) for name in ("zoe", "yann", "malo")]
    home = await register.home("home", zoe, yann, malo)
    await register.give(home.id, "waste-24", date(2026, 1, 1), NEW_YEAR)
    await register.give(home.id, "waste-24", NEW_YEAR, date(2028, 1, 1))

    new = await register.split(home, yann, malo, commune=ROUBAIX)

    for leaver in (yann, malo):
        assert await register.spends(leaver, OCTOBER - A_DAY) == {home.id}
        assert await register.spends(leaver, OCTOBER) == {home.id, new.id}
        assert await register.spends(leaver, NEW_YEAR) == {new.id}
        assert await register.unit.people.households_of(leaver.id, OCTOBER) == [new]
        assert await register.communes(leaver, OCTOBER - A_DAY, OCTOBER) == [LILLE, ROUBAIX]
    assert await register.unit.products.entitlements([new.id], FOUNDED) == []
    assert [one.reference for one in await residents(register.unit, home, OCTOBER)] == ["zoe"]
    assert [one.reference for one in await residents(register.unit, new, OCTOBER)] == ["malo", "yann"]
    assert await register.communes(new, OCTOBER - A_DAY, OCTOBER) == [None, ROUBAIX]
    assert await register.communes(home, OCTOBER) == [LILLE]


async def test_a_new_household_is_told_of_the_rights_that_it_shares(register: Register) -> None:
    zoe, yann, malo = [await register.person(name) for name in ("zoe", "yann", "malo")]
    home = await register.home("home", zoe, yann, malo)
    await register.give(home.id, "waste-24", date(2026, 1, 1), NEW_YEAR)
    await register.give(home.id, "waste-24", NEW_YEAR, date(2028, 1, 1))
    new = await register.split(home, yann, malo)

    told = await household_rights(register.unit, new, OCTOBER)

    assert [(right.subject_id, right.valid_from) for right in told] == [(home.id, date(2026, 1, 1))]
    assert await household_rights(register.unit, new, NEW_YEAR) == []
    assert len(await household_rights(register.unit, home, OCTOBER)) == 2


async def test_where_no_right_runs_nothing_is_shared(register: Register) -> None:
    zoe, yann = await register.person("zoe"), await register.person("yann")
    home = await register.home("home", zoe, yann)
    await register.give(home.id, "waste-24", date(2025, 1, 1), date(2026, 1, 1))
    await register.give(home.id, "waste-24", NEW_YEAR, date(2028, 1, 1))
    new = await register.split(home, yann)
    assert await register.spends(yann, OCTOBER) == {new.id}


async def test_a_split_needs_somebody_who_leaves_and_somebody_who_stays(register: Register) -> None:
    zoe, yann, stranger = [await register.person(name) for name in ("zoe", "yann", "stranger")]
    home = await register.home("home", zoe, yann)
    await register.give(home.id, "waste-24", date(2026, 1, 1), NEW_YEAR)
    with pytest.raises(EmptySplit):
        await register.split(home)
    with pytest.raises(NobodyStays):
        await register.split(home, zoe, yann)
    with pytest.raises(MembershipNotFound, match="stranger does not live in home"):
        await register.split(home, yann, stranger)

    await register.split(home, yann)
    with pytest.raises(NobodyStays):  # Yann only shares what is running
        await register.split(home, zoe, on=date(2026, 11, 15), reference="third")
    with pytest.raises(MembershipNotFound):
        await register.split(home, yann, on=date(2026, 11, 15), reference="third")


async def test_the_child_of_two_households_keeps_the_other_one_in_a_split(register: Register) -> None:
    mother, friend, child = [await register.person(name) for name in ("mother", "friend", "child")]
    home = await register.home("home", mother, friend, child)
    father = await register.home("father", child)
    new = await register.split(home, mother, child, commune=ROUBAIX)
    assert await register.spends(child, OCTOBER) == {new.id, father.id}
    assert await register.communes(child, OCTOBER) == [LILLE]  # where the father is
    assert await register.communes(mother, OCTOBER) == [ROUBAIX]


async def test_who_left_does_not_move_with_the_household_that_they_share(register: Register) -> None:
    zoe, yann = await register.person("zoe"), await register.person("yann")
    home = await register.home("home", zoe, yann)
    await register.give(home.id, "waste-24", date(2026, 1, 1), NEW_YEAR)
    await register.split(home, yann)
    moved = await move_household(register.unit, home, commune_code=DOUAI, on=date(2026, 11, 1))
    assert moved == [zoe]
    assert await register.communes(yann, date(2026, 11, 1)) == [LILLE]


async def test_who_comes_back_is_a_member_like_the_others_again(register: Register) -> None:
    zoe, yann = await register.person("zoe"), await register.person("yann")
    home = await register.home("home", zoe, yann)
    await register.give(home.id, "waste-24", date(2026, 1, 1), NEW_YEAR)
    new = await register.split(home, yann)
    back = date(2026, 11, 15)
    await leave(register.unit, yann, new.id, on=back)
    await join(register.unit, yann, home.id, since=back)
    assert await register.spends(yann, back) == {home.id}
    assert await register.spends(yann, NEW_YEAR) == {home.id}
    assert await residents(register.unit, home, back) == [yann, zoe]
    assert await register.unit.people.shared_by(yann.id, back) == []


async def test_a_household_from_a_split_gets_its_own_right_when_the_shared_one_is_over(register: Register) -> None:
    zoe, yann = await register.person("zoe"), await register.person("yann")
    home = await register.home("home", zoe, yann)
    await register.give(home.id, "waste-24", date(2026, 1, 1), NEW_YEAR)
    new = await register.split(home, yann)
    await register.give(home.id, "waste-24", NEW_YEAR, date(2028, 1, 1))

    assert [right.valid_from for right in await rights_of(register.unit, yann, OCTOBER)] == [date(2026, 1, 1)]
    assert [right.valid_from for right in await rights_of(register.unit, zoe, OCTOBER)] == [
        date(2026, 1, 1),
        NEW_YEAR,
    ]
    with pytest.raises(QuotaShared, match="until 2027-01-01"):
        await check_not_shared(register.unit, new, service_code="waste-centre", day=date(2026, 12, 31))
    await check_not_shared(register.unit, new, service_code="waste-centre", day=NEW_YEAR)
    await check_not_shared(register.unit, new, service_code="pool", day=OCTOBER)
    await check_not_shared(register.unit, home, service_code="waste-centre", day=OCTOBER)
