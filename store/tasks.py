"""Queries on the tasks of services."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors.expression import TaskNotFound
from domain.errors.floods import AlreadyDecided
from domain.tasks import Task, TaskReason
from store.rows import only, to_row, to_struct
from store.tables.expression import task
from store.tables.points import point

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class SqlTasks:
    """`domain.tasks.Tasks` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def open(self, new: Task) -> bool:
        """Write a task; tell whether it is new: of worries there is one open task for each point."""
        write = _INSERT[self._connection.dialect.name](task).values(to_row(new))
        done = await self._connection.execute(write.on_conflict_do_nothing())
        return bool(done.rowcount == 1)

    async def opened_since(self, point_id: UUID, why: TaskReason, since: datetime) -> bool:
        """Tell whether a task was opened at a point for this reason from an instant on."""
        found = await self._connection.execute(
            select(task.c.id).where(task.c.point_id == point_id, task.c.why == why, task.c.opened_at >= since).limit(1)
        )
        return found.first() is not None

    async def close(self, closed: Task) -> None:
        """Write that a task is done.

        Raises:
            AlreadyDecided: it was done before.
        """
        done = await self._connection.execute(
            update(task)
            .where(task.c.id == closed.id, task.c.closed_at.is_(None))
            .values(closed_at=closed.closed_at, closed_by=closed.closed_by, note=closed.note)
        )
        if done.rowcount != 1:
            raise AlreadyDecided("Somebody has done it a moment ago.")

    async def reopen(self, open_again: Task) -> None:
        """Write that a task is not done after all.

        Raises:
            AlreadyDecided: it is open, or another of its kind is meanwhile.
        """
        try:
            done = await self._connection.execute(
                update(task)
                .where(task.c.id == open_again.id, task.c.closed_at.is_not(None))
                .values(closed_at=None, closed_by=None, note="")
            )
        except IntegrityError as another:
            raise AlreadyDecided("The same worry has opened another task meanwhile.") from another
        if done.rowcount != 1:
            raise AlreadyDecided("Somebody has opened it again a moment ago.")

    async def task(self, authority_id: UUID, task_id: UUID) -> Task:
        """Find a task by its id."""
        found = await self._connection.execute(
            select(task).where(task.c.authority_id == authority_id, task.c.id == task_id)
        )
        return only(found, Task, TaskNotFound("No such task."))

    async def listed(
        self, authority_id: UUID, *, closed: bool, most: int, after: tuple[datetime, UUID] | None = None
    ) -> list[tuple[str, Task]]:
        """List tasks that are done, or are not, with the address of their point: open ones the oldest first, done ones
        the latest first. `after` is the instant and the id that the page before ended with.
        """
        at = task.c.closed_at if closed else task.c.opened_at
        asked = (
            select(task, point.c.slug)
            .join(point, point.c.id == task.c.point_id)
            .where(
                task.c.authority_id == authority_id,
                task.c.closed_at.is_not(None) if closed else task.c.closed_at.is_(None),
            )
        )
        if after is not None:
            behind = tuple_(at, task.c.id)
            last = tuple_(literal(after[0], at.type), literal(after[1], task.c.id.type))
            asked = asked.where(behind < last if closed else behind > last)
        order = (at.desc(), task.c.id.desc()) if closed else (at, task.c.id)
        found = await self._connection.execute(asked.order_by(*order).limit(most))
        return [(row.slug, to_struct(row, Task)) for row in found]
