"""What holds of somebody or of their household, when: the commune, the family-quotient band, the statuses."""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from msgspec import Struct

from admin import people as people_pages
from admin.files import last_day
from admin.forms import Form, read
from admin.homes import ALONE, HOME, OF_HOME, OF_SOMEBODY, AtHome, There
from admin.household_steps import day_in
from admin.shell import Page, draw, go
from admin.undoing import Undo
from admin.words import LANGUAGES, Words, read_words
from domain.access.catalogue import Catalogue
from domain.acts import Act
from domain.agents import Permission
from domain.circumstances import Circumstance, CircumstanceKind, end_circumstance, record_circumstance
from domain.errors import AlreadyExists
from domain.errors.family import ContradictoryPeriod
from domain.errors.people import CircumstanceNotFound
from domain.periods import FOREVER
from domain.ports import Unit
from domain.tariff_names import STATUSES
from web.moments import Language

_OWN = read_words("circumstances")
WORDS: Words = {language: {**people_pages.WORDS[language], **_OWN[language]} for language in LANGUAGES}

At = NamedDependency[AtHome]

SHOWN = (CircumstanceKind.COMMUNE, CircumstanceKind.QUOTIENT, CircumstanceKind.STATUS)
"""Kinds of this page. From which services somebody is kept is told, and changed, beside their rights."""

RECORDED = (CircumstanceKind.QUOTIENT, CircumstanceKind.STATUS)
"""Kinds that a desk writes down as they are; a commune is a move."""


class Line(Struct, frozen=True):
    """One circumstance in words. No `since` where it holds from birth on: the day of birth stays in the register."""

    kind: CircumstanceKind
    value: str
    words: str
    since: date | None
    last_day: date | None


class Lines(Struct, frozen=True):
    """What holds today, what will and what held, each in the order of kinds and days."""

    now: list[Line]
    later: list[Line]
    before: list[Line]


class _Overtaken(Exception):
    """Somebody has changed what holds since the form was drawn."""


def _opt(act: Act) -> dict[str, Any]:
    return {"rule": Permission.PERSON_MANAGE, "journal": act}


@get(f"{ALONE}/circumstances", opt=_opt(Act.CIRCUMSTANCES_LISTED), **OF_SOMEBODY)
async def show_person(at: At) -> Page:
    """Show what holds of somebody, held and will hold."""
    return await _page(at, Form())


@get(f"{HOME}/circumstances", opt=_opt(Act.CIRCUMSTANCES_LISTED), **OF_HOME)
async def show_household(at: At) -> Page:
    """Show what holds of a household, held and will hold."""
    return await _page(at, Form())


@post(f"{ALONE}/circumstances", opt=_opt(Act.CIRCUMSTANCE_CHANGED), **OF_SOMEBODY)
async def record_of_person(at: At) -> Page | Response[None]:
    """Write down somebody's band or a status of theirs."""
    return await _record(at)


@post(f"{HOME}/circumstances", opt=_opt(Act.CIRCUMSTANCE_CHANGED), **OF_HOME)
async def record_of_household(at: At) -> Page | Response[None]:
    """Write down a household's band or a status of it."""
    return await _record(at)


@post(f"{ALONE}/circumstances/end", opt=_opt(Act.CIRCUMSTANCE_ENDED), **OF_SOMEBODY)
async def end_of_person(at: At) -> Page | Response[None]:
    """End somebody's band or a status of theirs."""
    return await _end(at)


@post(f"{HOME}/circumstances/end", opt=_opt(Act.CIRCUMSTANCE_ENDED), **OF_HOME)
async def end_of_household(at: At) -> Page | Response[None]:
    """End a household's band or a status of it."""
    return await _end(at)


