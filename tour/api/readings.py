"""`GET /v1/tour/streams/{id}/readings`: what a stream was, in no more points than a chart can show."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from msgspec import Struct

from api.bodies import InvalidRequest
from api.conditional import open_answer
from api.rules import Rule
from domain.errors.devices import StreamNotFound
from domain.ports import Clock
from domain.rollups import Step, start_of
from store.database import Database
from store.shown import shown_stream
from tour.api.instants import instant
from tour.past import STEPS, Past, lines, past_of

Asked = Request[Any, Any, Any]

_LATE = timedelta(days=2)
"""What comes later than this after its day is rare: a day that was over so long ago is closed."""

_DAY = timedelta(days=1)


class Period(Struct, frozen=True):
    """From an instant to before another; `open` where the caller named no end, and means until now."""

    start: datetime
    end: datetime
    open: bool


def period(start: str, end: str, now: datetime) -> Period:
    """Read the two ends; without any it is the last day.

    Raises:
        InvalidRequest: one is no instant with its offset, or lies where nothing was measured.
    """
    until = instant(end, "to") if end else now
    since = instant(start, "from") if start else until - _DAY
    return Period(since, until, open=not end)


def cache_of(asked: Period, now: datetime, zone: ZoneInfo, delay_seconds: int) -> str:
    """Say how long an answer may be kept: what is closed does not change, what is open does at any moment."""
    if asked.open or asked.end > now:
        return "max-age=15"
    closed = start_of(Step.DAY, now, zone) - timedelta(seconds=delay_seconds) - _LATE
    return "max-age=86400, immutable" if asked.end <= closed else "max-age=3600"


def wants_csv(request: Asked) -> bool:
    """Tell whether a caller asks for a table, by the address or by its wish."""
    return request.url.path.endswith(".csv") or "text/csv" in request.headers.get("accept", "")


@get(
    ["/streams/{stream_id:str}/readings", "/streams/{stream_id:str}/readings.csv"],
    opt={"rule": Rule.PUBLIC},
    include_in_schema=False,
)
async def readings(
    request: Asked,
    stream_id: FromPath[str],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    *,
    since: Annotated[str, QueryParameter(name="from", max_length=40)] = "",
    until: Annotated[str, QueryParameter(name="to", max_length=40)] = "",
    step: Annotated[str, QueryParameter(max_length=3)] = "",
) -> Response[Any]:
    """Read a stream over some time: JSON, or CSV where that is asked for."""
    if step and step not in STEPS:
        raise InvalidRequest(f"step is one of {', '.join(STEPS)}.")
    now = clock()
    asked = period(since, until, now)
    told, zone, delay = await read_past(database, stream_id, asked, step=STEPS.get(step))
    headers = {"Vary": "Accept"}
    cache = cache_of(asked, now, zone, delay)
    if wants_csv(request):
        headers["Content-Disposition"] = f'attachment; filename="{told.quantity}-{told.start:%Y-%m-%d}.csv"'
        body = "".join(lines(told)).encode()
        return open_answer(request, body, media_type="text/csv; charset=utf-8", cache=cache, **headers)
    return open_answer(request, msgspec.json.encode(told), media_type="application/json", cache=cache, **headers)


async def read_past(
    database: Database, stream_id: str, asked: Period, *, step: Step | None = None
) -> tuple[Past, ZoneInfo, int]:
    """Read what a stream was, with its zone and how many seconds its source is late.

    Raises:
        StreamNotFound: nobody may read such a stream.
        HistoryTooLong: as `store.history`.
    """
    try:
        name = UUID(stream_id)
    except ValueError:
        raise StreamNotFound("No such stream.") from None
    async with database.read() as connection:
        shown = await shown_stream(connection, name)
        told = await past_of(connection, shown, asked.start, asked.end, step=step)
    return told, ZoneInfo(shown.zone), shown.stream.delay_seconds
