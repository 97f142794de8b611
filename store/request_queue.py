"""The queue of requests: what waits, in the order of the day by which it is to be decided; and what was decided.

A page is found from where the one before ended, never by counting, so its cost is that of its own lines.
"""

import base64
from collections import Counter
from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import Column, ColumnElement, and_, false, func, or_, select, text, true
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import Invalid
from domain.requests import OPEN, TO_DO, PassRequest, RequestStatus
from store.rows import to_struct
from store.tables.agents import agent
from store.tables.requests import IS_OPEN, pass_request

_R = pass_request.c

UNASSIGNED = UUID(int=0)
"""As an assignee: nobody."""


class Wanted(Struct, frozen=True):
    """Which requests: of these states, wanting this service, given to this agent; None and empty leave it open.

    `among`: those that ask for one of these services at least; None for all.
    """

    states: tuple[RequestStatus, ...] = TO_DO
    service: str | None = None
    assignee: UUID | None = None
    among: frozenset[str] | None = None


class Line(Struct, frozen=True):
    """A request in a list, with the name of the agent who has it."""

    request: PassRequest
    assignee: str | None


class Page(Struct, frozen=True):
    """Some lines, and where the next ones begin; None where there are no more."""

    lines: tuple[Line, ...]
    after: str | None


class _Place(Struct, frozen=True, array_like=True):
    at: date | datetime
    id: UUID


async def queue(
    connection: AsyncConnection, authority_id: UUID, wanted: Wanted, *, after: str | None = None, most: int
) -> Page:
    """List requests: open ones by the day they are due, decided ones and drafts the newest first.

    Raises:
        Invalid: `after` is no place in such a list.
    """
    is_open = set(wanted.states) <= set(OPEN)
    order = _R.due_on if is_open else _R.created_at if RequestStatus.DRAFT in wanted.states else _R.decided_at
    query = (
        select(pass_request, agent.c.name.label("assignee"))
        .outerjoin(agent, agent.c.id == _R.assigned_to)
        .where(_filter(authority_id, wanted))
        .limit(most + 1)
    )
    query = query.order_by(order, _R.id) if is_open else query.order_by(order.desc(), _R.id.desc())
    if after is not None:
        query = query.where(_beyond(order, read_place(after, is_open=is_open), is_open=is_open))
    rows = (await connection.execute(query)).all()
    lines = tuple(Line(to_struct(row, PassRequest), row.assignee) for row in rows[:most])
    more = len(rows) > most
    last = rows[most - 1] if more else None
    return Page(lines, place_of(getattr(last, order.name), last.id) if last is not None else None)


async def counts(
    connection: AsyncConnection, authority_id: UUID, among: frozenset[str] | None = None
) -> dict[RequestStatus, int]:
    """Count the open requests by state; with `among`, those that ask for one of these services at least."""
    found = await connection.execute(
        select(_R.status, func.count())
        .where(_R.authority_id == authority_id, text(IS_OPEN), asks_for_one_of(among))
        .group_by(_R.status)
    )
    told = {RequestStatus(status): count for status, count in found}
    return {status: told.get(status, 0) for status in OPEN}


async def open_of(connection: AsyncConnection, authority_id: UUID, agent_id: UUID) -> int:
    """Count the open requests that an agent has."""
    found = await connection.execute(
        select(func.count()).where(_R.authority_id == authority_id, text(IS_OPEN), _R.assigned_to == agent_id)
    )
    return int(found.scalar_one())


async def open_by_service(connection: AsyncConnection, authority_id: UUID) -> dict[str, int]:
    """Count the open requests that want each service."""
    found = await connection.execute(
        select(_R.services, func.count()).where(_R.authority_id == authority_id, text(IS_OPEN)).group_by(_R.services)
    )
    told: Counter[str] = Counter()
    for services, count in found:
        told.update(dict.fromkeys(services.split(), count))
    return dict(told)


def place_of(at: date | datetime, id_: UUID) -> str:
    """Write a place in a list as it stands in an address."""
    return base64.urlsafe_b64encode(msgspec.json.encode(_Place(at, id_))).decode().rstrip("=")


def read_place(said: str, *, is_open: bool) -> _Place:
    """Read a place back.

    Raises:
        Invalid: it is none, or one of another list.
    """
    try:
        at, id_ = msgspec.json.decode(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)), type=tuple[str, UUID])
        return _Place(date.fromisoformat(at) if is_open else datetime.fromisoformat(at), id_)
    except (ValueError, msgspec.DecodeError) as problem:
        raise Invalid("`after` is no place in this list: begin at its top.") from problem


def _filter(authority_id: UUID, wanted: Wanted) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [_R.authority_id == authority_id, _R.status.in_(wanted.states)]
    if set(wanted.states) <= set(OPEN):
        conditions.append(text(IS_OPEN))  # type: ignore[arg-type] # spelled as the index spells it
    if wanted.service is not None:
        conditions.append(asks_for_one_of({wanted.service}))
    conditions.append(asks_for_one_of(wanted.among))
    if wanted.assignee == UNASSIGNED:
        conditions.append(_R.assigned_to.is_(None))
    elif wanted.assignee is not None:
        conditions.append(_R.assigned_to == wanted.assignee)
    return and_(*conditions)


def asks_for_one_of(services: Collection[str] | None) -> ColumnElement[bool]:
    """Choose the requests that ask for one of these services at least; None for all."""
    if services is None:
        return true()
    return or_(false(), *(_R.services.contains(f" {service} ", autoescape=True) for service in sorted(services)))


def _beyond(order: Column[date], place: _Place, *, is_open: bool) -> ColumnElement[bool]:
    if is_open:
        return or_(order > place.at, and_(order == place.at, _R.id > place.id))
    return or_(order < place.at, and_(order == place.at, _R.id < place.id))
