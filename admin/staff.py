"""Who works here: the agents of the authority, what each may do and where, and how a new one is taken on."""

import secrets
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from admin.filters import kept
from admin.forms import Form, read
from admin.shell import Page, draw
from admin.visits import Asked
from admin.words import language_of, read_words
from api.auth import Passwords
from api.journalling import Note
from api.settings import Settings
from domain import staff
from domain.acts import Act
from domain.agents import Agent, Grant, Permission, Role, sought_of
from domain.errors import AlreadyExists, Invalid
from domain.errors.people import AgentNotFound
from domain.journal import Kind, Object
from domain.names import plain_words
from domain.periods import FOREVER
from domain.places import local_day
from domain.ports import Clock, Unit
from domain.services import SERVICES
from domain.staff_lists import Wanted
from domain.text import Text
from store.database import Begin, Database

WORDS = read_words("staff")
PATH = "/console/agents"
MANAGE: dict[str, Any] = {"rule": Permission.AGENT_MANAGE}

EVERYWHERE = "everywhere"
"""What a form says of a role that is bound to no place."""

STATES = ("open", "idle", "closed")
"""Which accounts a list shows: open ones, those of them that nobody uses, closed ones."""

_LONGEST = 120
_ON_A_PAGE = 50


@get("/agents", opt={**MANAGE, "journal": Act.AGENTS_LISTED}, include_in_schema=False)
async def show_all(
    *,
    request: Asked,
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
    after: FromQuery[str] = "",
) -> Page:
    """List the agents who have what was typed in their name or login, and a role if one was chosen, page by page."""
    asked = request.query_params
    typed, state = asked.get("name", "").strip()[:_LONGEST], asked.get("state", "")
    state = state if state in STATES else STATES[0]
    role = next((one for one in Role if one == asked.get("role", "")), None)
    now, mine = clock(), request.user.authority_id
    idle_since = now - timedelta(days=settings.idle_agent_days)
    wanted = Wanted(
        day=local_day(now, request.auth.authority.zone),
        words=tuple(plain_words(typed)),
        role=role,
        active=state != "closed",
        idle_since=idle_since if state == "idle" else None,
        after=_behind(after),
    )
    async with database.look() as unit:
        found = await unit.agents.page(mine, wanted, limit=_ON_A_PAGE + 1)
        count = await unit.agents.count(mine, idle_since=idle_since)
        names = await place_names(request, unit)
    shown = found[:_ON_A_PAGE]
    return draw(
        request,
        "staff/list.html",
        words=WORDS,
        agents=shown,
        more=_cursor(shown[-1]) if len(found) > _ON_A_PAGE else "",
        count={"open": count.active, "idle": count.idle, "closed": count.closed},
        state=state,
        typed=typed,
        role=role or "",
        roles=role_choices(request),
        places=names,
        day=wanted.day,
        idle_days=settings.idle_agent_days,
        forever=FOREVER,
        saved=await kept(request, database, PATH),
    )


@get("/agents/new", opt={**MANAGE, "journal": Act.AGENTS_LISTED}, include_in_schema=False)
async def new(request: Asked, database: NamedDependency[Database]) -> Page:
    """Ask for somebody new."""
    return await _new_page(request, database, Form())


