"""What looks like a request, beside it: the person of the register and their home, another request and what it says.

Whoever decides compares both sides without leaving the page. Of a request that asks for none of the agent's services
they learn that it exists, and no more (ADR 0055).
"""

from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from domain.agents import Agent, Permission
from domain.duplicates import Duplicate
from domain.ports import Unit
from domain.reach import services_for


class Beside(Struct, frozen=True):
    """A likeness as an agent may see it. `homes` are the households where a known person lives, by reference.

    `is_seen`: the other side stands on the page; without it the agent learns that there is one.
    """

    alike: Duplicate
    homes: tuple[str, ...] = ()
    is_seen: bool = True


async def beside(unit: Unit, agent: Agent, found: list[Duplicate], today: date) -> list[Beside]:
    """Read the other side of each likeness, as far as the agent may see it."""
    mine = await services_for(unit, agent, Permission.REQUEST_READ)
    shown = []
    for one in found:
        if one.holder is not None:
            homes = await unit.people.households_of(one.holder.id, today)
            shown.append(Beside(one, homes=tuple(home.reference for home in homes)))
        elif one.request is not None:
            is_seen = mine is None or not mine.isdisjoint(one.request.application.services)
            shown.append(Beside(one if is_seen else replace(one, name=""), is_seen=is_seen))
    return shown
