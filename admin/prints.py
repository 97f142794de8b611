"""The printed code of a pass, as a card on a sheet to cut: what a desk hands over where no card of the stock is."""

import asyncio

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from adapters.card_sheet import sheet_pdf
from adapters.document_vault import DocumentVault
from adapters.keyring import KeyRing
from adapters.printed import card
from admin.visits import Asked
from api.agents import medium_id_of, number_of
from domain.acts import Act
from domain.agents import Permission
from domain.errors.passes import MediumNotFound
from domain.errors.requests import DocumentNotFound
from domain.passes import MediumKind, MediumStatus
from domain.ports import Clock
from store.database import Database


@get(
    "/passes/{number:str}/media/{medium:str}/sheet",
    opt={"rule": Permission.PASS_ISSUE, "journal": Act.PASS_PRINTED},
    include_in_schema=False,
)
async def sheet(
    *,
    request: Asked,
    number: FromPath[str],
    medium: FromPath[str],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    vault: NamedDependency[DocumentVault],
    clock: NamedDependency[Clock],
) -> Response[bytes]:
    """Draw the card of a printed code that is in use, with its holder's photo where there is one."""
    medium_id, authority, now = medium_id_of(medium), request.auth.authority, clock()
    async with database.look() as unit:
        pass_ = await unit.passes.by_number(authority.id, number_of(number))
        holder = await unit.people.holder_by_id(authority.id, pass_.holder_id)
        found = next((one for one in await unit.passes.media(pass_.id) if one.id == medium_id), None)
        portrait = await unit.portraits.of(authority.id, holder.id)
    if (
        found is None
        or found.kind is not MediumKind.PRINT
        or found.status is not MediumStatus.ACTIVE
        or found.expires_at <= now
    ):
        raise MediumNotFound("This pass has no such printed code in use.")
    try:
        photo = await vault.portrait(authority.code, portrait) if portrait is not None else b""
    except DocumentNotFound:
        photo = b""
    face = card(keyring, authority, holder, pass_, found, photo=photo)
    drawn = await asyncio.to_thread(sheet_pdf, [face], made_at=now)
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'inline; filename="pass-{pass_.number}.pdf"'}
    return Response(drawn, media_type="application/pdf", headers=headers)
