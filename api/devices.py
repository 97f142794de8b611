"""What a paired terminal says and asks about itself: how it is, what it is to show, what has changed, a new key.

Every profile may call these; none of them concerns a person.
"""

from datetime import datetime
from typing import Annotated, Any

from litestar import MediaType, Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, JSONBody
from litestar.response import ServerSentEvent
from msgspec import Meta, Struct

from api.changes import Changes
from api.conditional import names
from api.configurations import Configuration, Configurations
from api.sessions import TerminalSessions
from api.terminals import Assertion, PublicKey, check_proof
from domain import terminals
from domain.errors.places import GateNotFound
from domain.ports import Clock
from domain.terminals import HEARTBEAT, Ability, Heartbeat
from store.database import Begin
from store.terminal_tokens import TerminalSession

VERSION = r"^[A-Za-z0-9_.+-]{1,40}(?!\n)$"

Device = Request[TerminalSession, Any, Any]


class HeartbeatRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """How a terminal is. `backlog` counts events not uploaded yet, `bundle` is the sequence of the one it works by."""

    version: Annotated[str, Meta(pattern=VERSION, examples=["1.4.0"])]
    terminal_time: Annotated[datetime, Meta(tz=True)]
    backlog: Annotated[int, Meta(ge=0, le=10_000_000)] = 0
    bundle: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    bundle_age_seconds: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    gate: Annotated[str, Meta(min_length=1, max_length=60)] | None = None


class Heard(Struct, frozen=True, rename="camel"):
    """The server's time, how far the terminal's clock is from it, and when to speak again."""

    server_time: datetime
    drift_seconds: float
    next_in_seconds: int


class KeyRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A new key, and a proof made with it: the same JWT as for a token, signed by the new key."""

    public_key: PublicKey
    assertion: Assertion


class KeyChanged(Struct, frozen=True, rename="camel"):
    """The new key is the terminal's key from now on; its tokens have ended."""

    server_time: datetime


@post("/heartbeats", status_code=200, opt={"rule": Ability.REPORT}, summary="Say how a terminal is", tags=["Terminals"])
async def beat(
    request: Device,
    data: JSONBody[HeartbeatRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Heard:
    """Say how this terminal is, once a minute: its agents see one that keeps silent, or whose clock is wrong."""
    now, device = clock(), request.user
    gate_id = device.gates.get(data.gate) if data.gate is not None else None
    if data.gate is not None and gate_id is None:
        raise GateNotFound("This terminal serves no gate of that code.")
    drift = (data.terminal_time - now).total_seconds()
    async with begin() as unit:
        await unit.terminals.beat(
            Heartbeat(
                terminal_id=device.terminal_id,
                seen_at=now,
                version=data.version,
                drift_seconds=drift,
                backlog=data.backlog,
                bundle=data.bundle,
                bundle_age_seconds=data.bundle_age_seconds,
                gate_id=gate_id,
            )
        )
    return Heard(now, drift, int(HEARTBEAT.total_seconds()))


@get(
    "/configuration",
    opt={"rule": Ability.REPORT},
    summary="Fetch the configuration of a terminal",
    tags=["Terminals"],
    media_type=MediaType.JSON,
    response_headers=None,
)
async def configuration(
    request: Device, configurations: NamedDependency[Configurations]
) -> Response[Configuration | None]:
    """Fetch what this terminal serves and shows: its gates, their sites with a week of hours, every text.

    Ask again with `If-None-Match` and the last `ETag`: `304` while nothing has changed.
    """
    body, tag = await configurations.of(request.user)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if names(request.headers.get("if-none-match", ""), tag):
        return Response(None, status_code=304, headers=headers)
    return Response(body, media_type=MediaType.JSON, headers=headers)  # type: ignore[arg-type]


@get("/changes", opt={"rule": Ability.REPORT}, summary="Follow what changes for a terminal", tags=["Terminals"])
async def follow(
    request: Device,
    changes: NamedDependency[Changes],
    last_event_id: Annotated[str | None, HeaderParameter(name="Last-Event-ID", max_length=40)] = None,
) -> ServerSentEvent:
    """Hear within a second or two that the configuration or a bundle has changed, or that this terminal was revoked.

    A stream of server-sent events: `configuration` and `bundle` say to fetch it again, `revoked` is the last. When the
    stream breaks, send back the id of the last event as `Last-Event-ID`, and look for a bundle by yourself.
    """
    return ServerSentEvent(changes.follow(request.user, last_event_id), headers={"Cache-Control": "no-store"})


@post("/key", status_code=200, opt={"rule": Ability.REPORT}, summary="Change the key of a terminal", tags=["Terminals"])
async def change_key(
    request: Device,
    data: JSONBody[KeyRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    sessions: NamedDependency[TerminalSessions],
) -> KeyChanged:
    """Put a new key in the place of this terminal's own, with a proof that the new one is in its hands.

    Its tokens end with the old key. A terminal that hears no answer proves the new key for a token, then the old one:
    whichever is taken is its key.
    """
    now, raw = clock(), data.public_key.raw()
    check_proof(data.assertion, request.user.terminal_id, raw, now)
    async with begin() as unit:
        known = await unit.terminals.of(request.user.authority_id, request.user.terminal_id)
        await terminals.change_key(unit, known, raw)
    sessions.forget()
    return KeyChanged(now)


ROUTER = Router(path="/v1/terminals", route_handlers=[beat, configuration, follow, change_key])
