"""Login, password and second factor, at every door that takes them: the same limits, counted together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Request

from adapters.attempts import Attempts
from adapters.keyring import KeyRing
from api.auth import BadCredentials, Passwords, network_of, real_source
from api.settings import Settings
from domain import second_factors
from domain.agents import Agent
from domain.errors.agents import SecondFactorMissing, SecondFactorNeeded, SecondFactorWrong
from domain.ports import Clock, Unit
from domain.second_factors import SECRET_BYTES, SecondFactor
from store.database import Database

FAILED_LOGINS_PER_ACCOUNT = 10
FAILED_LOGINS_PER_SOURCE = 30
FAILED_CODES = 5
"""Within a quarter of an hour: of a million codes three are right at a time, so guessing one takes years."""


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
    account, source = f"login:{login.casefold()}", failures_from(request, settings)
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


def failures_from(request: Request[Any, Any, Any], settings: Settings) -> str:
    """Return the name under which failures of whoever asks are counted, at every door together."""
    return f"source:{network_of(real_source(request, settings.trusted_proxies))}"


class SecondFactors:
    """Telephones and papers of agents, as every door asks for them."""

    def __init__(self, database: Database, keyring: KeyRing, attempts: Attempts, clock: Clock) -> None:
        self._database = database
        self._keyring = keyring
        self._attempts = attempts
        self._clock = clock

    async def of(self, agent: Agent) -> SecondFactor | None:
        """Return the telephone that an agent has confirmed."""
        async with self._database.look() as unit:
            factor = await unit.second_factors.of(agent.id)
        return factor if factor is not None and factor.confirmed_at is not None else None

    async def prove(self, agent: Agent, code: str) -> None:
        """Take a code; five wrong ones, and no more is taken for a while.

        Raises:
            SecondFactorWrong: it is wrong, was used before, or the account has no telephone.
            TooManyAttempts: within a quarter of an hour.
        """
        async with self._counted(agent), self._database.begin() as unit:
            factor = await unit.second_factors.of(agent.id)
            if factor is None or factor.confirmed_at is None:
                raise SecondFactorWrong("This account has no second factor.")
            await second_factors.prove(unit, factor, await self.secret(unit, agent, factor), code, now=self._clock())

    async def confirm(self, agent: Agent, code: str) -> tuple[str, ...]:
        """Take the first code of a telephone; return the codes for paper.

        Raises:
            SecondFactorWrong, TooManyAttempts: as `prove`.
        """
        async with self._counted(agent), self._database.begin() as unit:
            factor = await unit.second_factors.of(agent.id)
            if factor is None:
                raise SecondFactorWrong("No telephone is being set up.")
            secret = await self.secret(unit, agent, factor)
            return await second_factors.confirm(unit, factor, secret, code, now=self._clock())

    async def secret(self, unit: Unit, agent: Agent, factor: SecondFactor) -> bytes:
        """Return what a telephone draws its codes from."""
        authority = await unit.places.authority_by_id(agent.authority_id)
        return self._keyring.code_key(authority.code, factor.seed)[:SECRET_BYTES]

    @asynccontextmanager
    async def _counted(self, agent: Agent) -> AsyncIterator[None]:
        name = f"code:{agent.id}"
        await self._attempts.check(name, limit=FAILED_CODES)
        try:
            yield
        except SecondFactorWrong:
            # Counted before it is said: of many guesses at the same moment, those beyond the limit learn nothing.
            await self._attempts.fail(name)
            raise


async def prove_for_token(agent: Agent, code: str, *, factors: SecondFactors, settings: Settings) -> None:
    """Ask for the second factor of an account that has one, or must have one, before a token is given.

    Raises:
        SecondFactorNeeded: none came with the password.
        SecondFactorMissing: this installation asks for one, and the account has none.
        SecondFactorWrong, TooManyAttempts: as `SecondFactors.prove`.
    """
    if await factors.of(agent) is not None:
        if not code:
            raise SecondFactorNeeded("Send the code of your telephone as `code`.")
        await factors.prove(agent, code)
    elif settings.second_factor == "required" and agent.sees_people:
        raise SecondFactorMissing("Log in to the console first, and set up your second factor.")
