"""What a desk hands over: a pass, and a card of its stock that is bound by its number or a tap."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from adapters.card_face import in_fours
from adapters.cards import CardKeys, CardNotRead, UidNotUsable, made_card
from admin.counter import asked_by, at_pass, present
from admin.forms import Form, read
from admin.people import file_path
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of, read_words
from api.agents import MEDIUM_LIFE, number_of
from api.days import named
from api.journalled_objects import about_holder, about_pass
from api.journalling import Note
from api.made_cards import MAX_CARD
from domain import made_cards, passes
from domain.acts import Act
from domain.agents import Permission
from domain.errors import AlreadyExists, DomainError
from domain.errors.cards import CardOfAnotherPass, MadeCardNotFound
from domain.errors.passes import LifecycleConflict
from domain.made_cards import Drawer
from domain.ordered_card_words import STANDINGS, at_desk
from domain.ordered_cards import hand_over, standing_of
from domain.passes import MediumKind
from domain.places import local_day
from domain.ports import Clock
from store import batches
from store.database import Begin, Database
from web.numbers import number as written

WORDS = read_words("desk")

CARD_REFUSALS: tuple[tuple[type[DomainError], str], ...] = (
    (MadeCardNotFound, "card_unknown"),
    (CardNotRead, "card_not_read"),
    (UidNotUsable, "card_not_read"),
    (CardOfAnotherPass, "card_of_another"),
    (AlreadyExists, "card_taken"),
    (LifecycleConflict, "card_taken"),
)
"""What may be wrong with a card that is handed over, by the words at its field."""


def card_refusal(problem: DomainError) -> str:
    """Return the key of the words that say what is wrong with a card."""
    return next((word for kind, word in CARD_REFUSALS if isinstance(problem, kind)), "card_taken")


class _Overtaken(Exception):
    """Another agent has done the same for the same person meanwhile."""


CARD_PROBLEMS = tuple(kind for kind, _ in CARD_REFUSALS)


@get(
    "/passes/{number:str}/card", opt={"rule": Permission.PASS_ISSUE, "journal": Act.PASS_SHOWN}, include_in_schema=False
)
async def card_form(
    request: Asked, number: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page:
    """Ask which card of the stock is handed over."""
    return await _card_form(request, number, database, clock, Form())


@post(
    "/passes/{number:str}/card", opt={"rule": Permission.PASS_ISSUE, "journal": Act.CARD_BOUND}, include_in_schema=False
)
async def hand_card(
    *,
    request: Asked,
    number: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    card_keys: NamedDependency[CardKeys],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Page | Response[None]:
    """Make a card of the stock a card of the pass: gates know it from now on."""
    form, authority = await read(request), request.auth.authority
    _, there = await at_pass(database, authority, number_of(number), clock())
    said = form.text("card", longest=MAX_CARD)
    asked_by(form, there, note)
    if form.is_wrong:
        return await _card_form(request, number, database, clock, form, status_code=422)
    try:
        async with begin() as unit:
            await unit.people.hold(authority.id, there.holder.id)
            pass_ = await unit.passes.by_number(authority.id, number)
            _check_seen(form, len(await unit.passes.media(pass_.id)))
            card = await made_card(unit, card_keys, authority, said)
            handed = await hand_over(unit, card, pass_, now=clock(), by=request.user.id)
    except CARD_PROBLEMS as problem:
        form.refuse("card", card_refusal(problem))
        return await _card_form(request, number, database, clock, form, status_code=422)
    except _Overtaken:
        form.refuse("card", "handed_meanwhile")
        return await _card_form(request, number, database, clock, form, status_code=409)
    language = language_of(request)
    done = WORDS[language]["card_handed"].format(card=card.number)
    if handed.fee_cents:
        done += " " + WORDS[language]["to_collect"].format(euros=written(handed.fee_cents / 100, 2, language))
    return go(request, file_path(there.holder.reference), said=done)


@get(
    "/people/{holder:str}/pass", opt={"rule": Permission.PASS_ISSUE, "journal": Act.FILE_SHOWN}, include_in_schema=False
)
async def pass_form(
    request: Asked, holder: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page:
    """Ask what is needed to open a pass: who asks, and the card that goes with it."""
    return await _pass_form(request, holder, database, clock, Form())


@post(
    "/people/{holder:str}/pass",
    opt={"rule": Permission.PASS_ISSUE, "journal": Act.PASS_ISSUED},
    include_in_schema=False,
)
async def open_pass(
    *,
    request: Asked,
    holder: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    card_keys: NamedDependency[CardKeys],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Page | Response[None]:
    """Open a pass and hand over its card, both or neither. Without a card, the pass has a code to print."""
    form, authority, now = await read(request), request.auth.authority, clock()
    async with database.look() as unit:
        whose = await unit.people.holder(authority.id, named(holder))
        there = await present(unit, authority, whose, now)
    said = form.text("card", longest=MAX_CARD, required=False)
    asked_by(form, there, note)
    if form.is_wrong:
        return await _pass_form(request, holder, database, clock, form, status_code=422)
    today = local_day(now, authority.zone)
    try:
        async with begin() as unit:
            await unit.people.hold(authority.id, whose.id)
            _check_seen(form, int(await unit.requests.has_pass(whose.id, today)))
            issued = await passes.issue(
                unit,
                whose,
                kind=MediumKind.PRINT,
                valid_from=today,
                valid_until=today + MEDIUM_LIFE,
                expires_at=now + MEDIUM_LIFE,
                now=now,
            )
            note.about(about_pass(issued.pass_))
            if said:
                card = await made_card(unit, card_keys, authority, said)
                await made_cards.bind(unit, card, issued.pass_, now=now, by=request.user.id)
    except CARD_PROBLEMS as problem:
        note.about(about_holder(whose.id))
        form.refuse("card", card_refusal(problem))
        return await _pass_form(request, holder, database, clock, form, status_code=422)
    except _Overtaken:
        note.about(about_holder(whose.id))
        form.refuse("card", "opened_meanwhile")
        return await _pass_form(request, holder, database, clock, form, status_code=409)
    done = WORDS[language_of(request)]["pass_opened"].format(number=issued.pass_.number)
    return go(request, file_path(whose.reference), said=done)


def _check_seen(form: Form, known: int) -> None:
    """Refuse to add to what the page has not shown: media of a pass, a pass of a person.

    Raises:
        _Overtaken: there are more by now, or fewer.
    """
    if form.kept("was") not in {"", str(known)}:
        raise _Overtaken


async def _card_form(
    request: Asked, number: str, database: Database, clock: Clock, form: Form, *, status_code: int = 200
) -> Page:
    authority = request.auth.authority
    pass_, there = await at_pass(database, authority, number_of(number), clock())
    async with database.look() as unit:
        media = await unit.passes.media(pass_.id)
        order = await unit.ordered_cards.newest(pass_.id)
        made = await unit.batches.card_underway(pass_.id)
        terms = await unit.ordered_cards.terms(authority.id)
    is_open = order is not None and order.ending is None
    return draw(
        request,
        "desk/card.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        pass_=pass_,
        was=len(media),
        order=order if is_open else None,
        made=made,
        place=at_desk(terms.desk(made.desk), made.desk) if made is not None and made.desk else None,
        in_fours=in_fours,
        standing=STANDINGS[standing_of(order, made)] if order is not None and is_open else None,
        there=there,
        stock=await _stock(database, request),
    )


async def _pass_form(
    request: Asked, holder: str, database: Database, clock: Clock, form: Form, *, status_code: int = 200
) -> Page:
    authority = request.auth.authority
    async with database.look() as unit:
        whose = await unit.people.holder(authority.id, named(holder))
        there = await present(unit, authority, whose, clock())
        was = int(await unit.requests.has_pass(whose.id, local_day(clock(), authority.zone)))
    return draw(
        request,
        "desk/pass.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        was=was,
        there=there,
        stock=await _stock(database, request),
    )


async def _stock(database: Database, request: Asked) -> list[Drawer]:
    async with database.read() as connection:
        return await batches.drawers(connection, request.user.authority_id)
