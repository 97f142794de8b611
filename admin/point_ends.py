"""The plate of a point: printed, led elsewhere, and kept for good when the point ends."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from adapters.plate_sheet import plate_pdf
from admin.forms import read
from admin.points import PATH, WORDS, act_for_reason, point_of, point_page
from admin.shell import Page, go
from admin.visits import Asked
from admin.words import language_of
from api import plates
from api.settings import Settings
from domain import points
from domain.agents import Permission
from domain.errors.points import BadSheet
from domain.ports import Clock
from store.database import Begin, Database

_LONGEST_TARGET = 200
_PUBLISH: dict[str, Any] = {"rule": Permission.POINT_PUBLISH}


@get("/points/{plate:str}/plate", opt={"rule": Permission.POINT_EDIT}, include_in_schema=False)
async def printed(
    *,
    request: Asked,
    plate: FromPath[str],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
) -> Response[bytes]:
    """Print the plate of a point, for the maker of signs."""
    async with database.look() as unit:
        point = await point_of(unit, request, plate)
        drawn = await plates.face_of(unit, request.auth.authority, point, public_url=settings.public_url)
    return await plates.printed([drawn], plate_pdf, f"plaque-{point.plate}", now=clock())


@post("/points/{plate:str}/target", opt=_PUBLISH, include_in_schema=False)
async def redirect(
    *, request: Asked, plate: FromPath[str], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Page | Response[None]:
    """Let a plate lead to another address on this site; an empty one is the point's own sheet again."""
    form = await read(request)
    target = form.text("target", longest=_LONGEST_TARGET, required=False)
    async with begin() as unit:
        point = await point_of(unit, request, plate)
        if not form.is_wrong:
            try:
                await points.redirect(unit, point, target, agent_id=request.user.id, now=clock())
            except BadSheet:
                form.refuse("target", "not_here")
        if form.is_wrong:
            return await point_page(request, unit, point, form, clock(), status_code=422)
    return go(request, f"{PATH}/{plate}", said=WORDS[language_of(request)]["redirected_said"])


@post("/points/{plate:str}/archive", opt=_PUBLISH, include_in_schema=False)
async def archive(
    *, request: Asked, plate: FromPath[str], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Page | Response[None]:
    """End a point for good, and say why. Its number is never given to another."""
    wrong = await act_for_reason(request, plate, begin, field="over", act=points.archive, now=clock())
    return wrong or go(request, f"{PATH}/{plate}", said=WORDS[language_of(request)]["archived_said"])


ROUTES = (printed, redirect, archive)
