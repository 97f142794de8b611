"""Receipts and decisions, to be printed from the console."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.visits import Asked
from api.request_documents import letter_of, printed, receipt_of, seen_by
from domain.acts import Act
from domain.agents import Permission
from store.database import Database

_READ: dict[str, Any] = {"rule": Permission.REQUEST_READ, "placed": True, "journal": Act.REQUEST_PRINTED}


@get("/requests/{request_reference:str}/receipt", opt=_READ, include_in_schema=False)
async def receipt(
    request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]
) -> Response[bytes]:
    """Print the acknowledgement of a request."""
    async with database.look() as unit:
        found = await seen_by(unit, request.user, request_reference)
        paper = await receipt_of(unit, found, now=request.app.state.clock())
    return await printed(paper)


@get("/requests/{request_reference:str}/letter", opt=_READ, include_in_schema=False)
async def letter(
    request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]
) -> Response[bytes]:
    """Print what was decided."""
    async with database.look() as unit:
        paper = await letter_of(unit, await seen_by(unit, request.user, request_reference))
    return await printed(paper)
