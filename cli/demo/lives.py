"""What happens to households after they were registered: separations, a split in October, moves; and who works where.

None of it changes what the simulation may take for granted: whoever leaves in a split shares the waste quota that was
running, and moves out of the territory lie ahead.
"""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from random import Random

from msgspec import Struct

from cli.demo.register import Family, Resident
from cli.demo.territory import COMMUNES, NEIGHBOUR_COMMUNE
from domain.guardians import MAJORITY_AGE, GuardianKind, appoint_guardian
from domain.households import move_household, split_household
from domain.organisations import OrganisationKind, register_organisation
from domain.people import birthday, join
from domain.ports import Unit
from domain.products import Product, grant

_SEPARATED, _SPLIT, _MOVED, _MOVING_OUT = 60, 150, 80, 200
"""One household in so many; at least one of each, where there is one that could."""


class _Plan(Struct, frozen=True):
    """An organisation to be registered. The registrations check, and are nobody's: no true one begins like this."""

    reference: str
    name: str
    kind: OrganisationKind
    registration: str | None
    members: int


_PLANS = (
    _Plan("PRO-001", "Menuiserie Hautefaye", OrganisationKind.PROFESSIONAL, "00000000100008", 3),
    _Plan("PRO-002", "Jardins de la Plaine", OrganisationKind.PROFESSIONAL, "00000000200006", 2),
    _Plan("ASSO-001", "Les Amis du ruisseau", OrganisationKind.ASSOCIATION, "W000000001", 4),
    _Plan("SERV-001", "Service des espaces verts", OrganisationKind.MUNICIPAL, None, 3),
)


async def go_on(unit: Unit, families: list[Family], waste: Product, dice: Random, today: date) -> None:
    """Let life go on in registered families. `waste` is the product that organisations are granted."""
    waiting = dice.sample(families, len(families))
    await _separate(unit, waiting)
    await _split(unit, waiting, dice, today)
    await _move(unit, waiting, dice, today)
    await _work(unit, waiting, waste, dice, today)


async def _separate(unit: Unit, families: list[Family]) -> None:
    """Give some children of a lone parent their second home, with the other parent."""
    alone = [family for family in families if len(family.members) == 1]
    taken = set()
    with_children = (family for family in families if len(_adults(family)) == 1 and _minors(family))
    for family in islice(with_children, _share(families, _SEPARATED)):
        oldest = max(child.age for child in _minors(family))
        other = next(
            (
                home
                for home in alone
                if home.household.id not in taken and home.members[0].age - oldest in range(MAJORITY_AGE, 40)
            ),
            None,
        )
        if other is None:
            continue
        taken.add(other.household.id)
        parent = other.members[0].holder
        for child in (one.holder for one in _minors(family)):
            of_age = max(child.born_on, birthday(parent.born_on, MAJORITY_AGE))
            await appoint_guardian(unit, ward=child, guardian=parent, kind=GuardianKind.PARENT, since=of_age)
            since = max(child.born_on, family.household.created_at.date(), other.household.created_at.date())
            await join(unit, child, other.household.id, since=since)


async def _split(unit: Unit, families: list[Family], dice: Random, today: date) -> None:
    """Let some couples part in October: one of them finds a home in another commune."""
    on = date(today.year if today.month > 10 else today.year - 1, 10, 15)
    couples = (
        family
        for family in families
        if len(_adults(family)) == len(family.members) == 2
        and family.waste is not None
        and family.household.created_at.date() < on
    )
    for family in islice(couples, _share(families, _SPLIT)):
        await split_household(
            unit,
            family.household,
            [family.members[1].holder],
            on=on,
            reference=f"{family.household.reference}-2",
            commune_code=_elsewhere(family, dice),
            now=datetime.combine(on, time(9), tzinfo=UTC),
            keep_until=family.household.keep_until,
        )


async def _move(unit: Unit, families: list[Family], dice: Random, today: date) -> None:
    """Let some households move inside the territory last month, and some leave it next month."""
    first = today.replace(day=1)
    last_month, next_month = (first - timedelta(days=1)).replace(day=1), (first + timedelta(days=31)).replace(day=1)
    settled = (family for family in families if family.household.created_at.date() < last_month)
    for family in islice(settled, _share(families, _MOVED)):
        await move_household(unit, family.household, commune_code=_elsewhere(family, dice), on=last_month)
    for family in islice(settled, _share(families, _MOVING_OUT)):
        await move_household(unit, family.household, commune_code=NEIGHBOUR_COMMUNE.code, on=next_month)


async def _work(unit: Unit, families: list[Family], waste: Product, dice: Random, today: date) -> None:
    """Register organisations, with a right to the waste centres and with adults who hold a pass."""
    adults = (one.holder for family in families for one in _adults(family)[:1] if one.pass_ is not None)
    for plan in _PLANS:
        opened = today - timedelta(days=dice.randint(200, 400))
        keep_until = today + timedelta(days=7 * 365)
        organisation = await register_organisation(
            unit,
            authority_id=waste.authority_id,
            reference=plan.reference,
            name=plan.name,
            kind=plan.kind,
            registration=plan.registration,
            commune_code=dice.choice(COMMUNES).code,
            now=datetime.combine(opened, time(9), tzinfo=UTC),
            keep_until=keep_until,
        )
        await grant(
            unit,
            product=waste,
            subject_id=organisation.id,
            valid_from=opened,
            valid_until=date(today.year + 1, 1, 1),
            now=organisation.created_at,
            keep_until=keep_until,
        )
        for holder in islice(adults, plan.members):
            await join(unit, holder, organisation.id, since=max(opened, holder.created_at.date()))


def _adults(family: Family) -> list[Resident]:
    return [member for member in family.members if member.age >= MAJORITY_AGE]


def _minors(family: Family) -> list[Resident]:
    return [member for member in family.members if member.age < MAJORITY_AGE]


def _share(families: list[Family], one_in: int) -> int:
    return max(1, len(families) // one_in)


def _elsewhere(family: Family, dice: Random) -> str:
    return dice.choice([commune.code for commune in COMMUNES if commune.code != family.commune_code])
