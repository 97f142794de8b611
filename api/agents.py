"""What agents call: logging in, passes and media. Every query carries the agent's own authority."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from adapters.attempts import Attempts
from api.auth import AgentTokens, Passwords
from api.journalled_objects import about_pass
from api.journalling import Note
from api.logins import SecondFactors, prove, prove_for_token
from api.rules import Rule
from api.settings import Settings
from domain import passes, places
from domain.acts import Act
from domain.agents import Agent, Permission, Role
from domain.errors import Invalid
from domain.errors.passes import MediumNotFound, PassNotFound
from domain.passes import (
    BlockReason,
    Medium,
    MediumKind,
    MediumStatus,
    Pass,
    PassStatus,
    is_number,
    medium_bytes,
    medium_from_bytes,
)
from domain.ports import Clock
from store.database import Begin, Database

MEDIUM_LIFE = timedelta(days=5 * 365)

PRINTABLE = r"^[^\x00-\x1f\x7f]*(?!\n)$"
"""What people type on one line: PostgreSQL stores no NUL, and a name has no line break."""

LAST_YEAR = 2100

Caller = Request[Agent, Any, Any]


class LoginRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """An agent's login and password; `code` is that of their telephone, where the account has one."""

    login: Annotated[str, Meta(min_length=1, max_length=120, pattern=PRINTABLE, examples=["guichet@val-clair.example"])]
    password: Annotated[str, Meta(min_length=1, max_length=200, examples=["correct horse battery staple"])]
    code: Annotated[str, Meta(max_length=40, pattern=PRINTABLE, examples=["287082"])] = ""


class AgentToken(Struct, frozen=True, rename="camel"):
    """A signed access token (JWT, ES256)."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int


class Me(Struct, frozen=True, rename="camel"):
    """Who is logged in, and what they may do."""

    login: str
    name: str
    roles: tuple[Role, ...]
    permissions: list[Permission]


class MediumView(Struct, frozen=True, rename="camel"):
    """A medium as agents see it: `id` is the hexadecimal form of its eight bytes."""

    id: str
    kind: MediumKind
    status: MediumStatus
    expires_at: datetime


class PassView(Struct, frozen=True, rename="camel"):
    """A pass with its media."""

    number: str
    status: PassStatus
    holder: str
    valid_from: date
    valid_until: date
    media: list[MediumView]


class IssueRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Issue a pass to a holder of the register."""

    holder_reference: Annotated[str, Meta(min_length=1, max_length=40, pattern=PRINTABLE, examples=["R-000123"])]
    kind: MediumKind = MediumKind.PRINT
    valid_from: date | None = None
    valid_until: date | None = None


class BlockRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Why the medium is stopped."""

    reason: BlockReason


@post("/agents/tokens", status_code=200, opt={"rule": Rule.PUBLIC}, summary="Log in", tags=["Agents"])
async def log_in(
    *,
    request: Request[Any, Any, Any],
    data: JSONBody[LoginRequest],
    database: NamedDependency[Database],
    attempts: NamedDependency[Attempts],
    passwords: NamedDependency[Passwords],
    tokens: NamedDependency[AgentTokens],
    factors: NamedDependency[SecondFactors],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
) -> AgentToken:
    """Exchange login and password for a short-lived access token; ten failures close the account for a while."""
    agent = await prove(
        request,
        data.login,
        data.password,
        database=database,
        attempts=attempts,
        passwords=passwords,
        settings=settings,
    )
    await prove_for_token(agent, data.code, factors=factors, settings=settings)
    async with database.begin() as unit:
        await unit.agents.noticed(agent.id, clock())
    return AgentToken(tokens.issue(agent), "Bearer", settings.agent_token_seconds)


@get("/agents/me", opt={"rule": Rule.AGENT}, summary="Who am I?", tags=["Agents"])
async def me(request: Caller) -> Me:
    """Tell who is logged in and what they may do."""
    agent = request.user
    return Me(agent.login, agent.name, agent.roles, [permission for permission in Permission if agent.may(permission)])


@post(
    "/passes", opt={"rule": Permission.PASS_ISSUE, "journal": Act.PASS_ISSUED}, summary="Issue a pass", tags=["Passes"]
)
async def issue(
    *,
    request: Caller,
    data: JSONBody[IssueRequest],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> PassView:
    """Issue a pass with a first active medium to a holder of the register."""
    now = clock()
    async with database.look() as unit:
        authority = await unit.places.authority_by_id(request.user.authority_id)
    since = data.valid_from or places.local_day(now, authority.zone)
    if not now.year - 100 <= since.year <= LAST_YEAR:
        raise Invalid("`validFrom` lies too far away.")
    until = data.valid_until or since + MEDIUM_LIFE
    async with begin() as unit:
        holder = await unit.people.holder(request.user.authority_id, data.holder_reference)
        issued = await passes.issue(
            unit,
            holder,
            kind=data.kind,
            valid_from=since,
            valid_until=until,
            expires_at=now + MEDIUM_LIFE,
            now=now,
        )
        note.about(about_pass(issued.pass_))
        return pass_view(issued.pass_, f"{holder.first_name} {holder.last_name}", [issued.medium])


@get(
    "/passes/{number:str}",
    opt={"rule": Permission.PASS_READ, "journal": Act.PASS_SHOWN},
    summary="Show a pass",
    tags=["Passes"],
)
async def show(request: Caller, number: FromPath[str], database: NamedDependency[Database]) -> PassView:
    """Show a pass of the agent's own authority with its media."""
    async with database.look() as unit:
        pass_ = await unit.passes.by_number(request.user.authority_id, number_of(number))
        holder = await unit.people.holder_by_id(request.user.authority_id, pass_.holder_id)
        return pass_view(pass_, f"{holder.first_name} {holder.last_name}", await unit.passes.media(pass_.id))


@post(
    "/passes/{number:str}/media/{medium:str}/block",
    status_code=200,
    opt={"rule": Permission.MEDIUM_BLOCK, "journal": Act.MEDIUM_BLOCKED},
    summary="Stop a medium",
    tags=["Passes"],
)
async def block(
    *,
    request: Caller,
    number: FromPath[str],
    medium: FromPath[str],
    data: JSONBody[BlockRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> MediumView:
    """Stop one medium at once; the pass and its other media go on."""
    note.because(data.reason)
    async with begin() as unit:
        pass_ = await unit.passes.by_number(request.user.authority_id, number_of(number))
        stopped = await passes.block(
            unit, pass_, medium_id_of(medium), reason=data.reason, now=clock(), by=request.user.id
        )
        return medium_view(stopped)


def number_of(text: str) -> str:
    """Return a pass number as it was typed, if its digits check."""
    if not is_number(text):
        raise PassNotFound("No pass has this number.")
    return text


def medium_id_of(text: str) -> int:
    """Return the id that sixteen hexadecimal digits name."""
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raw = b""
    if len(raw) != 8:
        raise MediumNotFound("This pass has no such medium.")
    return medium_from_bytes(raw)


def pass_view(pass_: Pass, holder: str, media: list[Medium]) -> PassView:
    """Show a pass as agents see it, with its holder's name."""
    return PassView(
        pass_.number, pass_.status, holder, pass_.valid_from, pass_.valid_until, [medium_view(m) for m in media]
    )


def medium_view(medium: Medium) -> MediumView:
    """Show a medium as agents see it."""
    return MediumView(medium_bytes(medium.id).hex(), medium.kind, medium.status, medium.expires_at)


ROUTER = Router(
    path="/v1",
    route_handlers=[log_in, me, issue, show, block],
)
