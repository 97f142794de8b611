"""What people say at points of the tour: read first, published, answered or erased; and the tasks of services."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from admin.forms import Form, read
from admin.paging import begun, place
from admin.shell import Page, draw, go
from admin.undoing import Undo
from admin.visits import Asked
from admin.words import language_of, read_words
from api.courier import Courier
from api.moderation import LONGEST_ANSWER
from domain import expression, tasks
from domain.agents import Permission
from domain.expression import RemarkStatus
from domain.ports import Clock, Unit
from store.database import Begin, Database

WORDS = read_words("voices")
PATH, TASKS = "/console/voices", "/console/tasks"
SHOWN = 50

_LONGEST_REASON = 400
_RULE: dict[str, Any] = {"rule": Permission.EXPRESSION_MODERATE}


@get("/voices", opt=_RULE, include_in_schema=False)
async def queue(
    request: Asked, database: NamedDependency[Database], *, status: FromQuery[str] = "", after: FromQuery[str] = ""
) -> Page:
    """List words that wait, or what became of others, the oldest first."""
    return await _queue(request, database, status, Form(), "", after=after)


@post("/voices/{remark_id:uuid}/publish", opt=_RULE, include_in_schema=False)
async def publish(
    *,
    request: Asked,
    remark_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    courier: NamedDependency[Courier],
) -> Response[None]:
    """Let everybody read words that name nobody."""
    async with begin() as unit:
        found = await unit.expression.remark(request.user.authority_id, remark_id)
        point = await unit.expression.point(found.point_id)
        await expression.approve(unit, found, point, agent_id=request.user.id, now=clock())
    courier.call()
    return go(request, PATH, said=_said(request, "published_said"))


@post("/voices/{remark_id:uuid}/erase", opt=_RULE, include_in_schema=False)
async def erase(
    *,
    request: Asked,
    remark_id: FromPath[UUID],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Erase words at once; the reason stays for thirty days."""
    form = await read(request)
    reason = form.text("reason", longest=_LONGEST_REASON)
    if form.is_wrong:
        return await _queue(request, database, form.kept("status"), form, str(remark_id), status_code=422)
    async with begin() as unit:
        found = await unit.expression.remark(request.user.authority_id, remark_id)
        await expression.decline(unit, found, reason, agent_id=request.user.id, now=clock())
    return go(request, PATH, said=_said(request, "erased_said"))


@post("/voices/{remark_id:uuid}/answer", opt=_RULE, include_in_schema=False)
async def answer(
    *,
    request: Asked,
    remark_id: FromPath[UUID],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Publish an answer beside words that everybody reads."""
    form = await read(request)
    words = form.lines("answer", longest=LONGEST_ANSWER)
    if form.is_wrong:
        return await _queue(request, database, form.kept("status"), form, str(remark_id), status_code=422)
    async with begin() as unit:
        found = await unit.expression.remark(request.user.authority_id, remark_id)
        await expression.answer(unit, found, words, agent_id=request.user.id, now=clock())
    return go(request, f"{PATH}?status={RemarkStatus.APPROVED.value}", said=_said(request, "answered_said"))


@get("/tasks", opt=_RULE, include_in_schema=False)
async def jobs(
    request: Asked,
    database: NamedDependency[Database],
    *,
    done: FromQuery[bool] = False,
    after: FromQuery[str] = "",
) -> Page:
    """List what services are to look at, or what they have done."""
    return await _tasks(request, database, Form(), "", done=done, after=after)


@post("/tasks/{task_id:uuid}/close", opt=_RULE, include_in_schema=False)
async def close(
    *,
    request: Asked,
    task_id: FromPath[UUID],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Say that a task is done, and what was done."""
    form = await read(request)
    note = form.text("note", longest=_LONGEST_REASON)
    if form.is_wrong:
        return await _tasks(request, database, form, str(task_id), done=False, status_code=422)
    async with begin() as unit:
        found = await unit.tasks.task(request.user.authority_id, task_id)
        await tasks.close_task(unit, found, note, agent_id=request.user.id, now=clock())
    return go(request, TASKS, said=_said(request, "closed_said"), undo=Undo(f"{TASKS}/{task_id}/reopening", {}))


@post("/tasks/{task_id:uuid}/reopening", opt=_RULE, include_in_schema=False)
async def reopen(request: Asked, task_id: FromPath[UUID], begin: NamedDependency[Begin]) -> Response[None]:
    """Take back that a task is done."""
    async with begin() as unit:
        await tasks.reopen_task(unit, await unit.tasks.task(request.user.authority_id, task_id))
    return go(request, TASKS, said=_said(request, "reopened_said"))


async def _queue(
    request: Asked,
    database: Database,
    status: str,
    form: Form,
    wrong_at: str,
    *,
    after: str = "",
    status_code: int = 200,
) -> Page:
    wanted = next((one for one in RemarkStatus if one.value == status), RemarkStatus.WAITING)
    async with database.look() as unit:
        found = await unit.expression.queue(request.user.authority_id, wanted, SHOWN + 1, after=place(after))
        titles = await _titles(unit, request)
    page = begun(found, lambda one: (one[1].received_at, one[1].id), SHOWN)
    return draw(
        request,
        "voices/index.html",
        words=WORDS,
        status_code=status_code,
        remarks=page.lines,
        titles=titles,
        more=page.more,
        status=wanted,
        statuses=list(RemarkStatus),
        form=form,
        wrong_at=wrong_at,
    )


async def _tasks(
    request: Asked,
    database: Database,
    form: Form,
    wrong_at: str,
    *,
    done: bool,
    after: str = "",
    status_code: int = 200,
) -> Page:
    async with database.look() as unit:
        found = await unit.tasks.listed(request.user.authority_id, closed=done, most=SHOWN + 1, after=place(after))
        titles = await _titles(unit, request)
    page = begun(found, lambda one: ((one[1].closed_at if done else None) or one[1].opened_at, one[1].id), SHOWN)
    return draw(
        request,
        "voices/tasks.html",
        words=WORDS,
        status_code=status_code,
        tasks=page.lines,
        titles=titles,
        more=page.more,
        done=done,
        form=form,
        wrong_at=wrong_at,
    )


async def _titles(unit: Unit, request: Asked) -> dict[str, str]:
    """What residents call the points, by the end of their address."""
    return {one.slug: one.sheet.title.fr or one.slug for one in await unit.points.all_of(request.user.authority_id)}


def _said(request: Asked, word: str) -> str:
    return WORDS[language_of(request)][word]


ROUTES = (queue, publish, erase, answer, jobs, close, reopen)
