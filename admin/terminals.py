"""Terminals: how each of them is, pairing one with a code on the screen, and taking its right to ask away."""

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from adapters import pairing_codes
from admin.filters import kept
from admin.forms import Form, read
from admin.paging import paged
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of, read_words
from api.boards import Boards, doors_of
from api.fleet import seen_by
from api.sessions import TerminalSessions
from api.settings import Settings
from domain import terminals
from domain.agents import Agent, Permission
from domain.places import local_day
from domain.ports import Clock, Unit
from domain.reach import sites_for
from domain.terminals import Condition, Profile, condition_of
from domain.text import Text
from nfc import pairing_code
from nfc.picture import render_svg
from store.database import Begin, Database

WORDS = read_words("terminals")
PATH = "/console/terminals"

_LONGEST_NAME = 80
_GRAVEST = {condition: place for place, condition in enumerate(Condition)}
_TO_LOOK_AT = (Condition.DOWN, Condition.CLOCK_WRONG, Condition.LISTS_OLD)


@get("/terminals", opt={"rule": Permission.TERMINAL_READ, "placed": True}, include_in_schema=False)
async def listed(
    *,
    request: Asked,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    condition: FromQuery[str] = "",
    site: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Page:
    """List the terminals, those that need somebody first; revoked ones last. By how they are, and by site."""
    now, authority_id = clock(), request.user.authority_id
    wanted = next((one for one in Condition if one == condition), None)
    async with database.look() as unit:
        health = await unit.terminals.heartbeats(authority_id)
        served = await unit.terminals.served(authority_id)
        seen = await seen_by(unit, request.user)
        sites = await _sites(unit, request.user)
        at = next((code for code, _ in sites if code == site), "")
        there = await unit.terminals.serving(authority_id, [at]) if at else {one.id for one in seen}
    conditions = [(one, condition_of(one, health.get(one.id), now)) for one in seen if one.id in there]
    conditions.sort(key=lambda row: (row[1] is Condition.REVOKED, _GRAVEST[row[1]], row[0].name))
    chosen = [row for row in conditions if wanted in {None, row[1]}]
    page = paged(chosen, after, lambda row: str(row[0].id))
    rows = [(one, condition, health.get(one.id), served.get(one.id, [])) for one, condition in page.lines]
    return draw(
        request,
        "terminals/index.html",
        words=WORDS,
        rows=rows,
        more=page.more,
        filters={"condition": wanted or "", "site": at},
        conditions=list(Condition),
        sites=sites,
        saved=await kept(request, database, PATH),
        to_look_at=sum(row[1] in _TO_LOOK_AT for row in conditions),
        never_seen=sum(row[1] is Condition.NEVER_SEEN for row in conditions),
        manages=request.user.may(Permission.TERMINAL_MANAGE),
    )


async def _sites(unit: Unit, agent: Agent) -> list[tuple[str, Text]]:
    mine = await sites_for(unit, agent, Permission.TERMINAL_READ)
    return [
        (code, name) for code, name in await unit.places.site_names(agent.authority_id) if mine is None or code in mine
    ]


@get("/terminals/new", opt={"rule": Permission.TERMINAL_MANAGE}, include_in_schema=False)
async def new(request: Asked, database: NamedDependency[Database], boards: NamedDependency[Boards]) -> Page:
    """Ask which device is to be paired, for which gates, as what."""
    return await _invitation_form(request, database, boards, Form())


@post("/terminals/new", opt={"rule": Permission.TERMINAL_MANAGE}, include_in_schema=False)
async def invite(
    *,
    request: Asked,
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    boards: NamedDependency[Boards],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
) -> Page:
    """Open a pairing, and show its code once: it is stored nowhere, so this page is not to be loaded anew."""
    form = await read(request)
    name, profile = form.text("name", longest=_LONGEST_NAME), form.one_of("profile", Profile)
    gates = tuple(each.removeprefix("gate_") for each in form.typed if each.startswith("gate_"))
    if not gates:
        form.refuse("gates", "no_gate")
    if form.is_wrong or profile is None:
        return await _invitation_form(request, database, boards, form, status_code=422)
    code = pairing_codes.draw()
    async with begin() as unit:
        pairing = await terminals.offer_pairing(
            unit,
            authority_id=request.user.authority_id,
            code=code,
            name=name,
            gate_codes=gates,
            profile=profile,
            now=clock(),
        )
    picture = render_svg(pairing_code.write(settings.public_url, code))
    return draw(
        request,
        "terminals/invitation.html",
        words=WORDS,
        name=name,
        code=code,
        picture=picture,
        expires_at=pairing.expires_at,
        address=settings.public_url,
    )


@post("/terminals/{terminal_id:uuid}/revoke", opt={"rule": Permission.TERMINAL_MANAGE}, include_in_schema=False)
async def revoke(
    request: Asked,
    terminal_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    sessions: NamedDependency[TerminalSessions],
) -> Response[None]:
    """Take a terminal's right to ask away, at once and for good."""
    async with begin() as unit:
        await terminals.revoke_terminal(unit, authority_id=request.user.authority_id, terminal_id=terminal_id)
    sessions.forget()
    return go(request, PATH, said=WORDS[language_of(request)]["revoked_said"])


async def _invitation_form(
    request: Asked, database: Database, boards: Boards, form: Form, *, status_code: int = 200
) -> Page:
    async with database.read() as connection:
        catalogue = await boards.reference(connection)
    doors = doors_of(catalogue, request.auth.authority)
    day = local_day(request.app.state.clock(), request.auth.authority.zone)
    lasting = (each for each in doors.values() if not each[0].site.calendar.ended_on(day))
    sites = sorted(lasting, key=lambda each: each[0].site.code)
    return draw(
        request,
        "terminals/new.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        profiles=list(Profile),
        sites=[(each[0].site, sorted((door.gate for door in each), key=lambda gate: gate.code)) for each in sites],
    )


ROUTES = (listed, new, invite, revoke)
