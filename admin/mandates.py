"""Who acts for somebody: a parent for their child, a tutor for whom a judge has entrusted to them."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from admin import people as people_pages
from admin.files import last_day
from admin.forms import Form, read
from admin.people import file_path
from admin.shell import Page, draw, go
from admin.undoing import Undo
from admin.visits import Asked
from admin.words import LANGUAGES, Words, language_of, read_words
from api.days import FIRST_YEAR, named
from domain.acts import Act
from domain.agents import Permission
from domain.errors import DomainError
from domain.errors.family import ContradictoryPeriod
from domain.errors.people import (
    GuardianshipNotFound,
    GuardianUnderAge,
    HolderNotFound,
    OverlappingGuardianship,
    OwnGuardian,
    WardOfAge,
)
from domain.guardians import GuardianKind, Guardianship, appoint_guardian, end_guardianship
from domain.people import Holder
from domain.periods import FOREVER
from domain.places import local_day
from domain.ports import Clock, Unit
from store.database import Begin, Database

_OWN = read_words("mandates")
WORDS: Words = {language: {**people_pages.WORDS[language], **_OWN[language]} for language in LANGUAGES}

_MANAGE: dict[str, Any] = {"rule": Permission.PERSON_MANAGE}
_LAST_YEAR = 2100
_REFUSALS: tuple[tuple[type[DomainError], str, str], ...] = (
    (HolderNotFound, "guardian", "no_such_person"),
    (OwnGuardian, "guardian", "own_guardian"),
    (GuardianUnderAge, "guardian", "guardian_under_age"),
    (OverlappingGuardianship, "guardian", "acts_already"),
    (WardOfAge, "kind", "ward_of_age"),
    (ContradictoryPeriod, "until", "until_over"),
)
"""What is wrong, at which field, by which words."""

_WRONG = tuple(kind for kind, _, _ in _REFUSALS)


class Mandate(Struct, frozen=True):
    """Who acts for somebody today, or for whom they act: the other one, by what right, and to which day."""

    other: Holder
    said: Guardianship
    last_day: date | None


@get("/people/{holder:str}/mandates", opt={**_MANAGE, "journal": Act.GUARDIANS_LISTED}, include_in_schema=False)
async def show(
    request: Asked, holder: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page:
    """Show who acts for somebody today and for whom they act, and ask for another."""
    return await _page(request, holder, database, clock, Form())


@post("/people/{holder:str}/mandates", opt={**_MANAGE, "journal": Act.GUARDIAN_APPOINTED}, include_in_schema=False)
async def appoint(
    *,
    request: Asked,
    holder: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Let one person act for another from today on: at the desk, in the portal and in the app."""
    form, authority = await read(request), request.auth.authority
    reference, kind = form.text("guardian", longest=40), form.one_of("kind", GuardianKind)
    until = form.day("until", required=False)
    if until is not None and not FIRST_YEAR <= until.year < _LAST_YEAR:
        form.refuse("until", "field_no_day")
    if form.is_wrong or kind is None:
        return await _page(request, holder, database, clock, form, status_code=422)
    try:
        async with begin() as unit:
            ward = await unit.people.holder(authority.id, named(holder))
            guardian = await unit.people.holder(authority.id, named(reference))
            await appoint_guardian(
                unit,
                ward=ward,
                guardian=guardian,
                kind=kind,
                since=local_day(clock(), authority.zone),
                until=until + timedelta(days=1) if until is not None else FOREVER,
            )
    except _WRONG as problem:
        field, word = next((field, word) for kind_, field, word in _REFUSALS if isinstance(problem, kind_))
        form.refuse(field, word)
        return await _page(request, holder, database, clock, form, status_code=422)
    return go(request, _path(ward), said=_said(request, "appointed", guardian, ward))


@post(
    "/people/{holder:str}/mandates/{guardian:str}/end",
    opt={**_MANAGE, "journal": Act.GUARDIANSHIP_ENDED},
    include_in_schema=False,
)
async def end(
    *,
    request: Asked,
    holder: FromPath[str],
    guardian: FromPath[str],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Response[None]:
    """End what somebody may do for another, from today on."""
    authority = request.auth.authority
    day = local_day(clock(), authority.zone)
    async with begin() as unit:
        ward = await unit.people.holder(authority.id, named(holder))
        acting = await unit.people.holder(authority.id, named(guardian))
        held = next((one for one in await unit.people.guardians_of(ward.id, day) if one.guardian_id == acting.id), None)
        if held is None:
            raise GuardianshipNotFound(f"{acting.reference} does not act for {ward.reference} today.")
        await end_guardianship(unit, ward=ward, guardian=acting, on=day)
    until = last_day(held.valid_until)
    back = {"guardian": acting.reference, "kind": held.kind.value, "until": until.isoformat() if until else ""}
    return go(request, _path(ward), said=_said(request, "ended", acting, ward), undo=Undo(_path(ward), back))


async def _page(
    request: Asked, holder: str, database: Database, clock: Clock, form: Form, *, status_code: int = 200
) -> Page:
    authority_id = request.user.authority_id
    day = local_day(clock(), request.auth.authority.zone)
    async with database.look() as unit:
        of = await unit.people.holder(authority_id, named(holder))
        acting = [await _with(unit, one, one.guardian_id) for one in await unit.people.guardians_of(of.id, day)]
        wards = [await _with(unit, one, one.ward_id) for one in await unit.people.wards_of(of.id, day)]
    words = WORDS[language_of(request)]
    return draw(
        request,
        "people/mandates.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        of=of,
        acting=acting,
        wards=wards,
        kinds=[(kind.value, words[f"kind_{kind}"]) for kind in GuardianKind],
    )


async def _with(unit: Unit, said: Guardianship, other_id: UUID) -> Mandate:
    return Mandate(await unit.people.holder_by_id(said.authority_id, other_id), said, last_day(said.valid_until))


def _path(of: Holder) -> str:
    return f"{file_path(of.reference)}/mandates"


def _said(request: Asked, word: str, guardian: Holder, ward: Holder) -> str:
    return WORDS[language_of(request)][word].format(
        guardian=f"{guardian.first_name} {guardian.last_name}", ward=f"{ward.first_name} {ward.last_name}"
    )


ROUTES = (show, appoint, end)
