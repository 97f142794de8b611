"""Organisations at the desk: registered, joined, left."""

from typing import Annotated

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from api import memberships
from api.agents import PRINTABLE
from api.days import Caller, Reference, named, today
from api.households import CommuneCode
from api.journalling import Note
from api.memberships import DayRequest, MemberRequest
from api.subjects import MemberView, RightView, member_view, rights_left
from domain import organisations
from domain.acts import Act
from domain.agents import Permission
from domain.circumstances import commune_of
from domain.journal import Kind, Object
from domain.organisations import OrganisationKind
from domain.people import KEPT
from domain.ports import Clock
from store.database import Begin, Database


class RegisterRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Write an organisation into the register. A professional needs a SIRET, an association a SIRET or an RNA."""

    reference: Reference
    name: Annotated[str, Meta(min_length=1, max_length=120, pattern=PRINTABLE, examples=["Menuiserie Roux"])]
    kind: OrganisationKind
    commune: CommuneCode
    registration: Annotated[str, Meta(max_length=30, pattern=PRINTABLE, examples=["732 829 320 00074"])] | None = None


class RegisteredView(Struct, frozen=True):
    """An organisation of the register; its registration without the spaces that people type."""

    reference: str
    name: str
    kind: OrganisationKind
    registration: str | None


class OrganisationView(Struct, frozen=True):
    """An organisation with its seat, who belongs to it today or will, and its rights."""

    reference: str
    name: str
    kind: OrganisationKind
    registration: str | None
    commune: str | None
    members: list[MemberView]
    rights: list[RightView]


@post(
    "/organisations",
    opt={"rule": Permission.PERSON_MANAGE, "journal": Act.ORGANISATION_REGISTERED},
    summary="Register an organisation",
    tags=["People"],
)
async def register(
    request: Caller,
    data: JSONBody[RegisterRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> RegisteredView:
    """Write an organisation with its seat into the register; its members join one by one."""
    now = clock()
    async with begin() as unit:
        made = await organisations.register_organisation(
            unit,
            authority_id=request.user.authority_id,
            reference=data.reference,
            name=data.name,
            kind=data.kind,
            registration=data.registration,
            commune_code=data.commune,
            now=now,
            keep_until=now.date() + KEPT,
        )
        note.about(Object(Kind.ORGANISATION, str(made.id)))
    return RegisteredView(made.reference, made.name, made.kind, made.registration)


@get(
    "/organisations/{organisation:str}",
    opt={"rule": Permission.PERSON_MANAGE, "journal": Act.ORGANISATION_SHOWN},
    summary="Show an organisation",
    tags=["People"],
)
async def show(
    request: Caller, organisation: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> OrganisationView:
    """Show an organisation: its registration, its members, its rights and what is left of them."""
    async with database.look() as unit:
        day = await today(unit, request.user.authority_id, clock())
        found = await unit.people.organisation(request.user.authority_id, named(organisation))
        seat = await commune_of(unit, found.id, day)
        members = await unit.people.members(found.id, day)
        owned = await unit.products.entitlements([found.id], day)
    return OrganisationView(
        reference=found.reference,
        name=found.name,
        kind=found.kind,
        registration=found.registration,
        commune=seat,
        members=[member_view(*one) for one in members],
        rights=await rights_left(database, owned, day),
    )


@post(
    "/organisations/{organisation:str}/members",
    opt={"rule": Permission.PERSON_MANAGE, "journal": Act.MEMBER_JOINED},
    summary="Join an organisation",
    tags=["People"],
)
async def join(
    *,
    request: Caller,
    organisation: FromPath[str],
    data: JSONBody[MemberRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> MemberView:
    """Let a holder spend the organisation's rights, with a pass of their own.

    A retry is answered `overlapping-membership` (409): nobody is a member twice.
    """
    note.names(data.holder)
    async with begin() as unit:
        found = await unit.people.organisation(request.user.authority_id, named(organisation))
        return await memberships.join(unit, request.user.authority_id, found.id, data, now=clock())


@post(
    "/organisations/{organisation:str}/members/{holder:str}/departure",
    status_code=204,
    opt={"rule": Permission.PERSON_MANAGE, "journal": Act.MEMBER_LEFT},
    summary="Leave an organisation",
    tags=["People"],
)
async def leave(
    *,
    request: Caller,
    organisation: FromPath[str],
    holder: FromPath[str],
    data: JSONBody[DayRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> None:
    """End what a holder may spend of the organisation's rights."""
    async with begin() as unit:
        found = await unit.people.organisation(request.user.authority_id, named(organisation))
        await memberships.leave(unit, request.user.authority_id, found.id, holder, data, now=clock())


ROUTER = Router(path="/v1", route_handlers=[register, show, join, leave])
