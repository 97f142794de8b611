"""What agents look at again and again: a page with its filters, kept under a name of their own.

Only what names nobody is kept: no search for a person, no file, no words that somebody typed about somebody.
"""

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from msgspec import Struct

from domain.errors import Invalid

LONGEST_NAME = 60
LONGEST_VALUE = 60
MOST = 20
"""Filters that an agent keeps of one page."""

PAGES: dict[str, tuple[str, ...]] = {
    "/console/requests": ("stage", "service", "assignee"),
    "/console/journal": ("act", "first", "before"),
    "/console/devices": ("condition",),
    "/console/letters": ("source", "why"),
    "/console/notices": ("topic", "place", "state"),
    "/console/agents": ("role", "state"),
    "/console/points": ("state",),
    "/console/terminals": ("condition", "site"),
    "/console/people": ("commune", "band", "product", "state"),
}
"""Pages whose filters may be kept, and which parts of their addresses."""


class SavedFilter(Struct, frozen=True):
    """A filter of one agent. `query` is the address's own part, without its question mark."""

    agent_id: UUID
    page: str
    name: str
    query: str


def saved_filter(agent_id: UUID, page: str, name: str, parts: Mapping[str, str]) -> SavedFilter:
    """Make a filter of what stands in an address; parts that may name somebody are left out.

    Raises:
        Invalid: the page keeps no filters, the name is missing or long, or nothing is filtered.
    """
    kept = {part: parts[part][:LONGEST_VALUE] for part in PAGES.get(page, ()) if parts.get(part)}
    if not kept or not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid("A filter has a name of one line, and something that it filters.")
    return SavedFilter(agent_id, page, name, urlencode(kept))
