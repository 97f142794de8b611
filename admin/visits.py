"""Who visits the console: the session behind its cookie, and the forms that only its own pages can send.

The cookie holds a random secret, of which the database knows the SHA-256. It is drawn with each login and taken from
nobody: a cookie that somebody has put into a browser beforehand leads nowhere (session fixation).
"""

import hmac
import secrets
from hashlib import sha256
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.handlers.base import BaseRouteHandler
from msgspec import Struct
from msgspec.structs import replace

from admin import unsent
from api.auth import real_source
from api.settings import Settings
from domain.agent_sessions import LONGEST, NOTICED, AgentSession, Entered, Proof, open_session, revoke
from domain.agents import Agent
from domain.errors import NotAuthenticated
from domain.errors.agents import SecondFactorMissing
from domain.places import Authority, local_day
from store.database import Database
from web import cookies
from web.browsers import browser_of
from web.cookies import FORM_FIELD, ForeignForm, cookie, cookie_name

SESSION, DOOR = "agent", "door"
"""The cookie of somebody who is logged in; that of a login form, which stands for the browser alone."""

PROVIDER = "provider"
"""The cookie of the id token that an identity provider wants to see again when its agent leaves."""


class Visit(Struct, frozen=True):
    """One request of somebody who is logged in. `secret` never leaves the process."""

    session: AgentSession
    authority: Authority
    secret: str


Asked = Request[Agent, Visit, Any]
"""What a page of the console is asked with: `request.user` is the agent, `request.auth` the visit."""


async def begin_visit(request: Request[Any, Any, Any], agent: Agent, proof: Proof) -> Cookie:
    """Open a session for somebody who has just proved who they are; the one that this browser had is over."""
    settings: Settings = request.app.state.settings
    secret = secrets.token_urlsafe(32)
    database: Database = request.app.state.database
    before = request.cookies.get(cookie_name(settings, SESSION), "")
    now = request.app.state.clock()
    async with database.begin() as unit:
        old = await unit.agent_sessions.entered(_hash(before))
        if old is not None:
            await revoke(unit, old.session, now=now)
        await open_session(
            unit,
            agent,
            secret_hash=_hash(secret),
            address=real_source(request, settings.trusted_proxies),
            browser=browser_of(request.headers.get("user-agent", "")),
            proof=proof,
            now=now,
        )
    return cookie(settings, SESSION, secret, seconds=int(LONGEST.total_seconds()))


async def visitor(connection: ASGIConnection[Any, Any, Any, Any]) -> Agent:
    """Return the agent whose session this is, as the database knows them now. `opt["who"]` of every page.

    Raises:
        NotAuthenticated: there is no session, or it is over, or the account is closed.
    """
    secret = connection.cookies.get(cookie_name(connection.app.state.settings, SESSION))
    if not secret:
        raise NotAuthenticated("Log in first.")
    database: Database = connection.app.state.database
    now = connection.app.state.clock()
    async with database.look() as unit:
        found = await unit.agent_sessions.entered(_hash(secret))
    if found is None:
        raise NotAuthenticated("This session is over.")
    session, agent, authority = found.session, found.agent, found.authority
    if not session.is_open(now):
        if session.proof is not Proof.HALF and await _is_ours(connection, secret):
            await unsent.keep(connection, session, door=door_secret(connection))
        raise NotAuthenticated("This session is over.")
    if not agent.active:
        raise NotAuthenticated("This account is closed.")
    if now - session.seen_at >= NOTICED:
        session = replace(session, seen_at=now)
        async with database.begin() as unit:
            await unit.agent_sessions.save(session)
    connection.scope["auth"] = Visit(session, authority, secret)
    return agent.on(local_day(now, authority.zone))


async def half_way(request: Request[Any, Any, Any]) -> Agent:
    """Return the agent whose password was right in this browser, and whose second factor is still to come.

    Raises:
        NotAuthenticated: there is none, or it took too long.
    """
    secret = request.cookies.get(cookie_name(request.app.state.settings, SESSION), "")
    async with request.app.state.database.look() as unit:
        found: Entered | None = await unit.agent_sessions.entered(_hash(secret))
    if found is None or not found.agent.active or not found.session.awaits_code(request.app.state.clock()):
        raise NotAuthenticated("Log in first.")
    return found.agent


async def second_factor_first(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Where a second factor is asked for, let nobody further who has none; a guard of every page.

    Raises:
        SecondFactorMissing: it is to be set up first.
    """
    visit: Visit | None = connection.scope.get("auth")
    if visit is None or handler.opt.get("first") or connection.app.state.settings.second_factor != "required":
        return
    agent: Agent = connection.user
    if visit.session.proof is Proof.PASSWORD and agent.sees_people:
        raise SecondFactorMissing("Set up your second factor first.")


async def own_forms_only(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Let a form through that one of our pages was drawn with: a guard of every page, after who visits is known.

    Raises:
        ForeignForm: its token is missing, or belongs to another session.
    """
    if connection.scope.get("method") not in {"GET", "HEAD", "OPTIONS"} and not await _is_ours(
        connection, secret_of(connection)
    ):
        raise ForeignForm("The form does not come from this session.")


async def _is_ours(connection: ASGIConnection[Any, Any, Any, Any], secret: str) -> bool:
    """Tell whether a form carries the token of this secret."""
    if not isinstance(connection, Request) or connection.method != "POST":
        return False
    sent = (await connection.form()).get(FORM_FIELD, "")
    return bool(secret) and isinstance(sent, str) and hmac.compare_digest(sent.encode(), form_token(secret).encode())


def secret_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Return what the forms of a page are tied to: the session, or the browser that stands before the login."""
    visit: Visit | None = connection.scope.get("auth")
    if visit is not None:
        return visit.secret
    return door_of(connection)


def door_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Return the secret of a browser before its login; nothing of one that has none yet."""
    drawn_now: str = connection.state.get("door", "")
    return drawn_now or connection.cookies.get(cookie_name(connection.app.state.settings, DOOR), "")


def door_secret(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Return the secret of a browser before its login, or draw one, for the login page to hand over."""
    if not door_of(connection):
        connection.state.door = secrets.token_urlsafe(32)
    return door_of(connection)


def form_token(secret: str) -> str:
    """Return the token of all forms of a session of the console."""
    return cookies.form_token(secret, of="console")


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
