"""Taking a line of a file of households or organisations into the register, by the verbs of a desk.

The first line of a household founds it, and the first of an organisation registers it, with the rights that go to them;
every line brings its person in, or finds them, and lets them join.
"""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.guardians import MAJORITY_AGE, GuardianKind, appoint_guardian
from domain.import_known import Register, Terms
from domain.import_lines import Newcomer
from domain.import_members import Group, Member
from domain.newcomers import Welcome, reference_of, welcome
from domain.organisations import register_organisation
from domain.people import KEPT, KEPT_AFTER, Holder, age_on, found_household, join
from domain.ports import Unit
from domain.products import Product, grant


class Arrival(Struct, frozen=True):
    """What all lines of a file share: how people are welcomed, and on which terms they are held against the register.

    What goes to every household or organisation ends before `until`.
    """

    people: Welcome
    terms: Terms
    until: date


class Joining:
    """Takes the lines of one batch in. It remembers whom it has written: the register shows them after the batch."""

    def __init__(self, unit: Unit, arrival: Arrival, known: Register, *, now: datetime) -> None:
        self._unit = unit
        self._people = arrival.people
        self._terms = arrival.terms
        self._until = arrival.until
        self._known = known
        self._now = now
        self._holders: dict[str, Holder] = {}
        self._groups: dict[str, UUID] = {}
        self._granted: set[tuple[UUID, str]] = {
            (group.id, code) for group in known.groups.values() for code in group.products
        }

    async def take_in(self, one: Member) -> None:
        """Write who a line speaks of, to what they belong, who acts for them, and what they may use."""
        group_id = await self._group(one)
        if one.person is not None:
            holder = await self._holder(one.person, one.product)
            await join(self._unit, holder, group_id, since=one.since, until=one.until)
            for reference in one.guardians:
                await self._appoint(holder, self._guardian(reference))
        if one.product is not None and self._terms.is_for_groups(one.product):
            await self._grant(group_id, self._terms.products[one.product], one.ends)

    async def _group(self, one: Member) -> UUID:
        there = self._known.group(one)
        if there is not None:
            return there.id
        reference = one.group.reference
        if reference not in self._groups:
            self._groups[reference] = await self._begun(one, one.group)
            for product in self._terms.for_groups:
                await self._grant(self._groups[reference], product, self._until)
        return self._groups[reference]

    async def _begun(self, one: Member, group: Group) -> UUID:
        """Found a household, which lives there since its first member does, or register an organisation."""
        authority_id, keep_until = self._people.authority.id, self._people.since + KEPT
        if group.firm is None:
            household = await found_household(
                self._unit,
                authority_id=authority_id,
                reference=group.reference,
                commune_code=group.commune_code,
                now=self._now,
                keep_until=keep_until,
                since=min(one.since, self._people.since),
            )
            return household.id
        organisation = await register_organisation(
            self._unit,
            authority_id=authority_id,
            reference=group.reference,
            name=group.firm.name,
            kind=group.firm.kind,
            registration=group.firm.registration,
            commune_code=group.commune_code,
            now=self._now,
            keep_until=keep_until,
        )
        return organisation.id

    async def _holder(self, someone: Newcomer, product_code: str | None) -> Holder:
        reference = reference_of(someone, self._terms.code)
        if reference in self._known.people:
            return self._known.people[reference].holder
        if reference not in self._holders:
            own = None if self._terms.is_for_groups(product_code) else product_code
            await welcome(self._unit, replace(someone, product=own), self._people, now=self._now)
            self._holders[reference] = await self._unit.people.holder(self._people.authority.id, reference)
        return self._holders[reference]

    def _guardian(self, reference: str) -> Holder:
        there = self._known.people.get(reference)
        return there.holder if there is not None else self._holders[reference]

    async def _appoint(self, ward: Holder, guardian: Holder) -> None:
        """Let somebody act for another from today on, a parent for a child. Whoever does already goes on."""
        today = self._people.since
        acting = await self._unit.people.guardianships(ward.id, guardian.id)
        if any(one.valid_until > today for one in acting):
            return
        child = age_on(ward.born_on, today) < MAJORITY_AGE
        kind = GuardianKind.PARENT if child else GuardianKind.TUTOR
        await appoint_guardian(self._unit, ward=ward, guardian=guardian, kind=kind, since=today)

    async def _grant(self, group_id: UUID, product: Product, until: date) -> None:
        """Grant a household or an organisation a right that it does not have yet."""
        if (group_id, product.code) in self._granted:
            return
        self._granted.add((group_id, product.code))
        # Nobody shares another household's rights here: those were refused, so no quota is doubled.
        await grant(
            self._unit,
            product=product,
            subject_id=group_id,
            valid_from=self._people.since,
            valid_until=until,
            now=self._now,
            keep_until=until + KEPT_AFTER,
        )
