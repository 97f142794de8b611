"""A plastic card that a resident orders: its price, where it comes to, how far it is; cancelled, or taken into use."""

from datetime import datetime
from typing import Annotated

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from api.agents import number_of
from api.bodies import Key
from api.days import today
from api.request_acts import SPOKEN
from api.resident_account import RESIDENT
from api.resident_answers import UNCHANGED, once, tagged
from api.resident_logins import TAGS
from api.residents import Asked
from domain import ordered_cards
from domain.accounts import Account
from domain.card_batches import NUMBER_DIGITS
from domain.card_terms import LONGEST_ADDRESS, MOST_CENTS
from domain.ordered_card_words import REASONS, STANDINGS, at_desk
from domain.ordered_cards import CardWay, Offered, OrderReason, Standing, Wish, standing_of
from domain.passes import Pass
from domain.ports import Clock, Unit
from domain.text import Text
from store.database import Database


class CardWish(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Order a card, for a reason and at the price that you were shown (`choices`).

    `way` is `desk`, with the code of one of the `desks`, or `post`, with the `address` as it stands on an envelope. A
    card in use that is lost, stolen or broken is stopped with the order, for good. `key` is made for this act alone.
    """

    key: Key
    reason: OrderReason
    way: CardWay
    fee_cents: Annotated[int, Meta(ge=0, le=MOST_CENTS)]
    desk: Annotated[str, Meta(max_length=40, examples=["town-hall"])] | None = None
    address: Annotated[str, Meta(max_length=LONGEST_ADDRESS, pattern=SPOKEN)] = ""


class CardAct(Struct, frozen=True, forbid_unknown_fields=True):
    """Cancel what was ordered."""

    key: Key


class CardArrived(Struct, frozen=True, forbid_unknown_fields=True):
    """Take a card into use that came by post: the digits that are printed on it, spaces or not."""

    key: Key
    card: Annotated[str, Meta(min_length=NUMBER_DIGITS, max_length=24, examples=["8080 1234 5670"])]


class MyCardDesk(Struct, frozen=True):
    """A desk where a card is fetched."""

    code: str
    name: Text
    address: str


class MyCardChoice(Struct, frozen=True, rename="camel"):
    """Why a card may be ordered now, and its price. With `stopsCard` the old one is stopped as it is ordered."""

    reason: OrderReason
    words: Text
    fee_cents: int
    stops_card: bool


class MyCardOrder(Struct, frozen=True, rename="camel"):
    """What was ordered. `words` say how far it is; `place` where it lies, or where it is to be fetched.

    `movedAt`: since when it lies there, or is in the post. What it costs is due once the card is yours.
    """

    standing: Standing
    words: Text
    reason: OrderReason
    fee_cents: int
    way: CardWay
    place: Text | None
    ordered_at: datetime
    moved_at: datetime | None
    may_be_cancelled: bool
    may_be_activated: bool


class MyCard(Struct, frozen=True, rename="camel"):
    """The card of a pass: the last order, and what may be ordered now. No `choices`: nothing may, or a desk helps.

    `workingDays` is about how long it takes.
    """

    order: MyCardOrder | None
    choices: list[MyCardChoice]
    desks: list[MyCardDesk]
    by_post: bool
    working_days: int


@get("/passes/{number:str}/card-order", opt=RESIDENT, responses=UNCHANGED, summary="See my card order", tags=TAGS)
async def show(
    request: Asked, number: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Response[MyCard]:
    """Show how far a card is that was ordered for a pass, and what may be ordered now, at which price."""
    return tagged(request, await card_for(database, request.user.account, number, clock()))


@post("/passes/{number:str}/card-order", opt=RESIDENT, summary="Order a card", tags=TAGS)
async def order(
    *,
    request: Asked,
    number: FromPath[str],
    data: JSONBody[CardWish],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> MyCard:
    """Order a plastic card for a pass: its first, or another in the place of one that is lost, stolen or broken."""
    mine, now = request.user.account, clock()
    wish = Wish(data.reason, data.way, data.desk, data.address, data.fee_cents)

    async def act(unit: Unit) -> MyCard:
        return await order_for(unit, mine, number, wish, now=now)

    return await once(database, clock, mine, (f"order card {number}", data), act, kind=MyCard)


@post(
    "/passes/{number:str}/card-order/cancellation",
    status_code=200,
    opt=RESIDENT,
    summary="Cancel my card order",
    tags=TAGS,
)
async def cancel(
    *,
    request: Asked,
    number: FromPath[str],
    data: JSONBody[CardAct],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> MyCard:
    """Cancel a card that is not being made yet. One that was stopped with the order stays stopped."""
    mine, now = request.user.account, clock()

    async def act(unit: Unit) -> MyCard:
        return await cancel_for(unit, mine, number, now=now)

    return await once(database, clock, mine, (f"cancel card {number}", data), act, kind=MyCard)


@post(
    "/passes/{number:str}/card-order/activation",
    status_code=200,
    opt=RESIDENT,
    summary="Take my new card into use",
    tags=TAGS,
)
async def activate(
    *,
    request: Asked,
    number: FromPath[str],
    data: JSONBody[CardArrived],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> MyCard:
    """Take a card into use that came by post, by the number printed on it: gates know it from now on."""
    mine, now = request.user.account, clock()

    async def act(unit: Unit) -> MyCard:
        return await activate_for(unit, mine, number, data.card, now=now)

    return await once(database, clock, mine, (f"activate card {number}", data), act, kind=MyCard)


async def card_for(database: Database, account: Account, number: str, now: datetime) -> MyCard:
    """Return what may be ordered for a pass of an account, and what was.

    Raises:
        PassNotFound: the account acts for nobody who has it.
    """
    async with database.look() as unit:
        return await _seen(unit, account, number, now=now)


async def order_for(unit: Unit, account: Account, number: str, wish: Wish, *, now: datetime) -> MyCard:
    """Order a card for a pass of an account.

    Raises:
        PassNotFound: the account acts for nobody who has it.
        CardOrdered, CardNotOrderable, PriceChanged, BadDelivery, CardOrderedTooOften: as `ordered_cards.order_card`.
    """
    pass_ = await _mine(unit, account, number, now)
    day = await today(unit, account.authority_id, now)
    await ordered_cards.order_card(unit, account, pass_, wish, now=now, today=day)
    return await _seen(unit, account, number, now=now)


async def cancel_for(unit: Unit, account: Account, number: str, *, now: datetime) -> MyCard:
    """Cancel what was ordered for a pass of an account.

    Raises:
        PassNotFound: the account acts for nobody who has it.
        CardOrderNotFound, CardOrderTaken: as `ordered_cards.cancel_order`.
    """
    await ordered_cards.cancel_order(unit, await _mine(unit, account, number, now), now=now)
    return await _seen(unit, account, number, now=now)


async def activate_for(unit: Unit, account: Account, number: str, card: str, *, now: datetime) -> MyCard:
    """Take a card into use that came by post for a pass of an account.

    Raises:
        PassNotFound: the account acts for nobody who has it.
        CardOrderNotFound, CardNotOrderable, WrongCardNumber: as `ordered_cards.activate`.
    """
    digits = card.replace(" ", "").replace("\u202f", "").replace("\u00a0", "")
    await ordered_cards.activate(unit, await _mine(unit, account, number, now), digits, now=now)
    return await _seen(unit, account, number, now=now)


async def _mine(unit: Unit, account: Account, number: str, now: datetime) -> Pass:
    return await unit.accounts.pass_of(account.id, number_of(number), await today(unit, account.authority_id, now))


async def _seen(unit: Unit, account: Account, number: str, *, now: datetime) -> MyCard:
    pass_ = await _mine(unit, account, number, now)
    day = await today(unit, account.authority_id, now)
    offered = await ordered_cards.offered_for(unit, pass_, now=now, today=day)
    terms = offered.terms
    return MyCard(
        order=_order(offered),
        choices=[MyCardChoice(one.reason, REASONS[one.reason], one.fee_cents, one.stops) for one in offered.choices],
        desks=[MyCardDesk(one.code, one.name, one.address) for one in terms.desks],
        by_post=terms.by_post,
        working_days=terms.working_days,
    )


def _order(offered: Offered) -> MyCardOrder | None:
    said = offered.order
    if said is None:
        return None
    standing = standing_of(said, offered.card)
    lies = offered.card.desk if standing is Standing.READY and offered.card is not None else None
    desk = lies or said.desk
    return MyCardOrder(
        standing=standing,
        words=STANDINGS[standing],
        reason=said.reason,
        fee_cents=said.fee_cents,
        way=said.way,
        place=at_desk(offered.terms.desk(desk), desk) if desk is not None else None,
        ordered_at=said.ordered_at,
        moved_at=said.moved_at if standing in {Standing.READY, Standing.SENT} else None,
        may_be_cancelled=standing is Standing.WAITING,
        may_be_activated=standing is Standing.SENT,
    )


HANDLERS = [show, order, cancel, activate]
