"""On whose account a command acts, and the lane through which it does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import rich_click as click

from adapters.clock import utc_now
from cli.session import Session, authority_of
from cli.stop import Stop
from domain.agents import Agent, Permission
from domain.places import local_day
from store.ledger import Lane, lane_for

agent_option = click.option("--agent", "login", required=True, help="Login of the agent on whose account it is.")


async def agent_of(session: Session, login: str, authority_code: str | None, needed: Permission) -> Agent:
    """Return the agent with this login, if they work for this authority and may do what is needed.

    Raises:
        Stop: they do not, or may not.
    """
    async with session.database.look() as unit:
        authority = await authority_of(unit, authority_code)
        agent = await unit.agents.by_login(login)
    if agent is None or agent.authority_id != authority.id or not agent.active:
        raise Stop(f"{authority.code} has no active agent {login}: multipass agent list shows them.")
    if not agent.on(local_day(utc_now(), authority.zone)).may(needed):
        raise Stop(f"{login} may not do that: it needs the permission {needed}.")
    return agent


@asynccontextmanager
async def open_lane(session: Session) -> AsyncIterator[Lane]:
    """Open a lane of this command's own."""
    lane = lane_for(session.database)
    await lane.open()
    try:
        yield lane
    finally:
        await lane.close()
