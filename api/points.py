"""What agents do with the points of the tour: write their sheets, read one another's, publish, suspend, archive.

Every change says which version it changes: the `ETag` that was read, as `If-Match`. Two people publish a sheet: who
wrote it, and somebody else.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, Router, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, HeaderParameter, JSONBody
from msgspec import Meta, Struct

from adapters.media_folder import LARGEST, MediaFolder
from api.conditional import allows
from api.settings import Settings
from domain import points
from domain.agents import Agent, Permission
from domain.errors import VersionChanged, VersionMissing
from domain.languages import Words
from domain.places import local_day
from domain.points import Act, Point, PointState
from domain.ports import Clock, Unit
from domain.sheets import Sheet, missing, protection_level
from store.database import Begin, Database

Caller = Request[Agent, Any, Any]
IfMatch = Annotated[str | None, HeaderParameter(name="If-Match", max_length=200)]

Slug = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(?!\n)$")]
Reason = Annotated[str, Meta(min_length=1, max_length=400)]


class PointRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A new point: the end of its address, for good, and as much of its sheet as is written."""

    slug: Slug
    sheet: Sheet = Sheet()


class SheetRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole sheet, in the place of the one before."""

    sheet: Sheet


class ReasonRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Why, for the journal of the point."""

    reason: Reason


class TargetRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the plate leads: an address on this site, or nothing for the point's own sheet."""

    target: Annotated[str, Meta(max_length=200)]


class PointLine(Struct, frozen=True, rename="camel"):
    """A point in the list. `toReview` says that the end of its sheet has passed."""

    plate: str
    slug: str
    title: Words
    state: PointState
    public: bool
    to_review: bool
    changed_at: datetime
    published_at: datetime | None
    version: int


class PointView(Struct, frozen=True, rename="camel"):
    """A point as agents see it: `sheet` is the text being written, `shown` the one that residents read.

    `missing` names what it needs to be published. `protectionLevel` follows from its devices: 0 environment, 1 counts,
    2 de-identified in the device, 3 one home, 4 personal; from 3 on no value is shown.
    """

    plate: str
    slug: str
    short_url: str
    leads_to: str
    state: PointState
    protection_level: int
    to_review: bool
    missing: list[str]
    author: str | None
    reviewer: str | None
    created_at: datetime
    changed_at: datetime
    published_at: datetime | None
    away_since: datetime | None
    version: int
    sheet: Sheet
    shown: Sheet | None


class EntryView(Struct, frozen=True):
    """One line of a point's journal. `agent` is a login; null once the account is gone."""

    at: datetime
    agent: str | None
    act: Act
    note: str
    version: int


class MediaView(Struct, frozen=True, rename="camel"):
    """A photo or recording that is kept: `digest` is its name in a sheet."""

    digest: str
    media_type: str
    bytes: int


