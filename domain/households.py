"""Households that move and households that split.

A split doubles nothing. Those who leave found a household of their own, and go on spending the rights that the old one
had that day, from the same counters as those who stay, until these rights end. The new household is granted rights of
its own afterwards, as for any renewal.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from domain.circumstances import commune_of, move, residence
from domain.errors.people import EmptySplit, MembershipNotFound, NobodyStays, QuotaShared
from domain.people import Beneficiary, Holder, Household, found_household, join, leave
from domain.periods import FOREVER
from domain.ports import Unit
from domain.products import Entitlement


async def residents(unit: Unit, household: Household, day: date) -> list[Holder]:
    """List the people whose home a household is on a day, by name. Former members are not among them."""
    return [
        holder
        for holder, membership in await unit.people.members(household.id, day)
        if membership.valid_from <= day and not membership.former
    ]


async def move_household(unit: Unit, household: Household, *, commune_code: str, on: date) -> list[Holder]:
    """Record that a household lives in a commune from a day on; return the members who move with it.

    A member moves along whose own commune is the one that the household leaves, unless another household keeps them
    there: the child of separated parents stays where the other parent is.

    Raises:
        BadCircumstance: `commune_code` is no INSEE code.
        MoveTooEarly: nobody knows where the household lived then.
    """
    left = await residence(unit, household, on)
    moving = [
        holder
        for holder in await residents(unit, household, on)
        if await _follows(unit, holder, household.id, left=left, on=on)
    ]
    await move(unit, household, commune_code=commune_code, on=on)
    for holder in moving:
        await move(unit, holder, commune_code=commune_code, on=on)
    return moving


async def arrive(
    unit: Unit, household: Household, holder: Holder, *, on: date, until: date = FOREVER, moves: bool
) -> Beneficiary:
    """Let somebody join a household from a day on; with `moves` they live in its commune from then on too.

    Raises:
        ContradictoryPeriod: they would leave before they come.
        OverlappingMembership: they are a member on one of these days already.
        MoveTooEarly: nobody knows where the household, or whoever moves, lived then.
    """
    joined = await join(unit, holder, household.id, since=on, until=until)
    if moves:
        await move(unit, holder, commune_code=await residence(unit, household, on), on=on)
    return joined


async def depart(unit: Unit, household: Household, holder: Holder, *, on: date, commune_code: str | None) -> None:
    """Let somebody leave a household, and share nothing of it, from a day on; they move where a commune is given.

    Raises:
        MembershipNotFound: they are no member then or later.
        BadCircumstance: `commune_code` is no INSEE code.
        MoveTooEarly: nobody knows where they lived then.
    """
    await leave(unit, holder, household.id, on=on)
    if commune_code is not None:
        await move(unit, holder, commune_code=commune_code, on=on)


async def split_household(
    unit: Unit,
    household: Household,
    leavers: Sequence[Holder],
    *,
    on: date,
    reference: str,
    commune_code: str,
    now: datetime,
    keep_until: date,
) -> Household:
    """Let some members found a household of their own from a day on, without doubling any quota.

    They stay beneficiaries of the old household, as former members, until the last of the rights that run that day
    ends; where none runs, until `on`. Nothing is granted to the new household: `check_not_shared` tells a desk from
    when on it may be. Who moves is decided as for `move_household`.

    Raises:
        EmptySplit: nobody leaves.
        NobodyStays: everybody leaves; such a household moves as a whole.
        MembershipNotFound: a leaver does not live in the household that day.
        AlreadyExists: the authority has a household of this reference.
        BadCircumstance: `commune_code` is no INSEE code.
        MoveTooEarly: nobody knows where the household lived then.
    """
    leaving = await _who_leaves(unit, household, leavers, on)
    left = await residence(unit, household, on)
    rights = await unit.products.entitlements([household.id], on)
    shared_until = max((right.valid_until for right in rights if right.valid_from <= on), default=on)
    founded = await found_household(
        unit,
        authority_id=household.authority_id,
        reference=reference,
        commune_code=commune_code,
        now=now,
        keep_until=keep_until,
        since=on,
    )
    for holder in leaving:
        moves = await _follows(unit, holder, household.id, left=left, on=on)
        await leave(unit, holder, household.id, on=on)
        if shared_until > on:
            await unit.people.add_beneficiary(
                Beneficiary(
                    authority_id=holder.authority_id,
                    holder_id=holder.id,
                    subject_id=household.id,
                    valid_from=on,
                    valid_until=shared_until,
                    keep_until=holder.keep_until,
                    former=True,
                )
            )
        await join(unit, holder, founded.id, since=on)
        if moves:
            await move(unit, holder, commune_code=commune_code, on=on)
    return founded


async def _who_leaves(unit: Unit, household: Household, leavers: Sequence[Holder], on: date) -> list[Holder]:
    """Return those who leave, each once, where they live there and somebody stays."""
    living = {holder.id for holder in await residents(unit, household, on)}
    leaving = {holder.id: holder for holder in leavers}
    if not leaving:
        raise EmptySplit(f"Nobody leaves {household.reference}: say who does.")
    for holder in leaving.values():
        if holder.id not in living:
            raise MembershipNotFound(f"{holder.reference} does not live in {household.reference} on {on}.")
    if living == leaving.keys():
        raise NobodyStays(f"Everybody would leave {household.reference}: move the household instead.")
    return list(leaving.values())


async def shared_until(unit: Unit, household: Household, day: date) -> date | None:
    """Return until when those who left in the split of a day go on sharing; None where nothing was running."""
    members = await unit.people.members(household.id, day)
    return max((one.valid_until for _, one in members if one.former and one.valid_from == day), default=None)


async def rights_of(unit: Unit, holder: Holder, day: date) -> list[Entitlement]:
    """List the rights that a holder may spend on a day or later: of a household they left, those that were running."""
    left_on = {one.subject_id: one.valid_from for one in await unit.people.shared_by(holder.id, day)}
    return [
        right
        for right in await unit.products.entitlements(await unit.people.subjects_of(holder.id, day), day)
        if right.valid_from <= left_on.get(right.subject_id, FOREVER)
    ]


async def household_rights(unit: Unit, household: Household, day: date) -> list[Entitlement]:
    """List a household's rights of a day or later: its own, and those that its residents still share after a split."""
    found = {right.id: right for right in await unit.products.entitlements([household.id], day)}
    for holder in await residents(unit, household, day):
        for shared in await unit.people.shared_by(holder.id, day):
            for right in await unit.products.entitlements([shared.subject_id], day):
                if right.valid_from <= shared.valid_from:
                    found[right.id] = right
    return list(found.values())


async def check_not_shared(unit: Unit, household: Household, *, service_code: str, day: date) -> None:
    """Refuse a right that would double a quota: those who came from a split still spend the old household's.

    Raises:
        QuotaShared: a member still shares a right to this service on `day`; the detail says until when.
    """
    for holder in await residents(unit, household, day):
        for shared in await unit.people.shared_by(holder.id, day):
            until = max(
                (
                    right.valid_until
                    for right in await unit.products.entitlements([shared.subject_id], day)
                    if right.service_code == service_code and right.valid_from <= shared.valid_from
                ),
                default=day,
            )
            if until > day:
                raise QuotaShared(
                    f"{holder.reference} shares a right of their former household until {until}: "
                    f"{household.reference} may have one of its own from that day on."
                )


async def _follows(unit: Unit, holder: Holder, household_id: UUID, *, left: str, on: date) -> bool:
    """Whether a member lives where the household leaves from, and no other household keeps them there."""
    if await commune_of(unit, holder.id, on) != left:
        return False
    others = [one for one in await unit.people.households_of(holder.id, on) if one.id != household_id]
    return left not in [await commune_of(unit, other.id, on) for other in others]
