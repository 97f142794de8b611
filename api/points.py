"""The points of the tour as agents list them, begin them, and read who did what."""

import asyncio
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from adapters.media_folder import LARGEST, MediaFolder
from api.point_views import EntryView, MediaView, PointLine, PointRequest, PointView, answer, login_of, number_of
from api.settings import Settings
from domain import points
from domain.agents import Agent, Permission
from domain.places import local_day
from domain.ports import Clock
from store.database import Begin, Database

Caller = Request[Agent, Any, Any]


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
        return await answer(unit, made, now, settings, status_code=201)


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
        point = await unit.points.by_plate(request.user.authority_id, number_of(plate))
        return await answer(unit, point, clock(), settings)


@get("/points/{plate:str}/journal", opt={"rule": Permission.POINT_EDIT}, summary="Who did what", tags=["Tour"])
async def journal(request: Caller, plate: FromPath[str], database: NamedDependency[Database]) -> list[EntryView]:
    """List who did what with a point, oldest first."""
    async with database.look() as unit:
        point = await unit.points.by_plate(request.user.authority_id, number_of(plate))
        entries = await unit.points.entries(point.id)
        logins = {agent_id: await login_of(unit, agent_id) for agent_id in {entry.agent_id for entry in entries}}
    return [EntryView(one.at, logins[one.agent_id], one.act, one.note, one.version) for one in entries]


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


ROUTER = Router(path="/v1", route_handlers=[list_points, begin_point, show_point, journal, keep_media])
