"""What the register knows of a file of households or organisations, and which of its lines may come in.

The register is asked for many lines at once (`store.import_members`). Nothing of whom it has already is changed: they
join a household or an organisation, when number, names and day of birth agree, and that is all.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct

from domain.guardians import MAJORITY_AGE
from domain.import_kinds import Field
from domain.import_lines import Newcomer
from domain.import_members import Member
from domain.imports import LineFlaw, LineReason
from domain.newcomers import reference_of
from domain.people import Beneficiary, Holder, Subject, age_on
from domain.products import Product


class KnownPerson(Struct, frozen=True):
    """Somebody of the register, with their memberships of all times, and the digests of their chips.

    `name_key` is as lines are compared. `ours` has come in by this very import. Whoever `shares` still spends the
    rights of a household that they left in a split.
    """

    holder: Holder
    name_key: tuple[str, date]
    ours: bool
    shares: bool = False
    stays: tuple[Beneficiary, ...] = ()
    chips: frozenset[bytes] = frozenset()


class KnownGroup(Struct, frozen=True):
    """A household or an organisation of the register. `products` are the codes of its rights of today and later."""

    id: UUID
    registration: str | None
    ours: bool
    products: frozenset[str] = frozenset()


class Register(Struct, frozen=True):
    """What the register knows of some lines: names with days of birth, people by reference, chips, groups by reference,
    and under which reference a registration stands.
    """

    names: frozenset[tuple[str, date]]
    people: Mapping[str, KnownPerson]
    chips: frozenset[bytes]
    groups: Mapping[str, KnownGroup]
    registrations: Mapping[str, str]

    def group(self, one: Member) -> KnownGroup | None:
        """Return what a line names; an organisation without a number of its own is found by its registration."""
        reference = one.group.reference
        return self.groups.get(reference) or self.groups.get(self.registrations.get(reference, ""))


class Terms(Struct, frozen=True):
    """How lines are held against the register: under which code, with which products, on which day."""

    code: str
    products: Mapping[str, Product]
    for_groups: tuple[Product, ...]
    extend: bool
    today: date

    def is_for_groups(self, product_code: str | None) -> bool:
        """Tell whether a product goes to the household or the organisation, not to the person."""
        return product_code is not None and self.products[product_code].subject is not Subject.PERSON


class Sieve:
    """Tells lines that may come in from those that may not; it remembers those that may, until they are written."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._coming: dict[str, Newcomer] = {}
        self._names: set[tuple[str, date]] = set()

    def sift(self, members: Sequence[Member], known: Register) -> tuple[list[Member], list[LineFlaw]]:
        """Hold lines against the register, in the order in which they are taken in."""
        good: list[Member] = []
        flaws: list[LineFlaw] = []
        for one in members:
            found = [*self._of_group(one, known), *self._of_person(one, known), *self._of_guardians(one, known)]
            flaws += [LineFlaw(one.line, reason, field) for reason, field in found]
            if not found:
                good.append(one)
                if one.person is not None:
                    self._coming.setdefault(reference_of(one.person, self._terms.code), one.person)
                    self._names.add(one.person.name_key)
        return good, flaws

    def _of_group(self, one: Member, known: Register) -> list[tuple[LineReason, Field]]:
        firm, field = one.group.firm, Field.ORGANISATION if one.group.firm is not None else Field.HOUSEHOLD
        number = firm.registration if firm is not None else None
        group = known.group(one)
        stands = known.registrations.get(number or "")
        if stands is not None and one.group.reference not in {stands, number}:
            return [(LineReason.REGISTRATION_KNOWN, Field.REGISTRATION)]
        if group is None or group.ours:
            return []
        if not self._terms.extend or one.person is None:
            return [(LineReason.GROUP_KNOWN, field)]
        if group.registration != number:
            return [(LineReason.REFERENCE_KNOWN, field)]
        if self._terms.is_for_groups(one.product) and one.product not in group.products:
            return [(LineReason.RIGHTS_AT_DESK, Field.PRODUCT)]
        return []

    def _of_person(self, one: Member, known: Register) -> list[tuple[LineReason, Field]]:
        someone = one.person
        if someone is None:
            return []
        reference = reference_of(someone, self._terms.code)
        person = known.people.get(reference)
        if person is not None:
            if person.name_key != someone.name_key:
                return [(LineReason.REFERENCE_KNOWN, Field.REFERENCE)]
            return self._of_one_who_is_there(one, person, known)
        if reference in self._coming:
            same = self._coming[reference].name_key == someone.name_key
            return [] if same else [(LineReason.REFERENCE_KNOWN, Field.REFERENCE)]
        found = []
        if someone.name_key in known.names or someone.name_key in self._names:
            found.append((LineReason.IN_REGISTER, Field.LAST_NAME))
        if someone.uid_digest in known.chips:
            found.append((LineReason.CARD_KNOWN, Field.CARD))
        return found

    def _of_one_who_is_there(self, one: Member, person: KnownPerson, known: Register) -> list[tuple[LineReason, Field]]:
        group = known.group(one)
        chip = one.person.uid_digest if one.person is not None else None
        found = []
        if group is not None and any(
            stay.subject_id == group.id and stay.valid_from < one.until and one.since < stay.valid_until
            for stay in person.stays
        ):
            found.append((LineReason.MEMBER_ALREADY, Field.LAST_NAME))
        if person.shares and one.group.firm is None:
            found.append((LineReason.QUOTA_SHARED, Field.LAST_NAME))
        if chip is not None and chip not in person.chips:
            word = LineReason.CARD_KNOWN if chip in known.chips else LineReason.IN_REGISTER
            found.append((word, Field.CARD))
        if one.product is not None and not self._terms.is_for_groups(one.product) and not person.ours:
            found.append((LineReason.RIGHTS_AT_DESK, Field.PRODUCT))
        return found

    def _of_guardians(self, one: Member, known: Register) -> list[tuple[LineReason, Field]]:
        own = reference_of(one.person, self._terms.code) if one.person is not None else None
        for reference in one.guardians:
            if reference == own:
                return [(LineReason.BAD_GUARDIAN, Field.GUARDIANS)]
            there = known.people.get(reference)
            guardian = there.holder if there is not None else self._coming.get(reference)
            if guardian is None:
                return [(LineReason.GUARDIAN_UNKNOWN, Field.GUARDIANS)]
            if age_on(guardian.born_on, self._terms.today) < MAJORITY_AGE:
                return [(LineReason.BAD_GUARDIAN, Field.GUARDIANS)]
        return []
