"""How far roles for one site or one service reach: a right belongs to a service, a sale to where its till stands.

A request is for several services at once, and is decided once. Whoever is for one of them sees it; only who is for all
of them acts on it (ADR 0055).
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from domain.agents import Agent, Permission, Place
from domain.errors import Forbidden
from domain.ports import Unit


async def check_serves(unit: Unit, agent: Agent, permission: Permission, service: str) -> None:
    """Refuse what concerns a service that none of an agent's roles is for. A role for a site is for its service.

    Raises:
        Forbidden: it is another service's.
    """
    if agent.may(permission) or agent.may(permission, at=Place("", service)):
        return
    places = await unit.places.places(agent.authority_id)
    if not any(place.service == service and agent.may(permission, at=place) for place in places):
        raise Forbidden(f"Your role is not for the service {service}.")


async def check_at_gate(unit: Unit, agent: Agent, permission: Permission, gate_id: UUID) -> None:
    """Refuse what happened at a site that none of an agent's roles is for.

    Raises:
        Forbidden: it was elsewhere.
    """
    if not agent.may(permission) and not agent.may(permission, at=await unit.places.place_of_gate(gate_id)):
        raise Forbidden("Your role is not for the site where this was.")


async def sites_for(unit: Unit, agent: Agent, permission: Permission) -> frozenset[str] | None:
    """Name the sites where an agent may do something; None: wherever it is."""
    if agent.may(permission):
        return None
    places = await unit.places.places(agent.authority_id)
    return frozenset(place.site for place in places if agent.may(permission, at=place))


async def services_for(unit: Unit, agent: Agent, permission: Permission) -> frozenset[str] | None:
    """Name the services for which an agent may do something; None: for all. A role for a site is for its service."""
    if agent.may(permission):
        return None
    return _services(agent, permission, await unit.places.places(agent.authority_id))


async def check_sees(unit: Unit, agent: Agent, services: Collection[str]) -> None:
    """Refuse a request that asks for none of an agent's services.

    Raises:
        Forbidden: it is for others.
    """
    mine = await services_for(unit, agent, Permission.REQUEST_READ)
    if mine is not None and mine.isdisjoint(services):
        raise Forbidden("Your role is for none of the services that this request asks for.")


async def check_decides(unit: Unit, agent: Agent, services: Collection[str]) -> None:
    """Refuse to act on a request that asks for a service which is not an agent's: it is decided as a whole.

    Raises:
        Forbidden: it takes somebody who is for all of them.
    """
    mine = await services_for(unit, agent, Permission.REQUEST_REVIEW)
    if mine is not None and not mine.issuperset(services):
        others = ", ".join(sorted(set(services) - mine))
        raise Forbidden(f"The request asks for {others} too: it takes somebody whose roles are for all of it.")


def decides(agent: Agent, services: Collection[str], places: Sequence[Place]) -> bool:
    """Tell whether an agent may act on a request for these services. `places` are those of the authority."""
    permission = Permission.REQUEST_REVIEW
    return agent.may(permission) or _services(agent, permission, places).issuperset(services)


def _services(agent: Agent, permission: Permission, places: Sequence[Place]) -> frozenset[str]:
    bound = [grant for grant in agent.granting(permission) if not grant.is_everywhere]
    at_sites = {place.service for place in places for grant in bound if grant.site and grant.covers(place)}
    return frozenset({grant.service for grant in bound if not grant.site} | at_sites)
