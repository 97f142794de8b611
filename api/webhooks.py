"""Webhooks of an authority: where it wants to be told, with which secret, and what became of each message."""

from base64 import b64encode
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct

from adapters.keyring import KeyRing
from api.agents import PRINTABLE
from api.days import Caller
from domain.agents import Permission
from domain.ports import Clock
from domain.webhooks import LONGEST_URL, Kind, Webhook, register_webhook
from store.database import Begin, Database


class WebhookRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Where messages are posted (https, or http within this machine's own network), and of what.

    `flood.level` is public; `flood.waiting` and `task.opened` are for agents: give them to no sign.
    """

    url: Annotated[str, Meta(min_length=8, max_length=LONGEST_URL, pattern=PRINTABLE)]
    kinds: Annotated[list[Kind], Meta(min_length=1, max_length=len(Kind))]


class WebhookView(Struct, frozen=True, rename="camel"):
    """A webhook."""

    id: UUID
    url: str
    kinds: list[Kind]
    created_at: datetime


class RegisteredWebhook(Struct, frozen=True, rename="camel"):
    """A new webhook with the secret that verifies its messages: keep it, it is shown once."""

    id: UUID
    url: str
    secret: str


class DeliveryView(Struct, frozen=True, rename="camel"):
    """What became of a message: `answer` is what its last attempt met, `nextAt` when the next one is made."""

    id: UUID
    webhook: UUID
    kind: Kind
    subject: str
    created_at: datetime
    attempts: int
    answer: str
    next_at: datetime | None
    delivered_at: datetime | None


@post("/", opt={"rule": Permission.WEBHOOK_MANAGE}, summary="Register a webhook", tags=["Webhooks"])
async def register(
    *,
    request: Caller,
    data: JSONBody[WebhookRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    keyring: NamedDependency[KeyRing],
) -> RegisteredWebhook:
    """Have changes of the city posted to an address, signed as Standard Webhooks 1.0 asks.

    A message is tried ten times within eleven hours. It may come twice, under one `webhook-id`; a newer one of the same
    subject takes the place of one that still waits.
    """
    async with begin() as unit:
        authority = await unit.places.authority_by_id(request.user.authority_id)
        kinds = tuple(dict.fromkeys(data.kinds))
        new = Webhook(unit.ids.row(), authority.id, data.url, kinds, request.user.id, clock())
        # Before it is written: without a master there is nothing to sign with.
        secret = keyring.webhook_key(authority.code, new.id)
        await register_webhook(unit, new)
    return RegisteredWebhook(new.id, new.url, f"whsec_{b64encode(secret).decode()}")


@get("/", opt={"rule": Permission.WEBHOOK_MANAGE}, summary="List webhooks", tags=["Webhooks"])
async def webhooks(request: Caller, database: NamedDependency[Database]) -> list[WebhookView]:
    """List where the authority is told."""
    async with database.look() as unit:
        active = await unit.webhooks.active(request.user.authority_id)
    return [WebhookView(one.id, one.url, list(one.kinds), one.created_at) for one in active]


@post(
    "/{webhook_id:uuid}/end",
    status_code=204,
    opt={"rule": Permission.WEBHOOK_MANAGE},
    summary="End a webhook",
    tags=["Webhooks"],
)
async def end(
    request: Caller, webhook_id: FromPath[UUID], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> None:
    """Send nothing more to a webhook, not even what waits."""
    async with begin() as unit:
        found = await unit.webhooks.of(request.user.authority_id, webhook_id)
        await unit.webhooks.end(found, clock())


@get("/deliveries", opt={"rule": Permission.WEBHOOK_MANAGE}, summary="See what was delivered", tags=["Webhooks"])
async def deliveries(
    request: Caller, database: NamedDependency[Database], *, lines: Annotated[int, QueryParameter(ge=1, le=200)] = 50
) -> list[DeliveryView]:
    """List the messages of the last thirty days and what became of them, the newest first."""
    async with database.look() as unit:
        found = await unit.webhooks.deliveries(request.user.authority_id, lines)
    return [
        DeliveryView(
            id=one.id,
            webhook=one.webhook_id,
            kind=one.kind,
            subject=one.subject,
            created_at=one.created_at,
            attempts=one.attempts,
            answer=one.answer,
            next_at=one.due_at,
            delivered_at=one.delivered_at,
        )
        for one in found
    ]


ROUTER = Router(path="/v1/webhooks", route_handlers=[register, webhooks, end, deliveries])
