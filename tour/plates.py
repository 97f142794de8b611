"""What a plate in the street leads to, and the photos and recordings of sheets."""

import asyncio
from typing import Any

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ExceptionHandlersMap

from adapters.media_folder import MediaFolder
from api.conditional import names, part_of
from api.rules import Rule, enforce
from domain.errors import NotFound
from domain.errors.points import PointNotFound
from domain.plates import is_plate
from domain.points import PointState
from store.database import Database
from store.points import behind_plate
from web.places import Asked, Page, page

TOUR = "/tour"
"""Where the plate of a point leads that has ended: to all that are left."""

_FOR_EVER = "public, max-age=31536000, immutable"


@get("/c/{plate:str}", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def scanned(plate: FromPath[str], database: NamedDependency[Database]) -> Response[None]:
    """Lead on from a plate. Whatever else the address carries is dropped: a plate follows nobody."""
    if not is_plate(plate):
        raise PointNotFound("This is no number of a plate.")
    async with database.read() as connection:
        point = await behind_plate(connection, plate)
    if point.shown is None and not point.target:
        raise PointNotFound("No plate has this number.")  # a draft is nobody's business yet
    ended = point.state is PointState.ARCHIVED and not point.target
    # It may lead elsewhere tomorrow: nobody is to remember it.
    headers = {"Location": TOUR if ended else point.leads_to, "Cache-Control": "no-cache"}
    return Response(None, status_code=302, headers=headers)


@get("/tour/media/{digest:str}", opt={"rule": Rule.PUBLIC}, include_in_schema=False)
async def medium(
    request: Request[Any, Any, Any], digest: FromPath[str], media: NamedDependency[MediaFolder]
) -> Response[bytes | None]:
    """Serve a photo or a recording. Its name is its content: it never changes.

    Parts are served too (RFC 9110 section 14): Safari plays no sound from who sends only the whole.
    """
    headers = {"Cache-Control": _FOR_EVER, "ETag": f'"{digest}"', "Accept-Ranges": "bytes"}
    found = await asyncio.to_thread(media.find, digest)
    if names(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(None, status_code=304, headers=headers)
    whole = len(found.content)
    is_same = request.headers.get("if-range", headers["ETag"]) == headers["ETag"]
    part = part_of(request.headers.get("range", ""), whole) if is_same else None
    if part is None:
        return Response(found.content, media_type=found.media_type, headers=headers)
    if not part:
        return Response(
            b"", status_code=416, media_type=found.media_type, headers={**headers, "Content-Range": f"bytes */{whole}"}
        )
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{whole}"
    content = found.content[part.start : part.stop]
    return Response(content, status_code=206, media_type=found.media_type, headers=headers)


def _unknown(request: Asked, _error: NotFound) -> Page:
    return page(
        request,
        "apology.html",
        status_code=404,
        title="plate_unknown_title",
        words="plate_unknown",
        leads_to=TOUR,
        leads_words="all_sensors",
    )


_APOLOGIES: ExceptionHandlersMap = {PointNotFound: _unknown}

ROUTER = Router(path="/", route_handlers=[scanned, medium], guards=[enforce], exception_handlers=_APOLOGIES)
