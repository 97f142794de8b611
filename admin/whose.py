"""Whose a right may be in somebody's file: their own, their household's, their organisation's, each by its name."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from domain.organisations import Organisation
from domain.people import Holder, Household, Subject
from domain.ports import Unit


class Whose(Struct, frozen=True):
    """Somebody, the households where they live on a day, and the organisations they belong to."""

    holder: Holder
    households: list[Household]
    organisations: list[Organisation]

    @property
    def name(self) -> str:
        """What the person is called."""
        return f"{self.holder.first_name} {self.holder.last_name}"

    @property
    def called(self) -> dict[UUID, tuple[Subject, str]]:
        """What each of them is, and how a page names it, by id; the person first."""
        return {
            self.holder.id: (Subject.PERSON, self.name),
            **{one.id: (Subject.HOUSEHOLD, one.reference) for one in self.households},
            **{one.id: (Subject.ORGANISATION, one.name) for one in self.organisations},
        }

    def groups(self, kind: Subject) -> list[tuple[str, str]]:
        """Return what a form offers where a product is for a household or an organisation: references and names."""
        if kind is Subject.HOUSEHOLD:
            return [(one.reference, one.reference) for one in self.households]
        if kind is Subject.ORGANISATION:
            return [(one.reference, one.name) for one in self.organisations]
        return []


async def whose(unit: Unit, authority_id: UUID, reference: str, day: date) -> Whose:
    """Find somebody, and whose rights they spend beside their own.

    Raises:
        HolderNotFound: the authority has nobody of this reference.
    """
    holder = await unit.people.holder(authority_id, reference)
    return Whose(
        holder, await unit.people.households_of(holder.id, day), await unit.people.organisations_of(holder.id, day)
    )
