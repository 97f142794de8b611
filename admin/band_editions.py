"""Editions of the bands: an agent writes other edges or sentences, another reads them and puts them in force.

What was in force before stays in the list, and is proposed again by one button: to go back takes two people as well.
"""

from collections.abc import Awaitable
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from msgspec import Struct

from admin.band_forms import TONGUES, labels, read_bands, typed_of
from admin.bands import names_of
from admin.forms import Form, read
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import Words, language_of, read_words
from api.point_views import login_of
from domain.agents import Permission
from domain.band_editions import (
    FILES_NUMBER,
    LONGEST_REASON,
    Bands,
    Edition,
    EditionState,
    decline_bands,
    newest_of,
    propose_bands,
    put_in_force,
)
from domain.easy_reading import Hard, hard_places
from domain.errors.bands import BadBands
from domain.errors.floods import AlreadyDecided, SecondPersonNeeded
from domain.places import local_day
from domain.ports import Clock, Unit
from store.database import Begin, Database
from tour.catalogue import scale as scale_called
from tour.scales import LONGEST, bands_of, check_bands, is_of, scales_of
from tour.terms import Scale
from web.moments import Language

WORDS = read_words("bands")
PATH = "/console/bands"

_EDIT: dict[str, Any] = {"rule": Permission.POINT_EDIT}
_PUBLISH: dict[str, Any] = {"rule": Permission.POINT_PUBLISH}


class Change(Struct, frozen=True):
    """One line that an edition says otherwise."""

    name: str
    before: str
    after: str


