"""The register of the small city, in one unit of work: people, homes and rights for the tests of subjects."""

from datetime import date, timedelta
from uuid import UUID

from msgspec import Struct

from domain.circumstances import (
    commune_of,
)
from domain.households import split_household
from domain.people import Holder, Household, found_household, join, register_holder
from domain.ports import Unit
from domain.products import grant
from tests.city import KEEP, NOW, City

LILLE, ROUBAIX, DOUAI, ABROAD = "59350", "59512", "59178", "99131"


FOUNDED, OCTOBER, NEW_YEAR = date(2020, 1, 1), date(2026, 10, 15), date(2027, 1, 1)


A_DAY = timedelta(days=1)


class Register(Struct):
    """A unit of work on the register of the small city."""

    unit: Unit
    city: City

    @property
    def owner(self) -> UUID:
        return self.city.authority.id

    async def person(self, reference: str, *, born_on: date = date(1980, 5, 17), commune: str = LILLE) -> Holder:
        return await register_holder(
            self.unit,
            authority_id=self.owner,
            reference=reference,
            first_name=reference.title(),
            last_name="Lefèvre",
            born_on=born_on,
            commune_code=commune,
            now=NOW,
            keep_until=KEEP,
        )

    async def home(self, reference: str, *members: Holder, commune: str = LILLE) -> Household:
        household = await found_household(
            self.unit,
            authority_id=self.owner,
            reference=reference,
            commune_code=commune,
            now=NOW,
            keep_until=KEEP,
            since=FOUNDED,
        )
        for member in members:
            await join(self.unit, member, household.id, since=FOUNDED)
        return household

    async def give(self, subject_id: UUID, code: str, since: date, until: date) -> None:
        product = self.city.products[code]
        await grant(
            self.unit,
            product=product,
            subject_id=subject_id,
            valid_from=since,
            valid_until=until,
            now=NOW,
            keep_until=KEEP,
        )

    async def split(
        self, household: Household, *leavers: Holder, on: date = OCTOBER, commune: str = LILLE, reference: str = "new"
    ) -> Household:
        return await split_household(
            self.unit,
            household,
            leavers,
            on=on,
            reference=reference,
            commune_code=commune,
            now=NOW,
            keep_until=KEEP,
        )

    async def communes(self, subject: Holder | Household, *days: date) -> list[str | None]:
        return [await commune_of(self.unit, subject.id, day) for day in days]

    async def spends(self, holder: Holder, day: date) -> set[UUID]:
        return set(await self.unit.people.subjects_of(holder.id, day)) - {holder.id}