async def _record(at: AtHome) -> Page | Response[None]:
    form, language = await read(at.request), at.language
    kind = CircumstanceKind.QUOTIENT if form.kept("kind") == CircumstanceKind.QUOTIENT else CircumstanceKind.STATUS
    catalogue, value = await at.database.catalogue(), form.kept(kind.value)
    since, last = day_in(form, f"{kind}_from"), day_in(form, f"{kind}_until", required=False)
    until = FOREVER if last is None else last + timedelta(days=1)
    async with at.database.look() as unit:
        known = await _all(unit, await at.find(unit))
    if value not in {code for code, _ in _offered(catalogue, at.request.user.authority_id, known, kind, language)}:
        form.refuse(kind.value, "field_not_chosen")
    if form.is_wrong or since is None:
        return await _page(at, form, status_code=422)
    undo: Undo | None = None
    try:
        async with at.begin() as unit:
            there = await _held(at, unit)
            known = await _all(unit, there)
            if any(_says(one, kind, value, since, until) for one in known):
                at.note.was(Act.CIRCUMSTANCES_LISTED)
            else:
                _check_seen(form, known)
                new = await record_circumstance(unit, there.subject, kind=kind, value=value, since=since, until=until)
                undo = _before(there, new, known, await _all(unit, there))
    except ContradictoryPeriod:
        form.refuse(f"{kind}_until", "until_over")
        return await _page(at, form, status_code=422)
    except (_Overtaken, AlreadyExists):
        return await _page(at, form, status_code=409, late=True)
    what = _what(kind, value, language)
    return go(at.request, _path(there), said=_said(at, "recorded", what, since), undo=undo)


async def _end(at: AtHome) -> Page | Response[None]:
    form = await read(at.request)
    word, _, value = form.kept("ending").partition(":")
    kind, on = next((one for one in RECORDED if one.value == word), None), day_in(form, "ending_on")
    if kind is None:
        form.refuse("ending", "field_not_chosen")
    if form.is_wrong or kind is None or on is None:
        return await _page(at, form, status_code=422)
    undo: Undo | None = None
    try:
        async with at.begin() as unit:
            there = await _held(at, unit)
            known = await _all(unit, there)
            ending = [one for one in known if (one.kind, one.value) == (kind, value) and one.valid_until > on]
            if not ending and any((one.kind, one.value, one.valid_until) == (kind, value, on) for one in known):
                at.note.was(Act.CIRCUMSTANCES_LISTED)
            else:
                _check_seen(form, known)
                await end_circumstance(unit, there.subject, kind=kind, value=value, on=on)
                now = await _all(unit, there)
                undo = _recording(there, ending[0], max(on, ending[0].valid_from), now) if len(ending) == 1 else None
    except CircumstanceNotFound:
        form.refuse("ending", "holds_no_more")
        return await _page(at, form, status_code=422)
    except _Overtaken:
        return await _page(at, form, status_code=409, late=True)
    what = _what(kind, value, at.language)
    return go(at.request, _path(there), said=_said(at, "ended", what, on), undo=undo)


async def _held(at: AtHome, unit: Unit) -> There:
    """Find whose page it is, and keep colleagues from changing it to the end of the unit."""
    there = await at.find(unit)
    if there.household is not None:
        await unit.people.hold_household(there.holder.authority_id, there.household.id)
    else:
        await unit.people.hold(there.holder.authority_id, there.holder.id)
    return there


async def _all(unit: Unit, there: There, kinds: Sequence[CircumstanceKind] = RECORDED) -> list[Circumstance]:
    """List what ever held or will, of these kinds."""
    return [one for kind in kinds for one in await unit.people.circumstances_after(there.subject.id, kind, date.min)]


def _says(one: Circumstance, kind: CircumstanceKind, value: str, since: date, until: date) -> bool:
    """Whether one stands in the register as it is said: the same form was sent a moment ago."""
    return (one.kind, one.value, one.valid_until) == (kind, value, until) and one.valid_from <= since


def _print(known: Sequence[Circumstance]) -> str:
    told = sorted((one.kind, one.value, one.valid_from.isoformat(), one.valid_until.isoformat()) for one in known)
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def _check_seen(form: Form, known: Sequence[Circumstance]) -> None:
    """Refuse to write over what the page has not shown.

    Raises:
        _Overtaken: it is not what it was.
    """
    if form.kept("was") != _print(known):
        raise _Overtaken


