"""Organisations, guardians and circumstances: the rules that need no register."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from domain.circumstances import CircumstanceKind, check_value
from domain.errors import ContradictoryPeriod
from domain.errors.people import BadCircumstance, BadRegistration
from domain.guardians import GuardianKind, Guardianship, acts_alone
from domain.organisations import OrganisationKind, checked_registration, is_siret
from domain.people import Holder, age_on, birthday
from domain.periods import FOREVER, check_period

KEEP = date(2040, 1, 1)
OWNER = UUID(int=1)


def person(number: int, born_on: date) -> Holder:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Holder(UUID(int=number), OWNER, f"R-{number}", "Noé", "Lefèvre", born_on, now, KEEP)


# --- organisations ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number",
    [
        "73282932000074",  # the sum of Luhn ends in 0
        "35600000000048",  # La Poste, its seat
        "35600000049837",  # La Poste, an office whose Luhn sum does not end in 0
    ],
)
def test_a_siret_checks(number: str) -> None:
    assert is_siret(number)


@pytest.mark.parametrize(
    "number",
    [
        "73282932000075",  # one digit wrong
        "73282392000074",  # two swapped
        "35600000049838",  # La Poste, and the sum of the digits is no multiple of 5
        "7328293200007",  # one digit short
        "00000000000000",
        "٧٣٢٨٢٩٣٢٠٠٠٠٧٤",  # digits, and no SIRET
        "",
    ],
)
def test_what_is_no_siret_does_not_check(number: str) -> None:
    assert not is_siret(number)


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        (OrganisationKind.PROFESSIONAL, "732 829 320 00074", "73282932000074"),
        (OrganisationKind.ASSOCIATION, "w123456789", "W123456789"),
        (OrganisationKind.ASSOCIATION, "73282932000074", "73282932000074"),
        (OrganisationKind.MUNICIPAL, None, None),
        (OrganisationKind.MUNICIPAL, "  ", None),
        (OrganisationKind.MUNICIPAL, "73282932000074", "73282932000074"),
    ],
)
def test_a_registration_is_kept_without_spaces(kind: OrganisationKind, typed: str | None, kept: str | None) -> None:
    assert checked_registration(kind, typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (OrganisationKind.PROFESSIONAL, None),
        (OrganisationKind.PROFESSIONAL, "W123456789"),
        (OrganisationKind.ASSOCIATION, ""),
        (OrganisationKind.ASSOCIATION, "W12345678"),
        (OrganisationKind.MUNICIPAL, "73282932000075"),
    ],
)
def test_a_registration_that_is_missing_or_wrong_is_refused(kind: OrganisationKind, typed: str | None) -> None:
    with pytest.raises(BadRegistration):
        checked_registration(kind, typed)


# --- circumstances ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (CircumstanceKind.COMMUNE, "59350"),
        (CircumstanceKind.COMMUNE, "2A004"),
        (CircumstanceKind.COMMUNE, "99131"),  # abroad: the INSEE code of the country
        (CircumstanceKind.QUOTIENT, "A"),
        (CircumstanceKind.QUOTIENT, "QF2"),
        (CircumstanceKind.STATUS, "job_seeker"),
    ],
)
def test_a_circumstance_has_the_form_of_its_kind(kind: CircumstanceKind, value: str) -> None:
    check_value(kind, value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (CircumstanceKind.COMMUNE, "Lille"),
        (CircumstanceKind.COMMUNE, "5935"),
        (CircumstanceKind.COMMUNE, "٥٩٣٥٠"),
        (CircumstanceKind.QUOTIENT, "642"),  # an amount is never kept
        (CircumstanceKind.QUOTIENT, "642.50"),
        (CircumstanceKind.STATUS, "Student"),
        (CircumstanceKind.STATUS, ""),
    ],
)
def test_a_circumstance_of_another_form_is_refused(kind: CircumstanceKind, value: str) -> None:
    with pytest.raises(BadCircumstance):
        check_value(kind, value)


def test_a_period_holds_a_day_at_least() -> None:
    day = date(2026, 10, 15)
    check_period(day, day + timedelta(days=1), of="It")
    with pytest.raises(ContradictoryPeriod, match="It would end on 2026-10-15"):
        check_period(day, day, of="It")


# --- guardians --------------------------------------------------------------------------------------


@pytest.mark.parametrize("born_on", [date(2008, 2, 29), date(2009, 1, 1), date(2008, 12, 31), date(2010, 7, 14)])
@pytest.mark.parametrize("age", [4, 16, 18])
def test_a_birthday_is_the_first_day_of_an_age(born_on: date, age: int) -> None:
    day = birthday(born_on, age)
    assert age_on(born_on, day) == age
    assert age_on(born_on, day - timedelta(days=1)) == age - 1


@pytest.mark.parametrize(
    ("day", "alone"),
    [(date(2026, 5, 16), False), (date(2026, 5, 17), True), (date(2030, 1, 1), True)],
)
def test_a_young_person_acts_alone_from_sixteen_on_beside_their_parents(day: date, *, alone: bool) -> None:
    noe = person(2, date(2010, 5, 17))
    parent = Guardianship(OWNER, noe.id, UUID(int=3), GuardianKind.PARENT, noe.born_on, birthday(noe.born_on, 18), KEEP)
    assert acts_alone(noe, day, [parent]) is alone
    assert acts_alone(noe, day, []) is alone


def test_who_has_a_tutor_does_not_act_alone_until_the_tutor_is_discharged() -> None:
    ada = person(2, date(1950, 5, 17))
    tutor = Guardianship(OWNER, ada.id, UUID(int=3), GuardianKind.TUTOR, date(2026, 1, 1), date(2027, 1, 1), KEEP)
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert [acts_alone(ada, day, [tutor]) for day in days] == [True, False, False, True]


def test_being_somebody_elses_tutor_takes_nothing_from_oneself() -> None:
    ada = person(2, date(1950, 5, 17))
    tutor = Guardianship(OWNER, UUID(int=3), ada.id, GuardianKind.TUTOR, date(2026, 1, 1), FOREVER, KEEP)
    assert acts_alone(ada, date(2026, 6, 1), [tutor])
