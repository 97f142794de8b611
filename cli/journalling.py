"""What commands leave in the journal, as `api.journalling` does for routes. On whose account is said with `--agent`."""

from uuid import UUID

import rich_click as click

from adapters.clock import utc_now
from cli.session import Session
from cli.stop import Stop
from domain.acts import Act
from domain.agents import Agent
from domain.journal import Door, Entry, Object, Origin
from domain.ports import Unit

on_account_option = click.option(
    "--agent",
    "on_account",
    metavar="LOGIN",
    help="Agent on whose account it is; the journal names nobody unless given.",
)


async def agent_on_account(session: Session, unit: Unit, authority_id: UUID) -> Agent | None:
    """Return the agent whom `--agent` names; None where nobody is named.

    Raises:
        Stop: nobody of this login works for the authority.
    """
    login = session.on_account
    if login is None:
        return None
    agent = await unit.agents.by_login(login)
    if agent is None or agent.authority_id != authority_id or not agent.active:
        raise Stop(f"There is no active agent {login}: multipass agent list shows them.")
    return agent


async def record(
    session: Session,
    unit: Unit,
    authority_id: UUID,
    act: Act,
    object_: Object,
    *,
    by: Agent | None = None,
    why: str | None = None,
) -> None:
    """Add what a command does to its unit of work. `by` is the agent, where the command has asked for one itself."""
    agent = by or await agent_on_account(session, unit, authority_id)
    agent_id = agent.id if agent is not None else None
    await unit.journal.add(Entry(authority_id, agent_id, act, object_, Origin(Door.COMMAND), utc_now(), why=why))


async def record_apart(
    session: Session, authority_id: UUID, act: Act, object_: Object, *, by: Agent | None = None, why: str | None = None
) -> None:
    """Write it by itself: what is about to be shown, or what went through the ledger."""
    async with session.database.begin() as unit:
        await record(session, unit, authority_id, act, object_, by=by, why=why)
