"""Requests as somebody's file shows them: those in which they were to have a pass."""

from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.people import Holder
from domain.requests import Channel, RequestStatus
from store.request_queue import asks_for_one_of
from store.rows import to_struct
from store.tables.requests import document, pass_request, request_person

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
    """List the requests in which somebody was to have a pass, the newest first.

    `among`: those that ask for one of these services at least; None for all.
    """
    brought = (
        select(func.count()).where(document.c.request_id == _R.id, document.c.removed_at.is_(None)).scalar_subquery()
    )
    found = await connection.execute(
        select(_R.reference, _R.status, _R.channel, _R.created_at, _R.received_on, brought.label("documents"))
        .join(request_person, request_person.c.request_id == _R.id)
        .where(_R.authority_id == whose.authority_id, request_person.c.holder_id == whose.id, asks_for_one_of(among))
        .order_by(_R.created_at.desc(), _R.id)
        .limit(MOST)
    )
    return [to_struct(row, RequestOfPerson) for row in found.mappings()]
