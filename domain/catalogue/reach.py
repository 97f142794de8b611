"""Who may change what of the catalogue: everywhere, or what belongs to one service, or one site."""

from collections.abc import Iterable

from domain.agents import Agent, Permission, Place
from domain.catalogue.changes import Change
from domain.catalogue.contents import Content, SiteContent
from domain.errors import Forbidden


def place_of(content: Content) -> Place:
    """Return where a content is: a product is at no site, and belongs to its service."""
    return Place(content.code if isinstance(content, SiteContent) else "", content.service_code)


def may_change(agent: Agent, content: Content) -> bool:
    """Tell whether an agent may change this."""
    return agent.may(Permission.CATALOGUE_MANAGE, at=place_of(content))


def check_reach(agent: Agent, changes: Iterable[Change]) -> None:
    """Refuse whoever may not change all of this.

    Raises:
        Forbidden: a role reaches no further than its service or its site.
    """
    beyond = [change.after.code for change in changes if not may_change(agent, change.after)]
    if beyond:
        raise Forbidden(f"{', '.join(beyond)}: this needs the permission {Permission.CATALOGUE_MANAGE} there.")
