"""A printed code: shown again to whoever has the pass, and replaced by its owner, at the city's price, once lost."""

from datetime import datetime
from typing import Annotated

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from adapters.keyring import KeyRing
from adapters.printed import printed_code
from api.agents import MEDIUM_LIFE, medium_id_of, number_of
from api.bodies import Key
from api.days import today
from api.resident_account import RESIDENT
from api.resident_answers import once
from api.resident_logins import TAGS
from api.resident_passes import MyMedium, medium_view, price_of_replacement
from api.residents import Asked
from domain import replacements
from domain.accounts import Account
from domain.errors.passes import LifecycleConflict, MediumNotFound
from domain.errors.sales import PriceChanged
from domain.passes import MediumKind, MediumStatus, medium_of
from domain.ports import Clock, Unit
from domain.replacements import ReplacementReason
from store.database import Database


class PrintedCode(Struct, frozen=True):
    """What the printed code says: to be printed as a QR code, or shown."""

    code: str


class ReplaceRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Replace a printed code that was stopped, or is over, at the price that you were shown (`replacementCents`)."""

    key: Key
    fee_cents: Annotated[int, Meta(ge=0, le=100_000)]


class Replaced(Struct, frozen=True, rename="camel"):
    """The medium that took its place, why, and what is due for it: the city says how it is paid."""

    medium: MyMedium
    reason: ReplacementReason
    fee_cents: int


@get("/passes/{number:str}/media/{medium:str}/printed-code", opt=RESIDENT, summary="Print a code again", tags=TAGS)
async def show(
    *,
    request: Asked,
    number: FromPath[str],
    medium: FromPath[str],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    clock: NamedDependency[Clock],
) -> PrintedCode:
    """Tell what a printed code in use says: for a new print, or for the screen of a telephone without network."""
    return PrintedCode(await code_for(database, keyring, request.user.account, number, medium, now=clock()))


async def code_for(
    database: Database, keyring: KeyRing, account: Account, number: str, medium: str, *, now: datetime
) -> str:
    """Return what a printed code in use says, of a pass for which an account acts.

    Raises:
        MediumNotFound: it has no such printed code.
        LifecycleConflict: it is not in use.
    """
    async with database.look() as unit:
        day = await today(unit, account.authority_id, now)
        pass_ = await unit.accounts.pass_of(account.id, number_of(number), day)
        authority = await unit.places.authority_by_id(account.authority_id)
        media = await unit.passes.media(pass_.id)
    medium_id = medium_id_of(medium)
    found = next((one for one in media if one.id == medium_id and one.kind is MediumKind.PRINT), None)
    if found is None:
        raise MediumNotFound("This pass has no such printed code.")
    if found.status is not MediumStatus.ACTIVE or found.expires_at <= now:
        raise LifecycleConflict(f"This code is {found.status}.")
    return printed_code(keyring, authority, found)


@post("/passes/{number:str}/media/{medium:str}/replacement", opt=RESIDENT, summary="Replace a printed code", tags=TAGS)
async def replace(
    *,
    request: Asked,
    number: FromPath[str],
    medium: FromPath[str],
    data: JSONBody[ReplaceRequest],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Replaced:
    """Put a new printed code in the place of one that was stopped or is over, at once; what is due is written down."""
    mine, now = request.user.account, clock()

    async def act(unit: Unit) -> Replaced:
        made = await replace_printed(unit, mine, number, medium, fee_cents=data.fee_cents, now=now)
        return Replaced(medium_view(made.medium), made.replacement.reason, made.replacement.fee_cents)

    return await once(database, clock, mine, (f"replace {number} {medium}", data), act, kind=Replaced)


async def replace_printed(
    unit: Unit, account: Account, number: str, medium: str, *, fee_cents: int, now: datetime
) -> replacements.Replaced:
    """Replace a printed code of a pass for which an account acts, at the price that its owner was shown.

    Raises:
        MediumNotFound: it has no such medium.
        LifecycleConflict: it is in use still, or a desk replaces it.
        PriceChanged: it costs something else now.
    """
    pass_ = await unit.accounts.pass_of(account.id, number_of(number), await today(unit, account.authority_id, now))
    gone = await medium_of(unit, pass_, medium_id_of(medium))
    price = price_of_replacement(gone, await unit.replacements.fees(account.authority_id))
    if price is None:
        raise LifecycleConflict("It is in use still, or a desk replaces it.")
    if price != fee_cents:
        raise PriceChanged(f"It costs {price} cents now.")
    return await replacements.replace_medium(
        unit, pass_, gone.id, expires_at=now + MEDIUM_LIFE, now=now, shown_cents=price
    )


HANDLERS = [show, replace]
