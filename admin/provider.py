"""Coming in by an identity provider (ProConnect), and leaving it.

A login on its way can be answered in the browser that began it alone (`adapters/oidc.py`), and until somebody is in.
"""

import secrets
from hashlib import sha256
from typing import Any

import structlog
from litestar import Request, Response, get
from litestar.di import NamedDependency

from adapters.oidc import Oidc, begin, resume
from admin.door import WORDS, let_in, local_path
from admin.shell import Page, draw, go
from admin.unsent import LONGEST_TICKET
from admin.visits import DOOR, PROVIDER
from api.rules import Rule
from api.settings import Settings
from domain.agent_sessions import Proof
from domain.errors import NotFound
from domain.errors.agents import IdentityRefused, ProviderAway
from domain.identities import Claimed
from domain.ports import Clock
from store.database import Database
from web.cookies import cookie, cookie_name

log = structlog.get_logger("console")


@get("/login/provider", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def to_provider(
    request: Request[Any, Any, Any],
    oidc: NamedDependency[Oidc | None],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Send the browser to the provider."""
    provider = _known(oidc)
    secret = request.cookies.get(cookie_name(settings, DOOR), "") or secrets.token_urlsafe(32)
    asked = request.query_params
    ticket = asked.get("unsent", "")[:LONGEST_TICKET]
    going = begin(secret, f"{ticket} {local_path(asked.get('next', ''))}", clock())
    try:
        answer = go(request, await provider.address(going))
    except (ProviderAway, IdentityRefused) as refusal:
        return _failed(request, refusal)
    answer.set_cookie(cookie(settings, DOOR, secret))
    return answer


@get("/login/back", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def from_provider(
    *,
    request: Request[Any, Any, Any],
    oidc: NamedDependency[Oidc | None],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
    database: NamedDependency[Database],
) -> Page | Response[None]:
    """Let somebody in whom the provider answers for, and whom an administrator has attached to an agent."""
    provider, said = _known(oidc), request.query_params
    try:
        going, wanted = resume(request.cookies.get(cookie_name(settings, DOOR), ""), said.get("state", ""), clock())
        answered = await provider.answered(going, said.get("code", ""), issuer=said.get("iss", ""))
        claimed = Claimed.of(answered.claims)
    except (ProviderAway, IdentityRefused) as refusal:
        return _failed(request, refusal)
    async with database.look() as unit:
        identity = await unit.identities.by_claim(claimed.siret, claimed.uid)
        agent = None if identity is None else await unit.agents.by_id(identity.agent_id)
    if agent is None or not agent.active:
        return _stranger(request, claimed)
    ticket, _, path = wanted.partition(" ")
    answer = await let_in(request, agent, Proof.PROVIDER, wanted=path, ticket=ticket)
    answer.set_cookie(cookie(settings, PROVIDER, answered.id_token))
    answer.set_cookie(cookie(settings, DOOR, "", seconds=0))  # what was sealed with it is over
    return answer


def _known(oidc: Oidc | None) -> Oidc:
    if oidc is None:
        raise NotFound("Nobody logs in here by a provider.")
    return oidc


def _stranger(request: Request[Any, Any, Any], claimed: Claimed) -> Page:
    """Say to somebody whom nobody knows what to give to their administrator. In the log, a number stands for them."""
    mark = sha256(f"{claimed.siret} {claimed.uid}".encode()).hexdigest()[:16]
    log.warning("stranger", siret=claimed.siret, mark=mark)
    return draw(request, "login_stranger.html", words=WORDS, status_code=403, claimed=claimed)


def _failed(request: Request[Any, Any, Any], refusal: ProviderAway | IdentityRefused) -> Page:
    log.warning("provider", refused=refusal.code, why=refusal.detail)
    away = isinstance(refusal, ProviderAway)
    return draw(request, "login_failed.html", words=WORDS, status_code=503 if away else 403, away=away)
