"""What agents do with a point: write, submit, send back, publish, suspend, archive, redirect.

Every act says which version it changes: the `ETag` that was read, as `If-Match`. Two people publish a sheet: who wrote
it, and somebody else.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, Router, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, HeaderParameter, JSONBody
from msgspec import Struct

from adapters.media_folder import MediaFolder
from api.conditional import allows
from api.point_views import PointView, ReasonRequest, SheetRequest, TargetRequest, answer, number_of, tag_of
from api.settings import Settings
from domain import points
from domain.agents import Agent, Permission
from domain.errors import VersionChanged
from domain.errors.points import VersionMissing
from domain.points import Point
from domain.ports import Clock, Unit
from store.database import Begin

IfMatch = Annotated[str | None, HeaderParameter(name="If-Match", max_length=200)]


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
            point = await unit.points.by_plate(self.agent.authority_id, number_of(self.plate))
            if not allows(self.if_match, tag_of(point)):
                raise VersionChanged("Somebody has changed the point since: read it again.")
            return await answer(unit, await verb(unit, point), self.now, self.settings)


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


ROUTER = Router(
    path="/v1",
    route_handlers=[write_sheet, submit, send_back, publish, suspend, archive, redirect],
    dependencies={"change": Provide(change_of)},
)
