"""My account: where I am logged in, and how to end what I have left open."""

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of, read_words
from api.rules import Rule
from domain.agent_sessions import Proof, revoke, revoke_all
from domain.errors.agents import SessionNotFound
from domain.places import local_day
from domain.ports import Clock
from store.database import Begin, Database

WORDS = read_words("account")
PATH = "/console/account"


@get("/account", opt={"rule": Rule.AGENT}, include_in_schema=False)
async def account(request: Asked, database: NamedDependency[Database], clock: NamedDependency[Clock]) -> Page:
    """Show who I am here, and my sessions."""
    async with database.look() as unit:
        known = [one for one in await unit.agent_sessions.of(request.user.id) if one.proof is not Proof.HALF]
        factor = await unit.second_factors.of(request.user.id)
        passkeys = await unit.passkeys.of(request.user.id)
        tokens = await unit.personal_tokens.of(request.user.id)
    now = clock()
    day = local_day(now, request.auth.authority.zone)
    return draw(
        request,
        "account.html",
        words=WORDS,
        protected=factor is not None and factor.confirmed_at is not None,
        passkeys=len(passkeys),
        tokens=sum(token.is_open(day) for token in tokens),
        here=request.auth.session.id,
        sessions=[(session, session.is_open(now)) for session in known],
        others=[session for session in known if session.is_open(now) and session.id != request.auth.session.id],
    )


@post("/account/sessions/{session_id:uuid}/end", opt={"rule": Rule.AGENT}, include_in_schema=False)
async def end_session(
    request: Asked, session_id: FromPath[UUID], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Response[None]:
    """End one of my sessions."""
    async with begin() as unit:
        session = await unit.agent_sessions.one(request.user.authority_id, session_id)
        if session.agent_id != request.user.id:
            raise SessionNotFound("You have no such session.")
        await revoke(unit, session, now=clock())
    return go(request, PATH, said=WORDS[language_of(request)]["session_ended"])


@post("/account/sessions/end", opt={"rule": Rule.AGENT}, include_in_schema=False)
async def end_other_sessions(
    request: Asked, begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Response[None]:
    """End all my sessions but this one."""
    async with begin() as unit:
        await revoke_all(unit, request.user, now=clock(), but=request.auth.session.id)
    return go(request, PATH, said=WORDS[language_of(request)]["sessions_ended"])
