"""Coming in by an identity provider (FranceConnect), and going out there too. A code to an address works as well.

The verifier of the ticket lies in a cookie of this browser: a ticket that another browser brought opens nothing.
"""

import base64
import binascii
import secrets
from contextlib import suppress
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency

from api.boards import Boards
from api.provider_logins import ProviderLogins
from api.resident_passkeys import ResidentPasskeys
from api.rules import Rule
from api.settings import Settings
from domain.account_identities import log_in, turn_in
from domain.account_sessions import LoginWay
from domain.errors import NotFound
from domain.errors.accounts import TicketRefused
from domain.ports import Clock
from portal.door import HOME, INSIDE, WaysIn, login_page_with
from portal.shell import Page, go, language_of
from portal.visits import begin_visit
from store.database import Database
from web.cookies import cookie, cookie_name, local_path
from web.forms import Form

GONE = "resident-gone"
"""The cookie of a browser on its way to the provider."""

_BACK = "/moi/login/provider/back"
_SECONDS = 600

Anybody = Request[Any, Any, Any]


@get("/login/provider", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def leave(
    request: Anybody, provider_logins: NamedDependency[ProviderLogins], settings: NamedDependency[Settings]
) -> Response[None]:
    """Send a browser on its way, with a secret that it alone keeps."""
    if not provider_logins.name:
        raise NotFound("Nobody logs in here by a provider.")
    authority, wanted = request.query_params.get("authority", ""), request.query_params.get("next", "")
    return sent_to(request, settings, authority, back=_BACK, wanted=local_path(wanted, HOME))


def sent_to(request: Anybody, settings: Settings, authority: str, *, back: str, wanted: str) -> Response[None]:
    """Send a browser to the provider; its ticket comes to the page `back`, which leads on to `wanted`."""
    verifier = secrets.token_urlsafe(32)
    asked = {
        "authority": authority,
        "redirect": f"{settings.public_url.rstrip('/')}{back}",
        "challenge": base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("="),
        "language": language_of(request),
    }
    answer = go(request, f"/sign-in/provider?{urlencode(asked)}")
    kept = f"{verifier}.{base64.urlsafe_b64encode(wanted.encode()).decode()}"
    answer.set_cookie(cookie(settings, GONE, kept, seconds=_SECONDS))
    return answer


def gone_for(request: Anybody) -> tuple[str, str]:
    """Return the secret with which this browser left, and where it wanted to go; an empty one if it has not left."""
    verifier, _, kept = request.cookies.get(cookie_name(request.app.state.settings, GONE), "").partition(".")
    with suppress(binascii.Error, UnicodeDecodeError):
        return verifier, local_path(base64.urlsafe_b64decode(kept).decode(), HOME)
    return verifier, HOME


@get("/login/provider/back", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def come_back(
    *,
    request: Anybody,
    boards: NamedDependency[Boards],
    database: NamedDependency[Database],
    provider_logins: NamedDependency[ProviderLogins],
    resident_passkeys: NamedDependency[ResidentPasskeys],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
) -> Page | Response[None]:
    """Let in whoever brings the ticket that this browser went for; else say that it did not work."""
    verifier, wanted = gone_for(request)
    try:
        async with database.begin() as unit:
            ticket = await turn_in(unit, request.query_params.get("ticket", ""), verifier, now=clock())
            account = await log_in(unit, ticket, now=clock())
            session = await begin_visit(request, unit, account, way=LoginWay.PROVIDER, stays=False)
    except TicketRefused:
        form = Form({"next": wanted})
        form.refuse("provider", "provider_refused")
        ways = WaysIn(await boards.authorities(), provider_logins, resident_passkeys)
        answer: Page | Response[None] = login_page_with(request, form, ways, status_code=401)
    else:
        answer = go(request, wanted)
        answer.set_cookie(session)
        answer.set_cookie(cookie(settings, INSIDE, ticket.id_token))
    answer.set_cookie(cookie(settings, GONE, "", seconds=0))
    return answer


@get("/login/provider/out", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def go_out(
    request: Anybody, provider_logins: NamedDependency[ProviderLogins], settings: NamedDependency[Settings]
) -> Response[None]:
    """Send a browser to the provider to be logged out there, by what it was given as it came in."""
    id_token = request.cookies.get(cookie_name(settings, INSIDE), "")
    address = await provider_logins.way_out(id_token) if id_token and provider_logins.name else ""
    answer = go(request, address or f"{HOME}/login")
    answer.set_cookie(cookie(settings, INSIDE, "", seconds=0))
    return answer


ROUTES = (leave, come_back, go_out)
