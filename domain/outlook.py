"""What an act on a household brings: how its people lived and what they could use before it, compared with after it.

Nothing is guessed. Whoever wants to know beforehand does the act in a unit of work, looks before and after, and leaves
the unit without writing: `foreseen` is what both looks say. Whoever does it looks in the same way; where the two do
not agree, somebody else has changed the household meanwhile.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.circumstances import commune_of
from domain.households import rights_of
from domain.people import Beneficiary, Holder, Household
from domain.periods import FOREVER
from domain.ports import Unit
from domain.products import Entitlement, Product


class Stays(StrEnum):
    """Why somebody of a household that moves does not move with it."""

    ELSEWHERE = "elsewhere"
    """They live in another commune already."""
    OTHER_HOME = "other-home"
    """Another household keeps them where they are: the other parent's."""
    FORMER = "former"
    """They left in a split, and share rights only."""


class Fate(StrEnum):
    """What becomes of a right by where people live: `goes-on` or `stops`, opens anew or goes on opening nothing."""

    GOES_ON = "goes-on"
    STOPS = "stops"
    OPENS = "opens"
    STILL_SHUT = "still-shut"


class Seen(Struct, frozen=True):
    """One person on a day. `commune` is their own, `others` those of their other homes; `until` ends the membership.

    `spends` are the rights of that day or later that are theirs to use, `open_to` those of them that serve where they
    live.
    """

    holder: Holder
    commune: str | None
    others: tuple[str, ...]
    lives: bool
    former: bool
    until: date | None
    spends: frozenset[UUID]
    open_to: frozenset[UUID]


class View(Struct, frozen=True):
    """A household, or somebody alone, on a day: the commune, the people by name, and the rights with their products."""

    on: date
    household_id: UUID | None
    commune: str | None
    people: tuple[Seen, ...]
    rights: Mapping[UUID, tuple[Entitlement, Product]]


class Change(Struct, frozen=True):
    """What an act does to one person: the commune, whether they live in the household, and why they stay."""

    holder: Holder
    commune_before: str | None
    commune_after: str | None
    lived: bool
    lives: bool
    until: date | None
    stays: Stays | None

    @property
    def moves(self) -> bool:
        """Whether they live in another commune afterwards."""
        return self.commune_before != self.commune_after


class Effect(Struct, frozen=True):
    """What becomes of a right. `owner` is None where it is not one person's; the others are who may use it anew,
    who no longer may, and who shares it as a former member until `shared_until`.
    """

    right: Entitlement
    product: Product
    owner: Holder | None
    fate: Fate
    gained: tuple[Holder, ...]
    lost: tuple[Holder, ...]
    shared: tuple[Holder, ...]


class Foresight(Struct, frozen=True):
    """What an act brings, from the day `on`: the household's commune, each person, each right that it touches."""

    on: date
    commune_before: str | None
    commune_after: str | None
    people: tuple[Change, ...]
    rights: tuple[Effect, ...]
    shared_until: date | None

    @property
    def nobody_left(self) -> bool:
        """Whether nobody lives in the household afterwards."""
        return any(one.lived for one in self.people) and not any(one.lives for one in self.people)

    @property
    def print(self) -> str:
        """A print of all of it: equal where two foresights say the same of the same people and rights."""
        told = (
            (self.on, self.commune_before, self.commune_after, self.shared_until),
            [
                (one.holder.id, one.commune_before, one.commune_after, one.lived, one.lives, one.until, one.stays)
                for one in self.people
            ],
            [
                (one.right.id, one.fate, *([who.id for who in some] for some in (one.gained, one.lost, one.shared)))
                for one in self.rights
            ],
        )
        return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


async def look(unit: Unit, household: Household | None, holders: Sequence[Holder], on: date) -> View:
    """Look at a household on a day, or at somebody alone; `holders` are looked at too, members or not."""
    members: dict[UUID, Beneficiary] = {}
    people = {one.id: one for one in holders}
    if household is not None:
        for holder, membership in await unit.people.members(household.id, on):
            people[holder.id] = holder
            if membership.valid_from <= on:
                members[holder.id] = membership
    found = _Found(unit, on)
    seen = [
        await found.seen(one, household, members.get(one.id))
        for one in sorted(people.values(), key=lambda one: (one.last_name, one.first_name, one.id))
    ]
    commune = await found.commune(household.id) if household is not None else None
    return View(on, household.id if household is not None else None, commune, tuple(seen), found.rights)