@get("/points", opt={"rule": Permission.POINT_EDIT}, summary="List points", tags=["Tour"])
async def list_points(
    request: Caller, database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> list[PointLine]:
    """List the points of the agent's authority by slug, whatever their state."""
    async with database.look() as unit:
        authority = await unit.places.authority_by_id(request.user.authority_id)
        found = await unit.points.all_of(authority.id)
    today = local_day(clock(), authority.zone)
    return [
        PointLine(
            plate=one.plate,
            slug=one.slug,
            title=one.sheet.title,
            state=one.state,
            public=one.public is not None,
            to_review=one.to_review(today),
            changed_at=one.changed_at,
            published_at=one.published_at,
            version=one.version,
        )
        for one in found
    ]


@post("/points", opt={"rule": Permission.POINT_EDIT}, summary="Begin a point", tags=["Tour"])
async def begin_point(
    *,
    request: Caller,
    data: JSONBody[PointRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    media: NamedDependency[MediaFolder],
) -> Response[PointView]:
    """Begin a point as a draft, with a number for its plate that is never given to another."""
    media.check(data.sheet)
    now = clock()
    async with begin() as unit:
        made = await points.create(
            unit, request.user.authority_id, data.slug, data.sheet, agent_id=request.user.id, now=now
        )
        return await _answer(unit, made, now, settings, status_code=201)


@get("/points/{plate:str}", opt={"rule": Permission.POINT_EDIT}, summary="Show a point", tags=["Tour"])
async def show_point(
    *,
    request: Caller,
    plate: FromPath[str],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
) -> Response[PointView]:
    """Show a point with both texts of its sheet. Its `ETag` is what a change sends back as `If-Match`."""
    async with database.look() as unit:
        point = await unit.points.by_plate(request.user.authority_id, plate)
        return await _answer(unit, point, clock(), settings)


@get("/points/{plate:str}/journal", opt={"rule": Permission.POINT_EDIT}, summary="Who did what", tags=["Tour"])
async def journal(request: Caller, plate: FromPath[str], database: NamedDependency[Database]) -> list[EntryView]:
    """List who did what with a point, oldest first."""
    async with database.look() as unit:
        point = await unit.points.by_plate(request.user.authority_id, plate)
        entries = await unit.points.entries(point.id)
        logins = {agent_id: await _login(unit, agent_id) for agent_id in {entry.agent_id for entry in entries}}
    return [EntryView(one.at, logins[one.agent_id], one.act, one.note, one.version) for one in entries]


class Change(Struct, frozen=True):
    """What every change of a point is given: who changes which version of what, when."""

    agent: Agent
    plate: str
    if_match: str | None
    begin: Begin
    now: datetime
    settings: Settings

    async def make(self, verb: Callable[[Unit, Point], Awaitable[Point]]) -> Response[PointView]:
        """Change the point if it still is what the agent has read.

        Raises:
            VersionMissing: the request names no version.
            VersionChanged: the point has another since.
        """
        if self.if_match is None:
            raise VersionMissing("Read the point, and send its ETag as If-Match.")
        async with self.begin() as unit:
            point = await unit.points.by_plate(self.agent.authority_id, self.plate)
            if not allows(self.if_match, _tag(point)):
                raise VersionChanged("Somebody has changed the point since: read it again.")
            return await _answer(unit, await verb(unit, point), self.now, self.settings)


async def change_of(
    *,
    request: Request[Any, Any, Any],
    plate: FromPath[str],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    settings: NamedDependency[Settings],
    if_match: IfMatch = None,
) -> Change:
    """Gather what a change is given."""
    return Change(request.user, plate, if_match, begin, clock(), settings)


@put("/points/{plate:str}", opt={"rule": Permission.POINT_EDIT}, summary="Write a sheet", tags=["Tour"])
async def write_sheet(
    change: NamedDependency[Change], data: JSONBody[SheetRequest], media: NamedDependency[MediaFolder]
) -> Response[PointView]:
    """Write another text beside the one that residents read: a draft again, whose author the agent is."""
    media.check(data.sheet)
    return await change.make(
        lambda unit, point: points.change(unit, point, data.sheet, agent_id=change.agent.id, now=change.now)
    )


@post(
    "/points/{plate:str}/submission",
    status_code=200,
    opt={"rule": Permission.POINT_EDIT},
    summary="Submit a sheet",
    tags=["Tour"],
)
async def submit(change: NamedDependency[Change]) -> Response[PointView]:
    """Hand a draft to whoever will read it a second time. One problem names every field that is missing."""
    return await change.make(lambda unit, point: points.submit(unit, point, agent_id=change.agent.id, now=change.now))


@post(
    "/points/{plate:str}/return",
    status_code=200,
    opt={"rule": Permission.POINT_EDIT},
    summary="Send a sheet back",
    tags=["Tour"],
)
async def send_back(change: NamedDependency[Change], data: JSONBody[ReasonRequest]) -> Response[PointView]:
    """Return a submitted sheet to its author, and say why."""
    return await change.make(
        lambda unit, point: points.send_back(unit, point, data.reason, agent_id=change.agent.id, now=change.now)
    )


@post(
    "/points/{plate:str}/publication",
    status_code=200,
    opt={"rule": Permission.POINT_PUBLISH},
    summary="Publish a sheet",
    tags=["Tour"],
)
async def publish(change: NamedDependency[Change]) -> Response[PointView]:
    """Show a submitted sheet to residents. Its author cannot."""
    return await change.make(lambda unit, point: points.publish(unit, point, agent_id=change.agent.id, now=change.now))


@post(
    "/points/{plate:str}/suspension",
    status_code=200,
    opt={"rule": Permission.POINT_EDIT},
    summary="Suspend a point",
    tags=["Tour"],
)
async def suspend(change: NamedDependency[Change], data: JSONBody[ReasonRequest]) -> Response[PointView]:
    """Say that the device is away: residents read so, and no value. To come back, the sheet is published anew."""
    return await change.make(
        lambda unit, point: points.suspend(unit, point, data.reason, agent_id=change.agent.id, now=change.now)
    )


@post(
    "/points/{plate:str}/archival",
    status_code=200,
    opt={"rule": Permission.POINT_PUBLISH},
    summary="Archive a point",
    tags=["Tour"],
)
async def archive(change: NamedDependency[Change], data: JSONBody[ReasonRequest]) -> Response[PointView]:
    """End a point for good. Its number is never given to another."""
    return await change.make(
        lambda unit, point: points.archive(unit, point, data.reason, agent_id=change.agent.id, now=change.now)
    )


@put("/points/{plate:str}/target", opt={"rule": Permission.POINT_PUBLISH}, summary="Redirect a plate", tags=["Tour"])
async def redirect(change: NamedDependency[Change], data: JSONBody[TargetRequest]) -> Response[PointView]:
    """Let a plate lead to another address on this site; an empty one is the point's own sheet again."""
    return await change.make(
        lambda unit, point: points.redirect(unit, point, data.target, agent_id=change.agent.id, now=change.now)
    )


@post(
    "/points/media",
    opt={"rule": Permission.POINT_EDIT},
    request_max_body_size=LARGEST + 1,
    summary="Keep a photo or a recording",
    tags=["Tour"],
)
async def keep_media(request: Caller, media: NamedDependency[MediaFolder]) -> MediaView:
    """Keep a photo (JPEG, PNG, WebP) or a recording (MP3), the body as it is, and get its name for a sheet.

    A photo is drawn anew, so that nothing tells where and by whom it was taken.
    """
    kept = await asyncio.to_thread(media.keep, await request.body())
    return MediaView(kept.digest, kept.media_type, len(kept.content))


def _tag(point: Point) -> str:
    return f'"{point.version}"'


async def _answer(
    unit: Unit, point: Point, now: datetime, settings: Settings, *, status_code: int = 200
) -> Response[PointView]:
    return Response(
        await _view(unit, point, now, settings),
        status_code=status_code,
        headers={"ETag": _tag(point), "Cache-Control": "private, no-cache"},
    )


async def _view(unit: Unit, point: Point, now: datetime, settings: Settings) -> PointView:
    authority = await unit.places.authority_by_id(point.authority_id)
    return PointView(
        plate=point.plate,
        slug=point.slug,
        short_url=points.short_url(settings.public_url, point.plate),
        leads_to=point.leads_to,
        state=point.state,
        protection_level=protection_level(await points.devices_of(unit, point.authority_id, point.sheet)),
        to_review=point.to_review(local_day(now, authority.zone)),
        missing=missing(point.sheet),
        author=await _login(unit, point.author_id),
        reviewer=await _login(unit, point.reviewer_id) if point.reviewer_id is not None else None,
        created_at=point.created_at,
        changed_at=point.changed_at,
        published_at=point.published_at,
        away_since=point.away_since,
        version=point.version,
        sheet=point.sheet,
        shown=point.shown,
    )


async def _login(unit: Unit, agent_id: UUID) -> str | None:
    agent = await unit.agents.by_id(agent_id)
    return agent.login if agent is not None else None


ROUTER = Router(
    path="/v1",
    route_handlers=[
        list_points,
        begin_point,
        show_point,
        journal,
        keep_media,
        *(write_sheet, submit, send_back, publish, suspend, archive, redirect),
    ],
    dependencies={"change": Provide(change_of)},
)
