"""Rights at the desk: granted once under a key, ended before their time, and services from which somebody is kept."""

from datetime import date
from typing import Annotated
from uuid import UUID, uuid5

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from api.agents import PRINTABLE, number_of
from api.bodies import CODE
from api.days import Caller, Reference, check_day, end_of, named, today
from api.subjects import CircumstanceView, circumstance_view, subject_of
from domain import circumstances, rights
from domain.acts import Act
from domain.agents import Permission
from domain.errors import AlreadyExists
from domain.people import Subject
from domain.ports import Clock
from domain.products import Entitlement
from domain.reach import check_serves
from domain.rights import Wish
from store.database import Begin

ServiceCode = Annotated[str, Meta(min_length=1, max_length=40, pattern=PRINTABLE, examples=["library"])]


class GrantRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Which product, and from when to when: as long as the product lasts once it is bought, unless days are given.

    `household` or `organisation` says which one gets it, where the holder belongs to several. `key` is made for this
    grant alone: the same body under the same key is one right.
    """

    key: Annotated[str, Meta(pattern=CODE, examples=["guichet2-000311"])]
    product: Annotated[str, Meta(min_length=1, max_length=60, pattern=PRINTABLE, examples=["piscine-carnet-10"])]
    valid_from: date | None = None
    valid_until: date | None = None
    household: Reference | None = None
    organisation: Reference | None = None


class GrantedView(Struct, frozen=True, rename="camel"):
    """A right that was granted; `id` ends it."""

    id: UUID
    product: str
    valid_from: date
    valid_until: date


class EndedView(Struct, frozen=True, rename="camel"):
    """A right that opens nothing more from `endsOn` on. `takenBack`: it had not begun, and is gone."""

    id: UUID
    ends_on: date
    taken_back: bool


class SuspensionRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """From which service somebody is kept, and when: from today on and without an end, unless days are given."""

    service: ServiceCode
    valid_from: date | None = None
    valid_until: date | None = None


class ResumptionRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Which service opens again, and from which day on: today, unless given."""

    service: ServiceCode
    on: date | None = None


@post(
    "/passes/{number:str}/rights",
    opt={"rule": Permission.RIGHT_MANAGE, "placed": True, "journal": Act.RIGHT_GRANTED},
    summary="Grant a right",
    tags=["Passes"],
)
async def grant(
    request: Caller,
    number: FromPath[str],
    data: JSONBody[GrantRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> GrantedView:
    """Grant a product to the holder of a pass, to their household or their organisation, as the product asks."""
    check_day(data.valid_from)
    check_day(data.valid_until)

    async def given() -> Entitlement:
        agent, now = request.user, clock()
        async with begin() as unit:
            pass_ = await unit.passes.by_number(agent.authority_id, number_of(number))
            product = await unit.products.by_code(agent.authority_id, data.product)
            await check_serves(unit, agent, Permission.RIGHT_MANAGE, product.service_code)
            return await rights.grant_to(
                unit,
                await unit.people.holder_by_id(agent.authority_id, pass_.holder_id),
                Wish(product, data.valid_from, data.valid_until, data.household, data.organisation),
                today=await today(unit, agent.authority_id, now),
                now=now,
                # The key is the agent's own, so nobody else's right has this id.
                right_id=uuid5(agent.id, data.key),
            )

    try:
        right = await given()
    except AlreadyExists:
        # The key came twice at once: the other request has just granted the right.
        right = await given()
    return GrantedView(right.id, data.product, right.valid_from, right.valid_until)


@post(
    "/rights/{right_id:uuid}/end",
    status_code=200,
    opt={"rule": Permission.RIGHT_MANAGE, "placed": True, "journal": Act.RIGHT_ENDED},
    summary="End a right",
    tags=["Passes"],
)
async def end(
    request: Caller, right_id: FromPath[UUID], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> EndedView:
    """End a right today, before its time; one that has not begun is taken back. What was counted stays.

    A right that is over stays as it is, so a retry changes nothing.
    """
    async with begin() as unit:
        day = await today(unit, request.user.authority_id, clock())
        right = await unit.products.entitlement(request.user.authority_id, right_id)
        await check_serves(unit, request.user, Permission.RIGHT_MANAGE, right.service_code)
        ended = await rights.end_right(unit, right, today=day)
    return EndedView(right.id, day if ended is None else ended.valid_until, ended is None)


@post(
    "/subjects/{kind:str}/{reference:str}/suspensions",
    opt={"rule": Permission.RIGHT_MANAGE, "placed": True, "journal": Act.SERVICE_SUSPENDED},
    summary="Keep somebody from a service",
    tags=["People"],
)
async def suspend(
    *,
    request: Caller,
    kind: FromPath[Subject],
    reference: FromPath[str],
    data: JSONBody[SuspensionRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> CircumstanceView:
    """Keep a person, a household or an organisation from one service; every other service goes on.

    A second suspension from the same service has the last word, so a retry changes nothing.
    """
    check_day(data.valid_from)
    async with begin() as unit:
        await check_serves(unit, request.user, Permission.RIGHT_MANAGE, data.service)
        since = data.valid_from or await today(unit, request.user.authority_id, clock())
        subject = await subject_of(unit, request.user.authority_id, kind, named(reference))
        return circumstance_view(
            await circumstances.suspend(
                unit, subject, service_code=data.service, since=since, until=end_of(data.valid_until)
            )
        )


@post(
    "/subjects/{kind:str}/{reference:str}/suspensions/end",
    status_code=204,
    opt={"rule": Permission.RIGHT_MANAGE, "placed": True, "journal": Act.SERVICE_RESUMED},
    summary="Open a service again",
    tags=["People"],
)
async def resume(
    *,
    request: Caller,
    kind: FromPath[Subject],
    reference: FromPath[str],
    data: JSONBody[ResumptionRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> None:
    """End a suspension: from the day on the service is open again."""
    check_day(data.on)
    async with begin() as unit:
        await check_serves(unit, request.user, Permission.RIGHT_MANAGE, data.service)
        day = data.on or await today(unit, request.user.authority_id, clock())
        subject = await subject_of(unit, request.user.authority_id, kind, named(reference))
        await circumstances.resume(unit, subject, service_code=data.service, on=day)


ROUTER = Router(path="/v1", route_handlers=[grant, end, suspend, resume])
