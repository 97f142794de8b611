"""Modifications of the catalogue: what differs, who is affected, and putting them in force, now or at a date."""

import contextlib
from datetime import datetime
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from admin.catalogue import EDITS, PATH, PLACED, WORDS
from admin.forms import Form, read
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of
from api.settings import Settings
from domain.access.reasons import REASONS
from domain.agents import Agent
from domain.catalogue import changes
from domain.catalogue.changes import OPEN, Modification, Stage
from domain.catalogue.contents import kind_of
from domain.catalogue.differences import differences
from domain.catalogue.effects import shown
from domain.catalogue.phrases import amount_of
from domain.catalogue.reach import check_reach, may_change
from domain.errors import Forbidden, Invalid
from domain.errors.products import ModificationEmpty, MovedMeanwhile
from domain.ports import Clock, Unit
from store.database import Begin, Database
from store.effects import preview

LIST = f"{PATH}/modifications"
LONGEST_REASON = 400
_PAGE = 30


@get("/catalogue/modifications", opt=PLACED, include_in_schema=False)
async def listed(request: Asked, database: NamedDependency[Database], below: FromQuery[int | None] = None) -> Page:
    """List modifications, the newest first."""
    async with database.look() as unit:
        found = await unit.modifications.listed(request.user.authority_id, list(Stage), below=below, most=_PAGE + 1)
        names = await _names(unit, found)
    older = found[_PAGE - 1].number if len(found) > _PAGE else None
    return draw(request, "catalogue/list.html", words=WORDS, found=found[:_PAGE], names=names, older=older)


@get("/catalogue/modifications/{modification:int}", opt=PLACED, include_in_schema=False)
async def show(request: Asked, modification: FromPath[int], database: NamedDependency[Database]) -> Page:
    """Show what differs and who is affected."""
    return await _show(request, modification, database, Form())


