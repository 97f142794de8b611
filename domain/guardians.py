"""Who acts for whom: parents for their children, tutors for those whom a judge entrusts to them.

A guardian manages the ward's passes and requests; they never spend the ward's rights. That is what households are for.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.errors.people import (
    GuardianshipNotFound,
    GuardianUnderAge,
    HolderNotFound,
    OverlappingGuardianship,
    OwnGuardian,
    WardOfAge,
)
from domain.people import Holder, age_on, birthday
from domain.periods import FOREVER, check_period
from domain.ports import Unit

MAJORITY_AGE = 18
"""Parental authority ends (Code civil, art. 371-1 and 414)."""

AUTONOMY_AGE = 16
"""From when on a young person may manage their own pass, beside their parents."""


class GuardianKind(StrEnum):
    """By what right somebody acts for another."""

    PARENT = "parent"
    TUTOR = "tutor"


class Guardianship(Struct, frozen=True):
    """`guardian_id` acts for `ward_id` from `valid_from` to the day before `valid_until`."""

    authority_id: UUID
    ward_id: UUID
    guardian_id: UUID
    kind: GuardianKind
    valid_from: date
    valid_until: date
    keep_until: date


async def appoint_guardian(
    unit: Unit, *, ward: Holder, guardian: Holder, kind: GuardianKind, since: date, until: date = FOREVER
) -> Guardianship:
    """Let one person, who is of age, act for another from a day on.

    A parent's time ends by itself when the ward comes of age.

    Raises:
        OwnGuardian: ward and guardian are the same person.
        HolderNotFound: they stand in the registers of two authorities.
        GuardianUnderAge: the guardian is not of age on the first day.
        WardOfAge: a parent would begin after the ward has come of age.
        ContradictoryPeriod: it would end before it begins.
        OverlappingGuardianship: the guardian acts for this ward on one of these days already.
    """
    if ward.id == guardian.id:
        raise OwnGuardian(f"{ward.reference} cannot be their own guardian.")
    if ward.authority_id != guardian.authority_id:
        raise HolderNotFound(f"No holder {guardian.reference} stands in the register of {ward.reference}.")
    of_age = birthday(guardian.born_on, MAJORITY_AGE)
    if since < of_age:
        raise GuardianUnderAge(f"{guardian.reference} comes of age on {of_age}: nobody's guardian before.")
    if kind is GuardianKind.PARENT:
        of_age = birthday(ward.born_on, MAJORITY_AGE)
        if since >= of_age:
            raise WardOfAge(f"{ward.reference} is of age from {of_age} on: only a tutor may act for them.")
        until = min(until, of_age)
    check_period(since, until, of="The guardianship")
    for known in await unit.people.guardianships(ward.id, guardian.id):
        if known.valid_from < until and since < known.valid_until:
            raise OverlappingGuardianship(
                f"{guardian.reference} acts for {ward.reference} from {known.valid_from} already."
            )
    new = Guardianship(ward.authority_id, ward.id, guardian.id, kind, since, until, ward.keep_until)
    await unit.people.add_guardianship(new)
    return new


async def end_guardianship(unit: Unit, *, ward: Holder, guardian: Holder, on: date) -> None:
    """End what a guardian may do for a ward: from `on` on, nothing.

    Raises:
        GuardianshipNotFound: the guardian does not act for the ward on that day or later.
    """
    ending = [one for one in await unit.people.guardianships(ward.id, guardian.id) if one.valid_until > on]
    if not ending:
        raise GuardianshipNotFound(f"{guardian.reference} does not act for {ward.reference} on {on} or later.")
    for one in ending:
        if one.valid_from < on:
            await unit.people.save_guardianship(replace(one, valid_until=on))
        else:
            await unit.people.remove_guardianship(one)


def acts_alone(holder: Holder, day: date, guardians: Sequence[Guardianship]) -> bool:
    """Whether a person may manage their own pass on a day: from 16 on, and never while they have a tutor.

    `guardians` are those of the holder, of any day.
    """
    tutored = any(
        one.kind is GuardianKind.TUTOR and one.ward_id == holder.id and one.valid_from <= day < one.valid_until
        for one in guardians
    )
    return age_on(holder.born_on, day) >= AUTONOMY_AGE and not tutored
