"""Who acts for whom, and until when, on both engines."""

from datetime import date

import pytest
from msgspec.structs import replace

from domain.errors.people import (
    GuardianshipNotFound,
    GuardianUnderAge,
    HolderNotFound,
    OverlappingGuardianship,
    OwnGuardian,
    WardOfAge,
)
from domain.guardians import GuardianKind, appoint_guardian, end_guardianship
from tests.contract.register import A_DAY, FOUNDED, OCTOBER, Register


async def test_a_parent_acts_for_a_child_until_the_day_they_come_of_age(register: Register) -> None:
    mother, child = await register.person("mother"), await register.person("child", born_on=date(2010, 2, 1))
    await appoint_guardian(register.unit, ward=child, guardian=mother, kind=GuardianKind.PARENT, since=child.born_on)
    people, of_age = register.unit.people, date(2028, 2, 1)
    assert [one.guardian_id for one in await people.guardians_of(child.id, of_age - A_DAY)] == [mother.id]
    assert [one.ward_id for one in await people.wards_of(mother.id, of_age - A_DAY)] == [child.id]
    assert await people.guardians_of(child.id, of_age) == await people.wards_of(mother.id, of_age) == []
    with pytest.raises(WardOfAge):
        await appoint_guardian(register.unit, ward=child, guardian=mother, kind=GuardianKind.PARENT, since=of_age)


async def test_a_tutor_acts_until_discharged(register: Register) -> None:
    tutor, ward = await register.person("tutor"), await register.person("ward")
    await appoint_guardian(register.unit, ward=ward, guardian=tutor, kind=GuardianKind.TUTOR, since=FOUNDED)
    assert await register.unit.people.guardians_of(ward.id, date(2090, 1, 1)) != []
    with pytest.raises(OverlappingGuardianship):
        await appoint_guardian(register.unit, ward=ward, guardian=tutor, kind=GuardianKind.TUTOR, since=OCTOBER)
    await end_guardianship(register.unit, ward=ward, guardian=tutor, on=OCTOBER)
    assert await register.unit.people.guardians_of(ward.id, OCTOBER - A_DAY) != []
    assert await register.unit.people.guardians_of(ward.id, OCTOBER) == []
    with pytest.raises(GuardianshipNotFound):
        await end_guardianship(register.unit, ward=ward, guardian=tutor, on=OCTOBER)
    await appoint_guardian(register.unit, ward=ward, guardian=tutor, kind=GuardianKind.TUTOR, since=OCTOBER)


async def test_an_appointment_that_never_began_leaves_no_trace(register: Register) -> None:
    tutor, ward = await register.person("tutor"), await register.person("ward")
    await appoint_guardian(register.unit, ward=ward, guardian=tutor, kind=GuardianKind.TUTOR, since=OCTOBER)
    await end_guardianship(register.unit, ward=ward, guardian=tutor, on=OCTOBER)
    assert await register.unit.people.guardianships(ward.id, tutor.id) == []


async def test_nobody_is_their_own_guardian_or_that_of_another_citys_person(register: Register) -> None:
    zoe = await register.person("zoe")
    abroad = Register(register.unit, replace(register.city, authority=register.city.neighbour))
    stranger = await abroad.person("stranger")
    with pytest.raises(OwnGuardian):
        await appoint_guardian(register.unit, ward=zoe, guardian=zoe, kind=GuardianKind.TUTOR, since=OCTOBER)
    with pytest.raises(HolderNotFound):
        await appoint_guardian(register.unit, ward=zoe, guardian=stranger, kind=GuardianKind.TUTOR, since=OCTOBER)


async def test_a_guardian_is_of_age_on_the_first_day(register: Register) -> None:
    brother, ward = await register.person("brother", born_on=date(2008, 12, 1)), await register.person("ward")
    of_age = date(2026, 12, 1)
    for kind in GuardianKind:
        child = await register.person(f"child-{kind}", born_on=date(2020, 1, 1))
        with pytest.raises(GuardianUnderAge, match="2026-12-01"):
            await appoint_guardian(register.unit, ward=child, guardian=brother, kind=kind, since=of_age - A_DAY)
        acts = await appoint_guardian(register.unit, ward=child, guardian=brother, kind=kind, since=of_age)
        assert acts.valid_from == of_age
    assert await register.unit.people.guardians_of(ward.id, of_age) == []
