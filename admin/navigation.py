"""Where the console leads: the one place in which each family of screens says that it is there.

An entry is seen by whoever may call its page; the home page says what it is for.
"""

from msgspec import Struct

from api.rules import Rule
from domain.agents import Agent, Permission
from domain.text import Text


class Entry(Struct, frozen=True):
    """One screen that people go to. `rule` is that of its route; `purpose` is one sentence of what it is for."""

    path: str
    name: Text
    purpose: Text
    rule: Permission | Rule

    def is_for(self, agent: Agent) -> bool:
        """Tell whether this agent may go there."""
        return self.rule is Rule.AGENT or (isinstance(self.rule, Permission) and agent.may(self.rule))


class Group(Struct, frozen=True):
    """Screens that belong together."""

    name: Text
    entries: tuple[Entry, ...]


NAVIGATION: tuple[Group, ...] = (
    Group(Text(fr="Demandes", en="Requests"), ()),
    Group(Text(fr="Guichet", en="Desk"), ()),
    Group(Text(fr="Lieux", en="Places"), ()),
    Group(Text(fr="La ville qui mesure", en="The city that measures"), ()),
    Group(
        Text(fr="Pilotage", en="Steering"),
        (
            Entry(
                "/console/figures",
                Text(fr="Tableaux de bord", en="Dashboards"),
                Text(fr="Passages, adoption, refus et coûts, période par période.", en="Passages, adoption and costs."),
                Permission.FIGURES_READ,
            ),
        ),
    ),
    Group(
        Text(fr="Administration", en="Administration"),
        (
            Entry(
                "/console/agents",
                Text(fr="Agents et rôles", en="Agents and roles"),
                Text(
                    fr="Qui travaille ici, et ce que chacun peut faire, où.",
                    en="Who works here, and may do what, where.",
                ),
                Permission.AGENT_MANAGE,
            ),
        ),
    ),
)
"""A new screen adds its entry to its group here, and its routes to `FAMILIES` in `admin/front.py`."""

SEARCH: Entry | None = None
"""The page that the search box of every page asks (`?q=`); without one there is no box."""


def for_agent(agent: Agent) -> list[Group]:
    """Return what an agent may go to; groups without anything for them are left out."""
    groups = (Group(group.name, tuple(each for each in group.entries if each.is_for(agent))) for group in NAVIGATION)
    return [group for group in groups if group.entries]


def search_for(agent: Agent) -> str:
    """Return the address of the search, where there is one that this agent may use."""
    return SEARCH.path if SEARCH is not None and SEARCH.is_for(agent) else ""