def _before(there: There, new: Circumstance, known: Sequence[Circumstance], now: Sequence[Circumstance]) -> Undo | None:
    """Return the form that leads back to what held before something was written down; None where none does."""
    lost = [one for one in known if one not in now]
    if not lost:
        same = [one for one in now if (one.kind, one.value) == (new.kind, new.value)]
        return _ending(there, new, now) if len([one for one in same if one.valid_until > new.valid_from]) == 1 else None
    if len(lost) != 1 or lost[0].valid_from > new.valid_from:
        return None
    if lost[0].valid_until == new.valid_from:  # it goes on, in one period with what is new
        return _ending(there, new, now)
    return _recording(there, lost[0], new.valid_from, now)


def _ending(there: There, new: Circumstance, now: Sequence[Circumstance]) -> Undo:
    fields = {"ending": f"{new.kind}:{new.value}", "ending_on": new.valid_from.isoformat(), "was": _print(now)}
    return Undo(f"{_path(there)}/end", fields)


def _recording(there: There, one: Circumstance, since: date, now: Sequence[Circumstance]) -> Undo:
    last, kind = last_day(one.valid_until), one.kind.value
    fields = {"kind": kind, kind: one.value, f"{kind}_from": since.isoformat(), "was": _print(now)}
    return Undo(_path(there), {**fields, f"{kind}_until": last.isoformat() if last else ""})


def _offered(
    catalogue: Catalogue,
    authority_id: UUID,
    known: Sequence[Circumstance],
    kind: CircumstanceKind,
    language: Language,
) -> list[tuple[str, str]]:
    """List what may be chosen of a kind: what a product or a price of the authority's asks for, and what held here."""
    asked = {one.value for one in known if one.kind is kind}
    for product in catalogue.products.values():
        if product.authority_id == authority_id:
            for conditions in (product.terms.conditions, *(price.conditions for price in product.prices)):
                asked |= set(conditions.bands if kind is CircumstanceKind.QUOTIENT else conditions.statuses)
    return sorted(((code, _in_words(kind, code, language)) for code in asked), key=lambda one: one[1].casefold())


def _in_words(kind: CircumstanceKind, value: str, language: Language) -> str:
    if kind is CircumstanceKind.STATUS and value in STATUSES:
        return STATUSES[value].fr if language == "fr" else STATUSES[value].en
    return value


def _lines(there: There, known: Sequence[Circumstance], day: date, language: Language) -> Lines:
    places, told = there.places, Lines([], [], [])
    born_on = there.holder.born_on if there.household is None else date.min
    for one in known:
        words = places.get(one.value, _in_words(one.kind, one.value, language))
        since = one.valid_from if one.valid_from > born_on else None
        where = told.before if one.valid_until <= day else told.later if one.valid_from > day else told.now
        where.append(Line(one.kind, one.value, words, since, last_day(one.valid_until)))
    return told


def _what(kind: CircumstanceKind, value: str, language: Language) -> str:
    return f"{WORDS[language][f'circumstance_{kind}']} {_in_words(kind, value, language)}"


def _said(at: AtHome, word: str, what: str, day: date) -> str:
    return WORDS[at.language][word].format(what=what, day=at.short(day))


def _path(there: There) -> str:
    return f"{there.path}/circumstances"


async def _page(at: AtHome, form: Form, *, status_code: int = 200, late: bool = False) -> Page:
    day, language = at.today, at.language
    catalogue = await at.database.catalogue()
    async with at.database.look() as unit:
        there = await at.find(unit)
        known = await _all(unit, there, SHOWN)
    recorded = [one for one in known if one.kind in RECORDED]
    lines = _lines(there, known, day, language)
    for name in ("quotient_from", "status_from", "ending_on"):
        form.typed.setdefault(name, day.isoformat())
    ending = {f"{one.kind}:{one.value}": one for one in (*lines.now, *lines.later) if one.kind in RECORDED}
    return draw(
        at.request,
        "households/circumstances.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        there=there,
        lines=lines,
        late=late,
        was=_print(recorded),
        offered={
            kind.value: _offered(catalogue, at.request.user.authority_id, recorded, kind, language) for kind in RECORDED
        },
        ending=[(what, f"{WORDS[language][f'circumstance_{one.kind}']} {one.words}") for what, one in ending.items()],
    )


ROUTES = (show_person, show_household, record_of_person, record_of_household, end_of_person, end_of_household)
