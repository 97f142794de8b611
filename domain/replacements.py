"""A new medium in the place of one that was stopped: why, and what it costs.

The first medium of a pass costs nothing. What another one costs is the authority's price list: by the kind of medium
and by the reason, which is what became of the old one unless the desk knows it better (a theft that was reported, a
card that was faulty). A reason that the list does not name is free. Who has ordered the card that takes the place of
another pays the price that they were shown, once. What is due is written down as it was that day; whether it was paid
stands in the books of whoever collects it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from msgspec import Struct

from domain.card_batches import BatchCard
from domain.errors.passes import WrongReplacementReason
from domain.made_cards import bind
from domain.order_endings import end_by_card
from domain.passes import MEDIUM_STEPS, Medium, MediumKind, MediumStatus, Pass, add_medium, medium_of, move
from domain.ports import Unit

if TYPE_CHECKING:
    from domain.ordered_cards import CardOrder


class ReplacementReason(StrEnum):
    """Why a medium is replaced: the price depends on it (domain study 2.6, UiTPAS)."""

    LOSS = "loss"
    THEFT = "theft"
    """Stolen, as the holder says."""
    THEFT_REPORTED = "theft_reported"
    """Stolen, and the desk has seen what the police wrote."""
    DAMAGE = "damage"
    """Spoilt in its holder's hands."""
    DEFECT = "defect"
    """It stopped working by itself."""
    RENEWAL = "renewal"
    """Its life was over (5 to 8 years, Rémi)."""
    WITHDRAWAL = "withdrawal"
    """The authority took it out of use."""


_R = ReplacementReason
_FITS: dict[MediumStatus, tuple[ReplacementReason, ...]] = {
    MediumStatus.LOST: (_R.LOSS, _R.THEFT, _R.THEFT_REPORTED),
    MediumStatus.STOLEN: (_R.THEFT, _R.THEFT_REPORTED),
    MediumStatus.DAMAGED: (_R.DAMAGE, _R.DEFECT),
    MediumStatus.EXPIRED: (_R.RENEWAL,),
    MediumStatus.REVOKED: (_R.WITHDRAWAL, _R.LOSS, _R.THEFT, _R.THEFT_REPORTED, _R.DAMAGE, _R.DEFECT),
}
"""The reasons that a state leaves open, the first one where nobody says more."""


_IN_USE = frozenset({MediumStatus.ACTIVE, MediumStatus.SUSPENDED})


class ReplacementFee(Struct, frozen=True):
    """One line of an authority's price list."""

    authority_id: UUID
    kind: MediumKind
    reason: ReplacementReason
    amount_cents: int


class Replacement(Struct, frozen=True):
    """The medium `medium_id` took the place of `replaced_id`, and `fee_cents` were due for it."""

    medium_id: int
    authority_id: UUID
    replaced_id: int
    reason: ReplacementReason
    fee_cents: int
    replaced_at: datetime
    keep_until: date


class Replaced(Struct, frozen=True):
    """What a desk hands over, and what it asks for."""

    medium: Medium
    replacement: Replacement


def fee_cents(fees: Sequence[ReplacementFee], kind: MediumKind, reason: ReplacementReason) -> int:
    """Return what a price list asks: nothing for what it does not name."""
    return next((fee.amount_cents for fee in fees if (fee.kind, fee.reason) == (kind, reason)), 0)


def reasons_for(status: MediumStatus) -> tuple[ReplacementReason, ...]:
    """Return why a medium in this state may be replaced, the likeliest first; nothing where it is not replaced."""
    return _FITS.get(status, ())


def reason_for(status: MediumStatus, said: ReplacementReason | None = None) -> ReplacementReason:
    """Return why a medium in this state is replaced: what the desk says, if the state leaves it open.

    Raises:
        WrongReplacementReason: a medium in this state was stopped for something else.
    """
    fitting = _FITS[status]
    if said is not None and said not in fitting:
        raise WrongReplacementReason(f"A medium that is {status} is not replaced for {said}: {', '.join(fitting)}.")
    return said or fitting[0]


