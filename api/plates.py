"""Plates to print: what a point says of itself in the street."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Protocol

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from adapters.plate_face import Plate, plate_of
from adapters.plate_sheet import plate_pdf, sheet_pdf
from api.point_views import number_of
from api.settings import Settings
from domain.agents import Agent, Permission
from domain.errors.points import SheetIncomplete
from domain.places import Authority
from domain.plates import short_url
from domain.points import Point, devices_of
from domain.ports import Clock, Unit
from domain.sheets import missing, protection_level
from store.database import Database

Caller = Request[Agent, Any, Any]
Plates = Annotated[str, QueryParameter(min_length=7, max_length=8 * 80, pattern=r"^\d{7}(,\d{7})*(?!\n)$")]

PDF = "application/pdf"


@get(
    "/points/{plate:str}/plate",
    opt={"rule": Permission.POINT_EDIT},
    summary="Print a plate",
    tags=["Tour"],
    media_type=PDF,
)
async def one(
    *,
    request: Caller,
    plate: FromPath[str],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
) -> Response[bytes]:
    """Print the plate of a point: a PDF page of 99 x 68 mm, for the maker of signs."""
    async with database.look() as unit:
        authority = await unit.places.authority_by_id(request.user.authority_id)
        point = await unit.points.by_plate(authority.id, number_of(plate))
        drawn = await face_of(unit, authority, point, public_url=settings.public_url)
    return await printed([drawn], plate_pdf, f"plaque-{plate}", now=clock())


@get("/points/plates", opt={"rule": Permission.POINT_EDIT}, summary="Print plates", tags=["Tour"], media_type=PDF)
async def several(
    *,
    request: Caller,
    plates: Plates,
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    clock: NamedDependency[Clock],
) -> Response[bytes]:
    """Print the plates of several points, eight to an A4 page with lines to cut along."""
    async with database.look() as unit:
        authority = await unit.places.authority_by_id(request.user.authority_id)
        points = [await unit.points.by_plate(authority.id, plate) for plate in dict.fromkeys(plates.split(","))]
        drawn = [await face_of(unit, authority, point, public_url=settings.public_url) for point in points]
    return await printed(drawn, sheet_pdf, "plaques", now=clock())


async def face_of(unit: Unit, authority: Authority, point: Point, *, public_url: str) -> Plate:
    """Gather what the plate of a point says: of the published sheet, or of one that is ready to be.

    Raises:
        SheetIncomplete: neither says yet what a plate must.
    """
    sheet = point.shown or point.sheet
    if lacking := missing(sheet):
        raise SheetIncomplete(f"A plate says what the sheet lacks: {'; '.join(lacking)}.")
    return plate_of(
        point,
        sheet,
        level=protection_level(await devices_of(unit, authority.id, sheet)),
        url=short_url(public_url, point.plate),
        authority_name=authority.name.fr,
        colour=authority.colour,
    )


class Draw(Protocol):
    """Draws plates on pages of one size or another."""

    def __call__(self, plates: Sequence[Plate], *, made_at: datetime) -> bytes: ...


async def printed(plates: Sequence[Plate], draw: Draw, name: str, *, now: datetime) -> Response[bytes]:
    """Answer with plates as a PDF, which a thread draws: gates are answered meanwhile (ADR 0072)."""
    content = await asyncio.to_thread(draw, plates, made_at=now)
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "Cache-Control": "private, no-cache"}
    return Response(content, media_type=PDF, headers=headers)


ROUTER = Router(path="/v1", route_handlers=[one, several])
