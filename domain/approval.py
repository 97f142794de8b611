"""Approving a request: what was asked for comes into being, in the transaction that decides it.

Who stands in the register already is named by the reviewer, who has seen the likenesses; nobody is recognised by the
program. A pass that somebody has goes on, and a right that runs is not given twice.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from domain.applications import check_application
from domain.errors.requests import RequestIncomplete, RequestStepRefused
from domain.passes import Issued, MediumKind, issue
from domain.people import KEPT, Holder, Household, Subject, found_household, join, register_holder
from domain.places import local_day
from domain.ports import Unit
from domain.products import Entitlement, Product
from domain.request_terms import Terms
from domain.requests import APPEAL, STEPS, Deed, Hand, PassRequest, RequestStatus, check_seen, step
from domain.rights import Wish, grant_to, recipient
from domain.temporary_passes import end_with, prolong, take_over

PASS_LIFE = timedelta(days=5 * 365)
"""Five years, as at the desk."""


class Approved(Struct, frozen=True):
    """What an approval has made. `issued` are the passes that are new: who had one goes on with it."""

    request: PassRequest
    household: Household
    holders: tuple[Holder, ...]
    issued: tuple[Issued, ...]
    rights: tuple[Entitlement, ...]


class _Case(Struct, frozen=True):
    """What every part of an approval needs."""

    unit: Unit
    request: PassRequest
    terms: Terms
    now: datetime
    today: date


async def approve(
    unit: Unit,
    request: PassRequest,
    hand: Hand,
    *,
    terms: Terms,
    known: Mapping[int, str],
    household: str | None = None,
    words: str = "",
) -> Approved:
    """Approve a request and issue all that it asks for, or nothing.

    `known` gives the register's reference of persons who stand there, by their place in the request; `household` that
    of the home which is theirs already. Without it they share the home of the first who has one, or found one;
    a child who lives in another one too (`two_homes`) does not bring that one along. Temporary passes end; whoever the
    register made of a person for one is that person from now on.

    Raises:
        RequestStepRefused: nobody decides: `hand` names no agent; or no step leads there.
        RequestIncomplete: `known` counts beyond the persons.
        HolderNotFound, HouseholdNotFound: the register has no such person or home.
        RequestChanged: as `domain.requests.write`.
        Conflict, Invalid: as `domain.rights.grant_to`.
    """
    if hand.by is None:
        raise RequestStepRefused("An approval is somebody's decision: it takes an agent.")
    await check_seen(unit, request, hand.seen)
    if RequestStatus.APPROVED not in STEPS[request.status]:
        raise RequestStepRefused(f"A request that is {request.status} cannot become approved.")
    check_application(request.application)
    people = request.application.persons
    if any(not 0 <= place < len(people) for place in known):
        raise RequestIncomplete(f"The request is for {len(people)} persons.")
    authority = await unit.places.authority_by_id(request.authority_id)
    case = _Case(unit, request, terms, hand.now, local_day(hand.now, authority.zone))

    await end_with(unit, request.id, by=hand.by, now=hand.now, today=case.today)
    holders = [await _holder(case, place, known.get(place)) for place in range(len(people))]
    home = await _home(case, holders, household)
    issued = [made for holder in holders if (made := await _pass(case, holder)) is not None]
    rights = await _rights(case, holders, home)

    persons = tuple(replace(one, holder_id=holder.id) for one, holder in zip(people, holders, strict=True))
    approved = replace(
        request,
        status=RequestStatus.APPROVED,
        application=replace(request.application, persons=persons),
        decided_at=hand.now,
        household_id=home.id,
        keep_until=case.today + PASS_LIFE + APPEAL,
    )
    written = await step(unit, request, hand, Deed.APPROVED, approved, words=words.strip())
    await unit.documents.end_with(request.id, case.today + APPEAL)
    return Approved(written, home, tuple(holders), tuple(issued), tuple(rights))


async def _holder(case: _Case, place: int, known: str | None) -> Holder:
    request, person = case.request, case.request.application.persons[place]
    if known is not None:
        found = await case.unit.people.holder(request.authority_id, known)
        return await prolong(case.unit, found, case.today + PASS_LIFE)
    until = case.today + KEPT
    if holder := await take_over(case.unit, request, place, today=case.today, keep_until=until):
        return holder
    return await register_holder(
        case.unit,
        authority_id=request.authority_id,
        reference=f"{request.reference}-{place + 1}",
        first_name=person.first_name.strip(),
        last_name=person.last_name.strip(),
        born_on=person.born_on,
        commune_code=request.application.address.commune_code,
        now=case.now,
        keep_until=until,
    )


async def _home(case: _Case, holders: list[Holder], named: str | None) -> Household:
    """Return the home that they share, everybody in it. A child's other home is not looked for."""
    elsewhere = {one.id for one, said in zip(holders, case.request.application.persons, strict=True) if said.two_homes}
    homes = {holder.id: await case.unit.people.households_of(holder.id, case.today) for holder in holders}
    if named is not None:
        home = await case.unit.people.household(case.request.authority_id, named)
    else:
        here = (theirs for holder_id, theirs in homes.items() if holder_id not in elsewhere)
        home = next((one for of_one in here for one in of_one), None) or await _founded(case)
    for holder in holders:
        if all(one.id != home.id for one in homes[holder.id]):
            await join(case.unit, holder, home.id, since=case.today)
    return home


async def _founded(case: _Case) -> Household:
    request = case.request
    return await found_household(
        case.unit,
        authority_id=request.authority_id,
        reference=f"F-{request.reference}",
        commune_code=request.application.address.commune_code,
        now=case.now,
        keep_until=case.today + KEPT,
        since=case.today,
    )


async def _pass(case: _Case, holder: Holder) -> Issued | None:
    if await case.unit.requests.has_pass(holder.id, case.today):
        return None
    return await issue(
        case.unit,
        holder,
        kind=MediumKind.PRINT,
        valid_from=case.today,
        valid_until=case.today + PASS_LIFE,
        expires_at=case.now + PASS_LIFE,
        now=case.now,
    )


async def _rights(case: _Case, holders: list[Holder], home: Household) -> list[Entitlement]:
    unit, given = case.unit, []
    for service in case.request.application.services:
        code = case.terms.of(service).product
        if code is None:
            continue
        product = await unit.products.by_code(case.request.authority_id, code)
        for holder in holders if product.subject is Subject.PERSON else holders[:1]:
            wish = _wish(product, home, case.today)
            subject_id = await recipient(unit, holder, wish, day=case.today)
            running = await unit.products.entitlements([subject_id], case.today)
            if all(right.product_id != product.id for right in running):
                given.append(await grant_to(unit, holder, wish, today=case.today, now=case.now))
    return given


def _wish(product: Product, home: Household, today: date) -> Wish:
    """Ask for a product as long as it lasts, or as long as the pass."""
    until = None if product.terms.term is not None else today + PASS_LIFE
    return Wish(product, until=until, household=home.reference if product.subject is Subject.HOUSEHOLD else None)
