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
from admin.household_steps import (
    ELSEWHERE,
    Moving,
    Step,
    There,
    read_join,
    read_leave,
    read_move,
    read_split,
    reference_for,
)
from admin.people import file_path
from admin.shell import Page, draw, go
from admin.undoing import Undo
from admin.visits import Asked
from admin.words import LANGUAGES, Words, language_of, read_words
from api.days import named
from api.journalling import Note
from domain.acts import Act
from domain.errors import AlreadyExists, DomainError
from domain.errors.family import ContradictoryPeriod
from domain.errors.people import (
    HouseholdNotFound,
    MembershipNotFound,
    MoveTooEarly,
    NobodyStays,
    OverlappingMembership,
)
from domain.outlook import Foresight, View, foreseen, look
from domain.people import Household
from domain.places import local_day
from domain.ports import Clock, Unit
from store.database import Begin, Database
from web.cookies import FORM_FIELD
from web.saying import Times

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


class Asking(Struct, frozen=True):
    """A request about an act; `names` are the references of somebody and of a household of theirs, or None."""

    request: Asked
    database: Database
    clock: Clock
    kind: Kind
    names: tuple[str, str | None]

    @property
    def looked(self) -> Act:
        """What it is while nothing is done."""
        return Act.CIRCUMSTANCES_LISTED if self.names[1] is None else Act.HOUSEHOLD_SHOWN


class _Rehearsed(Exception):
    """What an act would bring: no error, it takes a unit of work back."""

    def __init__(self, foresight: Foresight) -> None:
        super().__init__()
        self.foresight = foresight


class _NothingMoves(Exception):
    """A move to where they live."""


async def find(unit: Unit, request: Asked, holder: str, household: str | None) -> There:
    """Find whose page it is.

    Raises:
        HolderNotFound: the authority has nobody of this reference.
        HouseholdNotFound: they never belonged to a household of this reference.
    """
    authority_id = request.user.authority_id
    whose = await unit.people.holder(authority_id, named(holder))
    home = None
    if household is not None:
        home = await unit.people.household(authority_id, named(household))
        if not await unit.people.memberships(whose.id, home.id):
            raise HouseholdNotFound(f"{whose.reference} never lived in {home.reference}.")
    return There(whose, home, await unit.places.communes(authority_id))


def places_of(there: There) -> dict[str, str]:
    """Return the words for the communes that are known by name, by code."""
    return {one.code: f"{one.name} ({one.code})" for one in there.communes}


async def ask(asking: Asking, form: Form | None = None, *, status_code: int = 200) -> Page:
    """Draw the form of an act: filled in with what was typed, or with what is likely."""
    request, kind = asking.request, asking.kind
    day = local_day(asking.clock(), request.auth.authority.zone)
    async with asking.database.look() as unit:
        there = await find(unit, request, *asking.names)
        members = await _members(unit, there.household, day, former=kind is LEAVE)
        if form is None:
            form = Form({"on": day.isoformat(), "moves": "yes"})
            if kind is LEAVE:
                form.typed["person"] = there.holder.reference
            if kind is SPLIT:
                form.typed["reference"] = await reference_for(unit, there.home())
    words = WORDS[language_of(request)]
    communes = [(one.code, f"{one.name} ({one.code})") for one in there.communes]
    return draw(
        request,
        f"households/{kind.word}.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        there=there,
        members=members,
        communes=[("", words["choose_commune"]), *communes, (ELSEWHERE, words["elsewhere"])] if communes else [],
    )


async def take(asking: Asking, begin: Begin, note: Note) -> Page | Response[None]:
    """Show what an act will bring; where that was read, and is still so, do it."""
    form = await read(asking.request)
    async with asking.database.look() as unit:
        there = await find(unit, asking.request, *asking.names)
        step = await asking.kind.read(unit, there, form)
    if form.kept("step") == "change":
        form.wrong.clear()
        note.was(asking.looked)
        return await ask(asking, form)
    if step is None:
        return await ask(asking, form, status_code=422)
    try:
        if form.kept("was"):
            return await _do(asking, begin, note, there, step, was=form.kept("was"))
        note.was(asking.looked)
        return _check(asking, there, step, form, await _rehearse(asking, there, step))
    except _Rehearsed as late:
        return _check(asking, there, step, form, late.foresight, late=True)
    except _NothingMoves:
        form.refuse("commune" if there.communes else "code", "lives_there")
    except _WRONG as problem:
        _refuse(asking.kind, form, problem)
    return await ask(asking, form, status_code=422)