def reason_of(order: "CardOrder") -> ReplacementReason:
    """Return what a price list calls the reason of an order that replaces a card."""
    return reason_for(MediumStatus(order.reason.value))


async def replace_medium(
    unit: Unit,
    pass_: Pass,
    medium_id: int,
    *,
    expires_at: datetime,
    now: datetime,
    reason: ReplacementReason | None = None,
    shown_cents: int | None = None,
    by: UUID | None = None,
) -> Replaced:
    """Put a new medium in the place of one that was stopped or is over, and write down what is due for it.

    Rights and balances hang on neither. `by` is the agent on whose account it is. `shown_cents` is the price that its
    owner was shown: it is due, whatever the list says meanwhile. A card ends what was ordered for the pass; where the
    order was for this very place, and for this reason, its price is due and no other.

    Raises:
        MediumNotFound: the medium is not one of this pass.
        LifecycleConflict: it is in use still, or was replaced before; the pass has ended.
        WrongReplacementReason: it was stopped for something else than `reason`.
    """
    old = await medium_of(unit, pass_, medium_id)
    order = await end_by_card(unit, pass_, card=None, now=now) if old.kind is MediumKind.CARD else None
    gone = await _retire(unit, old, now=now, reason=reason, shown_cents=shown_cents, order=order, by=by)
    new = await add_medium(unit, pass_, kind=old.kind, expires_at=expires_at, now=now)
    return await _follow(unit, gone, new, now=now)


async def replace_by_card(
    unit: Unit,
    pass_: Pass,
    medium_id: int,
    card: BatchCard,
    *,
    now: datetime,
    reason: ReplacementReason | None = None,
    shown_cents: int | None = None,
    by: UUID | None = None,
) -> Replaced:
    """Put a card of a batch, which the desk hands over, in the place of a card that was stopped or is over.

    `shown_cents`, and what was ordered for the pass, as for `replace_medium`.

    Raises:
        MediumNotFound, LifecycleConflict, WrongReplacementReason: as `replace_medium`.
        CardOfAnotherPass, LifecycleConflict, AlreadyExists: as `made_cards.bind`.
    """
    order = await end_by_card(unit, pass_, card=card, now=now)
    old = await medium_of(unit, pass_, medium_id)
    gone = await _retire(unit, old, now=now, reason=reason, shown_cents=shown_cents, order=order, by=by)
    return await _follow(unit, gone, await bind(unit, card, pass_, now=now, by=by), now=now)


class _Gone(Struct, frozen=True):
    medium: Medium
    reason: ReplacementReason
    fee_cents: int


def may_retire(medium: Medium, now: datetime) -> bool:
    """Tell whether another may take the place of a medium: it was stopped, or its date has passed."""
    over = medium.status in _IN_USE and medium.expires_at <= now
    return over or MediumStatus.REPLACED in MEDIUM_STEPS[medium.status]


async def _retire(
    unit: Unit,
    old: Medium,
    *,
    now: datetime,
    reason: ReplacementReason | None,
    shown_cents: int | None,
    order: "CardOrder | None",
    by: UUID | None,
) -> _Gone:
    """Move a medium to its end; say why it is replaced, and what that costs: what was shown, or what the list says."""
    # Nobody has to stop a card whose date has passed: no gate takes it.
    if old.status in _IN_USE and old.expires_at <= now:
        old = await move(unit, old, MediumStatus.EXPIRED, now=now, by=by)
    await move(unit, old, MediumStatus.REPLACED, now=now, by=by)
    why = reason_for(old.status, reason)
    if shown_cents is None and order is not None and order.replaces == old.id and reason_of(order) is why:
        shown_cents = order.fee_cents
    if shown_cents is not None:
        return _Gone(old, why, shown_cents)
    return _Gone(old, why, fee_cents(await unit.replacements.fees(old.authority_id), old.kind, why))


async def _follow(unit: Unit, gone: _Gone, new: Medium, *, now: datetime) -> Replaced:
    replacement = Replacement(
        new.id, new.authority_id, gone.medium.id, gone.reason, gone.fee_cents, now, new.keep_until
    )
    await unit.replacements.add(replacement)
    return Replaced(new, replacement)
