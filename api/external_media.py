"""Cards of others: which gateways are trusted to read them, and their enrolment at a desk (docs/credentials.md)."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from adapters.external_media import enrol
from api.agents import MEDIUM_LIFE, PRINTABLE, medium_id_of, number_of
from api.cards import MediumDetail, described
from api.gate import Credential
from api.terminals import PublicKey
from domain import external_media
from domain.acts import Act
from domain.agents import Agent, Permission
from domain.external_media import Gateway, GatewayStatus
from domain.ports import Clock
from nfc.keys import KID_BYTES, load_point, thumbprint
from store.database import Begin, Database

Caller = Request[Agent, Any, Any]


class GatewayRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A gateway and the key that it signs with."""

    name: Annotated[str, Meta(min_length=1, max_length=80, pattern=PRINTABLE, examples=["Métro, valideurs"])]
    public_key: PublicKey


class GatewayView(Struct, frozen=True, rename="camel"):
    """A gateway as agents see it. `kid` is the name of its key, in hexadecimal."""

    id: UUID
    name: str
    kid: str
    status: GatewayStatus
    registered_at: datetime


class ExternalMediumRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """What a gateway has just said of the card on the desk.

    `medium` names the medium that the same card is already, in another sector.
    """

    statement: Credential
    medium: Annotated[str, Meta(max_length=16)] | None = None


@post(
    "/passes/{number:str}/external-media",
    opt={"rule": Permission.PASS_ISSUE, "journal": Act.EXTERNAL_CARD_ENROLLED},
    summary="Enrol a card of others",
    tags=["Passes"],
)
async def enrol_external(
    *,
    request: Caller,
    number: FromPath[str],
    data: JSONBody[ExternalMediumRequest],
    begin: NamedDependency[Begin],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> MediumDetail:
    """Make a card that a gateway has read a medium of a pass, in the sector that it was read for."""
    now = clock()
    async with begin() as unit:
        authority = await unit.places.authority_by_id(request.user.authority_id)
        pass_ = await unit.passes.by_number(authority.id, number_of(number))
        medium = await enrol(
            unit,
            authority,
            pass_,
            data.statement,
            medium_id=medium_id_of(data.medium) if data.medium is not None else None,
            expires_at=now + MEDIUM_LIFE,
            now=now,
        )
    return await described(database, medium)


@get("/gateways", opt={"rule": Permission.TERMINAL_READ}, summary="List gateways", tags=["Gateways"])
async def list_gateways(request: Caller, database: NamedDependency[Database]) -> list[GatewayView]:
    """List the gateways of the agent's authority, revoked ones too."""
    async with database.look() as unit:
        return [_view(one) for one in await unit.external_media.gateways(request.user.authority_id)]


@post("/gateways", opt={"rule": Permission.TERMINAL_MANAGE}, summary="Register a gateway", tags=["Gateways"])
async def register(
    request: Caller, data: JSONBody[GatewayRequest], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> GatewayView:
    """Take a gateway's word for cards of others from now on."""
    point = data.public_key.raw()
    async with begin() as unit:
        return _view(
            await external_media.register_gateway(
                unit,
                authority_id=request.user.authority_id,
                name=data.name,
                kid=thumbprint(load_point(point))[:KID_BYTES],
                public_key=point,
                now=clock(),
            )
        )


@post(
    "/gateways/{gateway_id:uuid}/revoke",
    status_code=200,
    opt={"rule": Permission.TERMINAL_MANAGE},
    summary="Revoke a gateway",
    tags=["Gateways"],
)
async def revoke(request: Caller, gateway_id: FromPath[UUID], begin: NamedDependency[Begin]) -> GatewayView:
    """Take a gateway's word for nothing any more, at once and for good."""
    async with begin() as unit:
        return _view(
            await external_media.revoke_gateway(unit, authority_id=request.user.authority_id, gateway_id=gateway_id)
        )


def _view(gateway: Gateway) -> GatewayView:
    return GatewayView(gateway.id, gateway.name, gateway.kid.hex(), gateway.status, gateway.registered_at)


ROUTER = Router(path="/v1", route_handlers=[enrol_external, list_gateways, register, revoke])
