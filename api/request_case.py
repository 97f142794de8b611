"""A request in the hands of the agent who calls: what every act of the API on one is given."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from msgspec import Struct

from api.days import Caller, named
from domain.agents import Agent, Permission
from domain.ports import Clock, Unit
from domain.reach import check_decides
from domain.reception import Held, hold
from store.database import Begin


class Case(Struct, frozen=True):
    """Who asks to change which request, when, and by which permission."""

    agent: Agent
    permission: Permission
    reference: str
    begin: Begin
    now: datetime

    @asynccontextmanager
    async def hold(self, version: int) -> AsyncIterator[tuple[Unit, Held]]:
        """Take the request into the caller's hands for one unit of work.

        Raises:
            RequestNotFound: the authority has no such request.
            Forbidden: it asks for services that the agent's roles are not for.
        """
        async with self.begin() as unit:
            held = await hold(
                unit, self.agent.authority_id, self.reference, seen=version, by=self.agent.id, now=self.now
            )
            if self.permission is Permission.REQUEST_REVIEW:
                await check_decides(unit, self.agent, held.request.application.services)
            yield unit, held


async def case_of(
    request: Caller, request_reference: FromPath[str], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Case:
    """Gather what an act is given."""
    return Case(request.user, request.route_handler.opt["rule"], named(request_reference), begin, clock())


CASE = {"case": Provide(case_of)}
