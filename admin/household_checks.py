"""How an act on a household is asked for, read once more and done.

A form is answered by a page that says what the act will bring: it is done in a unit of work that is left without
writing (`domain.outlook`). From there it is done in earnest, once: where it would bring something else by then, the
page comes again and says so; where all of it stands already, the form was sent twice.
"""

from collections.abc import Awaitable, Callable
from datetime import date

from litestar import Response
from msgspec import Struct

from admin import people as people_pages
from admin.forms import Form, read
from admin.homes import AtHome, There
from admin.household_steps import (
    ELSEWHERE,
    Moving,
    Step,
    read_join,
    read_leave,
    read_move,
    read_split,
    reference_for,
)
from admin.people import file_path
from admin.shell import Page, draw, go
from admin.undoing import Undo
from admin.words import LANGUAGES, Words, read_words
from domain.acts import Act
from domain.errors import AlreadyExists, DomainError
from domain.errors.family import ContradictoryPeriod
from domain.errors.people import (
    MembershipNotFound,
    MoveTooEarly,
    NobodyStays,
    OverlappingMembership,
)
from domain.outlook import Foresight, View, foreseen, look
from domain.people import Household
from domain.ports import Unit
from web.cookies import FORM_FIELD

_OWN = read_words("households")
WORDS: Words = {language: {**people_pages.WORDS[language], **_OWN[language]} for language in LANGUAGES}

_REFUSALS: tuple[tuple[type[DomainError], str, str], ...] = (
    (OverlappingMembership, "person", "member_already"),
    (MembershipNotFound, "person", "not_member"),
    (MoveTooEarly, "on", "move_too_early"),
    (ContradictoryPeriod, "until", "until_over"),
    (NobodyStays, "leavers", "nobody_stays"),
    (AlreadyExists, "reference", "reference_taken"),
)
"""What is wrong, at which field, by which words."""

_WRONG = tuple(kind for kind, _, _ in _REFUSALS)
_NOT_KEPT = frozenset({"was", "step", FORM_FIELD})


class Kind(Struct, frozen=True):
    """One of the acts: its word in addresses and templates, and how its form is read."""

    word: str
    read: Callable[[Unit, There, Form], Awaitable[Step | None]]


MOVE, JOIN = Kind("move", read_move), Kind("join", read_join)
LEAVE, SPLIT = Kind("leave", read_leave), Kind("split", read_split)


class _Rehearsed(Exception):
    """What an act would bring: no error, it takes a unit of work back."""

    def __init__(self, foresight: Foresight) -> None:
        super().__init__()
        self.foresight = foresight


class _NothingMoves(Exception):
    """A move to where they live."""


async def ask(at: AtHome, kind: Kind, form: Form | None = None, *, status_code: int = 200) -> Page:
    """Draw the form of an act: filled in with what was typed, or with what is likely."""
    day = at.today
    async with at.database.look() as unit:
        there = await at.find(unit)
        members = await _members(unit, there.household, day, former=kind is LEAVE)
        if form is None:
            form = Form({"on": day.isoformat(), "moves": "yes"})
            if kind is LEAVE:
                form.typed["person"] = there.holder.reference
            if kind is SPLIT:
                form.typed["reference"] = await reference_for(unit, there.home())
    words, communes = WORDS[at.language], list(there.places.items())
    return draw(
        at.request,
        f"households/{kind.word}.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        there=there,
        members=members,
        communes=[("", words["choose_commune"]), *communes, (ELSEWHERE, words["elsewhere"])] if communes else [],
    )


async def take(at: AtHome, kind: Kind) -> Page | Response[None]:
    """Show what an act will bring; where that was read, and is still so, do it."""
    form = await read(at.request)
    async with at.database.look() as unit:
        there = await at.find(unit)
        step = await kind.read(unit, there, form)
    if form.kept("step") == "change":
        form.wrong.clear()
        at.note.was(_looked(at))
        return await ask(at, kind, form)
    if step is None:
        return await ask(at, kind, form, status_code=422)
    try:
        if form.kept("was"):
            return await _do(at, kind, there, step, was=form.kept("was"))
        at.note.was(_looked(at))
        return _check(at, there, step, form, await _rehearse(at, there, step), kind=kind)
    except _Rehearsed as late:
        return _check(at, there, step, form, late.foresight, kind=kind, late=True)
    except _NothingMoves:
        form.refuse("commune" if there.communes else "code", "lives_there")
    except _WRONG as problem:
        _refuse(kind, form, problem)
    return await ask(at, kind, form, status_code=422)


def _looked(at: AtHome) -> Act:
    """Return what it is while nothing is done."""
    return Act.CIRCUMSTANCES_LISTED if at.household is None else Act.HOUSEHOLD_SHOWN


