"""Cards that residents order: whether, at which price, where they go. A change is seen before it is written."""

import re
from collections.abc import Sequence

from litestar import Response, get, post
from litestar.di import NamedDependency
from msgspec import Struct

from admin.catalogue import MANAGE
from admin.catalogue_fields import LONGEST_NAME, euros_shown, parts
from admin.forms import Form, read
from admin.shell import Page, draw, go
from admin.undoing import Undo
from admin.visits import Asked
from admin.words import Words, language_of, read_words
from api.journalling import Note
from domain.acts import Act
from domain.card_terms import (
    LONGEST_ADDRESS,
    MOST_CENTS,
    MOST_DAYS,
    MOST_DESKS,
    CardDesk,
    CardOffer,
    CardTerms,
    card_offer,
    change_card_offer,
)
from domain.errors import VersionChanged
from domain.ordered_card_words import price
from domain.replacements import ReplacementReason
from domain.text import Text
from store.database import Begin, Database
from store.ordered_cards import open_orders

WORDS = read_words("card_terms")
PATH = "/console/catalogue/cards"

_R = ReplacementReason
_SHOWN = (_R.LOSS, _R.THEFT, _R.DAMAGE, _R.RENEWAL)
"""The reasons for which residents order themselves; the others are known at desks alone."""
_AT_DESKS = (_R.THEFT_REPORTED, _R.DEFECT, _R.WITHDRAWAL)

_PARTS = ("code", "fr", "en", "address")
"""Of a desk: each is a field that ends in its place in the form, for what a desk is called may change."""

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_NOTHING = Text(fr="(rien)", en="(nothing)")


class Change(Struct, frozen=True):
    """What would be otherwise. `waiting` orders have this desk, or the post, and go on."""

    what: str
    before: Text
    after: Text
    waiting: int = 0


@get("/catalogue/cards", opt=MANAGE, include_in_schema=False)
async def show(request: Asked, database: NamedDependency[Database]) -> Page:
    """Show what is said of cards that residents order, in a form."""
    async with database.look() as unit:
        offer = await card_offer(unit, request.user.authority_id)
    return await _page(request, database, Form(_typed(offer)), offer)


@post("/catalogue/cards", opt={**MANAGE, "journal": Act.CARD_TERMS_CHANGED}, include_in_schema=False)
async def write(
    request: Asked,
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    note: NamedDependency[Note],
) -> Page | Response[None]:
    """Show what would change; then, asked again, change it from the next order on."""
    form, authority_id = await read(request), request.user.authority_id
    async with database.look() as unit:
        there = await card_offer(unit, authority_id)
    wanted, moved = _read(form), form.kept("seen") != there.version
    if wanted is not None and form.kept("deed") == "keep" and not moved:
        try:
            async with begin() as unit:
                await change_card_offer(unit, wanted, authority_id=authority_id, seen=there.version)
        except VersionChanged:
            moved = True
        else:
            back = {**_typed(there), "seen": wanted.version, "deed": "keep"}
            return go(request, PATH, said=WORDS[language_of(request)]["done_cards"], undo=Undo(PATH, back))
    note.nothing()
    if moved:
        async with database.look() as unit:
            there = await card_offer(unit, authority_id)
        _take_in(form, there)
        wanted = _read(form)
    return await _page(request, database, form, there, wanted=wanted, moved=moved)


# --- what was typed -----------------------------------------------------------------------------------


def _read(form: Form) -> CardOffer | None:
    """Read the terms and the prices; what does not fit is said at its field."""
    desks: list[CardDesk] = []
    for place in range(MOST_DESKS):
        desk = _desk(form, place)
        if desk is not None and desk.code in {one.code for one in desks}:
            form.refuse(f"code_{place}", "desk_taken")
        elif desk is not None:
            desks.append(desk)
    days = form.whole("working_days", least=1, most=MOST_DAYS)
    taken, by_post = form.ticked("taken"), form.ticked("by_post")
    if taken and not desks and not by_post:
        form.refuse("taken", "nowhere")
    prices = {reason: cents for reason in ReplacementReason if (cents := _cents(form, f"price_{reason}")) is not None}
    if form.is_wrong or days is None:
        return None
    return CardOffer(CardTerms(tuple(desks), by_post, days, paused=not taken), prices)


def _desk(form: Form, place: int) -> CardDesk | None:
    """Read a desk; None where its place is empty, or nobody fetches cards there any more."""
    if not _is_typed(form, place) or form.ticked(f"gone_{place}"):
        return None
    code = form.text(f"code_{place}", longest=40)
    if f"code_{place}" not in form.wrong and not _CODE.fullmatch(code):
        form.refuse(f"code_{place}", "no_desk_code")
    name = Text(form.text(f"fr_{place}", longest=LONGEST_NAME), form.text(f"en_{place}", longest=LONGEST_NAME))
    return CardDesk(code, name, form.text(f"address_{place}", longest=LONGEST_ADDRESS, required=False))


