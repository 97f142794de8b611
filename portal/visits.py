"""Who visits the portal: the resident whose session stands behind a cookie, and the forms that only its pages can send.

The cookie holds the one token of a session that was opened for a browser. It names the session and proves it
(`domain.account_sessions`), so the database alone makes none. It is not renewed: a browser that loses an answer would
look like a thief. Ninety days after the login a code is asked for again.
"""

import hmac
import secrets
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.handlers.base import BaseRouteHandler
from msgspec import Struct

from api.ended_sessions import end_session
from api.residents import Resident, ResidentTokens
from api.settings import Settings
from domain.account_sessions import LIFE, Client, Entered, LoginWay, is_genuine, open_session, read_token
from domain.accounts import NOTICED, Account, was_used
from domain.errors import NotAuthenticated
from domain.errors.accounts import RefreshRefused
from domain.places import Authority
from domain.ports import Unit
from web import cookies
from web.browsers import browser_of
from web.cookies import FORM_FIELD, ForeignForm, cookie, cookie_name

SESSION, DOOR = "resident", "resident-door"
"""The cookie of somebody who is logged in; that of a login form, which stands for the browser alone."""

_UNNAMED = "Web"
"""What the list of devices calls a browser that says nothing of itself."""


class Visit(Struct, frozen=True):
    """One request of somebody who is logged in. `secret` never leaves the process."""

    authority: Authority
    secret: str


Asked = Request[Resident, Visit, Any]
"""What a page of the portal is asked with: `request.user` is the resident, `request.auth` the visit."""


async def visitor(connection: ASGIConnection[Any, Any, Any, Any]) -> Resident:
    """Return the resident whose session this is, as the database knows them now. `opt["who"]` of every page.

    Raises:
        NotAuthenticated: there is no session, or it is over, or the account is gone.
    """
    state = connection.app.state
    token, now = connection.cookies.get(cookie_name(state.settings, SESSION), ""), state.clock()
    async with state.database.look() as unit:
        found = await _entered(unit, state.resident_tokens, token)
    # An account that is closed takes its sessions along.
    if found is None or not found.session.is_open(now):
        raise NotAuthenticated("Log in first.")
    account = found.account
    if account.warned_at is not None or now >= account.seen_at + NOTICED:
        async with state.database.begin() as unit:
            account = await was_used(unit, account, now=now)
    connection.scope["auth"] = Visit(found.authority, token)
    return Resident(account, found.session, found.authority)


async def begin_visit(
    request: Request[Any, Any, Any], unit: Unit, account: Account, *, way: LoginWay, stays: bool
) -> Cookie:
    """Open a session for somebody who has just proved who they are; the one that this browser had is over.

    Without `stays` the cookie goes when the browser is closed.
    """
    state = request.app.state
    settings: Settings = state.settings
    tokens: ResidentTokens = state.resident_tokens
    before = await _entered(unit, tokens, request.cookies.get(cookie_name(settings, SESSION), ""))
    if before is not None:
        await end_session(unit, state.keyring, before.session, now=state.clock())
    name = browser_of(request.headers.get("user-agent", "")) or _UNNAMED
    session = await open_session(unit, account, client=Client.PORTAL, name=name, way=way, now=state.clock())
    seconds = int(LIFE.total_seconds()) if stays else None
    return cookie(settings, SESSION, await tokens.refresh(unit, session), seconds=seconds)


async def _entered(unit: Unit, tokens: ResidentTokens, token: str) -> Entered | None:
    """Return who stands behind the portal's session that a cookie proves, open or not."""
    try:
        shown = read_token(token)
    except RefreshRefused:
        return None
    found = await unit.account_sessions.entered(shown.session_id)
    if found is None or found.session.client is not Client.PORTAL:
        return None
    genuine = is_genuine(found.session, shown, tokens.key_at(found.authority, found.session))
    return found if genuine and shown.generation == found.session.generation else None


async def own_forms_only(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Let a form through that one of our pages was drawn with: a guard of every page, after who visits is known.

    Raises:
        ForeignForm: its token is missing, or belongs to another session.
    """
    if connection.scope.get("method") in {"GET", "HEAD", "OPTIONS"}:
        return
    secret = secret_of(connection)
    sent = (await connection.form()).get(FORM_FIELD, "") if isinstance(connection, Request) else ""
    if not (secret and isinstance(sent, str) and hmac.compare_digest(sent.encode(), form_token(secret).encode())):
        raise ForeignForm("The form does not come from this session.")


def secret_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Return what the forms of a page are tied to: the session, or the browser that stands before the login."""
    visit: Visit | None = connection.scope.get("auth")
    if visit is not None:
        return visit.secret
    drawn_now: str = connection.state.get("door", "")
    return drawn_now or connection.cookies.get(cookie_name(connection.app.state.settings, DOOR), "")


def door_secret(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Return the secret of a browser before its login, or draw one, for the page to hand over."""
    if not secret_of(connection):
        connection.state.door = secrets.token_urlsafe(32)
    return secret_of(connection)


def form_token(secret: str) -> str:
    """Return the token of all forms of a session of the portal."""
    return cookies.form_token(secret, of="portal")
