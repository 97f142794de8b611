"""`multipass agent`."""

import secrets

import rich_click as click
from argon2 import PasswordHasher

from adapters.clock import utc_now
from cli.screen import say, table
from cli.session import Session, authority_of, authority_option, with_session
from cli.stop import Stop
from domain.agents import Agent, Role
from domain.errors import AlreadyExists
from domain.periods import FOREVER

SHORTEST_PASSWORD = 12


@click.group("agent", epilog="Example: multipass agent list")
def command() -> None:
    """People who work for an authority."""


@command.command("add", epilog="Example: multipass agent add ines --name 'Inès Roux' --role desk --generate")
@click.argument("login")
@click.option("--name", required=True, help="As colleagues read it.")
@click.option(
    "--role",
    "roles",
    type=click.Choice([role.value for role in Role]),
    multiple=True,
    required=True,
    help="What they do; may be given several times.",
)
@click.option("--generate", is_flag=True, help="Make a password and show it once, instead of asking for one.")
@authority_option
@with_session
async def add(
    session: Session, login: str, *, name: str, roles: tuple[str, ...], authority_code: str | None, generate: bool
) -> None:
    """Give somebody a login. The password is asked for twice."""
    async with session.database.look() as unit:
        await authority_of(unit, authority_code)
        if await unit.agents.by_login(login) is not None:
            raise AlreadyExists(f"There is an agent {login} already.")
    # Asked for and hashed outside of the transaction: both take long, and everybody would wait.
    password = (
        secrets.token_urlsafe(12) if generate else click.prompt("Password", hide_input=True, confirmation_prompt=True)
    )
    if len(password) < SHORTEST_PASSWORD:
        raise Stop(f"The password needs at least {SHORTEST_PASSWORD} characters: three words will do.")
    hashed = PasswordHasher().hash(password)
    async with session.database.begin() as unit:
        owner = await authority_of(unit, authority_code)
        await unit.agents.add(
            Agent(
                id=unit.ids.row(),
                authority_id=owner.id,
                login=login,
                name=name,
                password_hash=hashed,
                roles=tuple(Role(role) for role in dict.fromkeys(roles)),
                active=True,
                created_at=utc_now(),
                keep_until=FOREVER,  # nobody knows yet when they leave
            )
        )
    say(f"{name} may log in to {owner.name.en} as {login} ({', '.join(dict.fromkeys(roles))}).")
    if generate:
        say(f"Password, shown this once: {password}")


@command.command("list", epilog="Example: multipass agent list")
@with_session
async def list_(session: Session) -> None:
    """List the agents of every authority."""
    async with session.database.look() as unit:
        rows = [
            (one.login, one.name, ", ".join(one.roles), code, "active" if one.active else "closed")
            for code, one in await unit.agents.everyone()
        ]
    table(("Login", "Name", "Roles", "Authority", "State"), rows, empty="There is no agent yet: multipass agent add")
