"""`multipass agent`."""

import secrets
from datetime import date, datetime, timedelta

import rich_click as click
from argon2 import PasswordHasher

from adapters.clock import utc_now
from cli.journalling import on_account_option, record
from cli.screen import say, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from domain import staff
from domain.acts import Act
from domain.agents import Agent, Grant, Role
from domain.errors import AlreadyExists
from domain.journal import Kind, Object
from domain.periods import FOREVER
from domain.places import Authority, local_day
from domain.ports import Unit

_ROLES = click.Choice([role.value for role in Role])
_generate_option = click.option(
    "--generate", is_flag=True, help="Make a password and show it once, instead of asking for one."
)
_service_option = click.option("--service", metavar="CODE", default="", help="Only for the sites of one service.")
_site_option = click.option("--site", metavar="CODE", default="", help="Only for one site.")
_until_option = click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Last day of the role, which ends by itself; it has no end unless given.",
)


@click.group("agent", epilog="Example: multipass agent list")
def command() -> None:
    """People who work for an authority."""


@command.command("add", epilog="Example: multipass agent add ines --name 'Inès Roux' --role desk --generate")
@click.argument("login")
@click.option("--name", required=True, help="As colleagues read it.")
@click.option(
    "--role", "roles", type=_ROLES, multiple=True, required=True, help="What they do; may be given several times."
)
@_service_option
@_site_option
@_until_option
@_generate_option
@authority_option
@on_account_option
@with_session
async def add(
    session: Session,
    login: str,
    *,
    name: str,
    roles: tuple[str, ...],
    service: str,
    site: str,
    until: datetime | None,
    authority_code: str | None,
    generate: bool,
) -> None:
    """Give somebody a login. The password is asked for twice."""
    async with session.database.look() as unit:
        owner = await authority_of(unit, authority_code)
        end = _end(until, owner)
        grants = tuple(Grant(Role(role), service, site, end) for role in dict.fromkeys(roles))
        for each in grants:
            await staff.check_grant(unit, owner.id, each)
        if await unit.agents.by_login(login) is not None:
            raise AlreadyExists(f"There is an agent {login} already.")
    password, hashed = _password(generate=generate)
    async with session.database.begin() as unit:
        agent = await staff.take_on(
            unit, owner.id, login=login, name=name, password_hash=hashed, grants=grants, now=utc_now()
        )
        await _record(session, unit, Act.AGENT_TAKEN_ON, agent)
    say(f"{name} may log in to {owner.name.en} as {login} ({_grants(grants)}).")
    if generate:
        say(f"Password, shown this once: {password}")


@command.command("list", epilog="Example: multipass agent list")
@with_session
async def list_(session: Session) -> None:
    """List the agents of every authority."""
    async with session.database.look() as unit:
        rows = [
            (one.login, one.name, _grants(one.grants), code, "active" if one.active else "closed")
            for code, one in await unit.agents.everyone()
        ]
    table(("Login", "Name", "Roles", "Authority", "State"), rows, empty="There is no agent yet: multipass agent add")


@command.command("grant", epilog="Example: multipass agent grant ines site_agent --site aqualudia")
@click.argument("login")
@click.argument("role", type=_ROLES, metavar="ROLE")
@_service_option
@_site_option
@_until_option
@authority_option
@on_account_option
@with_session
async def grant(
    session: Session,
    login: str,
    role: str,
    *,
    service: str,
    site: str,
    until: datetime | None,
    authority_code: str | None,
) -> None:
    """Give an agent one more ROLE: everywhere, for one service or at one site; or one that they have another end.

    Roles are those that `multipass agent add --help` lists.
    """
    async with session.database.begin() as unit:
        owner = await authority_of(unit, authority_code)
        wanted = Grant(Role(role), service, site, _end(until, owner))
        agent = await staff.grant(unit, await unit.agents.one(owner.id, login), wanted)
        await _record(session, unit, Act.ROLE_GIVEN, agent)
    say(f"{agent.name} is now: {_grants(agent.grants)}.")


