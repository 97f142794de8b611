"""The life of a batch of cards: ordered, sent once, reported on once. What a desk does with its cards: `made_cards`."""

import re
from collections.abc import Container, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.card_batches import NUMBER_DIGITS, BatchCard, BatchState, CardBatch, card_number_from, stepped
from domain.errors.cards import BadBatch, BatchClosed, BatchFileRefused, CardUnderway, Flaw
from domain.errors.passes import LifecycleConflict
from domain.maker_reports import Report, check_chips, check_report
from domain.passes import STATUS_LIST_SIZE, MediumStatus, Pass, PassStatus
from domain.ports import Unit

LARGEST: Final = 100_000
"""Cards in one batch."""

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_FULL_ENOUGH = STATUS_LIST_SIZE // 2
"""Cards in one status list: half of its places, so that a free one is drawn at the second try."""


class Wanted(Struct, frozen=True):
    """One card to order: blank, or for a pass."""

    expires_at: datetime
    keep_until: date
    pass_: Pass | None = None


async def order(
    unit: Unit,
    authority_id: UUID,
    *,
    code: str,
    wanted: Sequence[Wanted],
    key_version: int,
    agent_id: UUID,
    now: datetime,
) -> CardBatch:
    """Order cards. Their numbers and places are drawn now and given to nobody else, whatever becomes of the batch.

    Raises:
        BadBatch: no card or too many, or no code.
        AlreadyExists: there is a batch of this code, or another was ordered at this very moment.
        CardUnderway: a pass is named twice, or a card for it is on its way.
        LifecycleConflict: a pass has ended.
    """
    if not 0 < len(wanted) <= LARGEST or not _CODE.fullmatch(code):
        raise BadBatch(f"{code}, {len(wanted)} cards: a batch has a short code and 1 to {LARGEST:,} cards.")
    await _check_passes(unit, [one.pass_ for one in wanted if one.pass_ is not None])
    batch = CardBatch(
        id=unit.ids.row(),
        authority_id=authority_id,
        code=code,
        state=BatchState.ORDERED,
        size=len(wanted),
        key_version=key_version,
        ordered_by=agent_id,
        ordered_at=now,
    )
    # The odd lists: desks draw from the even ones, so an order and a desk never race for one place.
    number_of_list = 1 + 2 * (await unit.batches.ordered(authority_id) // _FULL_ENOUGH)
    numbers = await _free_numbers(unit, len(wanted))
    taken = await unit.batches.places_taken(authority_id, number_of_list)
    places = _free_places(unit, len(wanted), taken)
    await unit.batches.add(batch)
    await unit.batches.add_cards(
        [
            BatchCard(
                batch_id=batch.id,
                sequence=sequence,
                authority_id=authority_id,
                number=number,
                medium_id=unit.ids.medium(),
                status_list=number_of_list,
                status_index=place,
                status=MediumStatus.ORDERED,
                expires_at=one.expires_at,
                keep_until=one.keep_until,
                pass_id=one.pass_.id if one.pass_ else None,
                named=one.pass_ is not None,
            )
            for sequence, (one, number, place) in enumerate(zip(wanted, numbers, places, strict=True), start=1)
        ]
    )
    return batch


async def pair_chips(unit: Unit, batch: CardBatch, uid_digests: Sequence[bytes]) -> list[BatchCard]:
    """Give each card of a batch its chip, in the order of the maker's list. Nothing is written before `send`.

    Raises:
        BatchClosed: the batch was sent or refused before.
        BatchFileRefused: too few chips or too many, one twice, or one that is a card already.
    """
    await _check_chips(unit, batch, uid_digests)
    cards = await unit.batches.cards(batch.id)
    if any(card.status is MediumStatus.IN_PRODUCTION for card in cards):
        raise BatchClosed(f"Batch {batch.code} was sent a moment ago: an order is sent once.")
    return [
        replace(stepped(card, MediumStatus.IN_PRODUCTION), uid_digest=digest)
        for card, digest in zip(cards, uid_digests, strict=True)
    ]


async def send(
    unit: Unit, batch: CardBatch, paired: Sequence[BatchCard], *, file_digest: bytes, agent_id: UUID, now: datetime
) -> CardBatch:
    """Say that a batch has left, with these chips and as this file. `batch` is held: what was checked is checked again.

    Raises:
        BatchClosed, BatchFileRefused: somebody was faster since the chips were paired.
    """
    await _check_chips(unit, batch, [card.uid_digest for card in paired if card.uid_digest is not None])
    await unit.batches.save_cards(paired)
    sent = replace(batch, state=BatchState.SENT, file_digest=file_digest, sent_by=agent_id, sent_at=now)
    await unit.batches.save(sent)
    return sent


async def settle(unit: Unit, batch: CardBatch, report: Report, *, agent_id: UUID, now: datetime) -> CardBatch:
    """Take in what the maker says of a batch: all of it, or nothing.

    A card whose pass has got another one while it was being made is out of use from now on.

    Raises:
        BatchClosed: the batch was not sent, or was reported on before.
        BatchFileRefused: the report is another batch's, or not of these cards.
    """
    if batch.state is not BatchState.SENT:
        raise BatchClosed(f"Batch {batch.code} is {batch.state}: it is reported on once, after it was sent.")
    cards = await unit.batches.cards(batch.id)
    refuse_if(check_report(batch, cards, report))
    produced = {one.sequence: one.produced for one in report.cards}
    named = [card.pass_id for card in cards if card.named and card.pass_id is not None]
    unwanted = await unit.ordered_cards.ended_elsewhere(named, batch.ordered_at)
    await unit.batches.save_cards(
        [
            _reported(card, produced=produced[card.sequence], wanted=card.pass_id not in unwanted)
            for card in cards
            if card.status is MediumStatus.IN_PRODUCTION
        ]
    )
    states = {
        (True, True): BatchState.PARTLY_ACCEPTED,
        (True, False): BatchState.ACCEPTED,
        (False, True): BatchState.REFUSED,
    }
    some = set(produced.values())
    return await _close(unit, batch, states[True in some, False in some], agent_id=agent_id, now=now)


def _reported(card: BatchCard, *, produced: bool, wanted: bool) -> BatchCard:
    if not produced:
        return stepped(card, MediumStatus.DAMAGED)
    made = stepped(card, MediumStatus.PRODUCED)
    return made if wanted else stepped(made, MediumStatus.REVOKED)


async def refuse(unit: Unit, batch: CardBatch, *, agent_id: UUID, now: datetime) -> CardBatch:
    """Refuse a batch that was not reported on: none of its cards will ever open anything.

    Raises:
        BatchClosed: it was reported on or refused before.
    """
    if batch.state not in {BatchState.ORDERED, BatchState.SENT}:
        raise BatchClosed(f"Batch {batch.code} is {batch.state}.")
    cards = await unit.batches.cards(batch.id)
    await unit.batches.save_cards(
        [stepped(card, MediumStatus.REVOKED) for card in cards if card.status is not MediumStatus.REVOKED]
    )
    return await _close(unit, batch, BatchState.REFUSED, agent_id=agent_id, now=now)


def refuse_if(flaws: list[Flaw]) -> None:
    """Take nothing of a file in which anything is wrong.

    Raises:
        BatchFileRefused: with all of it.
    """
    if flaws:
        raise BatchFileRefused(*flaws)


async def _free_numbers(unit: Unit, count: int) -> list[str]:
    free: dict[str, None] = {}
    while len(free) < count:
        drawn = [card_number_from(unit.ids.below(10 ** (NUMBER_DIGITS - 1))) for _ in range(count - len(free))]
        taken = await unit.batches.numbers_taken(drawn)
        free |= dict.fromkeys(number for number in drawn if number not in taken)
    return list(free)


def _free_places(unit: Unit, count: int, taken: Container[int]) -> list[int]:
    free: dict[int, None] = {}
    while len(free) < count:
        place = unit.ids.below(STATUS_LIST_SIZE)
        if place not in taken:
            free[place] = None
    return list(free)


async def _check_passes(unit: Unit, passes: Sequence[Pass]) -> None:
    ids = [one.id for one in passes]
    underway = await unit.batches.passes_with_card_underway(ids)
    for one in passes:
        if one.status is PassStatus.ENDED:
            raise LifecycleConflict(f"Pass {one.number} has ended: it gets no card.")
        if one.id in underway:
            raise CardUnderway(f"A card for pass {one.number} is on its way.")
    if len(set(ids)) != len(ids):
        raise CardUnderway("A pass stands in the order twice.")


async def _check_chips(unit: Unit, batch: CardBatch, uid_digests: Sequence[bytes]) -> None:
    if batch.state is not BatchState.ORDERED:
        raise BatchClosed(f"Batch {batch.code} is {batch.state}: an order is sent once.")
    known = await unit.batches.chips_known(batch.authority_id, uid_digests)
    refuse_if(check_chips(batch, uid_digests, known))


async def _close(unit: Unit, batch: CardBatch, state: BatchState, *, agent_id: UUID, now: datetime) -> CardBatch:
    closed = replace(batch, state=state, settled_by=agent_id, settled_at=now)
    await unit.batches.save(closed)
    return closed
