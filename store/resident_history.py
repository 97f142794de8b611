"""What a resident may read of the passages of their own passes, for as long as these are kept."""

from datetime import date, datetime

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.access.facts import Direction
from domain.access.reasons import Outcome, Reason
from domain.passes import Pass
from domain.text import Text
from store.tables.ledger import passage_detail, passage_fact, validation
from store.tables.passes import medium
from store.tables.places import site


class Passage(Struct, frozen=True):
    """A passage as its owner sees it."""

    number: int
    happened_at: datetime
    site: Text
    service_code: str
    direction: Direction
    outcome: Outcome
    reason: Reason
    cancelled: bool


async def passages_of(
    connection: AsyncConnection, pass_: Pass, day: date, *, most: int, before: int | None
) -> list[Passage]:
    """List the passages of a pass that may still be told on a day, the newest first; `before`: with smaller numbers."""
    media = select(medium.c.id).where(medium.c.pass_id == pass_.id)
    cancelled = select(passage_detail.c.number).where(passage_detail.c.cancels == validation.c.number).exists()
    asked = (
        select(validation, passage_fact.c.happened_at, site.c.name, cancelled.label("cancelled"))
        .join(site, site.c.id == validation.c.site_id)
        .outerjoin(passage_fact, passage_fact.c.number == validation.c.number)
        .where(validation.c.medium_id.in_(media), validation.c.pass_id == pass_.id, validation.c.keep_until > day)
        .order_by(validation.c.number.desc())
        .limit(most)
    )
    if before is not None:
        asked = asked.where(validation.c.number < before)
    return [
        Passage(
            number=row.number,
            happened_at=row.happened_at or row.recorded_at,
            site=msgspec.convert(row.name, Text),
            service_code=row.service_code,
            direction=Direction(row.direction),
            outcome=Outcome(row.outcome),
            reason=Reason(row.reason),
            cancelled=row.cancelled,
        )
        for row in await connection.execute(asked)
    ]
