"""Login and password, at every door that takes them: the same limits, counted together."""

from typing import Any

from litestar import Request

from adapters.attempts import Attempts
from api.auth import BadCredentials, Passwords, real_source
from api.settings import Settings
from domain.agents import Agent
from store.database import Database

FAILED_LOGINS_PER_ACCOUNT = 10
FAILED_LOGINS_PER_SOURCE = 30


async def prove(
    request: Request[Any, Any, Any],
    login: str,
    password: str,
    *,
    database: Database,
    attempts: Attempts,
    passwords: Passwords,
    settings: Settings,
) -> Agent:
    """Return the agent whose login and password these are; ten failures close the account for a while.

    Raises:
        BadCredentials: one of the two is wrong, or the account is closed; which, is not said.
        TooManyAttempts: under this login, or from this address, within a quarter of an hour.
    """
    account, source = f"login:{login.casefold()}", f"source:{real_source(request, settings.trusted_proxies)}"
    await attempts.check(account, limit=FAILED_LOGINS_PER_ACCOUNT)
    await attempts.check(source, limit=FAILED_LOGINS_PER_SOURCE)
    async with database.look() as unit:
        agent = await unit.agents.by_login(login)
    right = await passwords.match(agent, password)
    # Once more: of a hundred guesses sent at the same moment, those beyond the limit learn nothing.
    await attempts.check(account, limit=FAILED_LOGINS_PER_ACCOUNT)
    await attempts.check(source, limit=FAILED_LOGINS_PER_SOURCE)
    if not right or agent is None:
        await attempts.fail(account)
        await attempts.fail(source)
        raise BadCredentials("Login or password is wrong.")
    return agent