def _cents(form: Form, name: str) -> int | None:
    if not form.kept(name).strip():
        return None
    cents = parts(form, name, 100)
    if cents is not None and cents > MOST_CENTS:
        form.refuse(name, "price_too_high")
    return cents or None


def _is_typed(form: Form, place: int) -> bool:
    return any(form.kept(f"{part}_{place}").strip() for part in _PARTS)


def _take_in(form: Form, there: CardOffer) -> None:
    """Put the desks into a form that a colleague has added since it was drawn: nobody has taken those out of it."""
    typed = {form.kept(f"code_{place}").strip() for place in range(MOST_DESKS)}
    free = [place for place in range(MOST_DESKS) if not _is_typed(form, place)]
    added = [desk for desk in there.terms.desks if desk.code not in typed]
    for place, desk in zip(free, added, strict=False):
        form.typed |= _desk_typed(place, desk)


def _desk_typed(place: int, desk: CardDesk) -> dict[str, str]:
    said = zip(_PARTS, (desk.code, desk.name.fr, desk.name.en, desk.address), strict=True)
    return {f"{part}_{place}": text for part, text in said if text}


def _typed(offer: CardOffer) -> dict[str, str]:
    """An offer as the form has it: what is empty, or not ticked, is left out."""
    terms = offer.terms
    typed = {"working_days": str(terms.working_days)}
    typed |= {name: "yes" for name, holds in (("taken", terms.is_open), ("by_post", terms.by_post)) if holds}
    for place, desk in enumerate(terms.desks):
        typed |= _desk_typed(place, desk)
    return typed | {f"price_{reason}": euros_shown(cents) for reason, cents in offer.prices.items() if cents}


# --- what is shown ------------------------------------------------------------------------------------


async def _page(
    request: Asked,
    database: Database,
    form: Form,
    there: CardOffer,
    *,
    wanted: CardOffer | None = None,
    moved: bool = False,
) -> Page:
    async with database.read() as connection:
        waiting = await open_orders(connection, request.user.authority_id)
    return draw(
        request,
        "catalogue/cards.html",
        words=_labelled(),
        status_code=422 if form.is_wrong else 409 if moved else 200,
        form=form,
        places=_places(form, there),
        shown=_SHOWN,
        at_desks=_AT_DESKS,
        changes=_changes(there, wanted, waiting) if wanted is not None else None,
        moved=moved,
        seen=there.version,
        waiting=sum(waiting.values()),
    )


def _places(form: Form, there: CardOffer) -> list[tuple[int, bool, bool]]:
    """List the places for desks, one of them empty: whether anything stands there, and whether its code is for good."""
    codes = [form.kept(f"code_{place}").strip() for place in range(MOST_DESKS)]
    last = max((place for place in range(MOST_DESKS) if _is_typed(form, place)), default=-1)
    return [
        (place, _is_typed(form, place), there.terms.desk(code) is not None and code not in codes[:place])
        for place, code in enumerate(codes[: last + 2])
    ]


def _changes(before: CardOffer, after: CardOffer, waiting: dict[str | None, int]) -> list[Change]:
    """List what would be otherwise, in the order of the form."""
    was, is_ = before.terms, after.terms
    found = [
        Change("taken", _yes(holds=was.is_open), _yes(holds=is_.is_open)),
        Change("working_days", _days(was.working_days), _days(is_.working_days)),
        Change("by_post", _yes(holds=was.by_post), _yes(holds=is_.by_post), waiting.get(None, 0)),
    ]
    found += [
        Change("desk", _place(was.desks, code), _place(is_.desks, code), waiting.get(code, 0))
        for code in dict.fromkeys(one.code for one in (*was.desks, *is_.desks))
    ]
    found += [
        Change(f"price_{reason}", price(before.prices.get(reason, 0)), price(after.prices.get(reason, 0)))
        for reason in (*_SHOWN, *_AT_DESKS)
    ]
    return [one for one in found if one.before != one.after]


def _place(desks: Sequence[CardDesk], code: str) -> Text:
    desk = next((one for one in desks if one.code == code), None)
    if desk is None:
        return _NOTHING
    both = f"{desk.name.fr} / {desk.name.en}{f', {desk.address}' if desk.address else ''}"
    return Text(fr=both, en=both)


def _days(count: int) -> Text:
    return Text(fr=f"environ {count} jours ouvrés", en=f"about {count} working days")


def _yes(*, holds: bool) -> Text:
    return Text(fr="oui", en="yes") if holds else Text(fr="non", en="no")


def _labelled() -> Words:
    """The words, with a label for each field of each desk and each price: a summary names what does not fit."""
    labelled: Words = {}
    for language, words in WORDS.items():
        labelled[language] = dict(words)
        for place in range(MOST_DESKS):
            for part in (*_PARTS, "gone"):
                labelled[language][f"label_{part}_{place}"] = words[f"desk_{part}"]
        for reason in ReplacementReason:
            labelled[language][f"label_price_{reason}"] = words[f"why_{reason}"]
    return labelled


ROUTES = (show, write)
