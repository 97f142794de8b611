"""Flood levels at the crisis desk: where gauges stand, what waits for somebody, and the journal of all changes."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta, Struct

from api.agents import PRINTABLE
from api.courier import Courier
from api.days import Caller, named
from api.flood_thresholds import name_of
from domain import flood_levels
from domain.agents import Permission
from domain.errors.floods import FloodStationNotFound
from domain.flood_levels import Change, ChangeStatus
from domain.flood_thresholds import Station
from domain.floods import Cause, Level
from domain.ports import Clock, Unit
from domain.text import Text
from store.database import Begin, Database

Words = Annotated[str, Meta(min_length=3, max_length=400, pattern=PRINTABLE)]


class RefusalRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a level is not made public."""

    words: Words


class DeclarationRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The level that somebody has seen, and what they saw."""

    level: Annotated[int, Meta(ge=0, le=3)]
    words: Words


class StationView(Struct, frozen=True, rename="camel"):
    """A gauge: `level` is what its readings say, `publicLevel` what people have confirmed.

    `readAt` and `metres` are its newest reading that may be shown; null where there is none.
    """

    station: str
    name: Text
    level: int
    level_since: datetime
    public_level: int
    public_since: datetime
    read_at: datetime | None
    metres: float | None
    waiting: list[UUID]


class ReadingBehind(Struct, frozen=True, rename="camel"):
    """A reading behind a change; `message` names the message that brought it."""

    at: datetime
    received_at: datetime
    metres: float
    message: str


class AgreementBehind(Struct, frozen=True):
    """What another stream said at the same time."""

    stream: UUID
    at: datetime
    value: float


class ChangeView(Struct, frozen=True, rename="camel"):
    """One line of the journal. `thresholds` are those of its day; null where somebody has seen the water."""

    id: UUID
    station: str
    noticed_at: datetime
    before: int
    after: int
    cause: Cause
    status: ChangeStatus
    thresholds: UUID | None
    behind: list[ReadingBehind]
    agreements: list[AgreementBehind]
    decided_by: str | None
    decided_at: datetime | None
    words: str


@get("/stations", opt={"rule": Permission.FLOOD_READ}, summary="See where gauges stand", tags=["Floods"])
async def stations(request: Caller, database: NamedDependency[Database]) -> list[StationView]:
    """List the gauges whose thresholds are in force, with the level of their readings and the public one."""
    async with database.look() as unit:
        watched = await unit.floods.watched(request.user.authority_id)
        last = await unit.floods.newest([one.stream.id for one in watched])
        views = []
        for one in watched:
            shown = last[one.stream.id].shown if one.stream.id in last else None
            waiting = [change.id for change in await unit.floods.waiting(one.stream.id)]
            views.append(
                StationView(
                    station=one.device.code,
                    name=one.device.name,
                    level=one.station.level,
                    level_since=one.station.level_since,
                    public_level=one.station.public_level,
                    public_since=one.station.public_since,
                    read_at=None if shown is None else shown.ends_at,
                    metres=None if shown is None else shown.value,
                    waiting=waiting,
                )
            )
    return views


@post(
    "/stations/{station:str}/levels",
    opt={"rule": Permission.FLOOD_CONFIRM},
    summary="Declare a level that somebody has seen",
    tags=["Floods"],
)
async def declare(
    *,
    request: Caller,
    station: FromPath[str],
    data: JSONBody[DeclarationRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    courier: NamedDependency[Courier],
) -> ChangeView:
    """Make a level public without a reading: gauges fall silent in the very flood. It ends as it began, by hand."""
    async with begin() as unit:
        _, stream = await unit.floods.gauge(request.user.authority_id, named(station))
        change = await flood_levels.declare(
            unit,
            await _held(unit, request.user.authority_id, stream.id),
            Level(data.level),
            agent_id=request.user.id,
            words=data.words,
            now=clock(),
        )
        view = await _change_view(unit, change, named(station))
    courier.call()
    return view


@get("/changes", opt={"rule": Permission.FLOOD_READ}, summary="Read the journal of levels", tags=["Floods"])
async def changes(
    request: Caller,
    database: NamedDependency[Database],
    *,
    station: FromQuery[str | None] = None,
    lines: Annotated[int, QueryParameter(ge=1, le=200)] = 50,
) -> list[ChangeView]:
    """List how levels turned and the readings behind it, the newest first: all of it, whatever became of it."""
    async with database.look() as unit:
        stream_id = None
        if station is not None:
            _, stream = await unit.floods.gauge(request.user.authority_id, named(station))
            stream_id = stream.id
        found = await unit.floods.journal(request.user.authority_id, stream_id, lines)
        return [await _change_view(unit, change, code) for code, change in found]


@post(
    "/changes/{change_id:uuid}/confirmation",
    status_code=200,
    opt={"rule": Permission.FLOOD_CONFIRM},
    summary="Make a level public",
    tags=["Floods"],
)
async def confirm(
    *,
    request: Caller,
    change_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    courier: NamedDependency[Courier],
) -> ChangeView:
    """Make the level of a change public: sheets say it at once, and webhooks are told."""
    authority_id = request.user.authority_id
    async with begin() as unit:
        found = await unit.floods.change(authority_id, change_id)
        station = await _held(unit, authority_id, found.stream_id)
        confirmed = await flood_levels.confirm_change(unit, found, station, agent_id=request.user.id, now=clock())
        view = await _change_view(unit, confirmed)
    courier.call()
    return view


@post(
    "/changes/{change_id:uuid}/refusal",
    status_code=200,
    opt={"rule": Permission.FLOOD_CONFIRM},
    summary="Leave a level as it is",
    tags=["Floods"],
)
async def refuse(
    request: Caller,
    change_id: FromPath[UUID],
    data: JSONBody[RefusalRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> ChangeView:
    """Leave the public level as it is, and say why. The journal keeps the readings and the reason."""
    async with begin() as unit:
        found = await unit.floods.change(request.user.authority_id, change_id)
        refused = await flood_levels.decline_change(
            unit, found, agent_id=request.user.id, words=data.words, now=clock()
        )
        return await _change_view(unit, refused)


async def _held(unit: Unit, authority_id: UUID, stream_id: UUID) -> Station:
    station = await unit.floods.hold(authority_id, stream_id)
    if station is None:
        raise FloodStationNotFound("Two people have not set the thresholds of this gauge yet.")
    return station


async def _change_view(unit: Unit, change: Change, station: str | None = None) -> ChangeView:
    return ChangeView(
        id=change.id,
        station=station or (await unit.floods.device_of(change.stream_id)).code,
        noticed_at=change.noticed_at,
        before=change.before,
        after=change.after,
        cause=change.cause,
        status=change.status,
        thresholds=change.thresholds_id,
        behind=[ReadingBehind(one.at, one.received_at, one.metres, one.source_id.hex()) for one in change.behind],
        agreements=[AgreementBehind(one.stream_id, one.at, one.value) for one in change.agreements],
        decided_by=await name_of(unit, change.decided_by),
        decided_at=change.decided_at,
        words=change.words,
    )


ROUTER = Router(
    path="/v1/floods",
    route_handlers=[
        stations,
        declare,
        changes,
        confirm,
        refuse,
    ],
)
