"""What agents call about terminals: how each of them is, pairing a new one, revoking one."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from adapters import pairing_codes
from api.agents import PRINTABLE
from api.sessions import TerminalSessions
from api.settings import Settings
from domain import terminals
from domain.agents import Agent, Permission
from domain.ports import Clock, Unit
from domain.reach import sites_for
from domain.terminals import Condition, Heartbeat, Profile, Terminal, TerminalStatus, condition_of
from nfc import pairing_code
from nfc.picture import render_svg
from store.database import Begin, Database

Caller = Request[Agent, Any, Any]


class HealthView(Struct, frozen=True, rename="camel", omit_defaults=True):
    """How a terminal last said it was. `driftSeconds` is its clock less the server's."""

    seen_at: datetime
    version: str
    drift_seconds: float
    backlog: int
    bundle: int | UnsetType = UNSET
    bundle_age_seconds: int | UnsetType = UNSET


class TerminalView(Struct, frozen=True, rename="camel", omit_defaults=True):
    """A terminal as agents see it. `condition` is computed from its last heartbeat: down after five missed ones."""

    id: UUID
    name: str
    profile: Profile
    status: TerminalStatus
    condition: Condition
    gates: list[str]
    paired_at: datetime
    health: HealthView | UnsetType = UNSET


class InvitationRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Which device is to be paired, for which gates, as what."""

    name: Annotated[str, Meta(min_length=1, max_length=80, pattern=PRINTABLE, examples=["Piscine, entrée 1"])]
    gates: Annotated[tuple[str, ...], Meta(min_length=1, max_length=100)]
    profile: Profile = Profile.GATE


class Invitation(Struct, frozen=True, rename="camel"):
    """What the agent shows to the device: the code to type, the same with the server's address as a QR (SVG)."""

    code: str
    text: str
    svg: str
    expires_at: datetime


@get("/terminals", opt={"rule": Permission.TERMINAL_READ, "placed": True}, summary="List terminals", tags=["Terminals"])
async def list_terminals(
    request: Caller, database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> list[TerminalView]:
    """List the terminals of the agent's authority, with the gates they serve and how they are.

    Whose role is for some sites is shown those that serve a gate there.
    """
    now = clock()
    async with database.look() as unit:
        health = await unit.terminals.heartbeats(request.user.authority_id)
        return [
            _view(found, await unit.terminals.gate_codes(found.id), health.get(found.id), now)
            for found in await seen_by(unit, request.user)
        ]


@post(
    "/terminals/invitations", opt={"rule": Permission.TERMINAL_MANAGE}, summary="Invite a terminal", tags=["Terminals"]
)
async def invite(
    request: Caller,
    data: JSONBody[InvitationRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
) -> Invitation:
    """Open a pairing, once and for half an hour, and get what to show to the device. The code is stored nowhere."""
    code = pairing_codes.draw()
    async with begin() as unit:
        pairing = await terminals.offer_pairing(
            unit,
            authority_id=request.user.authority_id,
            code=code,
            name=data.name,
            gate_codes=tuple(dict.fromkeys(data.gates)),
            profile=data.profile,
            now=clock(),
        )
    text = pairing_code.write(settings.public_url, code)
    return Invitation(code, text, render_svg(text), pairing.expires_at)


@post(
    "/terminals/{terminal_id:uuid}/revoke",
    status_code=200,
    opt={"rule": Permission.TERMINAL_MANAGE},
    summary="Revoke a terminal",
    tags=["Terminals"],
)
async def revoke_terminal(
    request: Caller,
    terminal_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    sessions: NamedDependency[TerminalSessions],
    clock: NamedDependency[Clock],
) -> TerminalView:
    """Take a terminal's right to ask away, at once and for good."""
    async with begin() as unit:
        revoked = await terminals.revoke_terminal(unit, authority_id=request.user.authority_id, terminal_id=terminal_id)
        gates = await unit.terminals.gate_codes(revoked.id)
    sessions.forget()
    return _view(revoked, gates, None, clock())


async def seen_by(unit: Unit, agent: Agent) -> list[Terminal]:
    """List the terminals that an agent may see: all of them, or those of the sites of their role."""
    everything = await unit.terminals.all_of(agent.authority_id)
    sites = await sites_for(unit, agent, Permission.TERMINAL_READ)
    if sites is None:
        return everything
    there = await unit.terminals.serving(agent.authority_id, sites)
    return [one for one in everything if one.id in there]


def _view(terminal: Terminal, gates: list[str], last: Heartbeat | None, now: datetime) -> TerminalView:
    return TerminalView(
        id=terminal.id,
        name=terminal.name,
        profile=terminal.profile,
        status=terminal.status,
        condition=condition_of(terminal, last, now),
        gates=gates,
        paired_at=terminal.paired_at,
        health=UNSET if last is None else _health(last),
    )


def _health(last: Heartbeat) -> HealthView:
    return HealthView(
        seen_at=last.seen_at,
        version=last.version,
        drift_seconds=last.drift_seconds,
        backlog=last.backlog,
        bundle=UNSET if last.bundle is None else last.bundle,
        bundle_age_seconds=UNSET if last.bundle_age_seconds is None else last.bundle_age_seconds,
    )


ROUTER = Router(path="/v1", route_handlers=[list_terminals, invite, revoke_terminal])
