"""Requests as somebody's file shows them: those that ask for a pass for them, and what gave them a code meanwhile."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import CompoundSelect, func, select, union
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.people import Holder
from domain.requests import Channel, RequestStatus
from store.request_queue import asks_for_one_of
from store.rows import to_struct
from store.tables.passes import pass_
from store.tables.requests import document, pass_request, request_person
from store.tables.temporary_passes import temporary_pass

MOST = 50
"""Of one person: in five years a household asks some ten times."""

_R = pass_request.c


class RequestOfPerson(Struct, frozen=True):
    """A request, and how many documents came with it."""

    reference: str
    status: RequestStatus
    channel: Channel
    created_at: datetime
    received_on: date | None
    documents: int


async def requests_of(
    connection: AsyncConnection, whose: Holder, *, among: frozenset[str] | None = None
) -> list[RequestOfPerson]:
    """List the requests that asked for a pass for somebody, or gave them a temporary one, the newest first.

    `among`: those that ask for one of these services at least; None for all.
    """
    brought = (
        select(func.count()).where(document.c.request_id == _R.id, document.c.removed_at.is_(None)).scalar_subquery()
    )
    found = await connection.execute(
        select(_R.reference, _R.status, _R.channel, _R.created_at, _R.received_on, brought.label("documents"))
        .where(_R.authority_id == whose.authority_id, _R.id.in_(_for(whose)), asks_for_one_of(among))
        .order_by(_R.created_at.desc(), _R.id)
        .limit(MOST)
    )
    return [to_struct(row, RequestOfPerson) for row in found.mappings()]


def _for(whose: Holder) -> CompoundSelect[tuple[UUID]]:
    """The requests that name somebody of the register, and those in which a pass of theirs is the temporary one."""
    named = select(request_person.c.request_id).where(request_person.c.holder_id == whose.id)
    # By their passes, which are found by their holder; so few rows need no index of their own.
    given = (
        select(temporary_pass.c.request_id)
        .join(pass_, pass_.c.id == temporary_pass.c.pass_id)
        .where(pass_.c.authority_id == whose.authority_id, pass_.c.holder_id == whose.id)
    )
    return union(named, given)
