"""What a manager enters beside what is counted: how many live in each commune, and what the pass costs."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from domain.errors.figures import ImpossibleCost, ImpossiblePopulation
from domain.figures.bands import ALL, BAND_CODES
from domain.ports import Unit
from domain.text import Text

_MOST_PEOPLE = 20_000_000
_MOST_CENTS = 100_000_000_00
"""A hundred million euros: more is a slip of the keyboard."""


class Heading(StrEnum):
    """What money was spent on: one closed list, so that years can be compared."""

    CARDS = "cards"
    TERMINALS = "terminals"
    SOFTWARE = "software"
    STAFF = "staff"
    COMMUNICATION = "communication"
    OTHER = "other"


HEADINGS: dict[Heading, Text] = {
    Heading.CARDS: Text(fr="Cartes et personnalisation", en="Cards and their making"),
    Heading.TERMINALS: Text(fr="Terminaux et bornes", en="Terminals and gates"),
    Heading.SOFTWARE: Text(fr="Logiciel et hébergement", en="Software and hosting"),
    Heading.STAFF: Text(fr="Personnel", en="Staff"),
    Heading.COMMUNICATION: Text(fr="Communication", en="Communication"),
    Heading.OTHER: Text(fr="Autres", en="Other"),
}


class Cost(Struct, frozen=True):
    """An amount that was spent on a day; below zero where money came back."""

    id: UUID
    authority_id: UUID
    heading: Heading
    spent_on: date
    amount_cents: int
    entered_by: UUID
    entered_at: datetime


class People(Struct, frozen=True):
    """How many live in a commune from a day on, of one band, or in all where `band` is `all`."""

    authority_id: UUID
    commune_code: str
    band: str
    valid_from: date
    persons: int


class Entered(Protocol):
    """What managers have entered (`store.figures.entered`)."""

    async def communes(self, authority_id: UUID) -> dict[str, str]:
        """Return the names of an authority's communes by their code, in the order of their names."""
        ...

    async def write_people(self, people: list[People]) -> None:
        """Write populations; those of the same commune, band and day are written over."""
        ...

    async def people(self, authority_id: UUID, day: date) -> dict[tuple[str, str], int]:
        """Return who lives where on a day, by commune and band: what was entered last before it."""
        ...

    async def add_cost(self, new: Cost) -> None: ...
    async def remove_cost(self, authority_id: UUID, cost_id: UUID) -> None:
        """Remove a cost.

        Raises:
            CostNotFound: there is none of this authority under this id.
        """
        ...

    async def costs(self, authority_id: UUID, first: date, until: date) -> list[Cost]:
        """List the costs of some days, the newest first."""
        ...


async def enter_population(
    unit: Unit, authority_id: UUID, commune_code: str, persons: Mapping[str, int], *, since: date
) -> None:
    """Enter how many live in a commune from a day on: in all, and of those bands that are known.

    Raises:
        ImpossiblePopulation: the commune is not the authority's, a number is out of bounds or its band is none, or the
            bands come to more than the whole.
    """
    if commune_code not in await unit.entered.communes(authority_id):
        raise ImpossiblePopulation(f"The authority has no commune {commune_code}.")
    for band, count in persons.items():
        if band not in BAND_CODES | {ALL}:
            raise ImpossiblePopulation(f"{band} is no age band.")
        if not 0 <= count <= _MOST_PEOPLE:
            raise ImpossiblePopulation(f"{count} people live in no commune.")
    if ALL not in persons:
        raise ImpossiblePopulation("Say how many live there in all.")
    of_bands = sum(count for band, count in persons.items() if band != ALL)
    if of_bands > persons[ALL]:
        raise ImpossiblePopulation(f"The age bands come to {of_bands} people, the commune has {persons[ALL]}.")
    await unit.entered.write_people(
        [People(authority_id, commune_code, band, since, count) for band, count in persons.items()]
    )


async def enter_cost(
    unit: Unit,
    authority_id: UUID,
    *,
    heading: Heading,
    spent_on: date,
    amount_cents: int,
    agent_id: UUID,
    now: datetime,
) -> Cost:
    """Enter what was spent on a day.

    Raises:
        ImpossibleCost: it is nothing, beyond all measure, or of a day that no budget knows.
    """
    if not 0 < abs(amount_cents) <= _MOST_CENTS:
        raise ImpossibleCost("An amount is more than nothing and at most a hundred million euros.")
    if not 2000 <= spent_on.year < 2100:
        raise ImpossibleCost("The day is not one of this century.")
    cost = Cost(unit.ids.row(), authority_id, heading, spent_on, amount_cents, agent_id, now)
    await unit.entered.add_cost(cost)
    return cost
