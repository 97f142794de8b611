"""Queries on one medium by its id, for whoever asks what it is."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.passes import MediumKind, MediumStatus, PassStatus
from store.rows import to_struct
from store.tables.ledger import medium_use
from store.tables.passes import medium, pass_


class Known(Struct, frozen=True):
    """What the register and the ledger know of a medium; never whose it is. `mark` is the last that it has shown."""

    number: str
    kind: MediumKind
    status: MediumStatus
    pass_status: PassStatus
    expires_at: datetime
    mark: int | None
    spent: bool | None


async def find(connection: AsyncConnection, medium_id: int) -> Known | None:
    """Find a medium with its pass's number; None if it is in no register."""
    found = await connection.execute(
        select(
            pass_.c.number,
            medium.c.kind,
            medium.c.status,
            pass_.c.status.label("pass_status"),
            medium.c.expires_at,
            medium_use.c.mark,
            medium_use.c.spent,
        )
        .join(pass_, pass_.c.id == medium.c.pass_id)
        .outerjoin(medium_use, medium_use.c.medium_id == medium.c.id)
        .where(medium.c.id == medium_id)
    )
    row = found.mappings().one_or_none()
    return to_struct(row, Known) if row is not None else None
