"""People and the groups they spend rights for.

A pass belongs to one holder. Rights belong to a *subject*: a person, a household, later an organisation.
`Beneficiary` says, with dates, for which subjects a holder may spend. Every holder is a beneficiary of
themself, so one join answers "whose rights may this pass use today": a child of two households simply has
two rows more.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from domain.errors import ContradictoryPeriod
from domain.ports import Unit

FOREVER = date(9999, 12, 31)
"""The last day of what has no known end: a real date, so that every comparison stays an ordinary one."""


class Subject(StrEnum):
    """Who a right belongs to."""

    PERSON = "person"
    HOUSEHOLD = "household"


class Holder(Struct, frozen=True):
    """A person who may hold a pass. `born_on` never leaves the core: outside it only the age band is known."""

    id: UUID
    authority_id: UUID
    reference: str
    first_name: str
    last_name: str
    born_on: date
    commune_code: str
    created_at: datetime
    keep_until: date


class Household(Struct, frozen=True):
    """People who live together and share the household's quotas."""

    id: UUID
    authority_id: UUID
    reference: str
    commune_code: str
    created_at: datetime
    keep_until: date


class Beneficiary(Struct, frozen=True):
    """`holder_id` may spend the rights of `subject_id` from `valid_from` to the day before `valid_until`."""

    authority_id: UUID
    holder_id: UUID
    subject_id: UUID
    valid_from: date
    valid_until: date
    keep_until: date


async def register_holder(
    unit: Unit,
    *,
    authority_id: UUID,
    reference: str,
    first_name: str,
    last_name: str,
    born_on: date,
    commune_code: str,
    now: datetime,
    keep_until: date,
) -> Holder:
    """Write a person into the register, able to spend their own rights from the first day on."""
    holder = Holder(
        id=unit.ids.row(),
        authority_id=authority_id,
        reference=reference,
        first_name=first_name,
        last_name=last_name,
        born_on=born_on,
        commune_code=commune_code,
        created_at=now,
        keep_until=keep_until,
    )
    await unit.people.add_holder(holder)
    await join(unit, holder, holder.id, since=born_on)
    return holder


async def found_household(
    unit: Unit, *, authority_id: UUID, reference: str, commune_code: str, now: datetime, keep_until: date
) -> Household:
    """Write a household into the register; its members join one by one."""
    household = Household(
        id=unit.ids.row(),
        authority_id=authority_id,
        reference=reference,
        commune_code=commune_code,
        created_at=now,
        keep_until=keep_until,
    )
    await unit.people.add_household(household)
    return household


async def join(unit: Unit, holder: Holder, subject_id: UUID, *, since: date, until: date = FOREVER) -> Beneficiary:
    """Let a holder spend the rights of a subject (their household, say) between two days."""
    if until <= since:
        raise ContradictoryPeriod(f"The membership would end on {until}, before it begins on {since}.")
    beneficiary = Beneficiary(
        authority_id=holder.authority_id,
        holder_id=holder.id,
        subject_id=subject_id,
        valid_from=since,
        valid_until=until,
        keep_until=holder.keep_until,
    )
    await unit.people.add_beneficiary(beneficiary)
    return beneficiary


def age_on(born_on: date, day: date) -> int:
    """Completed years on `day`. Someone born on 29 February completes a year on 1 March of a common year."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))
