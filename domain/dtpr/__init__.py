"""The data chain of a point, in the words of Digital Trust for Places and Routines (DTPR), device chains, v1.

Ids, French and English labels stand in `elements.toml`, with the city's own elements under `city:`; the ids of DTPR are
never renamed. Attribution is owed wherever a chain is shown: `ATTRIBUTION`.
"""

import tomllib
from enum import StrEnum
from importlib import resources

import msgspec
from msgspec import Struct

from domain.errors.points import UnknownElement
from domain.text import Text

MOST_PURPOSES = 3
OWN_PREFIX = "city:"


class Category(StrEnum):
    """The links of the chain, in the order in which a sheet shows them: what and why come first."""

    TECH = "tech"
    PURPOSE = "purpose"
    ACCOUNTABLE = "accountable"
    DATA = "data"
    PROCESS = "process"
    STORAGE = "storage"
    ACCESS = "access"
    RETENTION = "retention"


class Identity(StrEnum):
    """What an element tells of people: the colour of its sign, always beside an icon and a word."""

    IDENTIFIABLE = "identifiable"
    DE_IDENTIFIED = "de-identified"
    NONE = "none"


class Element(Struct, frozen=True, forbid_unknown_fields=True):
    """One element of the vocabulary."""

    id: str
    category: Category
    name: Text
    identity: Identity = Identity.NONE

    @property
    def own(self) -> bool:
        """Whether it is the city's extension, and not DTPR's."""
        return self.id.startswith(OWN_PREFIX)


class Attribution(Struct, frozen=True):
    """Whose vocabulary it is, under which licence."""

    name: Text
    licence: str
    licence_url: str
    source_url: str


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    attribution: Attribution
    categories: dict[Category, Text]
    elements: tuple[Element, ...]


def _read() -> _File:
    text = resources.files("domain.dtpr").joinpath("elements.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _File)


_FILE = _read()
ATTRIBUTION: Attribution = _FILE.attribution
CATEGORIES: dict[Category, Text] = _FILE.categories
ELEMENTS: dict[str, Element] = {element.id: element for element in _FILE.elements}


class Chain(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The data chain of one point: ids of elements, by category."""

    tech: tuple[str, ...] = ()
    purpose: tuple[str, ...] = ()
    accountable: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    process: tuple[str, ...] = ()
    storage: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    retention: tuple[str, ...] = ()

    def ids(self, category: Category) -> tuple[str, ...]:
        """Return what the chain says of a category."""
        found: tuple[str, ...] = getattr(self, category.value)
        return found

    def missing(self) -> list[str]:
        """Name the categories of which it says nothing."""
        return [category.value for category in Category if not self.ids(category)]


def check_chain(chain: Chain) -> None:
    """Refuse a chain that names what nobody knows, or too many purposes.

    Raises:
        UnknownElement: and names it.
    """
    for category in Category:
        for name in chain.ids(category):
            element = ELEMENTS.get(name)
            if element is None or element.category is not category:
                raise UnknownElement(f"{category}: no element is called {name}.")
        if len(set(chain.ids(category))) != len(chain.ids(category)):
            raise UnknownElement(f"{category}: one element stands twice.")
    if len(chain.purpose) > MOST_PURPOSES:
        raise UnknownElement(f"A sheet names {MOST_PURPOSES} purposes at most.")


def in_order(chain: Chain) -> list[tuple[Text, list[Element]]]:
    """Return the chain as a sheet shows it: category after category, what may identify somebody first in each.

    Within a category the order of the sheet stays: of those who answer, the first one counts most.
    """
    rank = list(Identity)
    return [
        (CATEGORIES[category], sorted((ELEMENTS[name] for name in ids), key=lambda one: rank.index(one.identity)))
        for category in Category
        if (ids := chain.ids(category))
    ]


def identity_of(chain: Chain) -> Identity:
    """Say what the whole chain tells of people: the most telling of its elements."""
    told = {ELEMENTS[name].identity for category in Category for name in chain.ids(category)}
    return next((identity for identity in Identity if identity in told), Identity.NONE)
