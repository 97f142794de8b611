"""Who works for an authority: taken on, given roles and relieved of them, closed when they leave."""

from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from domain.agent_sessions import revoke_all
from domain.agents import Agent, Grant, Role, reaches_places
from domain.errors import AlreadyExists, Forbidden, Invalid
from domain.errors.agents import GrantNotFound, LastAdministrator, WeakPassword
from domain.periods import FOREVER
from domain.personal_tokens import revoke_tokens
from domain.ports import Unit
from domain.services import check_service

SHORTEST_PASSWORD = 12
"""Characters. Three words will do, and are remembered (CNIL, délibération 2022-100)."""


def check_password(password: str) -> None:
    """Refuse a password that is too short.

    Raises:
        WeakPassword: it has less than twelve characters.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword(f"The password needs at least {SHORTEST_PASSWORD} characters: three words will do.")


async def take_on(
    unit: Unit,
    authority_id: UUID,
    *,
    login: str,
    name: str,
    password_hash: str,
    grants: tuple[Grant, ...],
    now: datetime,
) -> Agent:
    """Give somebody a login, and roles.

    Raises:
        AlreadyExists: somebody has this login, here or at another authority.
        SiteNotFound, UnknownService, Invalid: as `check_grant` says.
    """
    for grant_ in grants:
        await check_grant(unit, authority_id, grant_)
    if await unit.agents.by_login(login) is not None:
        raise AlreadyExists(f"There is an agent {login} already.")
    new = Agent(
        id=unit.ids.row(),
        authority_id=authority_id,
        login=login,
        name=name,
        password_hash=password_hash,
        grants=grants,
        active=True,
        created_at=now,
        keep_until=FOREVER,  # nobody knows yet when they leave
    )
    await unit.agents.add(new)
    return new


async def check_grant(unit: Unit, authority_id: UUID, wanted: Grant) -> None:
    """Refuse a role for a place that is none.

    Raises:
        UnknownService: no service has this code.
        SiteNotFound: the authority has no site of this code.
        Invalid: the site is not one of the service, or the role would allow nothing at a place.
    """
    if not wanted.is_everywhere and not reaches_places(wanted.role):
        raise Invalid(f"The role {wanted.role} is for the whole authority: name no place.")
    if wanted.service:
        check_service(wanted.service, of="The role")
    if wanted.site:
        place = await unit.places.place(authority_id, wanted.site)
        if not wanted.covers(place):
            raise Invalid(f"{wanted.site} is a site of {place.service}: name the site alone.")


async def grant(unit: Unit, agent: Agent, wanted: Grant) -> Agent:
    """Give somebody one more role, or one that they have another end.

    Raises:
        AlreadyExists: they have it, for the very same place, until the very same day.
        LastAdministrator: nobody would administrate any more, once it has ended.
        SiteNotFound, UnknownService, Invalid: as `check_grant` says.
    """
    await check_grant(unit, agent.authority_id, wanted)
    if wanted in agent.grants:
        raise AlreadyExists(f"They are {wanted.role} there already.")
    kept = tuple(one for one in agent.grants if not one.is_for_the_same(wanted))
    if len(kept) < len(agent.grants):
        if wanted.role is Role.ADMINISTRATOR and wanted.until != FOREVER:
            await _check_another_administrator(unit, agent)
        await unit.agents.remove_grant(agent.id, wanted)
    await unit.agents.add_grant(agent.id, wanted)
    return replace(agent, grants=tuple(sorted((*kept, wanted))))


async def withdraw(unit: Unit, agent: Agent, gone: Grant) -> Agent:
    """Take a role away. It is felt at once: what somebody may do is read with every request.

    Raises:
        GrantNotFound: they do not have it.
        LastAdministrator: nobody else could give it back.
    """
    if gone.role is Role.ADMINISTRATOR:
        await _check_another_administrator(unit, agent)
    if not await unit.agents.remove_grant(agent.id, gone):
        raise GrantNotFound("They do not have this role for this place.")
    return replace(agent, grants=tuple(one for one in agent.grants if not one.is_for_the_same(gone)))


async def close(unit: Unit, agent: Agent, *, by: Agent | None, now: datetime) -> Agent:
    """Close an account: its sessions end, its tokens are refused. Its name stays in what it did.

    Raises:
        Forbidden: it is one's own.
        LastAdministrator: nobody else could open it again.
    """
    if by is not None and by.id == agent.id:
        raise Forbidden("Somebody else must close your account.")
    if Role.ADMINISTRATOR in agent.roles and agent.active:
        await _check_another_administrator(unit, agent)
    closed = replace(agent, active=False)
    await unit.agents.save(closed)
    await shut_out(unit, agent, now=now)
    return closed


async def reopen(unit: Unit, agent: Agent) -> Agent:
    """Open a closed account again, with the roles that it had."""
    opened = replace(agent, active=True)
    await unit.agents.save(opened)
    return opened


async def change_password(
    unit: Unit, agent: Agent, password_hash: str, *, now: datetime, keep: UUID | None = None
) -> Agent:
    """Give an account another password; every session ends but the one in which it was changed.

    Where somebody else does it, whoever had the account may have made tokens: they end too.
    """
    changed = replace(agent, password_hash=password_hash)
    await unit.agents.save(changed)
    if keep is None:
        await shut_out(unit, agent, now=now)
    else:
        await revoke_all(unit, agent, now=now, but=keep)
    return changed


async def shut_out(unit: Unit, agent: Agent, *, now: datetime) -> None:
    """End whatever lets somebody in at this moment: every session, and every token of a program."""
    await revoke_all(unit, agent, now=now)
    await revoke_tokens(unit, agent, now=now)


async def _check_another_administrator(unit: Unit, agent: Agent) -> None:
    if not await unit.agents.others_with(agent, Role.ADMINISTRATOR):
        raise LastAdministrator("Make somebody else an administrator first.")
