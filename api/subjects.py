"""Whose rights they are: what agents see of persons, households and organisations, and what holds of them when."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from api.days import Caller, check_day, end_of, named, shown_end, today
from domain import circumstances, households
from domain.access.answer import Remaining, left_of
from domain.access.facts import Right
from domain.access.left_in_words import left, unlimited
from domain.acts import Act
from domain.agents import Permission
from domain.circumstances import Circumstance, CircumstanceKind
from domain.errors import Invalid
from domain.organisations import Organisation
from domain.people import Beneficiary, Holder, Household, Subject
from domain.ports import Clock, Unit
from domain.products import Entitlement
from domain.text import Text
from store.balances import rights_with_balances
from store.database import Begin, Database

Value = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_]{1,40}(?!\n)$", examples=["student"])]


class MemberView(Struct, frozen=True, rename="camel"):
    """Who spends the rights of a household or an organisation; `validUntil` is null where no end is known.

    `former`: left in a split, and shares what was running.
    """

    holder: str
    name: str
    valid_from: date
    valid_until: date | None
    former: bool


class RightView(Struct, frozen=True, rename="camel"):
    """A right with what is left of each limit in the window that holds today: in numbers, and in `words`."""

    id: UUID
    product: str
    name: Text
    service: str
    valid_from: date
    valid_until: date
    remaining: list[Remaining]
    words: list[Text]


class CircumstanceView(Struct, frozen=True, rename="camel"):
    """What holds of a subject today or will; `validUntil` is null where no end is known."""

    kind: CircumstanceKind
    value: str
    valid_from: date
    valid_until: date | None


class CircumstanceRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What holds from a day on: a commune (INSEE code), a band of the family quotient, a status. Today unless given."""

    kind: Literal["commune", "quotient", "status"]
    value: Value
    valid_from: date | None = None
    valid_until: date | None = None


class CircumstanceEndRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Which band or status holds no more, from `on` on: today, unless given."""

    kind: Literal["quotient", "status"]
    value: Value
    on: date | None = None


async def subject_of(
    unit: Unit, authority_id: UUID, kind: Subject, reference: str
) -> Holder | Household | Organisation:
    """Find a person, a household or an organisation of an authority by its reference.

    Raises:
        HolderNotFound, HouseholdNotFound, OrganisationNotFound: the authority has none.
    """
    if kind is Subject.PERSON:
        return await unit.people.holder(authority_id, named(reference))
    if kind is Subject.HOUSEHOLD:
        return await unit.people.household(authority_id, named(reference))
    return await unit.people.organisation(authority_id, named(reference))


def member_view(holder: Holder, membership: Beneficiary) -> MemberView:
    """Show a membership."""
    return MemberView(
        holder=holder.reference,
        name=f"{holder.first_name} {holder.last_name}",
        valid_from=membership.valid_from,
        valid_until=shown_end(membership.valid_until),
        former=membership.former,
    )


async def rights_left(database: Database, owned: list[Entitlement], day: date) -> list[RightView]:
    """Show rights with what is left of them."""
    catalogue = await database.catalogue()
    async with database.read() as connection:
        found = await rights_with_balances(connection, owned, catalogue, day)
    return [
        RightView(
            id=right.entitlement_id,
            product=right.product.code,
            name=right.product.name,
            service=right.product.service_code,
            valid_from=right.valid_from,
            valid_until=right.valid_until,
            remaining=[left_of(right.product.code, balance) for balance in right.balances],
            words=_in_words(right),
        )
        for right in found
    ]


def _in_words(right: Right) -> list[Text]:
    """Say what is left of each limit; of a right without one, that it has none."""
    said = [left(left_of(right.product.code, balance), balance.limit) for balance in right.balances]
    return said or [unlimited(right.valid_until)]


@get(
    "/subjects/{kind:str}/{reference:str}/rights",
    opt={"rule": Permission.PERSON_MANAGE, "journal": Act.RIGHTS_LISTED},
    summary="List rights",
    tags=["People"],
)
async def list_rights(
    *,
    request: Caller,
    kind: FromPath[Subject],
    reference: FromPath[str],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> list[RightView]:
    """List the rights that are not over, with what is left of each; for a person, all that they may spend today."""
    async with database.look() as unit:
        day = await today(unit, request.user.authority_id, clock())
        subject = await subject_of(unit, request.user.authority_id, kind, reference)
        owned = (
            await households.rights_of(unit, subject, day)
            if isinstance(subject, Holder)
            else await unit.products.entitlements([subject.id], day)
        )
    return await rights_left(database, owned, day)


@get(
    "/subjects/{kind:str}/{reference:str}/circumstances",
    opt={"rule": Permission.PERSON_MANAGE, "journal": Act.CIRCUMSTANCES_LISTED},
    summary="List circumstances",
    tags=["People"],
)
async def list_circumstances(
    *,
    request: Caller,
    kind: FromPath[Subject],
    reference: FromPath[str],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> list[CircumstanceView]:
    """List what holds of a person, a household or an organisation today or will: residence, band, statuses, bans."""
    async with database.look() as unit:
        day = await today(unit, request.user.authority_id, clock())
        subject = await subject_of(unit, request.user.authority_id, kind, reference)
        return [
            circumstance_view(one)
            for of_kind in CircumstanceKind
            for one in await unit.people.circumstances_after(subject.id, of_kind, day)
        ]


@post(
    "/subjects/{kind:str}/{reference:str}/circumstances",
    opt={"rule": Permission.PERSON_MANAGE, "journal": Act.CIRCUMSTANCE_CHANGED},
    summary="Record a circumstance",
    tags=["People"],
)
async def record(
    *,
    request: Caller,
    kind: FromPath[Subject],
    reference: FromPath[str],
    data: JSONBody[CircumstanceRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> CircumstanceView:
    """Write down what tariffs and rights depend on: the later word is the last, the same word again changes nothing.

    A commune is a move: nothing that was counted is lost, and a household takes along the members who live there.
    """
    check_day(data.valid_from)
    until = end_of(data.valid_until)
    async with begin() as unit:
        since = data.valid_from or await today(unit, request.user.authority_id, clock())
        subject = await subject_of(unit, request.user.authority_id, kind, reference)
        if data.kind == "commune":
            if data.valid_until is not None:
                raise Invalid("A residence has no `validUntil`: the next one ends it.")
            return circumstance_view(await _move(unit, subject, data.value, since))
        return circumstance_view(
            await circumstances.record_circumstance(
                unit, subject, kind=CircumstanceKind(data.kind), value=data.value, since=since, until=until
            )
        )


@post(
    "/subjects/{kind:str}/{reference:str}/circumstances/end",
    status_code=204,
    opt={"rule": Permission.PERSON_MANAGE, "journal": Act.CIRCUMSTANCE_ENDED},
    summary="End a circumstance",
    tags=["People"],
)
async def end(
    *,
    request: Caller,
    kind: FromPath[Subject],
    reference: FromPath[str],
    data: JSONBody[CircumstanceEndRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> None:
    """End a band or a status from a day on. A residence never ends: the next one follows it."""
    check_day(data.on)
    async with begin() as unit:
        day = data.on or await today(unit, request.user.authority_id, clock())
        subject = await subject_of(unit, request.user.authority_id, kind, reference)
        await circumstances.end_circumstance(unit, subject, kind=CircumstanceKind(data.kind), value=data.value, on=day)


async def _move(unit: Unit, subject: Holder | Household | Organisation, commune_code: str, on: date) -> Circumstance:
    if not isinstance(subject, Household):
        return await circumstances.move(unit, subject, commune_code=commune_code, on=on)
    await households.move_household(unit, subject, commune_code=commune_code, on=on)
    known = await unit.people.circumstances_after(subject.id, CircumstanceKind.COMMUNE, on)
    return next(one for one in known if one.valid_from <= on)


def circumstance_view(one: Circumstance) -> CircumstanceView:
    """Show a circumstance."""
    return CircumstanceView(one.kind, one.value, one.valid_from, shown_end(one.valid_until))


ROUTER = Router(path="/v1", route_handlers=[list_rights, list_circumstances, record, end])
