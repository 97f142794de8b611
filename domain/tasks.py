"""Tasks of the services that answer for points: opened by what residents say, closed by an agent."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.errors.floods import AlreadyDecided
from domain.points import Point
from domain.ports import Unit
from domain.webhooks import Kind, announce

WORRY_RESTS = timedelta(days=7)
"""The same worry opens one task a week, done or not."""


class TaskReason(StrEnum):
    """Why a task was opened."""

    WORRIED = "worried"
    """Many people are worried about the point."""
    FAULT = "fault"
    """Somebody has told of a fault, and an agent believes it."""


class Task(Struct, frozen=True):
    """Something for a service to look at. `service` is what the point's sheet calls it, in French."""

    id: UUID
    authority_id: UUID
    point_id: UUID
    service: str
    why: TaskReason
    remark_id: UUID | None
    opened_at: datetime
    closed_at: datetime | None = None
    closed_by: UUID | None = None
    note: str = ""


class Tasks(Protocol):
    """Tasks (`store.tasks`)."""

    async def open(self, new: Task) -> bool:
        """Write a task; tell whether it is new: of worries there is one open task for each point."""
        ...

    async def opened_since(self, point_id: UUID, why: TaskReason, since: datetime) -> bool: ...
    async def close(self, closed: Task) -> None:
        """Write that a task is done.

        Raises:
            AlreadyDecided: it was done before.
        """
        ...

    async def reopen(self, open_again: Task) -> None:
        """Write that a task is not done after all.

        Raises:
            AlreadyDecided: it is open, or another of its kind is meanwhile.
        """
        ...

    async def task(self, authority_id: UUID, task_id: UUID) -> Task: ...
    async def listed(
        self, authority_id: UUID, *, closed: bool, most: int, after: tuple[datetime, UUID] | None = None
    ) -> list[tuple[str, Task]]: ...


class TaskTold(Struct, frozen=True, rename="camel"):
    """What a webhook is told of a task: never what somebody wrote."""

    task_id: UUID
    point: str
    service: str
    why: TaskReason


async def open_task(unit: Unit, point: Point, why: TaskReason, *, now: datetime, remark_id: UUID | None = None) -> None:
    """Give the service of a point something to look at, and tell the webhooks."""
    service = point.public.service.fr if point.public is not None else ""
    task = Task(unit.ids.row(), point.authority_id, point.id, service, why, remark_id, now)
    if why is TaskReason.WORRIED and await unit.tasks.opened_since(point.id, why, now - WORRY_RESTS):
        return
    if await unit.tasks.open(task):
        told = TaskTold(task.id, point.slug, service, why)
        await announce(unit, point.authority_id, kind=Kind.TASK_OPENED, subject=str(task.id), data=told, now=now)


async def close_task(unit: Unit, task: Task, note: str, *, agent_id: UUID, now: datetime) -> Task:
    """Say that a task is done, and what was done.

    Raises:
        AlreadyDecided: it was done before.
    """
    if task.closed_at is not None:
        raise AlreadyDecided("This task is done.")
    closed = replace(task, closed_at=now, closed_by=agent_id, note=note)
    await unit.tasks.close(closed)
    return closed


async def reopen_task(unit: Unit, task: Task) -> Task:
    """Take back that a task is done; what was said of it then is gone.

    Raises:
        AlreadyDecided: it is open, or another of its kind is meanwhile.
    """
    if task.closed_at is None:
        raise AlreadyDecided("This task is open.")
    open_again = replace(task, closed_at=None, closed_by=None, note="")
    await unit.tasks.reopen(open_again)
    return open_again