@get("/bands/{code:str}", opt=_EDIT, include_in_schema=False)
async def show(request: Asked, code: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Show the bands of a scale: what waits to be read, and every version that there was."""
    async with database.look() as unit:
        base = scale_called(code)
        editions = await unit.bands.of_scale(request.auth.authority.id, code)
        now = await _in_force(unit, request, base)
        logins = {one: await login_of(unit, one) for one in _agents(editions)}
    language = language_of(request)
    words = _words(base)
    waiting = next((one for one in editions if one.state is EditionState.PROPOSED), None)
    proposed = _said_by(waiting, base) if waiting is not None else None
    agent = request.user
    return draw(
        request,
        "bands/show.html",
        words=words,
        scale=now,
        names=names_of(now, language),
        waiting=waiting,
        changes=_changes(bands_of(now), proposed, words[language], language) if proposed else [],
        advice=_advice(proposed) if proposed else [],
        outgrown=waiting is not None and proposed is None,
        editions=[
            (one, logins[one.proposed_by], logins[one.decided_by] if one.decided_by else None) for one in editions
        ],
        files_hold=not any(one.state is EditionState.IN_FORCE and one.bands is not None for one in editions),
        may_publish=agent.may(Permission.POINT_PUBLISH) and waiting is not None and waiting.proposed_by != agent.id,
        is_author=waiting is not None and waiting.proposed_by == agent.id,
    )


@get("/bands/{code:str}/write", opt=_EDIT, include_in_schema=False)
async def write_form(request: Asked, code: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Ask for other edges or sentences; the fields hold what is in force."""
    async with database.look() as unit:
        base = scale_called(code)
        now = await _in_force(unit, request, base)
        newest = newest_of(await unit.bands.of_scale(request.auth.authority.id, code))
    typed = typed_of(bands_of(now), language_of(request))
    return _writing(request, base, Form({**typed, "seen": str(newest)}))


@post("/bands/{code:str}/write", opt=_EDIT, include_in_schema=False)
async def write(
    *, request: Asked, code: FromPath[str], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Page | Response[None]:
    """Take an edition, for a colleague to read. Who was slower than a colleague loses nothing."""
    form, now = await read(request), clock()
    authority, base = request.auth.authority, scale_called(code)
    today = local_day(now, authority.zone)
    bands = read_bands(form, base, today)
    reason = form.text("reason", longest=LONGEST_REASON)
    async with begin() as unit:
        if form.kept("seen") != str(newest_of(await unit.bands.of_scale(authority.id, code))):
            form.refuse("seen", "moved")
        if bands is not None and not form.is_wrong:
            try:
                check_bands(base, bands, today)
            except BadBands:
                form.refuse("source", "bad_bands")
        if bands is None or form.is_wrong:
            form.typed["seen"] = str(newest_of(await unit.bands.of_scale(authority.id, code)))
            return _writing(request, base, form, status_code=422)
        await propose_bands(unit, authority.id, code, bands, reason=reason, agent_id=request.user.id, now=now)
    return go(request, f"{PATH}/{code}", said=_told(request, "proposed_said"))


class _Verb(Protocol):
    def __call__(self, unit: Unit, edition: Edition, /, *, agent_id: UUID, now: datetime) -> Awaitable[object]: ...


class Decision(Struct, frozen=True):
    """One version of a scale, and who decides on it when."""

    request: Asked
    code: str
    number: int
    begin: Begin
    now: datetime

    async def make(self, verb: _Verb, *, said: str) -> Response[None]:
        """Do it, and lead back to the scale; where a colleague was quicker, or it takes another person, say so."""
        try:
            async with self.begin() as unit:
                edition = await unit.bands.edition(self.request.auth.authority.id, self.code, self.number)
                await verb(unit, edition, agent_id=self.request.user.id, now=self.now)
        except SecondPersonNeeded:
            said = "own_said"
        except AlreadyDecided:
            said = "decided_said"
        return self.back(said)

    def back(self, word: str) -> Response[None]:
        """Lead to the scale, with a word on what was done."""
        return go(self.request, f"{PATH}/{self.code}", said=_told(self.request, word))


async def decision_of(
    *,
    request: Asked,
    code: FromPath[str],
    number: FromPath[int],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Decision:
    """Gather what a decision on a version is given."""
    return Decision(request, code, number, begin, clock())


_DECISION: dict[str, Any] = {"include_in_schema": False, "dependencies": {"decision": Provide(decision_of)}}


@post("/bands/{code:str}/{number:int}/again", opt=_EDIT, **_DECISION)
async def again(decision: NamedDependency[Decision]) -> Response[None]:
    """Propose an older version again, or the program's own (number 0)."""
    authority_id, base = decision.request.auth.authority.id, scale_called(decision.code)
    async with decision.begin() as unit:
        bands = None
        if decision.number != FILES_NUMBER:
            bands = (await unit.bands.edition(authority_id, base.code, decision.number)).bands
        if bands is not None and not is_of(base, bands):
            return decision.back("outgrown")
        reason = WORDS["fr"]["again_reason"].format(number=decision.number)
        by = decision.request.user.id
        await propose_bands(unit, authority_id, base.code, bands, reason=reason, agent_id=by, now=decision.now)
    return decision.back("proposed_said")


@post("/bands/{code:str}/{number:int}/publish", opt=_PUBLISH, **_DECISION)
async def publish(decision: NamedDependency[Decision]) -> Response[None]:
    """Put an edition in force; its author cannot."""
    return await decision.make(put_in_force, said="published_said")


@post("/bands/{code:str}/{number:int}/decline", opt=_EDIT, **_DECISION)
async def decline(decision: NamedDependency[Decision]) -> Response[None]:
    """Take a proposal away."""
    return await decision.make(decline_bands, said="declined_said")


async def _in_force(unit: Unit, request: Asked, base: Scale) -> Scale:
    return (await scales_of(unit, request.auth.authority)).own.get(base.code, base)


def _said_by(edition: Edition, base: Scale) -> Bands | None:
    """What residents would read with an edition; None where the program has other bands by now."""
    if edition.bands is None:
        return bands_of(base)
    return edition.bands if is_of(base, edition.bands) else None


def _changes(now: Bands, proposed: Bands, words: dict[str, str], language: Language) -> list[Change]:
    before, after = typed_of(now, language), typed_of(proposed, language)
    yes, no = words["yes"], words["no"]
    return [
        Change(words[f"label_{name}"], *((yes if one else no) if name.endswith("_in") else one for one in pair))
        for name in after
        if (pair := (before.get(name, ""), after[name]))[0] != pair[1]
    ]


def _advice(bands: Bands) -> list[Hard]:
    """Where the easy sentences are hard to read."""
    return [
        told
        for text in bands.texts
        for said in (text.state, text.action, text.elsewhere)
        if said is not None
        for told in hard_places(said.easy, easy=True)
    ]


def _agents(editions: list[Edition]) -> set[UUID]:
    both = ((one.proposed_by, one.decided_by) for one in editions)
    return {agent for pair in both for agent in pair if agent is not None}


def _words(scale: Scale) -> Words:
    return {
        "fr": {**WORDS["fr"], **labels(scale, WORDS["fr"], "fr")},
        "en": {**WORDS["en"], **labels(scale, WORDS["en"], "en")},
    }


def _writing(request: Asked, scale: Scale, form: Form, *, status_code: int = 200) -> Page:
    return draw(
        request,
        "bands/write.html",
        words=_words(scale),
        status_code=status_code,
        scale=scale,
        names=names_of(scale, language_of(request)),
        form=form,
        parts=LONGEST,
        tongues=TONGUES,
    )


def _told(request: Asked, word: str) -> str:
    return WORDS[language_of(request)][word]


ROUTES = (show, write_form, write, again, publish, decline)
