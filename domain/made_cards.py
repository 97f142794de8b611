"""Cards that came back from their maker: delivered to a desk or by post, discarded, and bound to a pass, once."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.card_batches import BatchCard, CardBatch, stepped
from domain.cards import Card, CardTechnology
from domain.errors.cards import BadBatch, BatchClosed, CardNotReturnable, CardOfAnotherPass
from domain.errors.passes import LifecycleConflict
from domain.order_endings import end_by_card
from domain.passes import BlockReason, Medium, MediumKind, MediumStatus, Pass, PassStatus, change_of
from domain.ports import Unit

_DESK = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_DELIVERABLE = frozenset({MediumStatus.PRODUCED, MediumStatus.READY_AT_DESK})


TAKE_BACK_WITHIN: Final = timedelta(minutes=30)
"""How long a mistake at the counter may be undone: its holder stands there still, or has just left."""


class UnbindReason(StrEnum):
    """Why a card goes back to where it lay."""

    WRONG_PERSON = "wrong_person"
    WRONG_CARD = "wrong_card"
    DECLINED = "declined"
    """The holder wants none after all."""


class Drawer(Struct, frozen=True):
    """How many blank cards a desk has left."""

    desk: str
    blank: int


async def deliver_to_desk(
    unit: Unit, batch: CardBatch, *, desk: str, first: int, last: int, now: datetime
) -> list[BatchCard]:
    """Say that cards lie at a desk, those from `first` to `last` of a batch: from its maker, or from another desk.

    Whoever has ordered one of them is told.

    Raises:
        BadBatch: no code of a desk.
        BatchClosed: none of these cards can be delivered.
    """
    if not _DESK.fullmatch(desk):
        raise BadBatch(f"{desk!r} is no desk: use up to 40 small letters, digits and hyphens.")
    cards = [card for card in await _between(unit, batch, first, last) if card.status in _DELIVERABLE]
    there = [replace(card, status=MediumStatus.READY_AT_DESK, desk=desk) for card in cards]
    return await _delivered(unit, batch, cards, there, now=now)


async def ship(unit: Unit, batch: CardBatch, *, first: int, last: int, now: datetime) -> list[BatchCard]:
    """Say that cards made for passes by name are in the post, those from `first` to `last` of a batch.

    Whoever has ordered one of them is told.

    Raises:
        BatchClosed: none of these cards can be sent to anybody.
    """
    cards = [
        card
        for card in await _between(unit, batch, first, last)
        if card.status is MediumStatus.PRODUCED and card.pass_id is not None
    ]
    return await _delivered(unit, batch, cards, [stepped(card, MediumStatus.SHIPPED) for card in cards], now=now)


async def discard(unit: Unit, card: BatchCard, *, reason: BlockReason) -> BatchCard:
    """Take a card that nobody holds yet out of use, for good.

    Raises:
        LifecycleConflict: it was bound or taken out before, or is on order: refuse the batch.
    """
    if card.status is MediumStatus.ACTIVE:
        raise LifecycleConflict("The card belongs to a pass: block it there.")
    discarded = stepped(card, MediumStatus(reason.value))
    await unit.batches.save_cards([discarded])
    return discarded


async def bind(unit: Unit, card: BatchCard, pass_: Pass, *, now: datetime, by: UUID | None = None) -> Medium:
    """Make a card the active card of a pass, on the account of agent `by`. What was ordered for the pass ends.

    It keeps the number, the place and the expiry that its chip has.

    Raises:
        CardOfAnotherPass: it was made for another pass.
        LifecycleConflict: the card was bound before, is neither at a desk nor in the post, or is over; the pass has
            ended.
        AlreadyExists: the chip is a medium already.
    """
    active, uid_digest = _active(card, pass_, now)
    await end_by_card(unit, pass_, card=card, now=now)
    bound = replace(active, pass_id=pass_.id, keep_until=pass_.keep_until)
    medium = Medium(
        id=card.medium_id,
        authority_id=card.authority_id,
        pass_id=pass_.id,
        kind=MediumKind.CARD,
        status=MediumStatus.ACTIVE,
        status_list=card.status_list,
        status_index=card.status_index,
        expires_at=card.expires_at,
        created_at=now,
        keep_until=pass_.keep_until,
    )
    await unit.passes.add_medium(medium)
    await unit.passes.add_change(change_of(medium, now=now, by=by, was=card.status))
    await unit.passes.add_card(
        Card(
            medium_id=medium.id,
            authority_id=medium.authority_id,
            uid_digest=uid_digest,
            technology=CardTechnology.NTAG424,
            key_version=(await unit.batches.by_id(card.batch_id)).key_version,
            created_at=now,
            keep_until=medium.keep_until,
        )
    )
    await unit.batches.save_cards([bound])
    return medium


def _active(card: BatchCard, pass_: Pass, now: datetime) -> tuple[BatchCard, bytes]:
    """Return the card as the active one of a pass, with the digest of its chip's UID, if it may become that."""
    if card.status is MediumStatus.ACTIVE:
        raise LifecycleConflict("The card belongs to a pass already: a card is bound once.")
    active = stepped(card, MediumStatus.ACTIVE)
    if card.pass_id not in (None, pass_.id):
        raise CardOfAnotherPass("The card was made for another pass.")
    if pass_.status is PassStatus.ENDED:
        raise LifecycleConflict("A pass that has ended gets no new medium.")
    if card.expires_at <= now:
        raise LifecycleConflict("The card is over: the date printed on it has passed.")
    if card.uid_digest is None:
        raise LifecycleConflict("The card is on order: it has no chip yet.")
    return active, card.uid_digest


