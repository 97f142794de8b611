"""Products and the rights they become."""

from collections.abc import Container
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from domain.conditions import NO_CONDITIONS, Conditions, Lift, VehicleClass
from domain.errors import ContradictoryPeriod
from domain.errors.products import ProductWithdrawn, TooLateToAsk, YearlyAllowanceSpent
from domain.limits import ONE, Limit, Measure, MonthDay, Window
from domain.people import Subject
from domain.places import local_day
from domain.ports import Unit
from domain.text import Text


class Attendance(StrEnum):
    """As whom somebody is counted inside: the maximum attendance of a pool counts the two apart (CSP D.1332-7)."""

    USERS = "users"
    """Swimmers, readers, visitors."""
    OTHERS = "others"
    """Those who only accompany or watch."""


class Grace(Struct, frozen=True, omit_defaults=True):
    """What still goes after a right, or the circumstance it rests on, has ended.

    For `days` days the right goes on with a word of warning; with `entries`, for so many visits at most.
    """

    days: int
    entries: int | None = None


class Term(Struct, frozen=True, omit_defaults=True):
    """How long a right lasts that is bought today: the window that holds the day, or so many days from it on."""

    window: Window
    starts: MonthDay | None = None
    ends: MonthDay | None = None
    days: int | None = None

    def period(self, day: date) -> tuple[date, date]:
        """Return the first day of a right that is bought on `day`, and the first day after it.

        A window that began before starts on the day itself; a season that is over starts with the next one.
        """
        if self.days is not None:
            return day, day + timedelta(days=self.days)
        window = Limit(0, Measure.VISIT, ONE, self.window, self.starts, self.ends)
        starts_on, ends_before = window.period(day, day, day)
        if starts_on < ends_before:
            return day, ends_before
        return window.period(starts_on, day, day)


class Price(Struct, frozen=True):
    """What a product costs those for whom the conditions hold, from `valid_from` to the day before `valid_until`."""

    position: int
    amount_cents: int
    valid_from: date
    valid_until: date
    conditions: Conditions = NO_CONDITIONS


class Terms(Struct, frozen=True, omit_defaults=True):
    """What goes with a product beside its limits.

    `points` weighs a visit by vehicle, in thousandths of a point. `lifts` makes it a derogation: what it sets aside,
    at most `yearly` of them a calendar year for one subject, asked for `notice_days` working days before: no weekend
    and no bank holiday of the sites where it serves.
    `entry_minutes` are charged on entry against credits of time, and count for the stay that the exit ends.
    `zones` names the zones whose supplement is included. `term` says how long the product lasts once it is bought.
    From the day `offered_until` on it is withdrawn: neither granted nor sold, while rights that are held go on.
    """

    conditions: Conditions = NO_CONDITIONS
    points: dict[VehicleClass, int] = {}
    grace: Grace | None = None
    lifts: tuple[Lift, ...] = ()
    yearly: int | None = None
    notice_days: int = 0
    entry_minutes: int = 0
    attends: Attendance = Attendance.USERS
    zones: tuple[str, ...] = ()
    term: Term | None = None
    offered_until: date | None = None

    def withdrawn_on(self, day: date) -> bool:
        """Tell whether nobody gets it any more on a day."""
        return self.offered_until is not None and day >= self.offered_until


NO_TERMS = Terms()


class Product(Struct, frozen=True):
    """Something an authority grants or sells for one service; no limit at all means as often as one likes.

    `warn_below` thousandths of the tightest limit make the answer mention what is left. Without `prices` it is
    granted, never sold.
    """

    id: UUID
    authority_id: UUID
    code: str
    service_code: str
    subject: Subject
    name: Text
    limits: tuple[Limit, ...] = ()
    warn_below: int = 0
    terms: Terms = NO_TERMS
    prices: tuple[Price, ...] = ()


