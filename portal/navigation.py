"""Where the portal leads: the one place in which each family of pages says that it is there."""

from msgspec import Struct

from domain.text import Text


class Entry(Struct, frozen=True):
    """One page that residents go to; it is seen by whoever is logged in."""

    path: str
    name: Text


NAVIGATION: tuple[Entry, ...] = (
    Entry("/moi", Text(fr="Mes pass", en="My passes")),
    Entry("/moi/requests", Text(fr="Mes demandes", en="My requests")),
    Entry("/moi/notices", Text(fr="Mes avis", en="My notices")),
    Entry("/moi/account", Text(fr="Mon compte", en="My account")),
)
"""A new family of pages adds its entry here, and its routes to `FAMILIES` in `portal/front.py`."""
