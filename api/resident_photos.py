"""The photo of a pass, taken at home: offered with a yes, looked at by an agent, erased when its holder says so."""

import base64
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from msgspec import Struct

from adapters.document_file import LARGEST
from adapters.document_vault import DocumentVault
from adapters.portrait_file import MOST_ZOOM, Frame
from api.days import named, today
from api.resident_account import RESIDENT
from api.resident_answers import UNCHANGED, tagged
from api.resident_logins import TAGS
from api.residents import Asked
from domain import portrait_offers
from domain.account_links import Bond
from domain.accounts import Account
from domain.errors.accounts import NoSuchPerson
from domain.people import Holder
from domain.places import Authority
from domain.portrait_offers import FLAWS, OfferState
from domain.ports import Clock, Unit
from domain.text import Text
from store.database import Database

Percent = Annotated[int, QueryParameter(ge=0, le=100)]
Zoom = Annotated[int, QueryParameter(ge=100, le=MOST_ZOOM)]


class MyPhoto(Struct, frozen=True, rename="camel"):
    """The photo of somebody. Pictures are JPEG, in base64.

    `picture` is the one that the pass has; `offered` waits until somebody has looked at it; `refused` says why the last
    one was not taken, and what to do.
    """

    picture: str | None
    kept_until: date | None
    offered: str | None
    offered_at: datetime | None
    refused: Text | None


class Shown(Struct, frozen=True):
    """Whose photo an account may see and change today, and who says yes to it."""

    authority: Authority
    holder: Holder
    agreed_by: UUID
    day: date


@get(
    "/persons/{reference:str}/photo",
    opt=RESIDENT,
    responses=UNCHANGED,
    summary="See the photo of my pass",
    tags=TAGS,
)
async def show(
    *,
    request: Asked,
    reference: FromPath[str],
    database: NamedDependency[Database],
    vault: NamedDependency[DocumentVault],
    clock: NamedDependency[Clock],
) -> Response[MyPhoto]:
    """Show the photo of yourself or of a child, the one that waits, or why the last one was not taken."""
    return tagged(request, await photo_for(database, vault, request.user.account, named(reference), now=clock()))


@put(
    "/persons/{reference:str}/photo",
    opt=RESIDENT,
    request_max_body_size=LARGEST + 1,
    summary="Offer a photo for my pass",
    tags=TAGS,
)
async def offer(
    *,
    request: Asked,
    reference: FromPath[str],
    agreed: Annotated[bool, QueryParameter()],
    database: NamedDependency[Database],
    vault: NamedDependency[DocumentVault],
    clock: NamedDependency[Clock],
    zoom: Zoom = 100,
    across: Percent = 50,
    down: Percent = 50,
) -> MyPhoto:
    """Offer a photo (JPEG, PNG, WebP), the body as it is, if its holder agrees: nobody needs one.

    What is kept is three by four: `zoom` percent nearer than the whole, from the middle unless `across` and `down` say
    else. It is drawn anew, lies encrypted, and an agent looks at it before it counts. It may be erased at any time.
    """
    mine, person, now = request.user.account, named(reference), clock()
    await take_in(
        database, vault, mine, person, await request.body(), frame=Frame(zoom, across, down), agreed=agreed, now=now
    )
    return await photo_for(database, vault, mine, person, now=now)


@delete("/persons/{reference:str}/photo", opt=RESIDENT, summary="Erase the photo of my pass", tags=TAGS)
async def erase(
    *,
    request: Asked,
    reference: FromPath[str],
    database: NamedDependency[Database],
    vault: NamedDependency[DocumentVault],
    clock: NamedDependency[Clock],
) -> None:
    """Erase the photo and what waits. The pass goes on without; a card that bears it is its holder's."""
    await erase_photo(database, vault, request.user.account, named(reference), now=clock())


async def shown_of(unit: Unit, account: Account, reference: str, now: datetime) -> Shown:
    """Find somebody whose photo an account may see and change: its owner, or a child or ward of theirs.

    Raises:
        NoSuchPerson: the account acts for nobody of this reference, or by a mandate alone, which is for passes.
    """
    day = await today(unit, account.authority_id, now)
    persons = await unit.accounts.persons(account.id, day)
    mine = (one for one in persons if portrait_offers.answers_for_photo(one.bond))
    found = next((one for one in mine if one.reference == reference), None)
    if found is None:
        raise NoSuchPerson("Your account answers for the photo of nobody of this reference.")
    own = next((one.id for one in persons if one.bond is Bond.OWN), found.id)
    return Shown(
        authority=await unit.places.authority_by_id(account.authority_id),
        holder=await unit.people.holder_by_id(account.authority_id, found.id),
        agreed_by=own,
        day=day,
    )


async def photo_for(
    database: Database, vault: DocumentVault, account: Account, reference: str, *, now: datetime
) -> MyPhoto:
    """Return the photo of somebody as their account sees it.

    Raises:
        NoSuchPerson: as `shown_of`.
    """
    async with database.look() as unit:
        shown = await shown_of(unit, account, reference, now)
        kept = await unit.portraits.of(shown.authority.id, shown.holder.id)
        offered = await unit.portraits.offer_of(shown.authority.id, shown.holder.id)
    code = shown.authority.code
    waits = offered if offered is not None and offered.state is OfferState.WAITING else None
    return MyPhoto(
        picture=_written(await vault.portrait(code, kept)) if kept is not None else None,
        kept_until=kept.keep_until if kept is not None else None,
        offered=_written(await vault.offered(code, waits)) if waits is not None else None,
        offered_at=waits.offered_at if waits is not None else None,
        refused=FLAWS[offered.flaw] if offered is not None and offered.flaw is not None else None,
    )


async def take_in(
    database: Database,
    vault: DocumentVault,
    account: Account,
    reference: str,
    data: bytes,
    *,
    frame: Frame,
    agreed: bool,
    now: datetime,
) -> None:
    """Take in a photo that somebody offers.

    Raises:
        NotAgreed: nobody has said yes.
        NoSuchPerson: as `shown_of`.
        DocumentRefused: the file is no picture of a face that could be kept.
    """
    async with database.look() as unit:
        shown, file_id = await shown_of(unit, account, reference, now), unit.ids.row()
    portrait_offers.check_agreed(agreed=agreed)
    sealed = await vault.keep_portrait(shown.authority.code, file_id, data, frame)
    try:
        async with database.begin() as unit:
            # The account may have lost whom it acts for, while the picture was drawn.
            again = await shown_of(unit, account, reference, now)
            before = await portrait_offers.offer(
                unit, again.holder, sealed, agreed_by=again.agreed_by, now=now, today=again.day
            )
    except BaseException:
        vault.remove([file_id])
        raise
    vault.remove(before)


async def erase_photo(
    database: Database, vault: DocumentVault, account: Account, reference: str, *, now: datetime
) -> None:
    """Erase the photo of somebody, and what waits.

    Raises:
        NoSuchPerson: as `shown_of`.
    """
    async with database.begin() as unit:
        shown = await shown_of(unit, account, reference, now)
        gone = await portrait_offers.forget(unit, shown.holder)
    vault.remove(gone)


def _written(picture: bytes) -> str:
    return base64.b64encode(picture).decode()


HANDLERS = [show, offer, erase]
