"""Keeping a person, a household or an organisation from one service for a time, and opening it again."""

from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from msgspec import Struct

from admin import people as people_pages
from admin.files import last_day
from admin.forms import Form, read
from admin.organisations import organisation_path
from admin.people import file_path
from admin.shell import Page, draw, go
from admin.undoing import Undo
from admin.visits import Asked
from admin.whose import whose
from admin.words import LANGUAGES, Words, language_of, read_words
from api.days import FIRST_YEAR, named
from api.journalling import Note
from domain import circumstances
from domain.access.reasons import REASONS, Reason
from domain.acts import Act
from domain.agents import Permission
from domain.circumstances import SUSPENDS_FOR, Circumstance, CircumstanceKind, SuspensionReason
from domain.errors import Conflict
from domain.errors.people import CircumstanceNotFound
from domain.journal import Kind, Object
from domain.organisations import Organisation
from domain.people import Holder, Household, Subject
from domain.periods import FOREVER
from domain.places import local_day
from domain.ports import Clock, Unit
from domain.reach import check_serves, services_for
from domain.services import BY_CODE, SERVICES
from domain.text import Text
from store.database import Begin, Database

_OWN = read_words("suspensions")
WORDS: Words = {language: {**people_pages.WORDS[language], **_OWN[language]} for language in LANGUAGES}

_LAST_YEAR = 2100
_KINDS = {Subject.PERSON: Kind.HOLDER, Subject.HOUSEHOLD: Kind.HOUSEHOLD, Subject.ORGANISATION: Kind.ORGANISATION}


class Candidate(Struct, frozen=True):
    """Somebody or something that may be kept from a service. `key` is how the forms of the page name it."""

    kind: Subject
    subject: Holder | Household | Organisation
    name: str

    @property
    def key(self) -> str:
        """What a form sends."""
        return f"{self.kind}.{self.subject.reference}"


class Kept(Struct, frozen=True):
    """Who is kept from what, from a day on; no `last_day` where no end is known."""

    of: Candidate
    service: str
    name: Text
    said: Circumstance
    last_day: date | None

    @property
    def key(self) -> str:
        """What the form that opens the service again sends."""
        return f"{self.of.key}/{self.service}/{self.said.valid_from}"


class There(Struct, frozen=True):
    """What a page is about: whom it may keep from which services, and who is kept already."""

    name: str
    candidates: list[Candidate]
    services: list[tuple[str, Text]]
    kept: list[Kept]

    @property
    def seen(self) -> str:
        """A mark of all that is shown: two pages with one mark say the same."""
        return sha256("\n".join(f"{one.key}/{one.last_day}" for one in self.kept).encode()).hexdigest()[:16]


class AtSubject(Struct, frozen=True):
    """A person's file or an organisation's page, as its address names it, and what an act there is written with."""

    request: Asked
    holder: str | None
    organisation: str | None
    database: Database
    begin: Begin
    today: date
    note: Note

    @property
    def back(self) -> str:
        """The page above."""
        return file_path(self.holder) if self.holder is not None else organisation_path(str(self.organisation))

    @property
    def path(self) -> str:
        """Where the suspensions are."""
        return f"{self.back}/suspensions"

    @property
    def words(self) -> dict[str, str]:
        """The words of these pages, in the reader's language."""
        return WORDS[language_of(self.request)]

    async def read(self, unit: Unit) -> There:
        """Read whom the page is about, and who is kept from what: of the services of the agent's roles.

        Raises:
            HolderNotFound, OrganisationNotFound: the authority has none of this reference.
        """
        agent = self.request.user
        name, candidates = await self._candidates(unit)
        among = await services_for(unit, agent, Permission.RIGHT_MANAGE)
        here = {place.service for place in await unit.places.places(agent.authority_id)}
        known = [
            (of, one)
            for of in candidates
            for one in await unit.people.circumstances_after(of.subject.id, CircumstanceKind.SUSPENDED, self.today)
        ]
        return There(
            name,
            candidates,
            [(one.code, one.name) for one in SERVICES if one.code in here and (among is None or one.code in among)],
            [
                Kept(of, one.value, BY_CODE[one.value].name, one, last_day(one.valid_until))
                for of, one in known
                if among is None or one.value in among
            ],
        )

    async def _candidates(self, unit: Unit) -> tuple[str, list[Candidate]]:
        authority_id = self.request.user.authority_id
        if self.holder is None:
            firm = await unit.people.organisation(authority_id, named(str(self.organisation)))
            return firm.name, [Candidate(Subject.ORGANISATION, firm, firm.name)]
        there = await whose(unit, authority_id, named(self.holder), self.today)
        return there.name, [
            Candidate(Subject.PERSON, there.holder, there.name),
            *(Candidate(Subject.HOUSEHOLD, one, one.reference) for one in there.households),
            *(Candidate(Subject.ORGANISATION, one, one.name) for one in there.organisations),
        ]

    async def hold(self, unit: Unit, there: There, *, seen: str = "") -> None:
        """Keep others from changing the same file to the end of the unit. `seen`: the mark of the page of a form.

        Raises:
            Conflict: another agent has changed what that page showed.
        """
        for one in there.candidates:
            if one.kind is Subject.PERSON:
                await unit.people.hold(one.subject.authority_id, one.subject.id)
        if seen not in {"", (await self.read(unit)).seen}:
            raise Conflict("Another agent has changed what the page showed.")

    def about(self, of: Candidate, there: There) -> None:
        """Say in the journal who is meant: a household or an organisation in the file of whom the agent looked at."""
        owner = next((one.subject.id for one in there.candidates if one.kind is Subject.PERSON), None)
        self.note.about(Object(_KINDS[of.kind], str(of.subject.id), owner))