@post("/catalogue/modifications/{modification:int}/activate", opt=PLACED, include_in_schema=False)
async def activate(
    *,
    request: Asked,
    modification: FromPath[int],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Put a modification in force: now, or at a date and a time."""
    form = await read(request)
    at = None if form.kept("when") == "now" else _instant(form, request.auth.authority.zone)
    if at is not None and at <= clock():
        form.refuse("day", "past")
    if not form.is_wrong:
        try:
            async with begin() as unit:
                held = await _held(unit, request.user, modification)
                done = await changes.activate(unit, held, agent_id=request.user.id, now=clock(), at=at)
            return go(request, f"{LIST}/{modification}", said=WORDS[language_of(request)][f"done_{done.state.value}"])
        except MovedMeanwhile:
            form.refuse("day", "problem_moved-meanwhile")
        except ModificationEmpty:
            form.refuse("day", "problem_modification-empty")
        except Invalid:
            form.refuse("day", "problem_other")
    return await _show(request, modification, database, form, status_code=422)


def _instant(form: Form, zone: str) -> datetime | None:
    """Read a day and a time of that day, on the clock of the authority."""
    day, clock = form.day("day"), form.text("time", longest=5)
    if day is None or form.is_wrong:
        return None
    with contextlib.suppress(ValueError):
        return datetime.fromisoformat(f"{day}T{clock.replace('h', ':')}").replace(tzinfo=ZoneInfo(zone))
    form.refuse("time", "no_time")
    return None


@post("/catalogue/modifications/{modification:int}/withdraw", opt=PLACED, include_in_schema=False)
async def withdraw(
    request: Asked, modification: FromPath[int], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Response[None]:
    """Give a modification up before it is in force."""
    async with begin() as unit:
        held = await _held(unit, request.user, modification)
        await changes.withdraw(unit, held, agent_id=request.user.id, now=clock())
    return go(request, f"{LIST}/{modification}", said=WORDS[language_of(request)]["done_withdrawn"])


@post("/catalogue/modifications/{modification:int}/take-up", opt=PLACED, include_in_schema=False)
async def take_up(request: Asked, modification: FromPath[int], begin: NamedDependency[Begin]) -> Response[None]:
    """Write a modification anew on what is in force by now."""
    async with begin() as unit:
        clashes = await changes.take_up(unit, await _held(unit, request.user, modification))
    said = WORDS[language_of(request)]["taken_up_over" if clashes else "taken_up"]
    return go(request, f"{LIST}/{modification}", said=said)


@post("/catalogue/modifications/{modification:int}/leave-out", opt=PLACED, include_in_schema=False)
async def leave_out(request: Asked, modification: FromPath[int], begin: NamedDependency[Begin]) -> Response[None]:
    """Take a product or a site out of a draft."""
    form = await read(request)
    async with begin() as unit:
        held = await _held(unit, request.user, modification)
        await changes.leave_out(unit, held, form.kept("kind")[:8], form.kept("code")[:60])
    return go(request, f"{LIST}/{modification}", said=WORDS[language_of(request)]["left_out"])


@post("/catalogue/modifications/{modification:int}/undo", opt=PLACED, include_in_schema=False)
async def undo(
    *,
    request: Asked,
    modification: FromPath[int],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Draft the way back."""
    form = await read(request)
    reason = form.text("reason", longest=LONGEST_REASON)
    if not form.is_wrong:
        try:
            async with begin() as unit:
                held = await _held(unit, request.user, modification)
                back = await changes.undo(unit, held, agent_id=request.user.id, reason=reason, now=clock())
            return go(request, f"{LIST}/{back.number}", said=WORDS[language_of(request)]["undo_drafted"])
        except ModificationEmpty:
            form.refuse("reason", "nothing_to_undo")
    return await _show(request, modification, database, form, status_code=422)


async def _held(unit: Unit, agent: Agent, number: int) -> Modification:
    held = await unit.modifications.hold(agent.authority_id, number)
    found = await unit.modifications.changes(held.id)
    check_reach(agent, found)
    if not found and held.author_id != agent.id and not agent.may(PLACED["rule"]):
        raise Forbidden("An empty modification is its author's.")
    return held


async def _show(request: Asked, number: int, database: Database, form: Form, *, status_code: int = 200) -> Page:
    settings: Settings = request.app.state.settings
    async with database.look() as unit:
        found = await unit.modifications.one(request.user.authority_id, number)
        written = await unit.modifications.changes(found.id)
        stale = await changes.moved(unit, found) if found.state in OPEN else []
        names = await _names(unit, [found])
    seen = None
    if found.state in OPEN and written:
        now = request.app.state.clock()
        seen = await preview(database, found.authority_id, written, now=now, at=found.takes_effect_at)
    language, threshold = language_of(request), settings.figures_threshold
    return draw(
        request,
        "catalogue/modification.html",
        words=WORDS,
        status_code=status_code,
        one=found,
        state=found.state.value,
        names=names,
        changes=[(kind_of(one.after), one.after, differences(one.before, one.after)) for one in written],
        effects=seen.effects if seen else (),
        replayed=seen.replayed if seen else None,
        refused=[(REASONS[reason].short, count) for reason, count in seen.replayed.refused.items()]
        if seen and seen.replayed
        else [],
        stale=[(change.after, differences(change.before, now)) for change, now in stale if now is not None],
        at=found.takes_effect_at.astimezone(ZoneInfo(request.auth.authority.zone)) if found.takes_effect_at else None,
        count=lambda value: _count(value, threshold, language),
        amount=amount_of,
        edits=EDITS,
        mine=all(may_change(request.user, one.after) for one in written),
        form=form,
    )


def _count(value: int, threshold: int, language: str) -> str:
    """Say a count, but none so small that it could tell who it is."""
    if shown(value, threshold) is None:
        return WORDS["fr" if language == "fr" else "en"]["few"].format(number=threshold)
    return f"{value:,}".replace(",", " " if language == "fr" else ",")


async def _names(unit: Unit, found: list[Modification]) -> dict[object, str]:
    """Name the agents by their ids; one whose account is gone has none."""
    ids = {id_ for one in found for id_ in (one.author_id, one.decided_by, one.settled_by) if id_ is not None}
    agents = [await unit.agents.by_id(id_) for id_ in ids]
    return {agent.id: agent.name for agent in agents if agent is not None}


ROUTES = (listed, show, activate, withdraw, take_up, leave_out, undo)
