"""Households at the desk: founded, joined, left, split. They move as anybody does (`api.subjects`)."""

from datetime import date
from typing import Annotated

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from api import memberships
from api.days import Caller, Reference, check_day, named, today
from api.journalling import Note
from api.memberships import DayRequest, MemberRequest
from api.subjects import CircumstanceView, MemberView, RightView, circumstance_view, member_view, rights_left
from domain import households, people
from domain.acts import Act
from domain.agents import Permission
from domain.circumstances import CircumstanceKind
from domain.journal import Kind, Object
from domain.people import KEPT
from domain.ports import Clock
from store.database import Begin, Database

CommuneCode = Annotated[str, Meta(min_length=5, max_length=5, pattern=r"^[0-9AB]{5}(?!\n)$", examples=["59350"])]


class FoundRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Write a household into the register. It lives in the commune from today on."""

    reference: Reference
    commune: CommuneCode


class SplitRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Who leaves, and the household that they found: `reference` is its own."""

    leavers: Annotated[tuple[Reference, ...], Meta(min_length=1, max_length=20)]
    reference: Reference
    commune: CommuneCode
    on: date | None = None


class FoundedView(Struct, frozen=True, rename="camel"):
    """A new household. `sharesUntil`: until then it spends the rights of the one it came from (excluded)."""

    reference: str
    shares_until: date | None = None


class HouseholdView(Struct, frozen=True):
    """A household: where it lives today and will, who belongs to it today or will, its rights."""

    reference: str
    residences: list[CircumstanceView]
    members: list[MemberView]
    rights: list[RightView]


@post(
    "/households",
    opt={"rule": Permission.PERSON_MANAGE, "journal": Act.HOUSEHOLD_FOUNDED},
    summary="Found a household",
    tags=["People"],
)
async def found(
    request: Caller,
    data: JSONBody[FoundRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> FoundedView:
    """Write a household into the register; its members join one by one."""
    now = clock()
    async with begin() as unit:
        day = await today(unit, request.user.authority_id, now)
        founded = await people.found_household(
            unit,
            authority_id=request.user.authority_id,
            reference=data.reference,
            commune_code=data.commune,
            now=now,
            keep_until=day + KEPT,
            since=day,
        )
        note.about(Object(Kind.HOUSEHOLD, str(founded.id)))
    return FoundedView(founded.reference)


@get(
    "/households/{household:str}",
    opt={"rule": Permission.PERSON_MANAGE, "journal": Act.HOUSEHOLD_SHOWN},
    summary="Show a household",
    tags=["People"],
)
async def show(
    request: Caller, household: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> HouseholdView:
    """Show where a household lives, who belongs to it, and what is left of its rights, shared ones included."""
    async with database.look() as unit:
        day = await today(unit, request.user.authority_id, clock())
        found = await unit.people.household(request.user.authority_id, named(household))
        homes = await unit.people.circumstances_after(found.id, CircumstanceKind.COMMUNE, day)
        members = await unit.people.members(found.id, day)
        owned = await households.household_rights(unit, found, day)
    return HouseholdView(
        reference=found.reference,
        residences=[circumstance_view(home) for home in homes],
        members=[member_view(*one) for one in members],
        rights=await rights_left(database, owned, day),
    )


@post(
    "/households/{household:str}/members",
    opt={"rule": Permission.PERSON_MANAGE, "journal": Act.MEMBER_JOINED},
    summary="Join a household",
    tags=["People"],
)
async def join(
    *,
    request: Caller,
    household: FromPath[str],
    data: JSONBody[MemberRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> MemberView:
    """Let a holder spend the household's rights. A child may belong to two households.

    A retry is answered `overlapping-membership` (409): nobody is a member twice.
    """
    note.names(data.holder)
    async with begin() as unit:
        found = await unit.people.household(request.user.authority_id, named(household))
        return await memberships.join(unit, request.user.authority_id, found.id, data, now=clock())


@post(
    "/households/{household:str}/members/{holder:str}/departure",
    status_code=204,
    opt={"rule": Permission.PERSON_MANAGE, "journal": Act.MEMBER_LEFT},
    summary="Leave a household",
    tags=["People"],
)
async def leave(
    *,
    request: Caller,
    household: FromPath[str],
    holder: FromPath[str],
    data: JSONBody[DayRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> None:
    """End what a holder may spend of the household's rights, those shared after a split included."""
    async with begin() as unit:
        found = await unit.people.household(request.user.authority_id, named(household))
        await memberships.leave(unit, request.user.authority_id, found.id, holder, data, now=clock())


@post(
    "/households/{household:str}/split",
    opt={"rule": Permission.PERSON_MANAGE, "journal": Act.HOUSEHOLD_SPLIT},
    summary="Split a household",
    tags=["People"],
)
async def split(
    *,
    request: Caller,
    household: FromPath[str],
    data: JSONBody[SplitRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> FoundedView:
    """Let some members found a household of their own. No quota is doubled: they share what runs until it ends."""
    check_day(data.on)
    now = clock()
    async with begin() as unit:
        day = data.on or await today(unit, request.user.authority_id, now)
        old = await unit.people.household(request.user.authority_id, named(household))
        founded = await households.split_household(
            unit,
            old,
            [await unit.people.holder(request.user.authority_id, leaver) for leaver in data.leavers],
            on=day,
            reference=data.reference,
            commune_code=data.commune,
            now=now,
            keep_until=old.keep_until,
        )
        return FoundedView(founded.reference, await households.shared_until(unit, old, day))


ROUTER = Router(path="/v1", route_handlers=[found, show, join, leave, split])
