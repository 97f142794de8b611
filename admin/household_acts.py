"""A household in somebody's file: who lives there and where; it moves, somebody joins or leaves, it splits.

`admin.household_steps` reads what each act asks for; `admin.household_checks` has it checked before it is done.
"""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.files import last_day, rights_left
from admin.household_checks import JOIN, LEAVE, MOVE, SPLIT, WORDS, Asking, ask, find, places_of, take
from admin.shell import Page, draw
from admin.visits import Asked
from api.journalling import Note
from domain.acts import Act
from domain.agents import Permission
from domain.circumstances import CircumstanceKind
from domain.households import household_rights
from domain.places import local_day
from domain.ports import Clock
from store.database import Begin, Database

_MANAGE: dict[str, Any] = {"rule": Permission.PERSON_MANAGE}
_LOOK: dict[str, Any] = {**_MANAGE, "journal": Act.HOUSEHOLD_SHOWN}
_HOME = "/people/{holder:str}/households/{household:str}"


@get(_HOME, opt=_LOOK, include_in_schema=False)
async def show(
    *,
    request: Asked,
    holder: FromPath[str],
    household: FromPath[str],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Page:
    """Show a household: where it lives and will, who belongs to it, what is left of its rights, what can be done."""
    authority = request.auth.authority
    day, catalogue = local_day(clock(), authority.zone), await database.catalogue()
    async with database.look() as unit:
        there = await find(unit, request, holder, household)
        home = there.home()
        communes = await unit.people.circumstances_after(home.id, CircumstanceKind.COMMUNE, day)
        members = await unit.people.members(home.id, day)
        owned = await household_rights(unit, home, day)
    async with database.read() as connection:
        rights = await rights_left(connection, owned, catalogue, day)
    return draw(
        request,
        "households/show.html",
        words=WORDS,
        there=there,
        today=day,
        communes=communes,
        members=[(whose, one, last_day(one.valid_until)) for whose, one in members],
        places=places_of(there),
        rights=rights,
    )


@get(f"{_HOME}/move", opt=_LOOK, include_in_schema=False)
async def move_form(
    *,
    request: Asked,
    holder: FromPath[str],
    household: FromPath[str],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Page:
    """Ask where a household moves, and when."""
    return await ask(Asking(request, database, clock, MOVE, (holder, household)))


@post(f"{_HOME}/move", opt={**_MANAGE, "journal": Act.CIRCUMSTANCE_CHANGED}, include_in_schema=False)
async def move(
    *,
    request: Asked,
    holder: FromPath[str],
    household: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Page | Response[None]:
    """Let a household live in another commune, with whoever moves along."""
    return await take(Asking(request, database, clock, MOVE, (holder, household)), begin, note)


@get("/people/{holder:str}/move", opt={**_MANAGE, "journal": Act.CIRCUMSTANCES_LISTED}, include_in_schema=False)
async def move_alone_form(
    request: Asked, holder: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page:
    """Ask where somebody moves without their household."""
    return await ask(Asking(request, database, clock, MOVE, (holder, None)))


@post("/people/{holder:str}/move", opt={**_MANAGE, "journal": Act.CIRCUMSTANCE_CHANGED}, include_in_schema=False)
async def move_alone(
    *,
    request: Asked,
    holder: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Page | Response[None]:
    """Let somebody live in another commune; their household stays where it is."""
    return await take(Asking(request, database, clock, MOVE, (holder, None)), begin, note)


@get(f"{_HOME}/join", opt=_LOOK, include_in_schema=False)
async def join_form(
    *,
    request: Asked,
    holder: FromPath[str],
    household: FromPath[str],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Page:
    """Ask who joins a household."""
    return await ask(Asking(request, database, clock, JOIN, (holder, household)))


@post(f"{_HOME}/join", opt={**_MANAGE, "journal": Act.MEMBER_JOINED}, include_in_schema=False)
async def join(
    *,
    request: Asked,
    holder: FromPath[str],
    household: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Page | Response[None]:
    """Let somebody live in a household and use its rights."""
    return await take(Asking(request, database, clock, JOIN, (holder, household)), begin, note)


@get(f"{_HOME}/leave", opt=_LOOK, include_in_schema=False)
async def leave_form(
    *,
    request: Asked,
    holder: FromPath[str],
    household: FromPath[str],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Page:
    """Ask who leaves a household, and where they go."""
    return await ask(Asking(request, database, clock, LEAVE, (holder, household)))


@post(f"{_HOME}/leave", opt={**_MANAGE, "journal": Act.MEMBER_LEFT}, include_in_schema=False)
async def leave(
    *,
    request: Asked,
    holder: FromPath[str],
    household: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Page | Response[None]:
    """Let somebody leave a household; of its rights they use nothing any more."""
    return await take(Asking(request, database, clock, LEAVE, (holder, household)), begin, note)


@get(f"{_HOME}/split", opt=_LOOK, include_in_schema=False)
async def split_form(
    *,
    request: Asked,
    holder: FromPath[str],
    household: FromPath[str],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Page:
    """Ask who leaves together."""
    return await ask(Asking(request, database, clock, SPLIT, (holder, household)))


@post(f"{_HOME}/split", opt={**_MANAGE, "journal": Act.HOUSEHOLD_SPLIT}, include_in_schema=False)
async def split(
    *,
    request: Asked,
    holder: FromPath[str],
    household: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Page | Response[None]:
    """Let some leave together and found a household; what runs is shared until it ends, and nothing is doubled."""
    return await take(Asking(request, database, clock, SPLIT, (holder, household)), begin, note)


ROUTES = (
    show,
    *(move_form, move, move_alone_form, move_alone),
    *(join_form, join, leave_form, leave, split_form, split),
)