class Entitlement(Struct, frozen=True):
    """A right: this subject may use this product from `valid_from` to the day before `valid_until`."""

    id: UUID
    authority_id: UUID
    subject_id: UUID
    product_id: UUID
    service_code: str
    valid_from: date
    valid_until: date
    granted_at: datetime
    keep_until: date


async def publish_product(unit: Unit, product: Product) -> Product:
    """Offer a product: check it, then write it.

    Raises:
        Invalid: as `domain.product_checks.check_product`.
    """
    # The check is written in terms of products, so it is not known yet while this module is read.
    from domain.product_checks import check_product  # noqa: PLC0415

    check_product(product)
    await unit.products.add(product)
    return product


async def grant(
    unit: Unit,
    *,
    product: Product,
    subject_id: UUID,
    valid_from: date,
    valid_until: date,
    now: datetime,
    keep_until: date,
    entitlement_id: UUID | None = None,
) -> Entitlement:
    """Give a subject the right to use a product over a period, under an id that was promised or a new one.

    Notice is counted from the day on which it is asked where the authority is: late in the evening in UTC, that is the
    next day in Paris and still the same one in Guadeloupe.

    Raises:
        ContradictoryPeriod: the right would end before it begins.
        ProductWithdrawn: it is not offered any more.
        TooLateToAsk: it must be asked earlier.
        YearlyAllowanceSpent: the subject has had as many of them this year as one may have.
    """
    if valid_until <= valid_from:
        raise ContradictoryPeriod(f"The right would end on {valid_until}, before it begins on {valid_from}.")
    await check_offered(unit, product, valid_from=valid_from, now=now)
    if product.terms.yearly is not None:
        first = date(valid_from.year, 1, 1)
        had = await unit.products.granted(subject_id, product.id, first, date(valid_from.year + 1, 1, 1))
        check_allowance(product, had, valid_from.year)
    entitlement = Entitlement(
        id=entitlement_id or unit.ids.row(),
        authority_id=product.authority_id,
        subject_id=subject_id,
        product_id=product.id,
        service_code=product.service_code,
        valid_from=valid_from,
        valid_until=valid_until,
        granted_at=now,
        keep_until=keep_until,
    )
    await unit.products.add_entitlement(entitlement)
    return entitlement


async def check_offered(unit: Unit, product: Product, *, valid_from: date, now: datetime) -> None:
    """Refuse a right that nobody could be given any more, or not from that day on.

    Raises:
        ProductWithdrawn: the product is not offered any more.
        TooLateToAsk: it must be asked earlier.
    """
    terms = product.terms
    if terms.offered_until is not None:
        owner = await unit.places.authority_by_id(product.authority_id)
        if terms.withdrawn_on(local_day(now, owner.zone)):
            raise ProductWithdrawn(f"{product.code} is not offered any more since {terms.offered_until}.")
    if terms.notice_days:
        earliest = await _earliest(unit, product, now)
        if valid_from < earliest:
            raise TooLateToAsk(
                f"{product.code} is asked {terms.notice_days} working days before: {earliest} at the earliest."
            )


def check_allowance(product: Product, had: int, year: int) -> None:
    """Refuse one more right to whoever was given `had` of them in a year.

    Raises:
        YearlyAllowanceSpent: these are all that one may have.
    """
    if product.terms.yearly is not None and had >= product.terms.yearly:
        raise YearlyAllowanceSpent(f"{product.code} was granted {had} times in {year} already.")


async def _earliest(unit: Unit, product: Product, now: datetime) -> date:
    """Return the first day for which a product that is asked days before can be granted now."""
    owner = await unit.places.authority_by_id(product.authority_id)
    bank_days = await unit.places.bank_days(product.authority_id, product.service_code)
    return after_working_days(local_day(now, owner.zone), product.terms.notice_days, bank_days=bank_days)


def after_working_days(day: date, count: int, *, bank_days: Container[date]) -> date:
    """Return the day that lies so many working days after another: Mondays to Fridays that are no bank holiday."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5 and day not in bank_days
    return day
