"""What an administrator looks for among the agents, and how many there are."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from domain.agents import PERMISSIONS, Agent, Permission, Role
from domain.ports import Unit
from domain.reach import decides

MOST_OF_A_ROLE = 200
"""How many agents of one role a list to choose from shows."""


class Wanted(Struct, frozen=True):
    """Which agents to list. `words` begin words of their name or login, without accents (`domain.names.plain_words`).

    `role` is one that they have on `day`. `idle_since`: nobody has logged in with their account since then. `after` is
    where the last agent of the page before stands: what they are sorted by, and their id.
    """

    day: date
    words: tuple[str, ...] = ()
    role: Role | None = None
    active: bool = True
    idle_since: datetime | None = None
    after: tuple[str, UUID] | None = None


class Count(Struct, frozen=True):
    """How many agents an authority has: open accounts, those of them that nobody uses, closed ones."""

    active: int
    idle: int
    closed: int


async def reviewers(unit: Unit, authority_id: UUID, day: date, services: Collection[str]) -> list[Agent]:
    """List who may review a request for these services, by name; of a very large role, the first ones."""
    roles = [role for role in Role if Permission.REQUEST_REVIEW in PERMISSIONS[role]]
    pages = [await unit.agents.page(authority_id, Wanted(day, role=role), limit=MOST_OF_A_ROLE) for role in roles]
    places = await unit.places.places(authority_id)
    found = {one.id: one for page in pages for one in page if decides(one.on(day), services, places)}
    return sorted(found.values(), key=lambda one: one.name)
