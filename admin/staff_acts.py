"""What an administrator does with an agent's account: roles, identities, ways in, closing and opening."""

import secrets
from datetime import date, timedelta
from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.forms import Form, read
from admin.shell import Page, draw, go
from admin.staff import MANAGE, PATH, WORDS, agent_page, of_here, read_grant, scope_of, today
from admin.undoing import Undo
from admin.visits import Asked
from admin.words import language_of
from api.auth import Passwords
from domain import staff
from domain.acts import Act
from domain.agents import Agent, Grant
from domain.errors import AlreadyExists, Invalid
from domain.errors.agents import LastAdministrator
from domain.identities import LONGEST_UID, attach
from domain.periods import FOREVER
from domain.personal_tokens import revoke_token
from domain.ports import Clock
from store.database import Begin, Database


@post("/agents/{agent_id:uuid}/roles", opt={**MANAGE, "journal": Act.ROLE_GIVEN}, include_in_schema=False)
async def give_role(
    request: Asked, agent_id: FromPath[UUID], begin: NamedDependency[Begin], database: NamedDependency[Database]
) -> Page | Response[None]:
    """Give a role, everywhere or for one place."""
    form = await read(request)
    wanted = read_grant(form, today(request))
    if wanted is not None:
        try:
            async with begin() as unit:
                await staff.grant(unit, await of_here(request, unit, agent_id), wanted)
        except AlreadyExists:
            form.refuse("role", "role_there_already")
        except LastAdministrator:
            form.refuse("role", "last_administrator")
        except Invalid:
            form.refuse("where", "impossible_place")
    return await _on(request, agent_id, database, form, "role_given")


@post("/agents/{agent_id:uuid}/roles/end", opt={**MANAGE, "journal": Act.ROLE_WITHDRAWN}, include_in_schema=False)
async def withdraw_role(
    request: Asked, agent_id: FromPath[UUID], begin: NamedDependency[Begin], database: NamedDependency[Database]
) -> Page | Response[None]:
    """Take a role away."""
    form, undo = await read(request), None
    gone = read_grant(form, today(request))
    if gone is not None:
        try:
            async with begin() as unit:
                agent = await of_here(request, unit, agent_id)
                await staff.withdraw(unit, agent, gone)
                undo = _given_back(agent, gone, today(request))
        except LastAdministrator:
            form.refuse("role", "last_administrator")
    return await _on(request, agent_id, database, form, "role_withdrawn", undo=undo)


def _given_back(agent: Agent, gone: Grant, day: date) -> Undo | None:
    """Return the way back: the role for the same place until the same day, unless that was over."""
    held = next(one for one in agent.grants if one.is_for_the_same(gone))
    if held.until <= day:
        return None
    until = "" if held.until == FOREVER else (held.until - timedelta(days=1)).isoformat()
    fields = {"role": held.role.value, "where": scope_of(held), "until": until}
    return Undo(f"{PATH}/{agent.id}/roles", fields)


