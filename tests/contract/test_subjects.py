"""The register of subjects on both engines: memberships, residences, splits, guardians, organisations."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import UUID

import pytest
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy.exc import IntegrityError

from adapters.keyring import KeyRing
from domain.circumstances import (
    Circumstance,
    CircumstanceKind,
    commune_of,
    end_circumstance,
    move,
    record_circumstance,
)
from domain.errors import (
    AlreadyExists,
    BadCircumstance,
    CircumstanceNotFound,
    ContradictoryPeriod,
    EmptySplit,
    GuardianshipNotFound,
    HolderNotFound,
    HouseholdNotFound,
    MembershipNotFound,
    MoveTooEarly,
    NameMissing,
    NobodyStays,
    OrganisationNotFound,
    OverlappingGuardianship,
    OverlappingMembership,
    OwnGuardian,
    QuotaShared,
    WardOfAge,
)
from domain.guardians import GuardianKind, appoint_guardian, end_guardianship
from domain.households import check_not_shared, move_household, residents, rights_of, split_household
from domain.organisations import Organisation, OrganisationKind, register_organisation
from domain.people import Holder, Household, found_household, join, leave, register_holder
from domain.periods import FOREVER
from domain.ports import Unit
from domain.products import grant
from store.database import Database
from tests.city import KEEP, NOW, City, small_city

LILLE, ROUBAIX, DOUAI, ABROAD = "59350", "59512", "59178", "99131"
FOUNDED, OCTOBER, NEW_YEAR = date(2020, 1, 1), date(2026, 10, 15), date(2027, 1, 1)
A_DAY = timedelta(days=1)


class Register(Struct):
    """A unit of work on the register of the small city."""

    unit: Unit
    city: City

    @property
    def owner(self) -> UUID:
        return self.city.authority.id

    async def person(self, reference: str, *, born_on: date = date(1980, 5, 17), commune: str = LILLE) -> Holder:
        return await register_holder(
            self.unit,
            authority_id=self.owner,
            reference=reference,
            first_name=reference.title(),
            last_name="Lefèvre",
            born_on=born_on,
            commune_code=commune,
            now=NOW,
            keep_until=KEEP,
        )

    async def home(self, reference: str, *members: Holder, commune: str = LILLE) -> Household:
        household = await found_household(
            self.unit,
            authority_id=self.owner,
            reference=reference,
            commune_code=commune,
            now=NOW,
            keep_until=KEEP,
            since=FOUNDED,
        )
        for member in members:
            await join(self.unit, member, household.id, since=FOUNDED)
        return household

    async def give(self, subject_id: UUID, code: str, since: date, until: date) -> None:
        product = self.city.products[code]
        await grant(
            self.unit,
            product=product,
            subject_id=subject_id,
            valid_from=since,
            valid_until=until,
            now=NOW,
            keep_until=KEEP,
        )

    async def split(
        self, household: Household, *leavers: Holder, on: date = OCTOBER, commune: str = LILLE, reference: str = "new"
    ) -> Household:
        return await split_household(
            self.unit,
            household,
            leavers,
            on=on,
            reference=reference,
            commune_code=commune,
            now=NOW,
            keep_until=KEEP,
        )

    async def communes(self, subject: Holder | Household, *days: date) -> list[str | None]:
        return [await commune_of(self.unit, subject.id, day) for day in days]

    async def spends(self, holder: Holder, day: date) -> set[UUID]:
        return set(await self.unit.people.subjects_of(holder.id, day)) - {holder.id}


@pytest.fixture
async def register(database_url: str, keyring: KeyRing) -> AsyncIterator[Register]:
    database = Database(database_url)
    city = await small_city(database, keyring)
    async with database.begin() as unit:
        yield Register(unit, city)
    await database.close()


# --- memberships ------------------------------------------------------------------------------------


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
    assert len(await register.unit.people.memberships(zoe.id, home.id)) == 2


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


# --- circumstances ----------------------------------------------------------------------------------


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
    database = Database(database_url)
    city = await small_city(database, keyring)
    async with database.begin() as unit:
        zoe = await Register(unit, city).person("zoe")
    second = Circumstance(zoe.authority_id, zoe.id, CircumstanceKind.COMMUNE, ROUBAIX, OCTOBER, FOREVER, zoe.keep_until)
    with pytest.raises(IntegrityError):
        async with database.begin() as unit:
            await unit.people.add_circumstance(second)
    await database.close()


# --- households that move ---------------------------------------------------------------------------


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


# --- households that split --------------------------------------------------------------------------


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


# --- guardians --------------------------------------------------------------------------------------


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


# --- organisations ----------------------------------------------------------------------------------


async def found_firm(
    register: Register, reference: str = "PRO-1", siret: str | None = "73282932000074"
) -> Organisation:
    return await register_organisation(
        register.unit,
        authority_id=register.owner,
        reference=reference,
        name=" Menuiserie Roux ",
        kind=OrganisationKind.PROFESSIONAL,
        registration=siret,
        commune_code=LILLE,
        now=NOW,
        keep_until=KEEP,
    )


async def test_several_members_of_a_firm_spend_its_rights_between_their_days(register: Register) -> None:
    firm = await found_firm(register)
    zoe, yann = await register.person("zoe"), await register.person("yann")
    await join(register.unit, zoe, firm.id, since=FOUNDED)
    await join(register.unit, yann, firm.id, since=FOUNDED, until=OCTOBER)
    assert await register.spends(zoe, OCTOBER) == {firm.id}
    assert await register.spends(yann, OCTOBER - A_DAY) == {firm.id}
    assert await register.spends(yann, OCTOBER) == set()
    assert await register.unit.people.organisations_of(zoe.id, OCTOBER) == [firm]
    assert [one.reference for one, _ in await register.unit.people.members(firm.id, OCTOBER)] == ["zoe"]
    assert await register.unit.people.organisation(register.owner, "PRO-1") == firm
    assert firm.name == "Menuiserie Roux"
    assert await commune_of(register.unit, firm.id, NOW.date()) == LILLE


async def test_a_firm_is_registered_once(register: Register) -> None:
    """Twice in the register, it would have every quota twice."""
    await found_firm(register)
    with pytest.raises(AlreadyExists, match="PRO-1"):
        await found_firm(register, "PRO-1", "35600000000048")
    with pytest.raises(AlreadyExists, match="73282932000074"):
        await found_firm(register, "PRO-2", "732 829 320 00074")
    with pytest.raises(OrganisationNotFound):
        await register.unit.people.organisation(register.city.neighbour.id, "PRO-1")


async def test_an_organisation_has_a_name(register: Register) -> None:
    with pytest.raises(NameMissing):
        await register_organisation(
            register.unit,
            authority_id=register.owner,
            reference="S-1",
            name=" ",
            kind=OrganisationKind.MUNICIPAL,
            registration=None,
            commune_code=LILLE,
            now=NOW,
            keep_until=KEEP,
        )
