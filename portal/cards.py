"""A plastic card for a pass: ordered at the price that is shown, followed, cancelled, taken into use when it comes."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.resident_cards import MyCard, activate_for, cancel_for, card_for, order_for
from domain.card_terms import LONGEST_ADDRESS
from domain.errors.cards import (
    BadDelivery,
    CardNotOrderable,
    CardOrdered,
    CardOrderedTooOften,
    CardOrderNotFound,
    CardOrderTaken,
    WrongCardNumber,
)
from domain.errors.passes import LifecycleConflict
from domain.errors.sales import PriceChanged
from domain.ordered_cards import OVER, CardWay, OrderReason, Wish
from domain.ports import Clock
from portal.account import RESIDENT
from portal.passes import WORDS as PASSES
from portal.shell import Page, draw, go, language_of
from portal.visits import Asked
from portal.words import read_words
from store.database import Database
from web.forms import Form, read
from web.wording import Words

_OWN = read_words("cards")
WORDS: Words = {"fr": {**PASSES["fr"], **_OWN["fr"]}, "en": {**PASSES["en"], **_OWN["en"]}}

_POST = "post"
_AT = "desk:"
_LONGEST_NUMBER = 24


@get("/passes/{number:str}/card", opt=RESIDENT, include_in_schema=False)
async def ask(
    request: Asked, number: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page | Response[None]:
    """Say what a card costs, where it comes to and what becomes of the old one, before it is ordered."""
    return await _page(request, number, database, clock, Form())


@post("/passes/{number:str}/card", opt=RESIDENT, include_in_schema=False)
async def order(
    request: Asked, number: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page | Response[None]:
    """Order it, at the price that was shown and no other."""
    form, say = await read(request), WORDS[language_of(request)]
    wish = _read(form)
    if wish is None:
        return await _page(request, number, database, clock, form, status_code=422)
    try:
        async with database.begin() as unit:
            await order_for(unit, request.user.account, number, wish, now=clock())
    except BadDelivery:
        form.refuse("address" if wish.way is CardWay.POST else "place", "place_gone")
        return await _page(request, number, database, clock, form, status_code=422)
    except PriceChanged:
        return go(request, f"/moi/passes/{number}/card", said=say["price_changed"])
    except (CardOrdered, CardNotOrderable, CardOrderedTooOften) as problem:
        return go(request, f"/moi/passes/{number}", said=say[problem.code])
    return go(request, f"/moi/passes/{number}", said=say["card_done"])


@get("/passes/{number:str}/card/cancel", opt=RESIDENT, include_in_schema=False)
async def ask_cancel(
    request: Asked, number: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page | Response[None]:
    """Ask whether the order shall be cancelled."""
    seen, say = await card_for(database, request.user.account, number, clock()), WORDS[language_of(request)]
    if seen.order is None or not seen.order.may_be_cancelled:
        return go(request, f"/moi/passes/{number}", said=say["card-order-taken"])
    return draw(
        request,
        "ask.html",
        words=WORDS,
        title=say["cancel_title"],
        lead=say["cancel_lead" if seen.order.reason is OrderReason.FIRST else "cancel_lead_stopped"],
        button=say["cancel_now"],
        action=f"/moi/passes/{number}/card/cancel",
        back=f"/moi/passes/{number}",
    )


@post("/passes/{number:str}/card/cancel", opt=RESIDENT, include_in_schema=False)
async def cancel(
    request: Asked, number: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Response[None]:
    """Cancel it, as long as no card is being made."""
    say = WORDS[language_of(request)]
    try:
        async with database.begin() as unit:
            await cancel_for(unit, request.user.account, number, now=clock())
    except (CardOrderNotFound, CardOrderTaken) as problem:
        return go(request, f"/moi/passes/{number}", said=say[problem.code])
    return go(request, f"/moi/passes/{number}", said=say["cancelled_done"])


@get("/passes/{number:str}/card/arrived", opt=RESIDENT, include_in_schema=False)
async def ask_number(
    request: Asked, number: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page | Response[None]:
    """Ask for the number printed on a card that came by post."""
    return await _arrived(request, number, database, clock, Form())


@post("/passes/{number:str}/card/arrived", opt=RESIDENT, include_in_schema=False)
async def arrived(
    request: Asked, number: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page | Response[None]:
    """Take it into use: gates know it from now on."""
    form, say = await read(request), WORDS[language_of(request)]
    printed = form.text("card_number", longest=_LONGEST_NUMBER)
    if form.is_wrong:
        return await _arrived(request, number, database, clock, form, status_code=422)
    try:
        async with database.begin() as unit:
            await activate_for(unit, request.user.account, number, printed, now=clock())
    except WrongCardNumber:
        form.refuse("card_number", "wrong-card-number")
        return await _arrived(request, number, database, clock, form, status_code=422)
    except (CardOrderNotFound, CardNotOrderable, LifecycleConflict):
        return go(request, f"/moi/passes/{number}", said=say["card-order-not-found"])
    return go(request, f"/moi/passes/{number}", said=say["in_use_done"])


def _read(form: Form) -> Wish | None:
    """Read what is wished for; what does not fit is said at its field."""
    reason = next((one for one in OrderReason if one == form.kept("why")), None)
    if reason is None:
        form.refuse("why", "reason_missing")
    place = form.kept("place")
    if place != _POST and not place.startswith(_AT):
        form.refuse("place", "place_missing")
    address = form.lines("address", longest=LONGEST_ADDRESS, required=place == _POST)
    if form.is_wrong or reason is None:
        return None
    shown = form.kept(f"cents_{reason}")
    cents = int(shown) if shown.isascii() and shown.isdigit() and len(shown) <= 6 else -1
    if place == _POST:
        return Wish(reason, CardWay.POST, None, address, cents)
    return Wish(reason, CardWay.DESK, place.removeprefix(_AT), "", cents)


async def _page(
    request: Asked, number: str, database: Database, clock: Clock, form: Form, *, status_code: int = 200
) -> Page | Response[None]:
    seen, say = await card_for(database, request.user.account, number, clock()), WORDS[language_of(request)]
    if not seen.choices:
        ordered = seen.order is not None and seen.order.standing not in OVER
        return go(request, f"/moi/passes/{number}", said=say["card-ordered" if ordered else "card-not-orderable"])
    for name, only in (("why", _only_reason(seen)), ("place", _only_place(seen))):
        if only and not form.kept(name):
            form.typed[name] = only
    return draw(request, "cards/order.html", words=WORDS, status_code=status_code, form=form, number=number, card=seen)


async def _arrived(
    request: Asked, number: str, database: Database, clock: Clock, form: Form, *, status_code: int = 200
) -> Page | Response[None]:
    seen, say = await card_for(database, request.user.account, number, clock()), WORDS[language_of(request)]
    if seen.order is None or not seen.order.may_be_activated:
        return go(request, f"/moi/passes/{number}", said=say["card-order-not-found"])
    return draw(request, "cards/arrived.html", words=WORDS, status_code=status_code, form=form, number=number)


def _only_reason(seen: MyCard) -> str:
    return seen.choices[0].reason.value if len(seen.choices) == 1 else ""


def _only_place(seen: MyCard) -> str:
    places = [*(f"{_AT}{one.code}" for one in seen.desks), *([_POST] if seen.by_post else [])]
    return places[0] if len(places) == 1 else ""


ROUTES = (ask, order, ask_cancel, cancel, ask_number, arrived)
