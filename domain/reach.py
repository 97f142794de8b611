"""How far roles for one site or one service reach: a right belongs to a service, a sale to where its till stands."""

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
