"""What agents do with what people say: read it first, publish or erase it, answer; and the tasks that follow."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct

from api.agents import PRINTABLE
from api.courier import Courier
from api.days import Caller
from domain import expression, tasks
from domain.agents import Permission
from domain.expression import Feeling, Remark, RemarkKind, RemarkStatus
from domain.ports import Clock
from domain.tasks import Task, TaskReason
from store.database import Begin, Database

LONGEST_ANSWER = 1_500

_MODERATE = {"rule": Permission.EXPRESSION_MODERATE}
_TAGS = ["Expression"]

Reason = Annotated[str, Meta(min_length=3, max_length=400, pattern=PRINTABLE)]


class DeclineRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Why words are erased: kept for thirty days without them, so quote nothing of them."""

    reason: Reason


class AnswerRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """What the city answers: everybody reads it."""

    words: Annotated[str, Meta(min_length=3, max_length=LONGEST_ANSWER, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]*$")]


class TaskDoneRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """What was done about a task."""

    note: Reason


class RemarkView(Struct, frozen=True, rename="camel"):
    """Words that somebody left at a point; null once they were declined."""

    id: UUID
    point: str
    kind: RemarkKind
    feeling: Feeling | None
    language: str
    text: str | None
    received_at: datetime
    status: RemarkStatus
    reason: str
    answer: str
    answered_at: datetime | None


class TaskView(Struct, frozen=True, rename="camel"):
    """Something for a service to look at; `remark` is what somebody told, where a fault is behind it."""

    id: UUID
    point: str
    service: str
    why: TaskReason
    remark: UUID | None
    opened_at: datetime
    closed_at: datetime | None
    note: str


@get("/remarks", opt=_MODERATE, summary="See which words wait", tags=_TAGS)
async def queue(
    request: Caller,
    database: NamedDependency[Database],
    *,
    status: FromQuery[RemarkStatus] = RemarkStatus.WAITING,
    lines: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> list[RemarkView]:
    """List words that wait to be read, or what became of others, the oldest first."""
    async with database.look() as unit:
        found = await unit.expression.queue(request.user.authority_id, status, lines)
    return [_view(one, slug) for slug, one in found]


@post("/remarks/{remark_id:uuid}/approval", status_code=200, opt=_MODERATE, summary="Publish words", tags=_TAGS)
async def approve(
    *,
    request: Caller,
    remark_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    courier: NamedDependency[Courier],
) -> RemarkView:
    """Let everybody read words that name nobody. A fault becomes a task for the service that answers for the point."""
    async with begin() as unit:
        found = await unit.expression.remark(request.user.authority_id, remark_id)
        point = await unit.expression.point(found.point_id)
        approved = await expression.approve(unit, found, point, agent_id=request.user.id, now=clock())
    courier.call()
    return _view(approved, point.slug)


@post("/remarks/{remark_id:uuid}/refusal", status_code=200, opt=_MODERATE, summary="Erase words", tags=_TAGS)
async def decline(
    request: Caller,
    remark_id: FromPath[UUID],
    data: JSONBody[DeclineRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> RemarkView:
    """Erase words at once, published or not, with the answer to them; the reason stays for thirty days."""
    async with begin() as unit:
        found = await unit.expression.remark(request.user.authority_id, remark_id)
        gone = await expression.decline(unit, found, data.reason, agent_id=request.user.id, now=clock())
        slug = await unit.expression.slug_of(found.point_id)
    return _view(gone, slug)


@post("/remarks/{remark_id:uuid}/answer", status_code=200, opt=_MODERATE, summary="Answer words", tags=_TAGS)
async def answer(
    request: Caller,
    remark_id: FromPath[UUID],
    data: JSONBody[AnswerRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> RemarkView:
    """Publish an answer with its day beside words that everybody reads. Another one takes its place."""
    async with begin() as unit:
        found = await unit.expression.remark(request.user.authority_id, remark_id)
        answered = await expression.answer(unit, found, data.words.strip(), agent_id=request.user.id, now=clock())
        slug = await unit.expression.slug_of(found.point_id)
    return _view(answered, slug)


@get("/tasks", opt=_MODERATE, summary="See what services are to look at", tags=_TAGS)
async def listed(
    request: Caller,
    database: NamedDependency[Database],
    *,
    done: FromQuery[bool] = False,
    lines: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> list[TaskView]:
    """List open tasks, the oldest first, or those that are done, the latest first."""
    async with database.look() as unit:
        found = await unit.tasks.listed(request.user.authority_id, closed=done, most=lines)
    return [_task_view(one, slug) for slug, one in found]


@post("/tasks/{task_id:uuid}/end", status_code=200, opt=_MODERATE, summary="Close a task", tags=_TAGS)
async def close(
    request: Caller,
    task_id: FromPath[UUID],
    data: JSONBody[TaskDoneRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> TaskView:
    """Say that a task is done, and what was done."""
    async with begin() as unit:
        found = await unit.tasks.task(request.user.authority_id, task_id)
        closed = await tasks.close_task(unit, found, data.note, agent_id=request.user.id, now=clock())
        slug = await unit.expression.slug_of(found.point_id)
    return _task_view(closed, slug)


def _view(remark: Remark, slug: str) -> RemarkView:
    return RemarkView(
        id=remark.id,
        point=slug,
        kind=remark.kind,
        feeling=remark.feeling,
        language=remark.language,
        text=remark.text,
        received_at=remark.received_at,
        status=remark.status,
        reason=remark.reason,
        answer=remark.answer,
        answered_at=remark.answered_at,
    )


def _task_view(task: Task, slug: str) -> TaskView:
    return TaskView(
        id=task.id,
        point=slug,
        service=task.service,
        why=task.why,
        remark=task.remark_id,
        opened_at=task.opened_at,
        closed_at=task.closed_at,
        note=task.note,
    )


ROUTER = Router(path="/v1", route_handlers=[queue, approve, decline, answer, listed, close])
