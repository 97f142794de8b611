"""What stands beside a value: how it usually is at this hour, and how it was some hours before."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.devices import Stream
from domain.readings import Newest
from store.comparisons import earlier, usual
from tour.catalogue import CATALOGUE
from tour.explain import Usual


class Compared(Struct, frozen=True):
    """What `tour.explain.Known` takes as `usual` and `earlier`."""

    usual: Usual | None = None
    earlier: float | None = None


async def compared(
    connection: AsyncConnection, shown: Sequence[tuple[Stream, Newest]], zone: ZoneInfo
) -> dict[UUID, Compared]:
    """Compare the newest shown values of streams, with three or four questions for each fifty of them.

    `zone` is the authority's. A quantity without a trend in the catalogue has no value before.
    """
    hours = await usual(connection, [(stream, last.observed_at) for stream, last in shown], zone)
    before = await earlier(
        connection,
        [
            (stream, last.observed_at - timedelta(hours=measured.trend.hours))
            for stream, last in shown
            if (measured := CATALOGUE.quantities.get(stream.quantity)) is not None and measured.trend is not None
        ],
    )
    told = {}
    for stream, _ in shown:
        found = hours.get(stream.id)
        weeks = Usual(found.p10, found.p25, found.p75, found.p90, found.count) if found is not None else None
        told[stream.id] = Compared(weeks, before.get(stream.id))
    return told
