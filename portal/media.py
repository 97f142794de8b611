"""A lost card, phone or printed code stopped, and a printed code replaced at the price that is shown."""

from typing import get_args

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.resident_passes import MyMedium, StopReason, detail_for, stop_medium
from api.resident_printed import replace_printed
from domain.errors.passes import LifecycleConflict, MediumNotFound
from domain.errors.sales import PriceChanged
from domain.passes import MediumKind
from domain.ports import Clock
from portal.account import RESIDENT
from portal.passes import WORDS
from portal.shell import Page, draw, go, language_of
from portal.visits import Asked
from store.database import Database
from web.forms import Form, read
from web.numbers import number as written

_REASONS: tuple[StopReason, ...] = get_args(StopReason)


@get("/passes/{number:str}/media/{medium:str}/block", opt=RESIDENT, include_in_schema=False)
async def ask_block(
    request: Asked,
    number: FromPath[str],
    medium: FromPath[str],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Page:
    """Ask why it shall be stopped, and say what that means."""
    return await _block_page(request, number, medium, database, clock, form=Form())


@post("/passes/{number:str}/media/{medium:str}/block", opt=RESIDENT, include_in_schema=False)
async def block(
    request: Asked,
    number: FromPath[str],
    medium: FromPath[str],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Stop it at once, at any hour: gates refuse it within seconds."""
    form, say = await read(request), WORDS[language_of(request)]
    reason = next((one for one in _REASONS if one == form.kept("reason")), None)
    if reason is None:
        form.refuse("reason", "reason_missing")
        return await _block_page(request, number, medium, database, clock, form=form, status_code=422)
    try:
        async with database.begin() as unit:
            await stop_medium(unit, request.user.account, number, medium, reason=reason, now=clock())
    except LifecycleConflict:
        return go(request, f"/moi/passes/{number}", said=say["stopped_already"])
    return go(request, f"/moi/passes/{number}", said=say["unlinked" if reason == "unlinked" else "stopped"])


@get("/passes/{number:str}/media/{medium:str}/replace", opt=RESIDENT, include_in_schema=False)
async def ask_replace(
    request: Asked,
    number: FromPath[str],
    medium: FromPath[str],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Say what a new printed code costs, and why, before it is made."""
    found, say = await _medium(request, number, medium, database, clock), WORDS[language_of(request)]
    if found.replacement_cents is None:
        return go(request, f"/moi/passes/{number}", said=say["desk_replaces"])
    return draw(
        request,
        "ask.html",
        words=WORDS,
        title=say["replace_title"],
        lead=_price(request, found.replacement_cents),
        button=say["replace_now"],
        action=f"/moi/passes/{number}/media/{medium}/replace",
        back=f"/moi/passes/{number}",
        hidden={"cents": found.replacement_cents},
    )


@post("/passes/{number:str}/media/{medium:str}/replace", opt=RESIDENT, include_in_schema=False)
async def replace(
    request: Asked,
    number: FromPath[str],
    medium: FromPath[str],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Response[None]:
    """Make it, at the price that was shown and no other."""
    form, say = await read(request), WORDS[language_of(request)]
    cents = form.whole("cents", least=0, most=100_000)
    try:
        async with database.begin() as unit:
            await replace_printed(
                unit, request.user.account, number, medium, fee_cents=-1 if cents is None else cents, now=clock()
            )
    except PriceChanged:
        return go(request, f"/moi/passes/{number}/media/{medium}/replace", said=say["price_changed"])
    except LifecycleConflict:
        return go(request, f"/moi/passes/{number}", said=say["replaced_already"])
    return go(request, f"/moi/passes/{number}", said=say["replaced"])


async def _medium(request: Asked, number: str, medium: str, database: Database, clock: Clock) -> MyMedium:
    seen = await detail_for(database, request.user.account, number, clock())
    found = next((one for one in seen.media if one.id == medium.lower()), None)
    if found is None:
        raise MediumNotFound("This pass has no such medium.")
    return found


async def _block_page(
    request: Asked, number: str, medium: str, database: Database, clock: Clock, *, form: Form, status_code: int = 200
) -> Page:
    found = await _medium(request, number, medium, database, clock)
    reasons = [one for one in _REASONS if one != "unlinked" or found.kind is MediumKind.PHONE]
    return draw(
        request,
        "passes/block.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        number=number,
        medium=found,
        reasons=reasons,
    )


def _price(request: Asked, cents: int) -> str:
    language = language_of(request)
    if not cents:
        return WORDS[language]["replace_free"]
    return WORDS[language]["replace_fee"].format(euros=written(cents / 100, 2, language))


ROUTES = (ask_block, block, ask_replace, replace)
