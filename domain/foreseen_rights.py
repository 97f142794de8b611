"""What a wish would become if a desk granted it now: said before it is done, and nothing is written."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from domain.access.conditions_met import lacking
from domain.access.reasons import Reason
from domain.buyers import Buyer, buyers_of
from domain.people import Holder
from domain.periods import check_period
from domain.ports import Unit
from domain.products import Entitlement, Price, Product, check_allowance, check_offered
from domain.rights import Wish, lasting, recipient, rights_so_far


class ForeseenRight(Struct, frozen=True):
    """A right as it would be, from `since` to the day before `until`.

    `lacking`: what the product asks for and does not hold of whoever comes. That hinders nobody from granting: gates
    look on the day of each passage, and a move or a new band may come before it. `suspended`: its subject is kept
    from the service on its first day. `price`: the lowest that a till would ask on that day; None where it is not sold
    to them. `held`: rights to the same product that are not over. `had`: how many there were, those that are over too.
    """

    subject_id: UUID
    since: date
    until: date
    lacking: tuple[Reason, ...]
    suspended: bool
    price: Price | None
    held: tuple[Entitlement, ...]
    had: int


async def foresee(unit: Unit, holder: Holder, wish: Wish, *, today: date, now: datetime) -> ForeseenRight:
    """Say what `domain.rights.grant_to` would make of a wish.

    Raises:
        EndMissing, SubjectAmbiguous, MembershipNotFound, QuotaShared: as `domain.rights.lasting` and `recipient`.
        ContradictoryPeriod, ProductWithdrawn, TooLateToAsk, YearlyAllowanceSpent: as `domain.products.grant`.
    """
    product, since = wish.product, wish.since or today
    until = lasting(wish, since)
    check_period(since, until, of="The right")
    subject_id = await recipient(unit, holder, wish, day=since)
    await check_offered(unit, product, valid_from=since, now=now)
    so_far = await rights_so_far(unit, subject_id, product)
    check_allowance(product, sum(one.valid_from.year == since.year for one in so_far), since.year)
    buyers = await buyers_of(unit, authority_id=holder.authority_id, holder_id=holder.id, day=since)
    buyer = next(one for one in buyers if one.id == subject_id)
    return ForeseenRight(
        subject_id=subject_id,
        since=since,
        until=until,
        lacking=lacking(product.terms.conditions, buyer.standings, holder.born_on, since),
        suspended=buyer.suspended_from(product.service_code),
        price=_lowest(product, buyer, holder, since),
        held=tuple(one for one in so_far if one.valid_until > today),
        had=len(so_far),
    )


def _lowest(product: Product, buyer: Buyer, holder: Holder, day: date) -> Price | None:
    open_to_them = [
        price
        for price in product.prices
        if price.valid_from <= day < price.valid_until
        and not lacking(price.conditions, buyer.standings, holder.born_on, day)
    ]
    return min(open_to_them, key=lambda price: (price.amount_cents, price.position), default=None)
