"""A pass as a whole: suspending it with all its media, putting it back in use, ending it for good."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from msgspec import Struct

from admin.counter import FIELD, Present, asked_by, at_pass
from admin.desk import WORDS
from admin.files import last_day
from admin.forms import Form, read
from admin.people import file_path
from admin.shell import Page, draw, go
from admin.undoing import Undo
from admin.visits import Asked
from admin.words import language_of
from api.agents import number_of
from api.journalling import Note
from domain.access.rule_words import WORDS as STATES
from domain.acts import Act
from domain.agents import Permission
from domain.errors.passes import LifecycleConflict
from domain.passes import ENDS_FOR, PASS_STEPS, SUSPENDS_FOR, Pass, PassStatus, PassStopReason, change_status
from domain.ports import Clock
from store import media
from store.database import Begin, Database


class AtPass(Struct, frozen=True):
    """One pass, as its address names it: who asks about it when, and what their act is written with."""

    request: Asked
    number: str
    database: Database
    begin: Begin
    now: datetime
    note: Note

    @property
    def address(self) -> str:
        """Where its page is."""
        return f"/console/passes/{self.number}/state"

    async def look(self) -> tuple[Pass, Present]:
        """Read the pass as it is.

        Raises:
            PassNotFound: the authority has none of this number.
        """
        return await at_pass(self.database, self.request.auth.authority, self.number, self.now)

    async def change(self, form: Form, there: Present, to: PassStatus) -> bool:
        """Change what it is, if it is still what the form was drawn for; say so where another agent was quicker."""
        authority_id = self.request.user.authority_id
        try:
            async with self.begin() as unit:
                await unit.people.hold(authority_id, there.holder.id)
                pass_ = _still(form, await unit.passes.by_number(authority_id, self.number))
                await change_status(unit, pass_, to, now=self.now, by=self.request.user.id)
        except LifecycleConflict:
            form.refuse(FIELD, "changed_meanwhile")
        return not form.is_wrong


async def at_whole_pass(
    *,
    request: Asked,
    number: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> AtPass:
    """Gather what an act at a pass is given."""
    return AtPass(request, number_of(number), database, begin, clock(), note)


_AT: dict[str, Any] = {"include_in_schema": False, "dependencies": {"at": Provide(at_whole_pass)}}


@get("/passes/{number:str}/state", opt={"rule": Permission.PASS_ISSUE, "journal": Act.PASS_SHOWN}, **_AT)
async def show(at: NamedDependency[AtPass]) -> Page:
    """Show what a pass is, what it was before, and what may be done with it now; ending it is asked for by `act`."""
    return await _page(at, Form(), ending=at.request.query_params.get("act") == "end")


@post(
    "/passes/{number:str}/state/suspension", opt={"rule": Permission.PASS_ISSUE, "journal": Act.PASS_SUSPENDED}, **_AT
)
async def suspend(at: NamedDependency[AtPass]) -> Page | Response[None]:
    """Stop a pass for a time, with all its media."""
    form = await read(at.request)
    _, there = await at.look()
    why = _why(form, SUSPENDS_FOR, at.note)
    asked_by(form, there, at.note)
    if form.is_wrong or why is None or not await at.change(form, there, PassStatus.SUSPENDED):
        return await _page(at, form, status_code=_status_of(form))
    back = {"was": PassStatus.SUSPENDED.value, FIELD: form.kept(FIELD)}
    undo = Undo(f"{at.address}/resumption", back)
    return go(at.request, at.address, said=WORDS[language_of(at.request)]["pass_suspended"], undo=undo)


@post("/passes/{number:str}/state/resumption", opt={"rule": Permission.PASS_ISSUE, "journal": Act.PASS_RESUMED}, **_AT)
async def resume(at: NamedDependency[AtPass]) -> Page | Response[None]:
    """Put a pass that was suspended back in use. Its media are what they were: those that are stopped stay so."""
    form = await read(at.request)
    _, there = await at.look()
    asked_by(form, there, at.note)
    if form.is_wrong or not await at.change(form, there, PassStatus.ACTIVE):
        return await _page(at, form, status_code=_status_of(form))
    return go(at.request, at.address, said=WORDS[language_of(at.request)]["pass_resumed"])


@post("/passes/{number:str}/state/end", opt={"rule": Permission.PASS_ISSUE, "journal": Act.PASS_ENDED}, **_AT)
async def end(at: NamedDependency[AtPass]) -> Page | Response[None]:
    """End a pass for good. Rights hang on its holder, and stay: another pass opens with them."""
    form = await read(at.request)
    _, there = await at.look()
    why = _why(form, ENDS_FOR, at.note)
    asked_by(form, there, at.note)
    if form.is_wrong or why is None or not await at.change(form, there, PassStatus.ENDED):
        return await _page(at, form, status_code=_status_of(form), ending=True)
    return go(at.request, file_path(there.holder.reference), said=WORDS[language_of(at.request)]["pass_was_ended"])


def _still(form: Form, pass_: Pass) -> Pass:
    """Return a pass that is what the form was drawn for.

    Raises:
        LifecycleConflict: another agent was quicker.
    """
    if form.kept("was") != pass_.status:
        raise LifecycleConflict(f"This pass is {pass_.status} by now.")
    return pass_


def _why(form: Form, among: tuple[PassStopReason, ...], note: Note) -> PassStopReason | None:
    why = form.one_of("cause", PassStopReason)
    if why is not None and why not in among:
        form.refuse("cause", "field_not_chosen")
    if why is None or "cause" in form.wrong:
        return None
    note.because(why)
    return why


def _status_of(form: Form) -> int:
    return 409 if "changed_meanwhile" in form.wrong.values() else 422


async def _page(at: AtPass, form: Form, *, status_code: int = 200, ending: bool = False) -> Page:
    request, words = at.request, WORDS[language_of(at.request)]
    pass_, there = await at.look()
    async with at.database.read() as connection:
        changes = await media.pass_changes_told(connection, pass_.id)

    def causes(among: tuple[PassStopReason, ...]) -> list[tuple[str, str]]:
        return [("", words["choose"]), *((one.value, words[f"cause_{one}"]) for one in among)]

    return draw(
        request,
        "desk/pass_state.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        pass_=pass_,
        there=there,
        changes=changes,
        last_day=last_day(pass_.valid_until),
        states=STATES,
        steps={one.value for one in PASS_STEPS[pass_.status]},
        suspends=causes(SUSPENDS_FOR),
        ends=causes(ENDS_FOR),
        ending=ending,
    )


ROUTES = (show, suspend, resume, end)