@post("/agents/{agent_id:uuid}/identities", opt={**MANAGE, "journal": Act.IDENTITY_ATTACHED}, include_in_schema=False)
async def attach_identity(
    *,
    request: Asked,
    agent_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Let somebody in who proves this identity at the provider."""
    form = await read(request)
    siret, uid = form.text("siret", longest=20), form.text("uid", longest=LONGEST_UID)
    if not form.is_wrong:
        try:
            async with begin() as unit:
                agent = await of_here(request, unit, agent_id)
                await attach(unit, agent, siret=siret, uid=uid, by=request.user, now=clock())
        except AlreadyExists:
            form.refuse("uid", "identity_taken")
        except Invalid:
            form.refuse("siret", "no_siret")
    return await _on(request, agent_id, database, form, "identity_attached")


@post(
    "/agents/{agent_id:uuid}/identities/{identity_id:uuid}/end",
    opt={**MANAGE, "journal": Act.IDENTITY_REMOVED},
    include_in_schema=False,
)
async def remove_identity(
    request: Asked, agent_id: FromPath[UUID], identity_id: FromPath[UUID], begin: NamedDependency[Begin]
) -> Response[None]:
    """Take an identity off an agent."""
    async with begin() as unit:
        await unit.identities.remove((await of_here(request, unit, agent_id)).id, identity_id)
    return _done(request, agent_id, "identity_removed")


@post("/agents/{agent_id:uuid}/sessions/end", opt={**MANAGE, "journal": Act.AGENT_RESET}, include_in_schema=False)
async def end_sessions(
    request: Asked, agent_id: FromPath[UUID], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Response[None]:
    """Log somebody out everywhere."""
    async with begin() as unit:
        await staff.shut_out(unit, await of_here(request, unit, agent_id), now=clock())
    return _done(request, agent_id, "sessions_ended")


@post("/agents/{agent_id:uuid}/telephone/end", opt={**MANAGE, "journal": Act.AGENT_RESET}, include_in_schema=False)
async def remove_telephone(
    request: Asked, agent_id: FromPath[UUID], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Response[None]:
    """Take the second factor off an account whose telephone is lost; whoever has it is logged out."""
    async with begin() as unit:
        agent = await of_here(request, unit, agent_id)
        await unit.second_factors.remove(agent.id)
        await staff.shut_out(unit, agent, now=clock())
    return _done(request, agent_id, "telephone_removed")


@post(
    "/agents/{agent_id:uuid}/passkeys/{passkey_id:uuid}/end",
    opt={**MANAGE, "journal": Act.AGENT_RESET},
    include_in_schema=False,
)
async def remove_passkey(
    *,
    request: Asked,
    agent_id: FromPath[UUID],
    passkey_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Response[None]:
    """Take a passkey off an account whose device is lost; whoever has it is logged out."""
    async with begin() as unit:
        agent = await of_here(request, unit, agent_id)
        await unit.passkeys.remove(agent.id, (await unit.passkeys.one(agent.id, passkey_id)).id)
        await staff.shut_out(unit, agent, now=clock())
    return _done(request, agent_id, "passkey_removed")


@post(
    "/agents/{agent_id:uuid}/tokens/{token_id:uuid}/end",
    opt={**MANAGE, "journal": Act.TOKEN_REVOKED},
    include_in_schema=False,
)
async def revoke_one_token(
    *,
    request: Asked,
    agent_id: FromPath[UUID],
    token_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Response[None]:
    """End a token of somebody's program."""
    async with begin() as unit:
        agent = await of_here(request, unit, agent_id)
        await revoke_token(unit, await unit.personal_tokens.one(agent.id, token_id), now=clock())
    return _done(request, agent_id, "token_revoked")


@post(
    "/agents/{agent_id:uuid}/password",
    status_code=200,
    opt={**MANAGE, "journal": Act.AGENT_RESET},
    include_in_schema=False,
)
async def reset_password(
    *,
    request: Asked,
    agent_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    passwords: NamedDependency[Passwords],
    clock: NamedDependency[Clock],
) -> Page:
    """Give somebody another password, shown this once; all their sessions end."""
    password = secrets.token_urlsafe(12)
    hashed = await passwords.hash(password)
    async with begin() as unit:
        agent = await staff.change_password(unit, await of_here(request, unit, agent_id), hashed, now=clock())
    return draw(request, "staff/password.html", words=WORDS, shown=agent, password=password)


@post("/agents/{agent_id:uuid}/close", opt={**MANAGE, "journal": Act.AGENT_CLOSED}, include_in_schema=False)
async def close(
    *,
    request: Asked,
    agent_id: FromPath[UUID],
    begin: NamedDependency[Begin],
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Close an account."""
    form = Form()
    try:
        async with begin() as unit:
            await staff.close(unit, await of_here(request, unit, agent_id), by=request.user, now=clock())
    except LastAdministrator:
        form.refuse("role", "last_administrator")
    return await _on(request, agent_id, database, form, "account_closed")


@post("/agents/{agent_id:uuid}/reopen", opt={**MANAGE, "journal": Act.AGENT_REOPENED}, include_in_schema=False)
async def reopen(request: Asked, agent_id: FromPath[UUID], begin: NamedDependency[Begin]) -> Response[None]:
    """Open a closed account again."""
    async with begin() as unit:
        await staff.reopen(unit, await of_here(request, unit, agent_id))
    return _done(request, agent_id, "account_reopened")


async def _on(
    request: Asked, agent_id: UUID, database: Database, form: Form, done: str, *, undo: Undo | None = None
) -> Page | Response[None]:
    if form.is_wrong:
        return await agent_page(request, database, agent_id, form, status_code=422)
    return _done(request, agent_id, done, undo=undo)


def _done(request: Asked, agent_id: UUID, word: str, *, undo: Undo | None = None) -> Response[None]:
    return go(request, f"{PATH}/{agent_id}", said=WORDS[language_of(request)][word], undo=undo)