def _refuse(kind: Kind, form: Form, problem: DomainError) -> None:
    """Say at its field what is wrong."""
    field, word = next((field, word) for kind_, field, word in _REFUSALS if isinstance(problem, kind_))
    if kind is SPLIT and field == "person":
        field = "leavers"
    elif kind is not SPLIT and word == "reference_taken":
        field, word = "on", "just_recorded"
    form.refuse(field, word)


async def _rehearse(asking: Asking, there: There, step: Step) -> Foresight:
    """Do an act without writing it, and return what it brings."""
    try:
        async with asking.database.begin() as unit:
            await _raise_foreseen(asking, unit, there, step)
    except _Rehearsed as told:
        return told.foresight
    raise AssertionError  # what is raised leaves the unit


async def _do(asking: Asking, begin: Begin, note: Note, there: There, step: Step, *, was: str) -> Response[None]:
    """Do an act as it was foreseen; sent once more, say that it is done.

    Raises:
        _Rehearsed: it would bring something else by now.
    """
    undo: Undo | None = None
    if asking.kind in {JOIN, LEAVE}:
        note.names(step.people[0].reference)
    async with begin() as unit:
        await _hold(unit, there, step)
        if await step.is_done(unit, there):
            note.was(asking.looked)
        else:
            before, after = await _carry_out(asking, unit, there, step)
            foresight = foreseen(before, after)
            if foresight.print != was:
                raise _Rehearsed(foresight)
            undo = step.back(there, before, after)
            note.stands_in_files_of(one.holder.id for one in foresight.people if one.moves or one.lived != one.lives)
    leaves = there.holder in step.people and asking.kind in {LEAVE, SPLIT}
    back = there.path if there.household is not None else f"{there.path}/circumstances"
    back = file_path(there.holder.reference) if leaves else back
    return go(asking.request, back, said=_said(asking, there, step), undo=undo)


def _said(asking: Asking, there: There, step: Step) -> str:
    language = language_of(asking.request)
    word = "move_alone_done" if there.household is None else f"{asking.kind.word}_done"
    return WORDS[language][word].format(
        household=there.household.reference if there.household is not None else "",
        name=f"{there.holder.first_name} {there.holder.last_name}",
        names=", ".join(f"{one.first_name} {one.last_name}" for one in step.people),
        commune=places_of(there).get(step.commune_code, step.commune_code) if isinstance(step, Moving) else "",
        day=Times(language, asking.clock()).short(step.on),
    )


async def _hold(unit: Unit, there: There, step: Step) -> None:
    """Keep colleagues from changing the household, and whoever is or comes there, to the end of the unit."""
    authority_id, held = there.holder.authority_id, {there.holder.id, *(one.id for one in step.people)}
    if there.household is not None:
        await unit.people.hold_household(authority_id, there.household.id)
        held |= {one.id for one, _ in await unit.people.members(there.household.id, step.on)}
    for holder_id in sorted(held):
        await unit.people.hold(authority_id, holder_id)


async def _carry_out(asking: Asking, unit: Unit, there: There, step: Step) -> tuple[View, View]:
    """Do an act, and return how things were and are.

    Raises:
        _NothingMoves: it was a move to where they live.
    """
    before = await look(unit, there.household, step.people, step.on)
    await step.do(unit, there, asking.clock())
    after = await look(unit, there.household, [one.holder for one in before.people], step.on)
    if isinstance(step, Moving) and (before.commune, before.people) == (after.commune, after.people):
        raise _NothingMoves
    return before, after


async def _raise_foreseen(asking: Asking, unit: Unit, there: There, step: Step) -> None:
    raise _Rehearsed(foreseen(*await _carry_out(asking, unit, there, step)))


def _check(asking: Asking, there: There, step: Step, form: Form, foresight: Foresight, *, late: bool = False) -> Page:
    """Show what an act will bring, to be done or changed; `late`: it is not what was read a moment ago."""
    return draw(
        asking.request,
        "households/check.html",
        words=WORDS,
        status_code=409 if late else 200,
        there=there,
        kind=asking.kind.word,
        step=step,
        seen=foresight,
        late=late,
        places=places_of(there),
        kept={name: value for name, value in form.typed.items() if name not in _NOT_KEPT},
    )


async def _members(unit: Unit, household: Household | None, day: date, *, former: bool) -> list[tuple[str, str]]:
    """List who belongs to a household today or will, as choices of a form: each once, `former` members or not."""
    found = await unit.people.members(household.id, day) if household is not None else []
    belonging = (one for one, membership in found if former or not membership.former)
    return list({one.reference: f"{one.first_name} {one.last_name} ({one.reference})" for one in belonging}.items())
