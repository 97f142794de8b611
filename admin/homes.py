"""A page about somebody's household, or about somebody alone: whose it is, and what it is asked with."""

from datetime import date
from typing import Any
from urllib.parse import quote

from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from msgspec import Struct

from admin.visits import Asked
from admin.words import language_of
from api.days import named
from api.journalling import Note
from domain.errors.people import HouseholdNotFound
from domain.people import Holder, Household
from domain.places import Commune, local_day
from domain.ports import Clock, Unit
from store.database import Begin, Database
from web.moments import Language
from web.saying import Times

ALONE = "/people/{holder:str}"
HOME = "/people/{holder:str}/households/{household:str}"


class There(Struct, frozen=True):
    """Whose page it is: somebody, and a household of theirs; without one, they are meant alone."""

    holder: Holder
    household: Household | None
    communes: list[Commune]

    @property
    def path(self) -> str:
        """Where the pages of it lie."""
        path = f"/console/people/{quote(self.holder.reference, safe='')}"
        return path if self.household is None else f"{path}/households/{quote(self.household.reference, safe='')}"

    @property
    def subject(self) -> Holder | Household:
        """The household, or whoever is meant alone."""
        return self.holder if self.household is None else self.household

    @property
    def alone(self) -> tuple[Holder, ...]:
        """Who is looked at beside the members of the household."""
        return (self.holder,) if self.household is None else ()

    @property
    def places(self) -> dict[str, str]:
        """The words for the communes that are known by name, by code."""
        return {one.code: f"{one.name} ({one.code})" for one in self.communes}

    def home(self) -> Household:
        """Return the household.

        Raises:
            HouseholdNotFound: it is somebody alone.
        """
        if self.household is None:
            raise HouseholdNotFound("They are meant alone.")
        return self.household


class AtHome(Struct, frozen=True):
    """A request as its address names it: `holder` and `household` are references, None where they are meant alone."""

    request: Asked
    holder: str
    household: str | None
    database: Database
    begin: Begin
    clock: Clock
    note: Note

    @property
    def today(self) -> date:
        """The day that it is where the authority is."""
        return local_day(self.clock(), self.request.auth.authority.zone)

    @property
    def language(self) -> Language:
        """What the agent reads."""
        return language_of(self.request)

    def short(self, day: date) -> str:
        """Write a day as this agent reads it."""
        return Times(self.language, self.clock()).short(day)

    async def find(self, unit: Unit) -> There:
        """Find whose page it is.

        Raises:
            HolderNotFound: the authority has nobody of this reference.
            HouseholdNotFound: they never belonged to a household of this reference.
        """
        authority_id = self.request.user.authority_id
        whose = await unit.people.holder(authority_id, named(self.holder))
        home = None
        if self.household is not None:
            home = await unit.people.household(authority_id, named(self.household))
            if not await unit.people.memberships(whose.id, home.id):
                raise HouseholdNotFound(f"{whose.reference} never lived in {home.reference}.")
        return There(whose, home, await unit.places.communes(authority_id))


async def at_home(
    *,
    request: Asked,
    holder: FromPath[str],
    household: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> AtHome:
    """Gather what a page about a household is given."""
    return AtHome(request, holder, household, database, begin, clock, note)


async def at_somebody(
    *,
    request: Asked,
    holder: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> AtHome:
    """Gather the same where somebody is meant alone."""
    return AtHome(request, holder, None, database, begin, clock, note)


OF_HOME: dict[str, Any] = {"include_in_schema": False, "dependencies": {"at": Provide(at_home)}}
OF_SOMEBODY: dict[str, Any] = {"include_in_schema": False, "dependencies": {"at": Provide(at_somebody)}}
