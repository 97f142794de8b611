"""Devices of the connected city: finding one, how it is, what it has said lately, and which points show it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from admin.filters import kept
from admin.forms import Form
from admin.shell import Page, draw
from admin.visits import Asked
from admin.words import language_of, read_words
from domain.agents import Permission
from domain.device_states import EVENTS_KEPT
from domain.devices import Stream
from domain.figures.figure import Column, Figure, Line, Plot
from domain.places import local_day, midnight
from domain.ports import Clock
from domain.readings import NEVER, Last
from domain.text import Text
from store.arrivals import events_since, states_of
from store.database import Database
from store.dead_letters import letters_of_device
from store.device_changes import changes_of
from store.device_lists import Believed, Wanted, believed_by, devices_wanted, last_said, spells_of
from store.readings import newest
from tour.catalogue import CATALOGUE
from tour.freshness import State, freshness
from tour.terms import Quantity
from tour.watch import Trouble
from web.plots import plot

WORDS = read_words("devices")
PATH = "/console/devices"
PAGE = 50

DAYS = 14
"""How many days of belief are drawn, today included."""

LATELY = timedelta(days=2)
_SAID = 30
_SPELLS = 20
_LONGEST_TEXT = 60
_READ = {"rule": Permission.SENSOR_READ}


class Condition(StrEnum):
    """By what somebody looks for devices."""

    SILENT = "silent"
    DOUBTFUL = "doubtful"
    FINE = "fine"
    RETIRED = "retired"


_SILENT = frozenset({Trouble.SILENT, Trouble.NEVER_HEARD, Trouble.PROBE_MISSING})

_WANTED = {
    Condition.SILENT: Wanted(troubles=_SILENT),
    Condition.DOUBTFUL: Wanted(troubles=frozenset(Trouble) - _SILENT),
    Condition.FINE: Wanted(well=True),
    Condition.RETIRED: Wanted(retired=True),
}


class StreamSeen(Struct, frozen=True):
    """A stream as the console shows it."""

    stream: Stream
    last: Last
    state: State
    quantity: Quantity


@get("/devices", opt=_READ, include_in_schema=False)
async def listed(request: Asked, database: NamedDependency[Database], clock: NamedDependency[Clock]) -> Page:
    """List devices by their codes: those of a name or a key, or those that somebody should look at."""
    form = Form({name: request.query_params.get(name, "") for name in ("text", "condition")})
    text, after = form.text("text", longest=_LONGEST_TEXT, required=False), request.query_params.get("after", "")
    condition = form.one_of("condition", Condition) if form.kept("condition") else None
    wanted = _WANTED[condition] if condition is not None else Wanted()
    if form.is_wrong:
        text = ""
    authority_id = request.user.authority_id
    async with database.read() as connection:
        narrowed = Wanted(text, wanted.troubles, wanted.well, wanted.retired)
        found = await devices_wanted(connection, authority_id, narrowed, after=after[:60], most=PAGE + 1)
        states = await states_of(connection, [device.id for device, _ in found])
        last = await newest(connection, [one.id for _, streams in found for one in streams])
    now = clock()
    given = {name: form.kept(name) for name in ("text", "condition") if form.kept(name)}
    return draw(
        request,
        "devices/index.html",
        words=WORDS,
        form=form,
        conditions=list(Condition),
        rows=[(device, _seen(streams, last, now), states.get(device.id)) for device, streams in found[:PAGE]],
        models=CATALOGUE.models,
        more=urlencode({**given, "after": found[PAGE - 1][0].code}) if len(found) > PAGE else "",
        is_narrowed=bool(given),
        saved=await kept(request, database, PATH),
        manages=request.user.may(Permission.SENSOR_MANAGE),
    )


@get("/devices/{code:str}", opt=_READ, include_in_schema=False)
async def show(
    request: Asked, code: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page:
    """Show a device: its streams, how far it was believed, what it said, what was wrong, and where it is seen."""
    authority, now = request.auth.authority, clock()
    async with database.look() as unit:
        device = await unit.devices.by_code(authority.id, code)
        streams = await unit.devices.streams(device.id)
        points = [one for one in await unit.points.all_of(authority.id) if code in one.sheet.devices]
    edges = _days(now, authority.zone)
    async with database.read() as connection:
        last = await newest(connection, [one.id for one in streams])
        states = await states_of(connection, [device.id])
        said = await last_said(connection, authority.id, streams, now - LATELY, most=_SAID)
        believed = await believed_by(connection, authority.id, streams, edges)
        spells = await spells_of(connection, authority.id, streams, most=_SPELLS)
        events = await events_since(connection, authority.id, now - EVENTS_KEPT, device_id=device.id, most=_SPELLS)
        letters = await letters_of_device(connection, authority.id, device.source, device.source_key)
        changes = await changes_of(connection, device.id, most=_SPELLS)
    return draw(
        request,
        "devices/show.html",
        words=WORDS,
        device=device,
        seen=_seen(streams, last, now),
        by_id={one.id: one for one in streams},
        state=states.get(device.id),
        model=CATALOGUE.models.get(device.model),
        quantities=CATALOGUE.quantities,
        said_lately=said,
        days=list(zip(edges, believed, strict=False)),
        picture=plot(_belief(edges, believed, authority.zone), language_of(request)),
        spells=spells,
        events=events,
        letters=letters,
        changes=changes,
        points=points,
        manages=request.user.may(Permission.SENSOR_MANAGE),
    )


def _seen(streams: Sequence[Stream], last: dict[UUID, Last], now: datetime) -> list[StreamSeen]:
    return [
        StreamSeen(one, of, freshness(one, of, now).state, CATALOGUE.quantities[one.quantity])
        for one in streams
        for of in (last.get(one.id, NEVER),)
    ]


def _days(now: datetime, zone: str) -> list[datetime]:
    """The midnights between the last days, today's end last."""
    today = local_day(now, zone)
    return [midnight(today + timedelta(days=1 - back), zone) for back in range(DAYS, -1, -1)]


def _belief(edges: Sequence[datetime], believed: Sequence[Believed], zone: str) -> Figure:
    """How many values of each day were believed, and how many were not, for a plot."""
    days = [edge.astimezone(ZoneInfo(zone)).date() for edge in edges[:-1]]
    lines = [
        Line(f"{day}", Text(fr=f"{day:%d/%m}", en=f"{day.day} {day:%b}"), (float(of.yes), float(of.no)))
        for day, of in zip(days, believed, strict=True)
    ]
    said = sum(one.yes + one.no for one in believed)
    doubted = sum(one.no for one in believed)
    return Figure(
        code="belief",
        headline=Text(
            fr=f"En {DAYS} jours : {said} valeurs reçues, dont {doubted} écartées.",
            en=f"In {DAYS} days: {said} values came, of which {doubted} were put aside.",
        ),
        of=Text(fr="Jour", en="Day"),
        columns=(
            Column("believed", Text(fr="Valeurs crues", en="Values believed")),
            Column("doubted", Text(fr="Valeurs écartées", en="Values put aside")),
        ),
        lines=tuple(lines),
        plot=Plot.LINES,
    )


ROUTES = (listed, show)