@command.command("take-back", epilog="Example: multipass agent take-back ines desk")
@click.argument("login")
@click.argument("role", type=_ROLES, metavar="ROLE")
@_service_option
@_site_option
@authority_option
@on_account_option
@with_session
async def take_back(
    session: Session, login: str, role: str, *, service: str, site: str, authority_code: str | None
) -> None:
    """Take a role away from an agent. It is felt at their next page or request."""
    async with session.database.begin() as unit:
        owner = await authority_of(unit, authority_code)
        agent = await staff.withdraw(unit, await unit.agents.one(owner.id, login), Grant(Role(role), service, site))
        await _record(session, unit, Act.ROLE_WITHDRAWN, agent)
    say(f"{agent.name} is now: {_grants(agent.grants) or 'nothing any more'}.")


@command.command("close", epilog="Example: multipass agent close ines")
@click.argument("login")
@authority_option
@on_account_option
@with_session
async def close(session: Session, login: str, authority_code: str | None) -> None:
    """Close an agent's account: whoever is logged in with it is out at once."""
    async with session.database.begin() as unit:
        owner = await authority_of(unit, authority_code)
        agent = await staff.close(unit, await unit.agents.one(owner.id, login), by=None, now=utc_now())
        await _record(session, unit, Act.AGENT_CLOSED, agent)
    say(f"The account of {agent.name} is closed.")


@command.command("reopen", epilog="Example: multipass agent reopen ines")
@click.argument("login")
@authority_option
@on_account_option
@with_session
async def reopen(session: Session, login: str, authority_code: str | None) -> None:
    """Open a closed account again, with the roles that it had."""
    async with session.database.begin() as unit:
        owner = await authority_of(unit, authority_code)
        agent = await staff.reopen(unit, await unit.agents.one(owner.id, login))
        await _record(session, unit, Act.AGENT_REOPENED, agent)
    say(f"{agent.name} may log in again ({_grants(agent.grants) or 'without a role'}).")


@command.command("password", epilog="Example: multipass agent password ines --generate")
@click.argument("login")
@_generate_option
@authority_option
@on_account_option
@with_session
async def password(session: Session, login: str, *, authority_code: str | None, generate: bool) -> None:
    """Give an agent another password. Their sessions end."""
    async with session.database.look() as unit:
        owner = await authority_of(unit, authority_code)
        agent = await unit.agents.one(owner.id, login)
    new, hashed = _password(generate=generate)
    async with session.database.begin() as unit:
        await staff.change_password(unit, agent, hashed, now=utc_now())
        await _record(session, unit, Act.AGENT_RESET, agent)
    say(f"{agent.name} has another password.")
    if generate:
        say(f"Password, shown this once: {new}")


def _password(*, generate: bool) -> tuple[str, str]:
    """Ask for a password and hash it, outside of any transaction: both take long, and everybody would wait."""
    new = secrets.token_urlsafe(12) if generate else click.prompt("Password", hide_input=True, confirmation_prompt=True)
    staff.check_password(new)
    return new, PasswordHasher().hash(new)


async def _record(session: Session, unit: Unit, act: Act, agent: Agent) -> None:
    await record(session, unit, agent.authority_id, act, Object(Kind.AGENT, str(agent.id)))


def _end(last: datetime | None, authority: Authority) -> date:
    """Return the first day without the role.

    Raises:
        Stop: its last day is over.
    """
    if last is None:
        return FOREVER
    if not local_day(utc_now(), authority.zone) <= last.date() < FOREVER:
        raise Stop(f"{last:%Y-%m-%d} is over: name the last day on which they have the role.")
    return last.date() + timedelta(days=1)


def _grants(grants: tuple[Grant, ...]) -> str:
    return ", ".join(_grant(one) for one in grants)


def _grant(one: Grant) -> str:
    place = f" at {at}" if (at := one.site or one.service) else ""
    until = "" if one.until == FOREVER else f" until {one.until - timedelta(days=1)}"
    return f"{one.role}{place}{until}"
