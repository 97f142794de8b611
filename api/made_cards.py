"""Cards of a batch at a desk: where each stands, bound to a pass, taken out of use, and how many a desk has left."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, JSONBody
from msgspec import Meta, Struct

from adapters.cards import CardKeys, made_card
from api.agents import number_of
from api.cards import MediumDetail, described
from api.journalled_objects import about_card
from api.journalling import Note
from domain import made_cards
from domain.acts import Act
from domain.agents import Agent, Permission
from domain.card_batches import BatchCard
from domain.errors.cards import CardOfAnotherPass
from domain.made_cards import UnbindReason
from domain.ordered_cards import hand_over
from domain.passes import BlockReason, MediumStatus
from domain.places import local_day
from domain.ports import Clock
from store import batches
from store.database import Begin, Database

Caller = Request[Agent, Any, Any]

MAX_CARD = 512
"""Letters of a tap's address, at most."""

SaidCard = Annotated[str, Meta(min_length=1, max_length=MAX_CARD, examples=["8080 1234 5670"])]
"""A card as it was typed or read: the number printed on it, a tap's URL, or `UID:` and hex digits."""


class BindingRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Which card of a batch becomes the card of which pass. A card that bears a name knows its pass."""

    card: SaidCard
    pass_number: Annotated[str, Meta(min_length=10, max_length=10, examples=["2336175969"])] | None = None


class DiscardRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Which card that nobody holds yet is taken out of use, and why."""

    card: SaidCard
    reason: Literal["lost", "stolen", "damaged", "revoked"]


class UnbindRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Which card goes back to where it lay, and why."""

    card: SaidCard
    reason: UnbindReason


class BoundCard(Struct, frozen=True, rename="camel"):
    """The medium that a card is now, whose pass it shows, and what is to be collected, in cents.

    `feeCents` is the price that its holder was shown when they ordered the card; 0 where they ordered none.
    """

    card: str
    pass_number: str
    medium: MediumDetail
    fee_cents: int


class MadeCardView(Struct, frozen=True, rename="camel"):
    """Where a card of a batch stands. `desk` is where it lies, `passNumber` whom it was made for or belongs to."""

    card: str
    status: MediumStatus
    last_day: date
    desk: str | None
    pass_number: str | None


class DrawerView(Struct, frozen=True):
    """How many blank cards a desk has left."""

    desk: str
    blank: int


@get(
    "/made-cards",
    opt={"rule": Permission.PASS_READ, "journal": Act.CARD_SHOWN},
    summary="Show a card of a batch",
    tags=["Cards"],
)
async def show(
    *,
    request: Caller,
    card: Annotated[str, HeaderParameter(name="Card", min_length=1, max_length=MAX_CARD)],
    database: NamedDependency[Database],
    card_keys: NamedDependency[CardKeys],
    note: NamedDependency[Note],
) -> MadeCardView:
    """Show where a card stands, from its number or from what a reader has read.

    The card comes in a header, never in the address: proxies write addresses down.
    """
    async with database.look() as unit:
        authority = await unit.places.authority_by_id(request.user.authority_id)
        found = await made_card(unit, card_keys, authority, card)
        pass_ = await unit.passes.by_id(authority.id, found.pass_id) if found.pass_id is not None else None
        note.about(about_card(found, pass_))
    return _view(found, authority.zone, pass_.number if pass_ is not None else None)


@post(
    "/made-cards/bindings",
    opt={"rule": Permission.PASS_ISSUE, "journal": Act.CARD_BOUND},
    summary="Bind a card of a batch",
    tags=["Cards"],
)
async def bind(
    *,
    request: Caller,
    data: JSONBody[BindingRequest],
    begin: NamedDependency[Begin],
    database: NamedDependency[Database],
    card_keys: NamedDependency[CardKeys],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> BoundCard:
    """Make a card of a batch the active card of a pass, once. Gates know it from now on.

    What its holder had ordered is done with it: the old card is replaced, at the price that they were shown.
    """
    async with begin() as unit:
        authority = await unit.places.authority_by_id(request.user.authority_id)
        found = await made_card(unit, card_keys, authority, data.card)
        if data.pass_number is not None:
            pass_ = await unit.passes.by_number(authority.id, number_of(data.pass_number))
        elif found.pass_id is not None:
            pass_ = await unit.passes.by_id(authority.id, found.pass_id)
        else:
            raise CardOfAnotherPass("The card is blank: say for which pass.")
        note.about(about_card(found, pass_))
        handed = await hand_over(unit, found, pass_, now=clock(), by=request.user.id)
    return BoundCard(found.number, pass_.number, await described(database, handed.medium), handed.fee_cents)


@post(
    "/made-cards/unbindings",
    status_code=200,
    opt={"rule": Permission.PASS_ISSUE, "journal": Act.CARD_UNBOUND},
    summary="Undo the binding of a card",
    tags=["Cards"],
)
async def unbind(
    *,
    request: Caller,
    data: JSONBody[UnbindRequest],
    begin: NamedDependency[Begin],
    card_keys: NamedDependency[CardKeys],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> MadeCardView:
    """Put a card that was bound by mistake back to where it lay: within half an hour, and before any gate saw it."""
    async with begin() as unit:
        authority = await unit.places.authority_by_id(request.user.authority_id)
        found = await made_card(unit, card_keys, authority, data.card)
        pass_ = await unit.passes.by_id(authority.id, found.pass_id) if found.pass_id is not None else None
        note.about(about_card(found, pass_))
        note.because(data.reason)
        returned = await made_cards.unbind(unit, found, now=clock())
    return _view(returned, authority.zone, pass_.number if pass_ is not None and returned.pass_id is not None else None)


@post(
    "/made-cards/discards",
    status_code=200,
    opt={"rule": Permission.MEDIUM_BLOCK, "journal": Act.CARD_DISCARDED},
    summary="Take a card of a batch out of use",
    tags=["Cards"],
)
async def discard(
    *,
    request: Caller,
    data: JSONBody[DiscardRequest],
    begin: NamedDependency[Begin],
    card_keys: NamedDependency[CardKeys],
    note: NamedDependency[Note],
) -> MadeCardView:
    """Take a card that nobody holds yet out of use, for good: a box that was stolen, a card that was spoilt."""
    async with begin() as unit:
        authority = await unit.places.authority_by_id(request.user.authority_id)
        found = await made_card(unit, card_keys, authority, data.card)
        note.about(about_card(found))
        note.because(data.reason)
        discarded = await made_cards.discard(unit, found, reason=BlockReason(data.reason))
    return _view(discarded, authority.zone, None)


@get("/made-cards/stock", opt={"rule": Permission.PASS_READ}, summary="Count the blank cards", tags=["Cards"])
async def stock(request: Caller, database: NamedDependency[Database]) -> list[DrawerView]:
    """Count the blank cards that each desk has left; a desk without any is not listed."""
    async with database.read() as connection:
        return [DrawerView(one.desk, one.blank) for one in await batches.drawers(connection, request.user.authority_id)]


def _view(card: BatchCard, zone: str, pass_number: str | None) -> MadeCardView:
    last_day = local_day(card.expires_at - timedelta(seconds=1), zone)
    return MadeCardView(card.number, card.status, last_day, card.desk, pass_number)


ROUTER = Router(path="/v1", route_handlers=[show, bind, unbind, discard, stock])