def _refuse(kind: Kind, form: Form, problem: DomainError) -> None:
    """Say at its field what is wrong."""
    field, word = next((field, word) for kind_, field, word in _REFUSALS if isinstance(problem, kind_))
    if kind is SPLIT and field == "person":
        field = "leavers"
    elif kind is not SPLIT and word == "reference_taken":
        field, word = "on", "just_recorded"
    form.refuse(field, word)


async def _rehearse(at: AtHome, there: There, step: Step) -> Foresight:
    """Do an act without writing it, and return what it brings."""
    try:
        async with at.database.begin() as unit:
            await _raise_foreseen(at, unit, there, step)
    except _Rehearsed as told:
        return told.foresight
    raise AssertionError  # what is raised leaves the unit


async def _do(at: AtHome, kind: Kind, there: There, step: Step, *, was: str) -> Response[None]:
    """Do an act as it was foreseen; sent once more, say that it is done.

    Raises:
        _Rehearsed: it would bring something else by now.
    """
    undo: Undo | None = None
    if kind in {JOIN, LEAVE}:
        at.note.names(step.people[0].reference)
    async with at.begin() as unit:
        await _hold(unit, there, step)
        if await step.is_done(unit, there):
            at.note.was(_looked(at))
        else:
            before, after = await _carry_out(at, unit, there, step)
            foresight = foreseen(before, after)
            if foresight.print != was:
                raise _Rehearsed(foresight)
            undo = step.back(there, before, after)
            moved = (one.holder.id for one in foresight.people if one.moves or one.lived != one.lives)
            at.note.stands_in_files_of(moved)
    leaves = there.holder in step.people and kind in {LEAVE, SPLIT}
    back = there.path if there.household is not None else f"{there.path}/circumstances"
    back = file_path(there.holder.reference) if leaves else back
    return go(at.request, back, said=_said(at, kind, there, step), undo=undo)


def _said(at: AtHome, kind: Kind, there: There, step: Step) -> str:
    word = "move_alone_done" if there.household is None else f"{kind.word}_done"
    return WORDS[at.language][word].format(
        household=there.household.reference if there.household is not None else "",
        name=f"{there.holder.first_name} {there.holder.last_name}",
        names=", ".join(f"{one.first_name} {one.last_name}" for one in step.people),
        commune=there.places.get(step.commune_code, step.commune_code) if isinstance(step, Moving) else "",
        day=at.short(step.on),
    )


async def _hold(unit: Unit, there: There, step: Step) -> None:
    """Keep colleagues from changing the household, and whoever is or comes there, to the end of the unit."""
    authority_id, held = there.holder.authority_id, {there.holder.id, *(one.id for one in step.people)}
    if there.household is not None:
        await unit.people.hold_household(authority_id, there.household.id)
        held |= {one.id for one, _ in await unit.people.members(there.household.id, step.on)}
    for holder_id in sorted(held):
        await unit.people.hold(authority_id, holder_id)


async def _carry_out(at: AtHome, unit: Unit, there: There, step: Step) -> tuple[View, View]:
    """Do an act, and return how things were and are.

    Raises:
        _NothingMoves: it was a move to where they live.
    """
    before = await look(unit, there.household, step.people, step.on)
    await step.do(unit, there, at.clock())
    after = await look(unit, there.household, [one.holder for one in before.people], step.on)
    if isinstance(step, Moving) and (before.commune, before.people) == (after.commune, after.people):
        raise _NothingMoves
    return before, after


async def _raise_foreseen(at: AtHome, unit: Unit, there: There, step: Step) -> None:
    raise _Rehearsed(foreseen(*await _carry_out(at, unit, there, step)))


def _check(
    at: AtHome, there: There, step: Step, form: Form, foresight: Foresight, *, kind: Kind, late: bool = False
) -> Page:
    """Show what an act will bring, to be done or changed; `late`: it is not what was read a moment ago."""
    return draw(
        at.request,
        "households/check.html",
        words=WORDS,
        status_code=409 if late else 200,
        there=there,
        kind=kind.word,
        step=step,
        seen=foresight,
        late=late,
        places=there.places,
        kept={name: value for name, value in form.typed.items() if name not in _NOT_KEPT},
    )


async def _members(unit: Unit, household: Household | None, day: date, *, former: bool) -> list[tuple[str, str]]:
    """List who belongs to a household today or will, as choices of a form: each once, `former` members or not."""
    found = await unit.people.members(household.id, day) if household is not None else []
    belonging = (one for one, membership in found if former or not membership.former)
    return list({one.reference: f"{one.first_name} {one.last_name} ({one.reference})" for one in belonging}.items())