class _Found:
    """What was read for one look: a commune and a product is asked for once."""

    def __init__(self, unit: Unit, on: date) -> None:
        self._unit = unit
        self._on = on
        self._communes: dict[UUID, str | None] = {}
        self._products: dict[UUID, Product] = {}
        self.rights: dict[UUID, tuple[Entitlement, Product]] = {}

    async def commune(self, subject_id: UUID) -> str | None:
        if subject_id not in self._communes:
            self._communes[subject_id] = await commune_of(self._unit, subject_id, self._on)
        return self._communes[subject_id]

    async def seen(self, holder: Holder, household: Household | None, membership: Beneficiary | None) -> Seen:
        homes = await self._unit.people.households_of(holder.id, self._on)
        communes = {home.id: await self.commune(home.id) for home in homes}
        own = await self.commune(holder.id)
        at_home = {own, *communes.values()}
        rights = await rights_of(self._unit, holder, self._on)
        for right in rights:
            self.rights[right.id] = (right, await self._product(right.product_id))
        return Seen(
            holder=holder,
            commune=own,
            others=tuple(
                sorted(
                    commune
                    for home, commune in communes.items()
                    if commune is not None and (household is None or home != household.id)
                )
            ),
            lives=household is not None and household.id in communes,
            former=membership is not None and membership.former,
            until=membership.valid_until if membership is not None else None,
            spends=frozenset(right.id for right in rights),
            open_to=frozenset(
                [
                    right.id
                    for right in rights
                    # As a gate has it: a right of one's own asks for one's own commune or that of a home of one's own.
                    if self._serves(
                        right, at_home if right.subject_id == holder.id else {await self.commune(right.subject_id)}
                    )
                ]
            ),
        )

    async def _product(self, product_id: UUID) -> Product:
        if product_id not in self._products:
            self._products[product_id] = await self._unit.products.by_id(product_id)
        return self._products[product_id]

    def _serves(self, right: Entitlement, communes: set[str | None]) -> bool:
        asked = self.rights[right.id][1].terms.conditions.communes
        return not asked or not communes.isdisjoint(asked)


def foreseen(before: View, after: View) -> Foresight:
    """Compare two looks at the same household: one before an act, one after it."""
    was = {one.holder.id: one for one in before.people}
    pairs = [(was[one.holder.id], one) for one in after.people if one.holder.id in was]
    moved = before.commune != after.commune
    changed = {now.holder.id for old, now in pairs if _touched(old, now)}
    rights = {**before.rights, **after.rights}
    effects = (_effect(right, product, pairs, before.household_id) for right, product in rights.values())
    touched = (
        one
        for one in effects
        if one.fate in {Fate.STOPS, Fate.OPENS}
        or one.gained
        or one.lost
        or one.shared
        or (one.owner is not None and one.owner.id in changed)
        or (one.owner is None and moved)
    )
    sharers = [now.until for old, now in pairs if now.former and not old.former and now.until is not None]
    return Foresight(
        on=after.on,
        commune_before=before.commune,
        commune_after=after.commune,
        people=tuple(_change(old, now, before.commune, moved=moved) for old, now in pairs),
        rights=tuple(sorted(touched, key=lambda one: (one.right.valid_from, one.right.id))),
        shared_until=max(sharers, default=None),
    )


def _touched(old: Seen, now: Seen) -> bool:
    return (old.commune, old.lives) != (now.commune, now.lives)


def _change(old: Seen, now: Seen, left: str | None, *, moved: bool) -> Change:
    stays = None
    if moved and old.commune == now.commune:
        if now.former:
            stays = Stays.FORMER
        elif now.lives:
            stays = Stays.OTHER_HOME if old.commune == left and left in old.others else Stays.ELSEWHERE
    until = now.until if now.until is not None else old.until
    return Change(
        holder=now.holder,
        commune_before=old.commune,
        commune_after=now.commune,
        lived=old.lives,
        lives=now.lives,
        until=None if until == FOREVER else until,
        stays=stays,
    )


def _effect(right: Entitlement, product: Product, pairs: list[tuple[Seen, Seen]], household_id: UUID | None) -> Effect:
    served = any(right.id in old.open_to for old, _ in pairs)
    serves = any(right.id in now.open_to for _, now in pairs)
    could = any(right.id in old.spends for old, _ in pairs)
    can = any(right.id in now.spends for _, now in pairs)
    if could != can:  # whoever is looked at gains it or gives it up as a whole: where they live does not decide
        served = serves = served or serves
    fate = (Fate.GOES_ON if serves else Fate.STOPS) if served else (Fate.OPENS if serves else Fate.STILL_SHUT)
    return Effect(
        right=right,
        product=product,
        owner=next((now.holder for _, now in pairs if now.holder.id == right.subject_id), None),
        fate=fate,
        gained=tuple(now.holder for old, now in pairs if right.id in now.spends - old.spends),
        lost=tuple(now.holder for old, now in pairs if right.id in old.spends - now.spends),
        shared=tuple(
            now.holder
            for old, now in pairs
            if now.former and not old.former and right.id in now.spends and right.subject_id == household_id
        ),
    )
