"""What a terminal hears: the verdict with its words, once and for all as bytes.

The bytes are stored with the event before they are sent, and sent again, unchanged, whenever the same key asks.
"""

from datetime import date, datetime

import msgspec
from msgspec import UNSET, Struct, UnsetType

from domain.access.decide import Verdict, overridable
from domain.access.facts import Balance, Direction, Facts
from domain.access.reasons import COLOURS, REASONS, Colour, Outcome, Reason
from domain.limits import ONE, Measure
from domain.text import Text


class Remaining(Struct, frozen=True, rename="camel", gc=False):
    """What is left of one limit after this passage; `left` and `of` are in whole `unit`s, `until` is excluded.

    `kind` is there where it counts one kind of waste, `freeLeft` where a part of it costs nothing.
    """

    product: str
    unit: Measure
    left: float
    of: float
    until: date
    kind: str | UnsetType = UNSET
    free_left: float | UnsetType = UNSET


class Price(Struct, frozen=True, rename="camel", gc=False):
    """What the passage costs, in cents of a euro: at the gate, before it opens, or billed later."""

    due_cents: int
    billed_cents: int


class Notice(Struct, frozen=True, rename="camel", gc=False):
    """A warning that comes with an open gate."""

    reason: Reason
    text: Text


class Answer(Struct, frozen=True, rename="camel", omit_defaults=True, gc=False):
    """The body of a decided validation.

    `text` fits a terminal's screen, `nextStep` tells the person what to do, `colour` names the class of colour and
    sound. `overridable` says that an agent with the permission may let the person in with a motive.
    """

    outcome: Outcome
    reason: Reason
    colour: Colour
    text: Text
    next_step: Text
    direction: Direction
    decided_at: datetime
    remaining: tuple[Remaining, ...] = ()
    warnings: tuple[Notice, ...] = ()
    overridable: bool = False
    pass_valid_until: date | UnsetType = UNSET
    price: Price | UnsetType = UNSET


_encoder = msgspec.json.Encoder()


def compose(facts: Facts, verdict: Verdict) -> Answer:
    """Put a verdict into words."""
    meaning = REASONS[verdict.reason]
    entering = facts.direction is Direction.ENTRY
    return Answer(
        outcome=verdict.outcome,
        reason=verdict.reason,
        colour=COLOURS[verdict.outcome],
        text=meaning.short,
        next_step=meaning.next_step,
        direction=facts.direction,
        decided_at=facts.at,
        remaining=_remaining(verdict),
        warnings=tuple(Notice(reason, REASONS[reason].short) for reason in verdict.warnings),
        overridable=overridable(facts, verdict.reason),
        pass_valid_until=facts.medium.pass_valid_until
        if verdict.seen and entering and facts.medium is not None
        else UNSET,
        price=Price(verdict.due_cents, verdict.billed_cents) if verdict.due_cents or verdict.billed_cents else UNSET,
    )


def plain(reason: Reason, direction: Direction, at: datetime) -> Answer:
    """Put a reason into words where no passage was judged: a cancellation."""
    meaning = REASONS[reason]
    return Answer(
        outcome=meaning.outcome,
        reason=reason,
        colour=COLOURS[meaning.outcome],
        text=meaning.short,
        next_step=meaning.next_step,
        direction=direction,
        decided_at=at,
    )


def encode(answer: Answer) -> bytes:
    """Return the bytes that are stored and sent."""
    return _encoder.encode(answer)


def _remaining(verdict: Verdict) -> tuple[Remaining, ...]:
    right = verdict.right
    if right is None:
        return ()
    spent = {charge.balance: charge.amount for charge in verdict.charges}
    return tuple(
        left_of(right.product.code, balance, spent.get(place, 0)) for place, balance in enumerate(right.balances)
    )


def left_of(product: str, balance: Balance, spent: int = 0) -> Remaining:
    """Say what is left of one limit of a product once `spent` thousandths more are counted."""
    limit, used = balance.limit, balance.used + spent
    return Remaining(
        product=product,
        unit=limit.unit,
        left=max(0, limit.amount - used) / ONE,
        of=limit.amount / ONE,
        until=balance.ends_before,
        kind=limit.kind if limit.kind is not None else UNSET,
        free_left=max(0, limit.free - used) / ONE if limit.free is not None else UNSET,
    )