def _at(
    request: Asked, database: Database, begin: Begin, clock: Clock, note: Note, **named_by: str | None
) -> AtSubject:
    return AtSubject(
        request,
        named_by.get("holder"),
        named_by.get("organisation"),
        database,
        begin,
        local_day(clock(), request.auth.authority.zone),
        note,
    )


async def at_person(
    *,
    request: Asked,
    holder: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> AtSubject:
    """Gather what an act in somebody's file is given."""
    return _at(request, database, begin, clock, note, holder=holder)


async def at_organisation(
    *,
    request: Asked,
    organisation: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> AtSubject:
    """Gather what an act on an organisation's page is given."""
    return _at(request, database, begin, clock, note, organisation=organisation)


def _opt(act: Act) -> dict[str, Any]:
    return {"rule": Permission.RIGHT_MANAGE, "placed": True, "journal": act}


_OF_PERSON: dict[str, Any] = {"include_in_schema": False, "dependencies": {"at": Provide(at_person)}}
_OF_ORGANISATION: dict[str, Any] = {"include_in_schema": False, "dependencies": {"at": Provide(at_organisation)}}


@get("/people/{holder:str}/suspensions", opt=_opt(Act.CIRCUMSTANCES_LISTED), **_OF_PERSON)
async def show(at: NamedDependency[AtSubject]) -> Page:
    """Show from which services somebody, their households and their organisations are kept."""
    return await _page(at, Form())


@post("/people/{holder:str}/suspensions", opt=_opt(Act.SERVICE_SUSPENDED), **_OF_PERSON)
async def suspend(at: NamedDependency[AtSubject]) -> Page | Response[None]:
    """Keep somebody, one of their households or one of their organisations from a service."""
    return await _suspend(at)


@post("/people/{holder:str}/suspensions/end", opt=_opt(Act.SERVICE_RESUMED), **_OF_PERSON)
async def resume(at: NamedDependency[AtSubject]) -> Page | Response[None]:
    """Open a service again."""
    return await _resume(at)


@get("/organisations/{organisation:str}/suspensions", opt=_opt(Act.CIRCUMSTANCES_LISTED), **_OF_ORGANISATION)
async def show_organisation(at: NamedDependency[AtSubject]) -> Page:
    """Show from which services an organisation is kept."""
    return await _page(at, Form())


@post("/organisations/{organisation:str}/suspensions", opt=_opt(Act.SERVICE_SUSPENDED), **_OF_ORGANISATION)
async def suspend_organisation(at: NamedDependency[AtSubject]) -> Page | Response[None]:
    """Keep an organisation from a service."""
    return await _suspend(at)


@post("/organisations/{organisation:str}/suspensions/end", opt=_opt(Act.SERVICE_RESUMED), **_OF_ORGANISATION)
async def resume_organisation(at: NamedDependency[AtSubject]) -> Page | Response[None]:
    """Open a service to an organisation again."""
    return await _resume(at)


async def _suspend(at: AtSubject) -> Page | Response[None]:
    form = await read(at.request)
    since, until = _day(form, at, "from", "from_past"), _day(form, at, "until", "until_past", required=False)
    if since is not None and until is not None and until < since:
        form.refuse("until", "until_before")
    reason = form.one_of("reason", SuspensionReason)
    async with at.database.look() as unit:
        there = await at.read(unit)
        if form.kept("service") in BY_CODE:
            await check_serves(unit, at.request.user, Permission.RIGHT_MANAGE, form.kept("service"))
    of, service = _chosen(form, there), form.kept("service")
    if service not in dict(there.services):
        form.refuse("service", "field_not_chosen")
    if form.is_wrong or since is None or of is None:
        return await _page(at, form, status_code=422)
    at.note.because(reason)
    try:
        async with at.begin() as unit:
            await at.hold(unit, there, seen=form.kept("seen"))
            at.about(of, there)
            await circumstances.suspend(
                unit,
                of.subject,
                service_code=service,
                since=since,
                until=until + timedelta(days=1) if until is not None else FOREVER,
            )
    except Conflict:
        form.refuse("seen", "changed_meanwhile")
        return await _page(at, form, status_code=409)
    undo = Undo(f"{at.path}/end", {"kept": f"{of.key}/{service}/{since}", "on": since.isoformat()})
    replaced = any((one.of.key, one.service) == (of.key, service) for one in there.kept)
    return go(at.request, at.path, said=_said(at, "suspended", service), undo=None if replaced else undo)


async def _resume(at: AtSubject) -> Page | Response[None]:
    form = await read(at.request)
    day = _day(form, at, "on", "on_past")
    async with at.database.look() as unit:
        there = await at.read(unit)
    kept = next((one for one in there.kept if one.key == form.kept("kept")), None)
    if kept is None:
        form.refuse("kept", "changed_meanwhile" if form.kept("kept") else "field_not_chosen")
    if form.is_wrong or day is None or kept is None:
        return await _page(at, form, status_code=422 if kept is not None or not form.kept("kept") else 409)
    try:
        async with at.begin() as unit:
            await at.hold(unit, there)
            at.about(kept.of, there)
            await circumstances.resume(unit, kept.of.subject, service_code=kept.service, on=day)
    except CircumstanceNotFound:
        form.refuse("on", "open_by_then")
        return await _page(at, form, status_code=422)
    ended = [
        one
        for one in there.kept
        if (one.of.key, one.service) == (kept.of.key, kept.service) and one.said.valid_until > day
    ]
    return go(at.request, at.path, said=_said(at, "resumed", kept.service), undo=_keeping_again(at, ended, day))


def _keeping_again(at: AtSubject, ended: list[Kept], day: date) -> Undo | None:
    """Return the form that puts back what was ended, where it is one suspension: of several there is no such form."""
    if len(ended) != 1:
        return None
    (one,) = ended
    return Undo(
        at.path,
        {
            "who": one.of.key,
            "service": one.service,
            "from": max(day, one.said.valid_from).isoformat(),
            "until": one.last_day.isoformat() if one.last_day else "",
            "reason": SuspensionReason.OPENED_BY_MISTAKE.value,
        },
    )


def _chosen(form: Form, there: There) -> Candidate | None:
    of = next((one for one in there.candidates if one.key == form.kept("who")), None)
    if of is None:
        form.refuse("who", "field_not_chosen")
    return of


def _day(form: Form, at: AtSubject, name: str, past: str, *, required: bool = True) -> date | None:
    """Read a day from today on."""
    day = form.day(name, required=required)
    if day is None:
        return None
    if not FIRST_YEAR <= day.year < _LAST_YEAR:
        form.refuse(name, "field_no_day")
    elif day < at.today:
        form.refuse(name, past)
    return day


def _said(at: AtSubject, word: str, service: str) -> str:
    name = BY_CODE[service].name
    return at.words[word].format(service=name.fr if language_of(at.request) == "fr" else name.en)


async def _page(at: AtSubject, form: Form, *, status_code: int = 200) -> Page:
    async with at.database.look() as unit:
        there = await at.read(unit)
    for name in ("from", "on"):
        form.typed.setdefault(name, at.today.isoformat())
    language, words = language_of(at.request), at.words

    def named_so(of: Candidate) -> str:
        return words[f"who_{of.kind}"].format(name=of.name)

    def in_words(text: Text) -> str:
        return text.fr if language == "fr" else text.en

    return draw(
        at.request,
        "suspensions/show.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        there=there,
        back=at.back,
        today=at.today,
        candidates=[(one.key, named_so(one)) for one in there.candidates],
        services=[("", words["choose"]), *((code, in_words(name)) for code, name in there.services)],
        reasons=[("", words["choose"]), *((one.value, words[f"reason_{one}"]) for one in SUSPENDS_FOR)],
        kept=[(one.key, f"{named_so(one.of)}, {in_words(one.name)}") for one in there.kept],
        named_so=named_so,
        gate_says=REASONS[Reason.SERVICE_SUSPENDED].next_step,
    )


ROUTES = (show, suspend, resume, show_organisation, suspend_organisation, resume_organisation)
