"""For whom a pass may buy: its holder, the households where they live, the organisations they belong to."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from domain.access.facts import Standing
from domain.circumstances import CircumstanceKind
from domain.organisations import Organisation
from domain.people import Household, Subject
from domain.ports import Unit


class Buyer(Struct, frozen=True):
    """A subject that a right can be bought for, with what holds of it today.

    What a person pays depends on where they live, and they live with each of their households: their standings are
    among the person's own. `place` counts them from 1, each kind apart, for a till that has to name one of several: a
    reference of the register would tie one sector's till to another's.
    """

    subject: Subject
    id: UUID
    place: int
    keep_until: date
    standings: tuple[Standing, ...] = ()

    def suspended_from(self, service_code: str) -> bool:
        """Tell whether the subject is kept from a service today."""
        return any(one.kind is CircumstanceKind.SUSPENDED and one.value == service_code for one in self.standings)


async def buyers_of(unit: Unit, *, authority_id: UUID, holder_id: UUID, day: date) -> tuple[Buyer, ...]:
    """Return for whom a holder may buy on a day, themself first.

    A household that the holder has left buys nothing through them, though they still share its running rights.

    Raises:
        HolderNotFound: no holder of this authority has this id.
    """
    holder = await unit.people.holder_by_id(authority_id, holder_id)
    households = await unit.people.households_of(holder_id, day)
    organisations = await unit.people.organisations_of(holder_id, day)
    ids = [holder_id, *(one.id for one in households), *(one.id for one in organisations)]
    told: dict[UUID, list[Standing]] = {subject_id: [] for subject_id in ids}
    for one in await unit.people.circumstances(ids, day):
        told[one.subject_id].append(Standing(one.kind, one.value, one.valid_until))

    def buyer(subject: Subject, place: int, of: Household | Organisation) -> Buyer:
        return Buyer(subject, of.id, place, of.keep_until, tuple(told[of.id]))

    at_home = (
        one for household in households for one in told[household.id] if one.kind is not CircumstanceKind.SUSPENDED
    )
    return (
        Buyer(Subject.PERSON, holder_id, 1, holder.keep_until, (*told[holder_id], *at_home)),
        *(buyer(Subject.HOUSEHOLD, place, household) for place, household in enumerate(households, 1)),
        *(buyer(Subject.ORGANISATION, place, organisation) for place, organisation in enumerate(organisations, 1)),
    )
