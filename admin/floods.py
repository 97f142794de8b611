"""Levels of rivers: what the gauges propose, and what an agent makes public, leaves as it is, or has seen."""

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from admin.forms import Form, read
from admin.paging import begun, place
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of, read_words
from api.courier import Courier
from domain import flood_levels
from domain.agents import Permission
from domain.errors.floods import FloodStationNotFound
from domain.flood_levels import ChangeStatus
from domain.flood_thresholds import Station
from domain.floods import Level
from domain.ports import Clock, Unit
from store.database import Begin, Database

WORDS = read_words("floods")
PATH = "/console/floods"
JOURNAL = 30

_LONGEST_WORDS = 400


@get("/floods", opt={"rule": Permission.FLOOD_READ}, include_in_schema=False)
async def rivers(request: Asked, database: NamedDependency[Database], before: FromQuery[str] = "") -> Page:
    """Show where each gauge stands, what waits for a decision, and the journal."""
    return await _rivers(request, database, Form(), "", before=before)


@post("/floods/changes/{change_id:uuid}/confirm", opt={"rule": Permission.FLOOD_CONFIRM}, include_in_schema=False)
async def confirm(
    *,
    request: Asked,
    change_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    courier: NamedDependency[Courier],
) -> Response[None]:
    """Make a level public: sheets say it at once, and webhooks are told."""
    async with begin() as unit:
        found = await unit.floods.change(request.user.authority_id, change_id)
        station = await _held(unit, request.user.authority_id, found.stream_id)
        await flood_levels.confirm_change(unit, found, station, agent_id=request.user.id, now=clock())
    courier.call()
    return go(request, PATH, said=WORDS[language_of(request)]["confirmed_said"])


@post("/floods/changes/{change_id:uuid}/refuse", opt={"rule": Permission.FLOOD_CONFIRM}, include_in_schema=False)
async def refuse(
    *,
    request: Asked,
    change_id: FromPath[UUID],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Leave the public level as it is, and say why."""
    form = await read(request)
    words = form.text("words", longest=_LONGEST_WORDS)
    if form.is_wrong:
        return await _rivers(request, database, form, str(change_id), status_code=422)
    async with begin() as unit:
        found = await unit.floods.change(request.user.authority_id, change_id)
        await flood_levels.decline_change(unit, found, agent_id=request.user.id, words=words, now=clock())
    return go(request, PATH, said=WORDS[language_of(request)]["refused_said"])


@post("/floods/{station:str}/declare", opt={"rule": Permission.FLOOD_CONFIRM}, include_in_schema=False)
async def declare(
    *,
    request: Asked,
    station: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    courier: NamedDependency[Courier],
) -> Page | Response[None]:
    """Make a level public that somebody has seen, without a reading."""
    form = await read(request)
    level, words = form.whole("level", least=0, most=3), form.text("words", longest=_LONGEST_WORDS)
    if form.is_wrong or level is None:
        return await _rivers(request, database, form, station, status_code=422)
    async with begin() as unit:
        _, stream = await unit.floods.gauge(request.user.authority_id, station)
        held = await _held(unit, request.user.authority_id, stream.id)
        await flood_levels.declare(unit, held, Level(level), agent_id=request.user.id, words=words, now=clock())
    courier.call()
    return go(request, PATH, said=WORDS[language_of(request)]["confirmed_said"])


async def _held(unit: Unit, authority_id: UUID, stream_id: UUID) -> Station:
    station = await unit.floods.hold(authority_id, stream_id)
    if station is None:
        raise FloodStationNotFound("Two people have not set the thresholds of this gauge yet.")
    return station


async def _rivers(
    request: Asked, database: Database, form: Form, wrong_at: str, *, before: str = "", status_code: int = 200
) -> Page:
    async with database.look() as unit:
        watched = await unit.floods.watched(request.user.authority_id)
        last = await unit.floods.newest([one.stream.id for one in watched])
        found = await unit.floods.journal(request.user.authority_id, None, JOURNAL + 1, before=place(before))
        waiting = [(one, change) for one in watched for change in await unit.floods.waiting(one.stream.id)]
    journal = begun(found, lambda one: (one[1].noticed_at, one[1].id), JOURNAL)
    return draw(
        request,
        "floods/index.html",
        words=WORDS,
        status_code=status_code,
        stations=[(one, last[one.stream.id].shown if one.stream.id in last else None) for one in watched],
        waiting=waiting,
        names={one.device.code: one.device.name for one in watched},
        journal=[(change, code) for code, change in journal.lines if change.status is not ChangeStatus.WAITING],
        more=journal.more,
        levels=list(Level),
        confirms=request.user.may(Permission.FLOOD_CONFIRM),
        form=form,
        wrong_at=wrong_at,
    )


ROUTES = (rivers, confirm, refuse, declare)
