"""Rights as a desk gives them: to whom, for how long, once under one id, and how they end before their time."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.errors.passes import KeyReused
from domain.errors.people import MembershipNotFound, SubjectAmbiguous
from domain.errors.products import EndMissing, GrantedMeanwhile, RightNotFound, RightUsed
from domain.households import check_not_shared
from domain.organisations import Organisation
from domain.people import Holder, Household, Subject
from domain.periods import FOREVER
from domain.ports import Unit
from domain.products import Entitlement, Product, grant

G = TypeVar("G", Household, Organisation)

_EVER = date(1, 1, 1)


class EndReason(StrEnum):
    """Why a desk ends a right before its time. A closed list: nobody writes a free text about somebody."""

    HOLDER_ASKED = "holder_asked"
    MOVED_AWAY = "moved_away"
    GRANTED_BY_MISTAKE = "granted_by_mistake"
    OTHER_RIGHT = "other_right"
    """Another right takes its place."""
    CONDITIONS_OVER = "conditions_over"
    """What the product asks for holds no more."""


class Wish(Struct, frozen=True):
    """What a desk asks for on somebody's pass: the days and the group only where they must be said."""

    product: Product
    since: date | None = None
    until: date | None = None
    household: str | None = None
    organisation: str | None = None


async def grant_to(
    unit: Unit,
    holder: Holder,
    wish: Wish,
    *,
    today: date,
    now: datetime,
    right_id: UUID | None = None,
    had: int | None = None,
) -> Entitlement:
    """Grant what is wished to the person, their household or their organisation, as the product asks.

    It begins today unless a day is said. Under a `right_id` it is granted once: whoever asks again is given the right
    that is there, even after midnight. `had`: how many rights to the product whoever asks has seen the subject get so
    far; None where they have not looked.

    Raises:
        KeyReused: under this id something else was granted.
        GrantedMeanwhile: it was another number, for somebody else grants or takes back, too.
        EndMissing, SubjectAmbiguous, MembershipNotFound, QuotaShared: as `lasting` and `recipient`.
        Conflict, Invalid: as `domain.products.grant`.
    """
    known = await _granted(unit, holder.authority_id, right_id) if right_id is not None else None
    since = wish.since or (today if known is None else known.valid_from)
    until = lasting(wish, since)
    subject_id = await recipient(unit, holder, wish, day=since)
    if known is not None:
        same = (known.product_id, known.subject_id, known.valid_from) == (wish.product.id, subject_id, since)
        # It may have been ended since; nothing lengthens a right.
        if not same or known.valid_until > until:
            raise KeyReused("This key was used for another right; nothing was granted.")
        return known
    if had is not None and await unit.products.granted(subject_id, wish.product.id, _EVER, FOREVER) != had:
        raise GrantedMeanwhile(f"Rights to {wish.product.code} have changed since: look again.")
    return await grant(
        unit,
        product=wish.product,
        subject_id=subject_id,
        valid_from=since,
        valid_until=until,
        now=now,
        keep_until=holder.keep_until,
        entitlement_id=right_id,
    )


async def _granted(unit: Unit, authority_id: UUID, right_id: UUID) -> Entitlement | None:
    try:
        return await unit.products.entitlement(authority_id, right_id)
    except RightNotFound:
        return None


def lasting(wish: Wish, since: date) -> date:
    """Return the day after the last of a right: as said, or as long as its product lasts.

    Raises:
        EndMissing: nobody says.
    """
    terms = wish.product.terms
    if wish.until is not None:
        return wish.until
    if terms.term is not None:
        return terms.term.period(since)[1]
    if terms.lifts:
        return since + timedelta(days=1)
    raise EndMissing(f"{wish.product.code} does not say how long it lasts: give its end.")


async def rights_so_far(unit: Unit, subject_id: UUID, product: Product) -> list[Entitlement]:
    """List every right to a product that a subject was given, whether over, running or to come."""
    return [one for one in await unit.products.entitlements([subject_id], _EVER) if one.product_id == product.id]


async def recipient(unit: Unit, holder: Holder, wish: Wish, *, day: date) -> UUID:
    """Return who gets a right: the person, their household or their organisation, as the product asks.

    A person without a household is one of their own.

    Raises:
        QuotaShared: the household came from a split, and would have the right twice.
        SubjectAmbiguous: there are several, and none is named.
        MembershipNotFound: the holder does not belong to the one that is named, or to no organisation at all.
    """
    product = wish.product
    if product.subject is Subject.HOUSEHOLD:
        home = _picked(holder, await unit.people.households_of(holder.id, day), product.subject, wish.household)
        if home is None:
            return holder.id
        await check_not_shared(unit, home, service_code=product.service_code, day=day)
        return home.id
    if product.subject is Subject.ORGANISATION:
        organisations = await unit.people.organisations_of(holder.id, day)
        firm = _picked(holder, organisations, product.subject, wish.organisation)
        if firm is None:
            raise MembershipNotFound(
                f"{holder.reference} belongs to no organisation, and {product.code} is for organisations only."
            )
        return firm.id
    return holder.id


def _picked(holder: Holder, groups: list[G], kind: Subject, reference: str | None) -> G | None:
    """Return the household or organisation named, or the only one there is; None where there is none."""
    found = {group.reference: group for group in groups}
    if reference is not None:
        if reference not in found:
            article = "an" if kind is Subject.ORGANISATION else "a"
            raise MembershipNotFound(f"{holder.reference} does not belong to {article} {kind} {reference}.")
        return found[reference]
    if len(found) > 1:
        raise SubjectAmbiguous(f"{holder.reference} belongs to several {kind}s, say which: {', '.join(found)}.")
    return next(iter(found.values()), None)


async def end_right(unit: Unit, right: Entitlement, *, today: date) -> Entitlement | None:
    """End a right before its time: from today on it opens nothing more. None where it is taken back.

    One that has not begun is taken back as if it had never been given. What was counted stays; the grace of a tariff
    begins today, as at any other end. It ends today and never later: a carnet counts over its whole time, and with
    another end its count would begin anew. A right that is over stays as it is.

    Raises:
        RightUsed: it begins today, and was used already.
    """
    if right.valid_until <= today:
        return right
    if right.valid_from < today:
        ended = replace(right, valid_until=today)
        await unit.products.save_entitlement(ended)
        return ended
    if await unit.sales.used([right]):
        raise RightUsed("It was used today: cancel these passages first, or end it tomorrow.")
    await unit.products.remove_entitlements([right.id])
    return None
