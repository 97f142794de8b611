"""Firms, associations and municipal services: their registration, who holds their cards, and their rights."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from admin import people as people_pages
from admin.files import kept_from, rights_left
from admin.finding import PAGE
from admin.forms import Form, read
from admin.paging import paged
from admin.shell import Page, draw, go
from admin.undoing import Undo
from admin.visits import Asked
from admin.words import LANGUAGES, Words, language_of, read_words
from api.days import named
from api.journalling import Note
from domain import people
from domain.acts import Act
from domain.agents import Permission
from domain.circumstances import commune_of
from domain.errors import AlreadyExists, NameMissing
from domain.errors.people import BadCircumstance, BadRegistration, HolderNotFound, OverlappingMembership
from domain.journal import Kind, Object
from domain.organisations import OrganisationKind, register_organisation
from domain.people import KEPT
from domain.places import local_day
from domain.ports import Clock
from domain.reach import services_for
from store import search
from store.database import Begin, Database

PATH = "/console/organisations"
_OWN = read_words("organisations")
WORDS: Words = {language: {**people_pages.WORDS[language], **_OWN[language]} for language in LANGUAGES}

_MANAGE: dict[str, Any] = {"rule": Permission.PERSON_MANAGE}
_REFUSALS: tuple[tuple[type[Exception], str, str], ...] = (
    (NameMissing, "name", "field_missing"),
    (BadRegistration, "registration", "bad_registration"),
    (BadCircumstance, "commune", "bad_commune"),
    (AlreadyExists, "reference", "known"),
)
"""What is wrong, at which field, by which words."""


@get("/organisations", opt={**_MANAGE, "journal": Act.ORGANISATION_SHOWN}, include_in_schema=False)
async def listed(
    request: Asked, database: NamedDependency[Database], q: FromQuery[str] = "", after: FromQuery[str] = ""
) -> Page:
    """List organisations by name, and take a new one."""
    return await _list(request, database, Form(), q=named(q.strip())[:120], after=named(after))


@post("/organisations", opt={**_MANAGE, "journal": Act.ORGANISATION_REGISTERED}, include_in_schema=False)
async def register(
    *,
    request: Asked,
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Page | Response[None]:
    """Write an organisation into the register; its members are added on its page."""
    form, now = await read(request), clock()
    reference, name = form.text("reference", longest=40), form.text("name", longest=120)
    kind, commune = form.one_of("kind", OrganisationKind), form.text("commune", longest=5)
    registration = form.text("registration", longest=30, required=kind is not OrganisationKind.MUNICIPAL)
    if form.is_wrong or kind is None:
        return await _list(request, database, form, status_code=422)
    try:
        async with begin() as unit:
            made = await register_organisation(
                unit,
                authority_id=request.user.authority_id,
                reference=reference,
                name=name,
                kind=kind,
                registration=registration or None,
                commune_code=commune,
                now=now,
                keep_until=now.date() + KEPT,
            )
            note.about(Object(Kind.ORGANISATION, str(made.id)))
    except (NameMissing, BadRegistration, BadCircumstance, AlreadyExists) as problem:
        field, word = next((field, word) for kind_, field, word in _REFUSALS if isinstance(problem, kind_))
        form.refuse(field, word)
        return await _list(request, database, form, status_code=422)
    return go(request, organisation_path(made.reference), said=WORDS[language_of(request)]["done"])


@get("/organisations/{organisation:str}", opt={**_MANAGE, "journal": Act.ORGANISATION_SHOWN}, include_in_schema=False)
async def show(
    request: Asked,
    organisation: FromPath[str],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    after: FromQuery[str] = "",
) -> Page:
    """Show an organisation: its registration, its members with their passes, and what is left of its rights."""
    return await _show(request, organisation, database, clock, Form(), after=after)


@post(
    "/organisations/{organisation:str}/members",
    opt={**_MANAGE, "journal": Act.MEMBER_JOINED},
    include_in_schema=False,
)
async def join(
    *,
    request: Asked,
    organisation: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Page | Response[None]:
    """Let somebody spend the rights of an organisation from today on."""
    form, authority = await read(request), request.auth.authority
    reference = form.text("holder", longest=40)
    if form.is_wrong:
        return await _show(request, organisation, database, clock, form, status_code=422)
    try:
        async with database.look() as unit:
            holder = await unit.people.holder(authority.id, named(reference))
        note.names(holder.reference)
        async with begin() as unit:
            found = await unit.people.organisation(authority.id, named(organisation))
            await people.join(unit, holder, found.id, since=local_day(clock(), authority.zone))
    except (HolderNotFound, OverlappingMembership) as problem:
        form.refuse("holder", "no_such_holder" if isinstance(problem, HolderNotFound) else "member_already")
        return await _show(request, organisation, database, clock, form, status_code=422)
    done = WORDS[language_of(request)]["joined"].format(name=f"{holder.first_name} {holder.last_name}")
    return go(request, organisation_path(organisation), said=done)


@post(
    "/organisations/{organisation:str}/members/{holder:str}/end",
    opt={**_MANAGE, "journal": Act.MEMBER_LEFT},
    include_in_schema=False,
)
async def leave(
    *,
    request: Asked,
    organisation: FromPath[str],
    holder: FromPath[str],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Response[None]:
    """End what somebody may spend of an organisation, from today on."""
    authority = request.auth.authority
    async with begin() as unit:
        found = await unit.people.organisation(authority.id, named(organisation))
        leaver = await unit.people.holder(authority.id, named(holder))
        await people.leave(unit, leaver, found.id, on=local_day(clock(), authority.zone))
    done = WORDS[language_of(request)]["member_left"].format(name=f"{leaver.first_name} {leaver.last_name}")
    undo = Undo(f"{organisation_path(organisation)}/members", {"holder": leaver.reference})
    return go(request, organisation_path(organisation), said=done, undo=undo)


def organisation_path(reference: str) -> str:
    """Return where the page of an organisation is."""
    return f"{PATH}/{quote(reference, safe='')}"


async def _list(
    request: Asked, database: Database, form: Form, *, q: str = "", after: str = "", status_code: int = 200
) -> Page:
    authority_id = request.user.authority_id
    async with database.read() as connection:
        found = await search.organisations(connection, authority_id, q, limit=PAGE + 1, after=_behind(after))
    page = found[:PAGE]
    kinds = [(kind.value, WORDS[language_of(request)][f"kind_{kind}"]) for kind in OrganisationKind]
    return draw(
        request,
        "organisations/list.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        q=q,
        found=page,
        more=f"{page[-1].id}.{page[-1].name}" if len(found) > PAGE else "",
        kinds=kinds,
    )


async def _show(
    request: Asked,
    reference: str,
    database: Database,
    clock: Clock,
    form: Form,
    *,
    after: str = "",
    status_code: int = 200,
) -> Page:
    authority = request.auth.authority
    day = local_day(clock(), authority.zone)
    catalogue = await database.catalogue()
    async with database.look() as unit:
        found = await unit.people.organisation(authority.id, named(reference))
        code = await commune_of(unit, found.id, day)
        seat = next(
            (f"{one.name} ({code})" for one in await unit.places.communes(authority.id) if one.code == code), code
        )
        everybody = await unit.people.members(found.id, day)
        owned = await unit.products.entitlements([found.id], day)
        mine = await services_for(unit, request.user, Permission.RIGHT_MANAGE)
    members = paged(everybody, after, lambda one: f"{one[0].id}~{one[1].valid_from}")
    async with database.read() as connection:
        passes = await search.passes_of(connection, authority.id, [holder.id for holder, _ in members.lines])
        rights = await rights_left(connection, owned, catalogue, day)
        kept = await kept_from(connection, authority.id, {found.id: None}, day, mine=mine)
    return draw(
        request,
        "organisations/show.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        of=found,
        seat=seat,
        members=[(*one, [each for each in passes if each.holder_id == one[0].id]) for one in members.lines],
        more=members.more,
        count=len(everybody),
        rights=rights,
        kept=kept,
        today=day,
    )


def _behind(cursor: str) -> tuple[str, UUID] | None:
    organisation_id, _, name = cursor.partition(".")
    try:
        return name, UUID(organisation_id)
    except ValueError:
        return None
