"""People, their households, and whose rights they spend.

A pass belongs to one holder. Rights belong to a *subject*: a person, a household or an organisation.
`Beneficiary` says, with dates, for which subjects a holder may spend. Every holder is a beneficiary of
themself, so one join answers "whose rights may this pass use today": a child of two households simply has
two rows more.
"""

from contextlib import suppress
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.circumstances import CircumstanceKind, record_circumstance
from domain.errors import AlreadyExists
from domain.errors.people import HouseholdNotFound, MembershipNotFound, OverlappingMembership
from domain.periods import FOREVER, check_period
from domain.ports import Unit

KEPT_AFTER = timedelta(days=2 * 365)
"""Customer data stay two years after the contract: the last pass, the last right (CNIL AU-015, guide value)."""

KEPT = timedelta(days=5 * 365) + KEPT_AFTER
"""How long a household or an organisation is kept: five years of a pass and what comes after it."""


class Subject(StrEnum):
    """Who a right belongs to."""

    PERSON = "person"
    HOUSEHOLD = "household"
    ORGANISATION = "organisation"


class Holder(Struct, frozen=True):
    """A person who may hold a pass. `born_on` never leaves the core: outside it only the age band is known."""

    id: UUID
    authority_id: UUID
    reference: str
    first_name: str
    last_name: str
    born_on: date
    created_at: datetime
    keep_until: date


class Household(Struct, frozen=True):
    """People who live together and share the household's quotas."""

    id: UUID
    authority_id: UUID
    reference: str
    created_at: datetime
    keep_until: date


class Beneficiary(Struct, frozen=True):
    """`holder_id` may spend the rights of `subject_id` from `valid_from` to the day before `valid_until`.

    A former member has left in a split: the rights that were running then are shared with those who stayed until they
    end, but the household is nobody's home any more, and its residence says nothing of them.
    """

    authority_id: UUID
    holder_id: UUID
    subject_id: UUID
    valid_from: date
    valid_until: date
    keep_until: date
    former: bool = False


async def register_holder(
    unit: Unit,
    *,
    authority_id: UUID,
    reference: str,
    first_name: str,
    last_name: str,
    born_on: date,
    commune_code: str,
    now: datetime,
    keep_until: date,
) -> Holder:
    """Write a person into the register, living in a commune and able to spend their own rights from the first day on.

    Raises:
        BadCircumstance: `commune_code` is no INSEE code.
    """
    holder = Holder(
        id=unit.ids.row(),
        authority_id=authority_id,
        reference=reference,
        first_name=first_name,
        last_name=last_name,
        born_on=born_on,
        created_at=now,
        keep_until=keep_until,
    )
    await unit.people.add_holder(holder)
    await unit.people.add_beneficiary(Beneficiary(authority_id, holder.id, holder.id, born_on, FOREVER, keep_until))
    await record_circumstance(unit, holder, kind=CircumstanceKind.COMMUNE, value=commune_code, since=born_on)
    return holder


async def found_household(
    unit: Unit,
    *,
    authority_id: UUID,
    reference: str,
    commune_code: str,
    now: datetime,
    keep_until: date,
    since: date | None = None,
) -> Household:
    """Write a household into the register, living in a commune; its members join one by one.

    It lives there from the day of `now` in UTC, unless `since` says otherwise.

    Raises:
        AlreadyExists: the authority has a household of this reference.
        BadCircumstance: `commune_code` is no INSEE code.
    """
    with suppress(HouseholdNotFound):
        await unit.people.household(authority_id, reference)
        raise AlreadyExists(f"There is a household {reference} already.")
    household = Household(
        id=unit.ids.row(),
        authority_id=authority_id,
        reference=reference,
        created_at=now,
        keep_until=keep_until,
    )
    await unit.people.add_household(household)
    await record_circumstance(
        unit, household, kind=CircumstanceKind.COMMUNE, value=commune_code, since=since or now.date()
    )
    return household


async def join(unit: Unit, holder: Holder, subject_id: UUID, *, since: date, until: date = FOREVER) -> Beneficiary:
    """Let a holder spend the rights of a subject (their household, their firm) between two days.

    A former member who comes back is a member like the others again: the sharing ends with that day. Who comes back on
    the day on which they left has never been away: the membership goes on.

    Raises:
        ContradictoryPeriod: the membership would end before it begins.
        OverlappingMembership: the holder is a member on one of these days already.
    """
    check_period(since, until, of="The membership")
    known = await unit.people.memberships(holder.id, subject_id)
    overlapping = [one for one in known if one.valid_from < until and since < one.valid_until]
    for one in overlapping:
        if not one.former:
            period = f"from {one.valid_from}" + (f" to before {one.valid_until}" if one.valid_until < FOREVER else "")
            raise OverlappingMembership(f"{holder.reference} is a member {period} already.")
    for one in overlapping:
        await _cut(unit, one, since)
    goes_on = next((one for one in known if one.valid_until == since and not one.former), None)
    if goes_on is not None:
        beneficiary = replace(goes_on, valid_until=until)
        await unit.people.save_beneficiary(beneficiary)
        return beneficiary
    beneficiary = Beneficiary(holder.authority_id, holder.id, subject_id, since, until, holder.keep_until)
    await unit.people.add_beneficiary(beneficiary)
    return beneficiary


async def leave(unit: Unit, holder: Holder, subject_id: UUID, *, on: date) -> None:
    """End what a holder may spend of a subject: from `on` on, nothing.

    A membership that would begin later is taken back; so is what a former member still shares.

    Raises:
        MembershipNotFound: the holder is no member on that day or later.
    """
    known = await unit.people.memberships(holder.id, subject_id)
    ending = [one for one in known if one.valid_until > on]
    if not ending or subject_id == holder.id:
        raise MembershipNotFound(f"{holder.reference} is no member on {on} or later.")
    for one in ending:
        await _cut(unit, one, on)


def age_on(born_on: date, day: date) -> int:
    """Completed years on `day`. Someone born on 29 February completes a year on 1 March of a common year."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def birthday(born_on: date, age: int) -> date:
    """Return the day on which somebody completes so many years, as `age_on` counts them."""
    try:
        return born_on.replace(year=born_on.year + age)
    except ValueError:  # 29 February in a common year
        return date(born_on.year + age, 3, 1)


async def _cut(unit: Unit, known: Beneficiary, day: date) -> None:
    """Let a membership end on a day, or never be where it would only begin then."""
    if known.valid_from < day:
        await unit.people.save_beneficiary(replace(known, valid_until=day))
    else:
        await unit.people.remove_beneficiary(known)