@post("/agents/new", status_code=200, opt={**MANAGE, "journal": Act.AGENT_TAKEN_ON}, include_in_schema=False)
async def take_on(
    *,
    request: Asked,
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    passwords: NamedDependency[Passwords],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Page:
    """Take somebody on, and show their first password this once."""
    form = await read(request)
    login, name = form.text("login", longest=_LONGEST), form.text("name", longest=_LONGEST)
    wanted = read_grant(form, today(request))
    if form.is_wrong or wanted is None:
        return await _new_page(request, database, form, status_code=422)
    password = secrets.token_urlsafe(12)
    hashed = await passwords.hash(password)
    agent = None
    try:
        async with begin() as unit:
            agent = await staff.take_on(
                unit,
                request.user.authority_id,
                login=login,
                name=name,
                password_hash=hashed,
                grants=(wanted,),
                now=clock(),
            )
            note.about(Object(Kind.AGENT, str(agent.id)))
    except AlreadyExists:
        form.refuse("login", "login_taken")
    except Invalid:
        form.refuse("where", "impossible_place")
    if agent is None:
        return await _new_page(request, database, form, status_code=422)
    return draw(request, "staff/password.html", words=WORDS, shown=agent, password=password)


@get("/agents/{agent_id:uuid}", opt={**MANAGE, "journal": Act.AGENT_SHOWN}, include_in_schema=False)
async def show(request: Asked, agent_id: FromPath[UUID], database: NamedDependency[Database]) -> Page:
    """Show an agent: roles, identities, sessions, and what can be done about them."""
    return await agent_page(request, database, agent_id, Form())


async def agent_page(request: Asked, database: Database, agent_id: UUID, form: Form, *, status_code: int = 200) -> Page:
    """Draw the page of an agent, with what was wrong in one of its forms."""
    now = request.app.state.clock()
    async with database.look() as unit:
        shown = await of_here(request, unit, agent_id)
        factor = await unit.second_factors.of(shown.id)
        names = await place_names(request, unit)
        sessions = [one for one in await unit.agent_sessions.of(shown.id) if one.is_open(now)]
        return draw(
            request,
            "staff/agent.html",
            words=WORDS,
            status_code=status_code,
            form=form,
            shown=shown,
            roles=role_choices(request),
            places=names,
            scopes=names.items(),
            value_of=scope_of,
            identities=await unit.identities.of(shown.id),
            protected=factor is not None and factor.confirmed_at is not None,
            passkeys=await unit.passkeys.of(shown.id),
            sessions=sessions,
            tokens=[one for one in await unit.personal_tokens.of(shown.id) if one.is_open(today(request))],
            is_idle=shown.is_idle(now, request.app.state.settings.idle_agent_days),
            idle_days=request.app.state.settings.idle_agent_days,
            day=today(request),
            forever=FOREVER,
            one_day=timedelta(days=1),
        )


async def of_here(request: Asked, unit: Unit, agent_id: UUID) -> Agent:
    """Find an agent of the authority of whoever asks.

    Raises:
        AgentNotFound: there is none of this id here.
    """
    agent = await unit.agents.by_id(agent_id)
    if agent is None or agent.authority_id != request.user.authority_id:
        raise AgentNotFound("No agent of this authority has this id.")
    return agent


def scope_of(grant: Grant) -> str:
    """Name the place of a role as forms do."""
    return f"site:{grant.site}" if grant.site else f"service:{grant.service}" if grant.service else EVERYWHERE


def read_grant(form: Form, day: date) -> Grant | None:
    """Read a role, where it is for, and the last day on which it is, if it has one; `day` is today."""
    role, where = form.one_of("role", Role), form.text("where", longest=_LONGEST)
    last = form.day("until", required=False)
    kind, _, code = where.partition(":")
    if where != EVERYWHERE and (kind not in {"service", "site"} or not code):
        form.refuse("where", "field_not_chosen")
    if last is not None and not day <= last < FOREVER:
        form.refuse("until", "until_over")
    if role is None or form.is_wrong:
        return None
    place = {} if where == EVERYWHERE else {kind: code}
    until = FOREVER if last is None else last + timedelta(days=1)
    return Grant(role, place.get("service", ""), place.get("site", ""), until)


def today(request: Asked) -> date:
    """The day where the authority is."""
    return local_day(request.app.state.clock(), request.auth.authority.zone)


def role_choices(request: Asked) -> list[tuple[Role, str]]:
    """The roles with their words."""
    return [(role, WORDS[language_of(request)][f"role_{role}"]) for role in Role]


async def place_names(request: Asked, unit: Unit) -> dict[str, str]:
    """Where a role may be for: everywhere, each service, each site, by the value that a form has for it."""
    french, say = language_of(request) == "fr", WORDS[language_of(request)]

    def said(text: Text) -> str:
        return text.fr if french else text.en

    services = {f"service:{one.code}": say["whole_service"].format(name=said(one.name)) for one in SERVICES}
    sites = await unit.places.site_names(request.user.authority_id)
    return {EVERYWHERE: say["everywhere"], **services, **{f"site:{code}": said(name) for code, name in sites}}


async def _new_page(request: Asked, database: Database, form: Form, *, status_code: int = 200) -> Page:
    async with database.look() as unit:
        names = await place_names(request, unit)
    return draw(
        request,
        "staff/new.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        roles=role_choices(request),
        scopes=names.items(),
    )


def _cursor(last: Agent) -> str:
    return f"{last.id}.{sought_of(last.name, last.login)}"


def _behind(cursor: str) -> tuple[str, UUID] | None:
    agent_id, _, sought = cursor.partition(".")
    try:
        return (sought, UUID(agent_id)) if sought.isprintable() else None
    except ValueError:
        return None
