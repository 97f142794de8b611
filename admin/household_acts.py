"""A household in somebody's file: who lives there and where; it moves, somebody joins or leaves, it splits.

`admin.household_steps` reads what each act asks for; `admin.household_checks` has it checked before it is done.
"""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency

from admin.files import last_day, rights_left
from admin.homes import ALONE, HOME, OF_HOME, OF_SOMEBODY, AtHome
from admin.household_checks import JOIN, LEAVE, MOVE, SPLIT, WORDS, ask, take
from admin.shell import Page, draw
from domain.acts import Act
from domain.agents import Permission
from domain.circumstances import CircumstanceKind
from domain.households import household_rights

At = NamedDependency[AtHome]


def _opt(act: Act) -> dict[str, Any]:
    return {"rule": Permission.PERSON_MANAGE, "journal": act}


@get(HOME, opt=_opt(Act.HOUSEHOLD_SHOWN), **OF_HOME)
async def show(at: At) -> Page:
    """Show a household: where it lives and will, who belongs to it, what is left of its rights, what can be done."""
    day, catalogue = at.today, await at.database.catalogue()
    async with at.database.look() as unit:
        there = await at.find(unit)
        home = there.home()
        communes = await unit.people.circumstances_after(home.id, CircumstanceKind.COMMUNE, day)
        members = await unit.people.members(home.id, day)
        owned = await household_rights(unit, home, day)
    async with at.database.read() as connection:
        rights = await rights_left(connection, owned, catalogue, day)
    return draw(
        at.request,
        "households/show.html",
        words=WORDS,
        there=there,
        today=day,
        communes=communes,
        members=[(whose, one, last_day(one.valid_until)) for whose, one in members],
        places=there.places,
        rights=rights,
    )


@get(f"{HOME}/move", opt=_opt(Act.HOUSEHOLD_SHOWN), **OF_HOME)
async def move_form(at: At) -> Page:
    """Ask where a household moves, and when."""
    return await ask(at, MOVE)


@post(f"{HOME}/move", opt=_opt(Act.CIRCUMSTANCE_CHANGED), **OF_HOME)
async def move(at: At) -> Page | Response[None]:
    """Let a household live in another commune, with whoever moves along."""
    return await take(at, MOVE)


@get(f"{ALONE}/move", opt=_opt(Act.CIRCUMSTANCES_LISTED), **OF_SOMEBODY)
async def move_alone_form(at: At) -> Page:
    """Ask where somebody moves without their household."""
    return await ask(at, MOVE)


@post(f"{ALONE}/move", opt=_opt(Act.CIRCUMSTANCE_CHANGED), **OF_SOMEBODY)
async def move_alone(at: At) -> Page | Response[None]:
    """Let somebody live in another commune; their household stays where it is."""
    return await take(at, MOVE)


@get(f"{HOME}/join", opt=_opt(Act.HOUSEHOLD_SHOWN), **OF_HOME)
async def join_form(at: At) -> Page:
    """Ask who joins a household."""
    return await ask(at, JOIN)


@post(f"{HOME}/join", opt=_opt(Act.MEMBER_JOINED), **OF_HOME)
async def join(at: At) -> Page | Response[None]:
    """Let somebody live in a household and use its rights."""
    return await take(at, JOIN)


@get(f"{HOME}/leave", opt=_opt(Act.HOUSEHOLD_SHOWN), **OF_HOME)
async def leave_form(at: At) -> Page:
    """Ask who leaves a household, and where they go."""
    return await ask(at, LEAVE)


@post(f"{HOME}/leave", opt=_opt(Act.MEMBER_LEFT), **OF_HOME)
async def leave(at: At) -> Page | Response[None]:
    """Let somebody leave a household; of its rights they use nothing any more."""
    return await take(at, LEAVE)


@get(f"{HOME}/split", opt=_opt(Act.HOUSEHOLD_SHOWN), **OF_HOME)
async def split_form(at: At) -> Page:
    """Ask who leaves together."""
    return await ask(at, SPLIT)


@post(f"{HOME}/split", opt=_opt(Act.HOUSEHOLD_SPLIT), **OF_HOME)
async def split(at: At) -> Page | Response[None]:
    """Let some leave together and found a household; what runs is shared until it ends, and nothing is doubled."""
    return await take(at, SPLIT)


ROUTES = (
    show,
    *(move_form, move, move_alone_form, move_alone),
    *(join_form, join, leave_form, leave, split_form, split),
)