async def may_come_back(unit: Unit, medium: Medium, now: datetime) -> bool:
    """Tell whether binding this medium may still be undone: just now, and nothing has happened to it since."""
    fresh = medium.status is MediumStatus.ACTIVE and now < medium.created_at + TAKE_BACK_WITHIN
    return (
        fresh
        and await unit.batches.card_of_medium(medium.authority_id, medium.id) is not None
        and await unit.passes.is_untouched(medium)
    )


async def unbind(unit: Unit, card: BatchCard, *, now: datetime) -> BatchCard:
    """Undo the binding of a card that was bound by mistake: it lies where it lay, and may be bound again.

    The medium goes as if it had never been, and what was ordered for the pass is open again; who undid what, and why,
    stands in the journal alone.

    Raises:
        LifecycleConflict: the card is bound to no pass.
        CardNotReturnable: it was bound more than `TAKE_BACK_WITHIN` ago, a gate has seen it, it took the place of
            another, or it was stopped since: block it instead.
    """
    if card.status is not MediumStatus.ACTIVE or card.pass_id is None:
        raise LifecycleConflict("The card is bound to no pass.")
    media = await unit.passes.media(card.pass_id)
    medium = next((one for one in media if one.id == card.medium_id), None)
    if medium is None or not await may_come_back(unit, medium, now):
        raise CardNotReturnable("The card cannot go back to the stock any more: block it instead.")
    before = await unit.passes.withdraw(medium)
    if before is None:
        raise CardNotReturnable("A gate has just seen the card: block it instead.")
    returned = replace(card, status=before, pass_id=card.pass_id if card.named else None)
    await unit.batches.save_cards([returned])
    await unit.ordered_cards.reopen(medium, now=now)
    return returned


async def _between(unit: Unit, batch: CardBatch, first: int, last: int) -> Sequence[BatchCard]:
    return [card for card in await unit.batches.cards(batch.id) if first <= card.sequence <= last]


async def _delivered(
    unit: Unit, batch: CardBatch, before: list[BatchCard], there: list[BatchCard], *, now: datetime
) -> list[BatchCard]:
    if not there:
        raise BatchClosed(f"No card of batch {batch.code} can go there: it is {batch.state}.")
    await unit.batches.save_cards(there)
    # Said twice of one desk it is no news to anybody.
    moved = [after.pass_id for was, after in zip(before, there, strict=True) if after != was and after.pass_id]
    await unit.ordered_cards.moved(moved, now)
    return there
