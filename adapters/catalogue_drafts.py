"""A catalogue file as a modification: every product and site of it that says something else than what is in force."""

from datetime import datetime

from adapters.catalogue_file import parse, product_content, site_content
from domain.agents import Agent
from domain.catalogue import changes
from domain.catalogue.changes import Modification
from domain.catalogue.contents import Content
from domain.catalogue.reach import may_change
from domain.errors import Forbidden
from domain.ports import Unit


async def draft_file(unit: Unit, agent: Agent, *, text: str, reason: str, now: datetime) -> Modification:
    """Draft what a file says. What it says of replaced media is left alone.

    Raises:
        BadCatalogueFile: it cannot be read.
        Forbidden: something in it is beyond the agent's roles.
        Invalid: something in it contradicts itself.
    """
    said = parse(text)
    contents: list[Content] = [*map(product_content, said.products), *map(site_content, said.sites)]
    beyond = [content.code for content in contents if not may_change(agent, content)]
    if beyond:
        raise Forbidden(f"{', '.join(beyond)} is not among what your roles are for.")
    new = await changes.draft(unit, agent.authority_id, agent_id=agent.id, reason=reason, now=now)
    for content in contents:
        await changes.put(unit, new, content)
    return new
