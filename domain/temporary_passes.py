"""Passes that open something the same evening: given with a request where a city allows it, over with its decision.

A temporary pass is a pass like any other, with a printed code and rights of its own, so gates with and without network
judge it as they judge every pass. What makes it temporary stands apart: by which request, for which of its persons, to
which day. Nobody has two within a year, whatever becomes of the request.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.circumstances import CircumstanceKind
from domain.errors.products import RightUsed
from domain.likeness import name_key
from domain.passes import MediumKind, PassStatus, change_status, issue
from domain.people import Holder, Subject, register_holder
from domain.places import Authority, local_day, midnight
from domain.ports import Unit
from domain.products import Product, grant
from domain.rights import end_right

if TYPE_CHECKING:
    from domain.applications import Person
    from domain.request_terms import Terms
    from domain.requests import PassRequest

ONCE_IN = timedelta(days=365)
"""One of them for each person in this time: withdrawing and asking again brings no second one."""
MOST_OF_ACCOUNT = 12
"""How many the requests of one account bring in that time: a household, and not one invented name after the other."""
TEMPORARY_KEPT_AFTER = timedelta(days=92)
"""How long whoever got nothing more is kept after the last day: as long as a gate's passages are (CNIL, ex NS-42)."""


class TemporaryPass(Struct, frozen=True):
    """A pass given with a request, for the person at `place` in it, to the day before `valid_until`.

    `number` is the pass's own, `person` how the register calls whoever it is for. `ended_at`: when the request was
    decided or taken back, and the pass ended with it.
    """

    request_id: UUID
    place: int
    authority_id: UUID
    holder_id: UUID
    pass_id: UUID
    number: str
    person: str
    given_at: datetime
    valid_until: date
    keep_until: date
    ended_at: datetime | None = None


async def give(
    unit: Unit, request: "PassRequest", *, terms: "Terms", authority: Authority, now: datetime
) -> list[TemporaryPass]:
    """Give each person of a request that was just sent a temporary pass for the services that allow one.

    Who had one within a year gets none: that is no fault of the request, which stands as it is.
    """
    products = await _products(unit, request, terms)
    if not products:
        return []
    await unit.temporary_passes.hold(authority.id)
    since = now - ONCE_IN
    left = MOST_OF_ACCOUNT - await unit.temporary_passes.of_same_account(request.id, since=since)
    given: list[TemporaryPass] = []
    for place, person in enumerate(request.application.persons):
        # A household's right is given once, to the first of it.
        theirs = [one for one in products if one.subject is Subject.PERSON or place == 0]
        key = name_key(person.first_name, person.last_name)
        if (
            len(given) >= left
            or not theirs
            or await unit.temporary_passes.had(authority.id, key, person.born_on, since)
        ):
            continue
        given.append(await _give_to(unit, request, place, theirs, authority=authority, now=now))
    return given


async def _products(unit: Unit, request: "PassRequest", terms: "Terms") -> list[Product]:
    allowed = (terms.of(service).temporary for service in request.application.services)
    codes = [one.product for one in allowed if one is not None and one.product is not None]
    return [await unit.products.by_code(request.authority_id, code) for code in codes]


async def _give_to(
    unit: Unit, request: "PassRequest", place: int, products: Sequence[Product], *, authority: Authority, now: datetime
) -> TemporaryPass:
    today = local_day(now, authority.zone)
    ends = [(one, one.terms.term.period(today)[1]) for one in products if one.terms.term is not None]
    until = max(end for _, end in ends)
    holder = await _registered(unit, request, place, now=now, keep_until=until + TEMPORARY_KEPT_AFTER)
    made = await issue(
        unit,
        holder,
        kind=MediumKind.PRINT,
        valid_from=today,
        valid_until=until,
        expires_at=midnight(until, authority.zone),
        now=now,
    )
    for product, end in ends:
        await grant(
            unit,
            product=product,
            subject_id=holder.id,
            valid_from=today,
            valid_until=end,
            now=now,
            keep_until=holder.keep_until,
        )
    new = TemporaryPass(
        request_id=request.id,
        place=place,
        authority_id=authority.id,
        holder_id=holder.id,
        pass_id=made.pass_.id,
        number=made.pass_.number,
        person=holder.reference,
        given_at=now,
        valid_until=until,
        keep_until=request.keep_until,
    )
    await unit.temporary_passes.add(new)
    return new


async def _registered(unit: Unit, request: "PassRequest", place: int, *, now: datetime, keep_until: date) -> Holder:
    person = request.application.persons[place]
    return await register_holder(
        unit,
        authority_id=request.authority_id,
        reference=f"{request.reference}-P{place + 1}",
        first_name=person.first_name.strip(),
        last_name=person.last_name.strip(),
        born_on=person.born_on,
        commune_code=request.application.address.commune_code,
        now=now,
        keep_until=keep_until,
    )


async def end_with(unit: Unit, request_id: UUID, *, by: UUID | None, now: datetime, today: date) -> None:
    """End the temporary passes of a request that is decided, taken back or given up."""
    for one in await unit.temporary_passes.of_request(request_id):
        if one.ended_at is not None:
            continue
        pass_ = await unit.passes.by_id(one.authority_id, one.pass_id)
        if pass_.status is not PassStatus.ENDED:
            await change_status(unit, pass_, PassStatus.ENDED, now=now, by=by)
        for right in await unit.products.entitlements([one.holder_id], today):
            if right.granted_at == one.given_at:
                # Decided on the day on which it was used: its count goes on to its own end, a few entries at most.
                with suppress(RightUsed):
                    await end_right(unit, right, today=today)
        await unit.temporary_passes.end(one, now)


async def take_over(unit: Unit, request: "PassRequest", place: int, *, today: date, keep_until: date) -> Holder | None:
    """Return who the register made of a person when it gave them a temporary pass, to be kept like anybody from now on.

    None: they had none, or the request says their name, birthday or commune otherwise by now.
    """
    given = next((one for one in await unit.temporary_passes.of_request(request.id) if one.place == place), None)
    if given is None:
        return None
    holder = await unit.people.holder_by_id(request.authority_id, given.holder_id)
    communes = {
        one.value for one in await unit.people.circumstances([holder.id], today) if one.kind is CircumstanceKind.COMMUNE
    }
    person, commune = request.application.persons[place], request.application.address.commune_code
    if not _is(holder, person) or communes != {commune}:
        return None
    return await prolong(unit, holder, keep_until)


async def prolong(unit: Unit, holder: Holder, keep_until: date) -> Holder:
    """Keep somebody until a day with what is written of them, or longer where that was said before."""
    if holder.keep_until >= keep_until:
        return holder
    longer = replace(holder, keep_until=keep_until)
    await unit.people.keep_until(longer)
    return longer


def _is(holder: Holder, person: "Person") -> bool:
    said = (person.first_name.strip(), person.last_name.strip(), person.born_on)
    return (holder.first_name, holder.last_name, holder.born_on) == said
