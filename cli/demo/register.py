"""Writing residents into the register: passes, media, mishaps and rights, each by the verb a desk would use."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from uuid import UUID

from msgspec import Struct

from cli.demo.habits import Span
from cli.demo.households import Home, Person
from cli.demo.products import BUS_MONTH, BUS_YEAR, CARNET, LIBRARY_YEAR, POOL_YEAR, WASTE_YEAR
from domain.guardians import MAJORITY_AGE, GuardianKind, appoint_guardian
from domain.passes import (
    BlockReason,
    Medium,
    MediumKind,
    MediumStatus,
    Pass,
    PassStatus,
    add_medium,
    block,
    change_status,
    issue,
)
from domain.people import KEPT_AFTER, Holder, Household, age_on, birthday, found_household, join, register_holder
from domain.ports import Unit
from domain.products import Entitlement, Product, grant
from domain.replacements import replace_medium

PASS_YEARS = 5
PAPER_LASTS = timedelta(days=60)
"""Life of a temporary paper."""

_KINDS = (MediumKind.CARD, MediumKind.PRINT, MediumKind.PHONE)
_KIND_SHARES = (50, 35, 15)
_MISHAPS = (BlockReason.LOST, BlockReason.STOLEN, BlockReason.DAMAGED, BlockReason.SUSPENDED, BlockReason.REVOKED)
_MISHAP_SHARES = (45, 12, 18, 18, 7)
_REPLACED = frozenset({BlockReason.LOST, BlockReason.STOLEN, BlockReason.DAMAGED})


class Resident(Struct, frozen=True):
    """Somebody in the register, with what the simulation has to know of them. `rights` are spans by service."""

    holder: Holder
    age: int
    pass_: Pass | None = None
    media: tuple[Medium, ...] = ()
    rights: dict[str, tuple[tuple[str, Span], ...]] = {}


class Family(Struct, frozen=True):
    """A household in the register, its members in the order of the home, where, and the span of its waste quota."""

    household: Household
    commune_code: str
    members: tuple[Resident, ...]
    waste: Span | None = None


class Registrar:
    """Registers homes for one authority on one unit of work."""

    def __init__(self, unit: Unit, authority_id: UUID, products: dict[str, Product], dice: Random, today: date) -> None:
        self._unit = unit
        self._authority_id = authority_id
        self._products = products
        self._dice = dice
        self._today = today
        self._serial = 0
        self._households = 0

    async def settle(self, home: Home) -> Family:
        """Register a home; about seven residents in ten hold a pass, with rights after their age and taste."""
        opened = self._moment(30, 900)
        late = self._dice.random() < 0.015  # the pass has run its five years
        if late:
            opened -= timedelta(days=365 * PASS_YEARS)
        household = await self.household(home.commune_code, opened)
        members = []
        for person in home.members:
            holder = await self.holder(person, home.commune_code, opened)
            await join(self._unit, holder, household.id, since=max(person.born_on, opened.date()))
            age = age_on(person.born_on, self._today)
            has_pass = self._dice.random() < (0.75 if age >= 3 else 0.1)
            members.append(await self._with_pass(holder, age, opened) if has_pass else Resident(holder, age))
        await self._parents(members)
        waste = None
        if WASTE_YEAR in self._products and any(member.pass_ is not None for member in members):
            waste = (opened.date(), date(self._today.year + 3, 1, 1))
            await self.grant(WASTE_YEAR, household.id, waste, household.keep_until)
        return Family(household, home.commune_code, tuple(members), waste)

    async def household(self, commune_code: str, opened: datetime) -> Household:
        """Open a household's file."""
        self._households += 1
        return await found_household(
            self._unit,
            authority_id=self._authority_id,
            reference=f"F{self._households:05d}",
            commune_code=commune_code,
            now=opened,
            keep_until=_kept(opened),
        )

    async def holder(self, person: Person, commune_code: str, opened: datetime) -> Holder:
        """Register a person, on the household's first day or a month after birth."""
        self._serial += 1
        born = datetime.combine(person.born_on, time(9), tzinfo=UTC) + timedelta(days=30)
        return await register_holder(
            self._unit,
            authority_id=self._authority_id,
            reference=f"H{self._serial:06d}",
            first_name=person.first_name,
            last_name=person.last_name,
            born_on=person.born_on,
            commune_code=commune_code,
            now=min(max(opened, born), datetime.combine(self._today, time(0), tzinfo=UTC)),
            keep_until=_kept(max(opened, born)),
        )

    async def open_pass(self, holder: Holder, kinds: tuple[MediumKind, ...]) -> tuple[Pass, list[Medium]]:
        """Issue a pass with one medium of each kind."""
        opened = holder.created_at
        since = opened.date()
        until = _years_after(since, PASS_YEARS)
        expires_at = datetime.combine(until, time(0), tzinfo=UTC)
        issued = await issue(
            self._unit, holder, kind=kinds[0], valid_from=since, valid_until=until, expires_at=expires_at, now=opened
        )
        more = [
            await add_medium(self._unit, issued.pass_, kind=kind, expires_at=expires_at, now=opened)
            for kind in kinds[1:]
        ]
        return issued.pass_, [issued.medium, *more]

    async def grant(self, code: str, subject_id: UUID, span: Span, keep_until: date) -> Entitlement:
        """Grant a product on the first day of its span, or today where that is still to come."""
        return await grant(
            self._unit,
            product=self._products[code],
            subject_id=subject_id,
            valid_from=span[0],
            valid_until=span[1],
            now=datetime.combine(min(span[0], self._today), time(8), tzinfo=UTC),
            keep_until=max(keep_until, span[1]),
        )

    async def _parents(self, members: list[Resident]) -> None:
        """Appoint the adults of a home as guardians of its children, from their birth on, or once of age themselves."""
        for child in members:
            for adult in members:
                if child.age < MAJORITY_AGE <= adult.age - child.age:
                    since = max(child.holder.born_on, birthday(adult.holder.born_on, MAJORITY_AGE))
                    await appoint_guardian(
                        self._unit, ward=child.holder, guardian=adult.holder, kind=GuardianKind.PARENT, since=since
                    )

    async def _with_pass(self, holder: Holder, age: int, opened: datetime) -> Resident:
        dice = self._dice
        first = dice.choices(_KINDS, _KIND_SHARES)[0]
        second = (MediumKind.PHONE if first is not MediumKind.PHONE else MediumKind.PRINT,)
        pass_, media = await self.open_pass(holder, (first, *(second if age >= 15 and dice.random() < 0.22 else ())))
        if dice.random() < 0.02 and self._today - opened.date() > 4 * PAPER_LASTS:
            media.append(await self._paper(pass_, opened))
        if dice.random() < 0.06:
            await self._mishap(pass_, media[0])
        fate = dice.random()
        if fate < 0.02:
            pass_ = await change_status(self._unit, pass_, PassStatus.ENDED, now=self._halfway(opened))
        elif fate < 0.032:
            pass_ = await change_status(self._unit, pass_, PassStatus.SUSPENDED, now=self._halfway(opened))
        kept = tuple(await self._unit.passes.media(pass_.id))
        return Resident(holder, age, pass_, kept, await self._rights(holder, age))

    def _halfway(self, opened: datetime) -> datetime:
        """Between the day on which a pass was opened and today."""
        return opened + (self._today - opened.date()) / 2

    async def _paper(self, pass_: Pass, opened: datetime) -> Medium:
        """Add the paper that served until the card came: long expired, and still in a pocket."""
        return await add_medium(self._unit, pass_, kind=MediumKind.PRINT, expires_at=opened + PAPER_LASTS, now=opened)

    async def _mishap(self, pass_: Pass, medium: Medium) -> None:
        reason = self._dice.choices(_MISHAPS, _MISHAP_SHARES)[0]
        replaced = reason in _REPLACED and self._dice.random() < 0.6
        moment = self._moment(1, 25) if replaced else datetime.combine(self._today, time(8), tzinfo=UTC)
        await block(self._unit, pass_, medium.id, reason=reason, now=moment - timedelta(days=1))
        if replaced:
            await replace_medium(self._unit, pass_, medium.id, expires_at=medium.expires_at, now=moment)

    async def _rights(self, holder: Holder, age: int) -> dict[str, tuple[tuple[str, Span], ...]]:
        dice, opened = self._dice, holder.created_at.date()
        rights: dict[str, tuple[tuple[str, Span], ...]] = {}
        if dice.random() < 0.42:
            rights["library"] = ((LIBRARY_YEAR, self._year_begun(385, opened)),)
        if age >= 3 and dice.random() < 0.34:
            product = POOL_YEAR if dice.random() < 0.22 else CARNET
            rights["pool"] = ((product, self._year_begun(375 if product == POOL_YEAR else 150, opened)),)
        if age >= 11 and dice.random() < (0.4 if age < 26 else 0.2):
            rights["transport"] = self._subscription(opened)
        offered = {service: held for service, held in rights.items() if all(code in self._products for code, _ in held)}
        for held in offered.values():
            for code, span in held:
                await self.grant(code, holder.id, span, holder.keep_until)
        return offered

    def _year_begun(self, at_most: int, opened: date) -> Span:
        """Return a year that began with the pass or later, at most so many days ago: it may be over."""
        since = max(opened, self._today - timedelta(days=self._dice.randrange(at_most)))
        return since, since + timedelta(days=365)

    def _subscription(self, opened: date) -> tuple[tuple[str, Span], ...]:
        """A yearly subscription, or calendar months in a row of which the last may be missing."""
        if self._dice.random() < 0.7:
            return ((BUS_YEAR, self._year_begun(372, opened)),)
        months = []
        first = self._today.replace(day=1)
        for _ in range(5):
            if _next_month(first) > opened:
                months.append((BUS_MONTH, (first, _next_month(first))))
            first = (first - timedelta(days=1)).replace(day=1)
        return tuple(reversed(months[1:] if self._dice.random() < 0.15 else months))

    def _moment(self, at_least: int, at_most: int) -> datetime:
        """Draw an office hour so many days ago."""
        day = self._today - timedelta(days=self._dice.randint(at_least, at_most))
        return datetime.combine(day, time(8), tzinfo=UTC) + timedelta(seconds=self._dice.randrange(8 * 3600))


def in_use(medium: Medium) -> bool:
    """Whether the register lets this medium pass."""
    return medium.status is MediumStatus.ACTIVE


def _kept(opened: datetime) -> date:
    return _years_after(opened.date(), PASS_YEARS) + KEPT_AFTER


def _years_after(day: date, years: int) -> date:
    return day.replace(year=day.year + years, day=min(day.day, 28))


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)
