"""Days as agents send them: within reach of a calendar, and half open like every period."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request
from msgspec import Meta

from api.agents import LAST_YEAR, PRINTABLE
from domain.agents import Agent
from domain.errors import Invalid
from domain.periods import FOREVER
from domain.places import local_day
from domain.ports import Unit

Caller = Request[Agent, Any, Any]

Reference = Annotated[str, Meta(min_length=1, max_length=40, pattern=PRINTABLE)]
"""How an authority names somebody or something in its own files."""

FIRST_YEAR = 1900


async def today(unit: Unit, authority_id: UUID, now: datetime) -> date:
    """Return the day that it is at the authority's desks."""
    return local_day(now, (await unit.places.authority_by_id(authority_id)).zone)


def check_day(said: date | None) -> None:
    """Refuse a day that no desk means.

    Raises:
        Invalid: it lies before 1900 or after 2100.
    """
    if said is not None and not FIRST_YEAR <= said.year <= LAST_YEAR:
        raise Invalid(f"{said} lies too far away.")


def end_of(said: date | None) -> date:
    """Return the end of a period, open unless one is said."""
    check_day(said)
    return FOREVER if said is None else said


def shown_end(until: date) -> date | None:
    """Return an end as it is shown: none where it is open."""
    return None if until == FOREVER else until


def named(text: str) -> str:
    """Return a reference as it stands in an address. What nobody can have typed names nothing."""
    return text if text.isprintable() else ""
