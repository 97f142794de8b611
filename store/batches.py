"""Queries on batches of cards."""

from collections.abc import Iterator, Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import bindparam, func, select, union_all, update
from sqlalchemy import insert as insert_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.card_batches import BatchCard, CardBatch
from domain.errors import AlreadyExists
from domain.errors.cards import BatchNotFound, MadeCardNotFound
from domain.made_cards import Drawer
from domain.passes import MediumStatus
from store import status_lists
from store.rows import insert, only, to_row, to_struct
from store.tables.cards import batch_card, card_batch
from store.tables.passes import card, pass_, retired_place
from store.tables.people import holder

T = TypeVar("T")

_PIECE = 1_000
"""Rows of one statement."""

OVER = (
    MediumStatus.ACTIVE,
    MediumStatus.LOST,
    MediumStatus.STOLEN,
    MediumStatus.DAMAGED,
    MediumStatus.REVOKED,
)
"""States from which no card of a batch comes to anybody any more."""


class SqlBatches:
    """`domain.ports.Batches` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: CardBatch) -> None:
        """Write a batch."""
        try:
            await insert(self._connection, card_batch, new)
        except IntegrityError as taken:
            raise AlreadyExists(f"There is a batch {new.code} already.") from taken

    async def save(self, changed: CardBatch) -> None:
        """Write where a batch stands."""
        await self._connection.execute(
            update(card_batch).where(card_batch.c.id == changed.id).values(to_row(changed, leave_out=("id",)))
        )

    async def by_code(self, authority_id: UUID, code: str) -> CardBatch:
        """Find a batch of this authority."""
        found = await self._connection.execute(
            select(card_batch).where(card_batch.c.authority_id == authority_id, card_batch.c.code == code)
        )
        return only(found, CardBatch, BatchNotFound(f"No batch has the code {code}."))

    async def hold(self, authority_id: UUID, code: str) -> CardBatch:
        """Find a batch and lock it: of two who send it, or read a report on it, one waits for the other."""
        found = await self._connection.execute(
            select(card_batch)
            .where(card_batch.c.authority_id == authority_id, card_batch.c.code == code)
            .with_for_update()
        )
        return only(found, CardBatch, BatchNotFound(f"No batch has the code {code}."))

    async def by_id(self, batch_id: UUID) -> CardBatch:
        """Find the batch of a card."""
        found = await self._connection.execute(select(card_batch).where(card_batch.c.id == batch_id))
        return only(found, CardBatch, BatchNotFound("No such batch."))

    async def all_of(self, authority_id: UUID) -> list[CardBatch]:
        """List the batches of an authority, newest first."""
        found = await self._connection.execute(
            select(card_batch)
            .where(card_batch.c.authority_id == authority_id)
            .order_by(card_batch.c.ordered_at.desc(), card_batch.c.code)
        )
        return [to_struct(row, CardBatch) for row in found]

    async def ordered(self, authority_id: UUID) -> int:
        """Count the cards that were ever ordered."""
        found = await self._connection.execute(
            select(func.coalesce(func.sum(card_batch.c.size), 0)).where(card_batch.c.authority_id == authority_id)
        )
        return int(found.scalar_one())

    async def add_cards(self, new: Sequence[BatchCard]) -> None:
        """Write the cards of a batch."""
        try:
            for piece in pieces(new):
                await self._connection.execute(insert_(batch_card), [to_row(one) for one in piece])
        except IntegrityError as taken:
            raise AlreadyExists("Another batch was ordered at this very moment: order this one again.") from taken
        await status_lists.cards_have_changed(self._connection, new)

    async def save_cards(self, changed: Sequence[BatchCard]) -> None:
        """Write where cards stand, and move the lists that tell."""
        write = (
            update(batch_card)
            .where(batch_card.c.batch_id == bindparam("of_batch"), batch_card.c.sequence == bindparam("of_sequence"))
            .values({name: bindparam(name) for name in ("status", "keep_until", "pass_id", "uid_digest", "desk")})
        )
        for piece in pieces(changed):
            rows = [
                {
                    "of_batch": one.batch_id,
                    "of_sequence": one.sequence,
                    "status": one.status,
                    "keep_until": one.keep_until,
                    "pass_id": one.pass_id,
                    "uid_digest": one.uid_digest,
                    "desk": one.desk,
                }
                for one in piece
            ]
            await self._connection.execute(write, rows)
        await status_lists.cards_have_changed(self._connection, changed)

    async def cards(self, batch_id: UUID) -> list[BatchCard]:
        """List the cards of a batch in their order."""
        found = await self._connection.execute(
            select(batch_card).where(batch_card.c.batch_id == batch_id).order_by(batch_card.c.sequence)
        )
        return [to_struct(row, BatchCard) for row in found]

    async def card_by_number(self, authority_id: UUID, number: str) -> BatchCard:
        """Find a card by its number and lock it: of two desks that bind it, one waits for the other."""
        found = await self._connection.execute(
            select(batch_card)
            .where(batch_card.c.authority_id == authority_id, batch_card.c.number == number)
            .with_for_update()
        )
        return only(found, BatchCard, MadeCardNotFound("No card of a batch has this number."))

    async def card_by_chip(self, authority_id: UUID, uid_digest: bytes) -> BatchCard | None:
        """Find a card by its chip and lock it."""
        found = await self._connection.execute(
            select(batch_card)
            .where(batch_card.c.authority_id == authority_id, batch_card.c.uid_digest == uid_digest)
            .with_for_update()
        )
        row = found.one_or_none()
        return to_struct(row, BatchCard) if row is not None else None

    async def card_of_medium(self, authority_id: UUID, medium_id: int) -> BatchCard | None:
        """Find the card that a medium was made of; None where it is no card of a batch."""
        found = await self._connection.execute(
            select(batch_card).where(batch_card.c.authority_id == authority_id, batch_card.c.medium_id == medium_id)
        )
        row = found.one_or_none()
        return to_struct(row, BatchCard) if row is not None else None

    async def numbers_taken(self, numbers: Sequence[str]) -> set[str]:
        """Return those of these numbers that cards have."""
        taken: set[str] = set()
        for piece in pieces(numbers):
            found = await self._connection.execute(select(batch_card.c.number).where(batch_card.c.number.in_(piece)))
            taken.update(found.scalars())
        return taken

    async def places_taken(self, authority_id: UUID, status_list: int) -> set[int]:
        """Return the places of a list that cards of batches have, or had while their signature runs."""
        taken = [
            select(table.c.status_index).where(table.c.authority_id == authority_id, table.c.status_list == status_list)
            for table in (batch_card, retired_place)
        ]
        return set((await self._connection.execute(union_all(*taken))).scalars())

    async def chips_known(self, authority_id: UUID, uid_digests: Sequence[bytes]) -> set[bytes]:
        """Return those of these chips that are media, or cards of a batch."""
        known: set[bytes] = set()
        for piece in pieces(uid_digests):
            for table in (card, batch_card):
                found = await self._connection.execute(
                    select(table.c.uid_digest).where(
                        table.c.authority_id == authority_id, table.c.uid_digest.in_(piece)
                    )
                )
                known.update(bytes(digest) for digest in found.scalars())
        return known

    async def passes_with_card_underway(self, pass_ids: Sequence[UUID]) -> set[UUID]:
        """Return those of these passes for which a card is on order, or waits to be handed over."""
        underway: set[UUID] = set()
        for piece in pieces(pass_ids):
            found = await self._connection.execute(
                select(batch_card.c.pass_id).where(batch_card.c.pass_id.in_(piece), batch_card.c.status.not_in(OVER))
            )
            underway.update(found.scalars())
        return underway

    async def card_underway(self, pass_id: UUID) -> BatchCard | None:
        """Find the card that is made for a pass by name, until it is bound or out of use."""
        found = await self._connection.execute(
            select(batch_card)
            .where(batch_card.c.pass_id == pass_id, batch_card.c.named, batch_card.c.status.not_in(OVER))
            .limit(1)
        )
        row = found.one_or_none()
        return to_struct(row, BatchCard) if row is not None else None


async def names(connection: AsyncConnection, batch_id: UUID) -> dict[int, tuple[str, str]]:
    """Find what is printed on cards that are made for a pass: its number and the holder's name, by sequence."""
    found = await connection.execute(
        select(batch_card.c.sequence, pass_.c.number, holder.c.first_name, holder.c.last_name)
        .join(pass_, pass_.c.id == batch_card.c.pass_id)
        .join(holder, holder.c.id == pass_.c.holder_id)
        .where(batch_card.c.batch_id == batch_id)
    )
    return {sequence: (number, f"{first} {last}") for sequence, number, first, last in found}


async def tally(connection: AsyncConnection, batch_id: UUID) -> dict[MediumStatus, int]:
    """Count the cards of a batch by state."""
    found = await connection.execute(
        select(batch_card.c.status, func.count()).where(batch_card.c.batch_id == batch_id).group_by(batch_card.c.status)
    )
    return {MediumStatus(status): count for status, count in found}


async def drawers(connection: AsyncConnection, authority_id: UUID) -> list[Drawer]:
    """Count the blank cards that each desk has left."""
    found = await connection.execute(
        select(batch_card.c.desk, func.count())
        .where(
            batch_card.c.authority_id == authority_id,
            batch_card.c.status == MediumStatus.READY_AT_DESK,
            batch_card.c.pass_id.is_(None),
        )
        .group_by(batch_card.c.desk)
        .order_by(batch_card.c.desk)
    )
    return [Drawer(desk, blank) for desk, blank in found]


def pieces(whole: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut what a statement is about into as much as one statement takes."""
    return (whole[start : start + _PIECE] for start in range(0, len(whole), _PIECE))
