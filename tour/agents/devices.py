"""Devices as agents see them: when each was last heard, its battery, what its streams say; and bringing them in."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Meta, Struct
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from api.journalling import Note
from domain.acts import Act
from domain.agents import Agent, Permission
from domain.device_states import EVENTS_KEPT
from domain.devices import Device, Stream
from domain.errors.devices import BadDeviceFile
from domain.ports import Clock
from domain.readings import NEVER
from store.arrivals import events_since, states_of
from store.database import Begin, Database
from store.devices import page_of
from store.readings import newest
from store.troubles import open_troubles
from tour.agents.views import DevicesView, DeviceView, device_view, event_view, stream_view
from tour.cells import CellFault
from tour.device_file import LONGEST
from tour.known import from_catalogue
from tour.register import Hand, Report, Result, bring_in

Caller = Request[Agent, Any, Any]

MOST = 200

_UTF8_BYTES = 4
"""The most bytes of one character."""


class LineView(Struct, frozen=True, rename="camel"):
    """What became of one line of a file."""

    line: int
    device: str
    quantity: str
    result: Result
    changes: tuple[str, ...]
    faults: tuple[CellFault, ...]


class ReportView(Struct, frozen=True, rename="camel"):
    """What became of a file. `written` is false where a line is refused, or nothing but a trial was asked for."""

    written: bool
    refused: int
    lines: list[LineView]


@get("/devices", opt={"rule": Permission.SENSOR_READ}, summary="List devices")
async def list_devices(
    request: Caller,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    after: FromQuery[Annotated[str, Meta(max_length=60)]] = "",
    limit: FromQuery[Annotated[int, Meta(ge=1, le=MOST)]] = 100,
) -> DevicesView:
    """List the devices of the agent's authority by their codes, with their streams and how they are."""
    async with database.read() as connection:
        found = await page_of(connection, request.user.authority_id, after=after, most=limit + 1)
        views = await _views(connection, request.user.authority_id, found[:limit], clock())
    return DevicesView(views, found[limit - 1][0].code if len(found) > limit else None)


@get("/devices/{code:str}", opt={"rule": Permission.SENSOR_READ}, summary="Show a device")
async def show_device(
    request: Caller, code: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> DeviceView:
    """Show a device, with what has happened to it in the last ninety days."""
    owner, now = request.user.authority_id, clock()
    async with database.look() as unit:
        device = await unit.devices.by_code(owner, code)
        streams = await unit.devices.streams(device.id)
    async with database.read() as connection:
        (view,) = await _views(connection, owner, [(device, streams)], now)
        events = await events_since(connection, owner, now - EVENTS_KEPT, device_id=device.id)
    return replace(view, events=[event_view(one) for one in events])


@post(
    "/devices/import",
    status_code=200,
    opt={"rule": Permission.SENSOR_MANAGE, "journal": Act.DEVICES_IMPORTED},
    request_max_body_size=_UTF8_BYTES * LONGEST,
    summary="Bring devices into the register",
)
async def import_devices(
    request: Caller,
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
    *,
    trial: FromQuery[bool] = False,
) -> ReportView:
    """Bring the lines of a CSV file into the register: all of them, or none. Each line is told."""
    try:
        text = (await request.body()).decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise BadDeviceFile("The file is not UTF-8.") from problem
    with suppress(_NothingWritten):
        async with begin() as unit:
            authority = await unit.places.authority_by_id(request.user.authority_id)
            report = await bring_in(unit, authority, text, from_catalogue(), Hand(request.user.id, clock()))
            if trial or report.refused:
                raise _NothingWritten
    written = not (trial or report.refused)
    if not written:
        note.nothing()
    return _told(report, written=written)


class _NothingWritten(Exception):
    """The file was only tried, or a line of it is refused."""


def _told(report: Report, *, written: bool) -> ReportView:
    lines = [
        LineView(one.number, one.device_code, one.quantity, one.result, one.changes, one.faults) for one in report.lines
    ]
    return ReportView(written, report.refused, lines)


async def _views(
    connection: AsyncConnection, authority_id: UUID, found: list[tuple[Device, list[Stream]]], now: datetime
) -> list[DeviceView]:
    states = await states_of(connection, [device.id for device, _ in found])
    last = await newest(connection, [stream.id for _, streams in found for stream in streams])
    wrong = {one.stream_id: one.trouble for one in await open_troubles(connection, authority_id)}
    return [
        device_view(
            device,
            [stream_view(one, last.get(one.id, NEVER), wrong.get(one.id), now) for one in streams],
            states.get(device.id),
        )
        for device, streams in found
    ]


ROUTES = (list_devices, show_device, import_devices)
