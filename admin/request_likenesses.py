"""What looks like a request, beside it: the person of the register and their home, another request and what it says.

Whoever decides compares both sides without leaving the page. Of a request that asks for none of the agent's services
they learn that it exists, and no more (ADR 0055).
"""

from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from domain.agents import Agent, Permission
from domain.duplicates import Duplicate, Likeness
from domain.people import Holder
from domain.ports import Unit
from domain.reach import services_for
from domain.requests import PassRequest, RequestStatus


class Beside(Struct, frozen=True):
    """Somebody of the register, or another request, with all that it has in common with the one that is looked at.

    `places` are those of the persons of this request that it is about, in their order. `homes` are the households where
    a known person lives, by reference. `request` is None where the agent may not see more than that it is there.
    """

    reference: str
    name: str
    likenesses: tuple[Likeness, ...]
    places: tuple[int, ...]
    status: RequestStatus | None
    holder: Holder | None
    homes: tuple[str, ...]
    request: PassRequest | None


async def beside(unit: Unit, agent: Agent, found: list[Duplicate], today: date) -> list[Beside]:
    """Put together what is known of each other side, as far as the agent may see it; the closest first."""
    mine = await services_for(unit, agent, Permission.REQUEST_READ)
    shown: dict[str, Beside] = {}
    for one in found:
        known = shown.get(one.reference)
        if known is None:
            homes = await unit.people.households_of(one.holder.id, today) if one.holder is not None else []
            is_seen = one.request is None or mine is None or not mine.isdisjoint(one.request.application.services)
            known = Beside(
                one.reference,
                one.name if is_seen else "",
                (),
                (),
                one.status,
                one.holder,
                tuple(home.reference for home in homes),
                one.request if is_seen else None,
            )
        likenesses = dict.fromkeys((*known.likenesses, one.likeness))
        places = {*known.places, *([one.place] if one.place is not None else [])}
        shown[one.reference] = replace(known, likenesses=tuple(likenesses), places=tuple(sorted(places)))
    return list(shown.values())
