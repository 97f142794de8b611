"""What somebody should look at: streams that are silent, devices that say strange things, sources that fail."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Request, get
from litestar.di import NamedDependency
from msgspec import UNSET, Struct, UnsetType

from domain.agents import Agent, Permission
from domain.ports import Clock
from store.arrivals import dropped_names, events_since
from store.database import Database
from store.devices import codes_of, streams_by_id
from store.polls import Polled, polled_of
from store.troubles import open_troubles
from tour.agents.views import EventView, event_view
from tour.hearing import Hearing
from tour.ingest.arrivals import Agreement
from tour.measures import EventKind
from tour.register import KEPT_BACK, SHOWN_AGAIN

Caller = Request[Agent, Any, Any]

LATELY = timedelta(days=1)
HARMLESS = frozenset({EventKind.JOIN, EventKind.LOG, EventKind.CLEARED, KEPT_BACK, SHOWN_AGAIN})

STUCK = timedelta(days=1)
"""A source that answers this long without anything new is stuck, whatever it answers."""


class StreamTroubleView(Struct, frozen=True, rename="camel"):
    """A stream somebody should look at, and since when."""

    device: str
    stream: str
    trouble: str
    since: datetime


class DeviceTroubleView(Struct, frozen=True, rename="camel"):
    """What a device has said in the last day that cannot be: `kind` is the event or the fault."""

    device: str
    event: EventView


class SourceView(Struct, frozen=True, rename="camel", omit_defaults=True):
    """A source: by which ways its messages come, and how it was when it was last asked.

    `trouble` is `failing` or `stuck`. `dropped` names the attributes that it sends and nobody allowed.
    """

    code: str
    format: str
    ways: list[str]
    dropped: list[str]
    trouble: str | UnsetType = UNSET
    problem: str | UnsetType = UNSET
    asked_at: datetime | UnsetType = UNSET
    answered_at: datetime | UnsetType = UNSET
    changed_at: datetime | UnsetType = UNSET


class TroublesView(Struct, frozen=True, rename="camel"):
    """Everything that is wrong now."""

    streams: list[StreamTroubleView]
    devices: list[DeviceTroubleView]
    sources: list[SourceView]


@get("/troubles", opt={"rule": Permission.SENSOR_READ}, summary="List what somebody should look at")
async def list_troubles(
    request: Caller,
    database: NamedDependency[Database],
    hearing: NamedDependency[Hearing],
    clock: NamedDependency[Clock],
) -> TroublesView:
    """List what somebody should look at, the oldest first."""
    owner, now = request.user.authority_id, clock()
    async with database.read() as connection:
        wrong = await open_troubles(connection, owner)
        streams = await streams_by_id(connection, {one.stream_id for one in wrong})
        names = await codes_of(connection, owner)
        events = await events_since(connection, owner, now - LATELY)
    sources = [one for one in await _sources(request, database, hearing, now) if one.trouble is not UNSET]
    return TroublesView(
        streams=[
            StreamTroubleView(
                names[streams[one.stream_id].device_id],
                f"{streams[one.stream_id].quantity} {streams[one.stream_id].channel}".rstrip(),
                one.trouble,
                one.since,
            )
            for one in wrong
        ],
        devices=[
            DeviceTroubleView(names[one.device_id], event_view(one))
            for one in events
            if one.kind not in HARMLESS and one.device_id in names
        ],
        sources=sources,
    )


@get("/sources", opt={"rule": Permission.SENSOR_READ}, summary="List sources")
async def list_sources(
    request: Caller,
    database: NamedDependency[Database],
    hearing: NamedDependency[Hearing],
    clock: NamedDependency[Clock],
) -> list[SourceView]:
    """List the sources of the agent's authority."""
    return await _sources(request, database, hearing, clock())


async def _sources(request: Caller, database: Database, hearing: Hearing, now: datetime) -> list[SourceView]:
    owner = request.user.authority_id
    async with database.look() as unit:
        authority = await unit.places.authority_by_id(owner)
    async with database.read() as connection:
        answers = await polled_of(connection, owner)
        dropped = await dropped_names(connection, owner)
    return [
        _view(code, agreement, answers.get(code), dropped.get(code, []), now)
        for code, agreement in sorted(hearing.agreements.items())
        if agreement.authority in {"", authority.code}
    ]


def _view(code: str, agreement: Agreement, last: Polled | None, dropped: list[str], now: datetime) -> SourceView:
    there = {"http": agreement.token_sha256, "mqtt": agreement.broker, "poll": agreement.poll}
    view = SourceView(code, agreement.format, [way for way, by in there.items() if by], dropped)
    if last is None:
        return view
    return SourceView(
        *(view.code, view.format, view.ways, view.dropped),
        trouble=trouble_of(last, now) or UNSET,
        problem=last.problem or UNSET,
        asked_at=last.asked_at,
        answered_at=last.answered_at or UNSET,
        changed_at=last.changed_at or UNSET,
    )


def trouble_of(last: Polled, now: datetime) -> str | None:
    """Say whether a source that is asked fails, or answers and has long said nothing new: a feed stands still so."""
    if last.failures:
        return "failing"
    return "stuck" if last.changed_at is None or now - last.changed_at > STUCK else None


ROUTES = (list_troubles, list_sources)
