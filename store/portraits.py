"""Queries on photos of people; the pictures lie in the vault."""

from collections import Counter
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, delete, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.passes import PassStatus
from domain.portrait_offers import OfferState, PortraitOffer
from domain.portraits import Portrait
from store.rows import insert, to_struct
from store.tables.accounts import portrait_word
from store.tables.cards import batch_card
from store.tables.passes import pass_
from store.tables.people import holder, portrait, portrait_offer


class SqlPortraits:
    """`domain.ports.Portraits` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, authority_id: UUID, holder_id: UUID) -> Portrait | None:
        """Find the photo of somebody."""
        return (await portraits_of(self._connection, authority_id, [holder_id])).get(holder_id)

    async def save(self, new: Portrait) -> None:
        """Write a photo in the place of the one before."""
        await self.remove(new.authority_id, new.holder_id)
        await insert(self._connection, portrait, new)

    async def remove(self, authority_id: UUID, holder_id: UUID) -> None:
        """Take a photo away."""
        await self._connection.execute(
            delete(portrait).where(portrait.c.authority_id == authority_id, portrait.c.holder_id == holder_id)
        )

    async def offer_of(self, authority_id: UUID, holder_id: UUID) -> PortraitOffer | None:
        """Find what somebody offers."""
        return await self._offer(_offered(authority_id, holder_id))

    async def hold_offer(self, authority_id: UUID, holder_id: UUID) -> PortraitOffer | None:
        """Find it, and keep others from deciding it to the end of the unit. SQLite has one writer anyway."""
        return await self._offer(_offered(authority_id, holder_id).with_for_update())

    async def save_offer(self, new: PortraitOffer) -> None:
        """Write an offer in the place of the one before."""
        await self.remove_offer(new.authority_id, new.holder_id)
        await insert(self._connection, portrait_offer, new)

    async def remove_offer(self, authority_id: UUID, holder_id: UUID) -> None:
        """Take an offer away."""
        await self._connection.execute(
            delete(portrait_offer).where(
                portrait_offer.c.authority_id == authority_id, portrait_offer.c.holder_id == holder_id
            )
        )

    async def owe_word(self, refused: PortraitOffer, account_ids: list[UUID], now: datetime) -> None:
        """Note that these accounts are to be told of a refusal; it goes with the offer."""
        word = {"due_at": now, "attempts": 0, "keep_until": refused.keep_until}
        whose = {"holder_id": refused.holder_id, "authority_id": refused.authority_id}
        if account_ids:
            rows = [{**whose, "account_id": account_id, **word} for account_id in account_ids]
            await self._connection.execute(portrait_word.insert(), rows)

    async def _offer(self, asked: Select[Any]) -> PortraitOffer | None:
        row = (await self._connection.execute(asked)).one_or_none()
        return to_struct(row, PortraitOffer) if row is not None else None


def _offered(authority_id: UUID, holder_id: UUID) -> Select[Any]:
    offer = portrait_offer.c
    return select(portrait_offer).where(offer.authority_id == authority_id, offer.holder_id == holder_id)


class WaitingPhoto(Struct, frozen=True):
    """Whose photo waits for somebody to look at it, and since when."""

    holder_id: UUID
    reference: str
    first_name: str
    last_name: str
    offered_at: datetime


async def photos_waiting(
    connection: AsyncConnection, authority_id: UUID, *, most: int, after: tuple[datetime, UUID] | None = None
) -> list[WaitingPhoto]:
    """List the photos that wait, the oldest first, or those behind one: when it was offered, and whose it is."""
    offer = portrait_offer.c
    place = (offer.offered_at, offer.holder_id)
    asked = (
        select(offer.holder_id, holder.c.reference, holder.c.first_name, holder.c.last_name, offer.offered_at)
        .join(holder, holder.c.id == offer.holder_id)
        .where(offer.authority_id == authority_id, offer.state == OfferState.WAITING)
    )
    if after is not None:
        asked = asked.where(tuple_(*place) > after)
    found = await connection.execute(asked.order_by(*place).limit(most))
    return [to_struct(row, WaitingPhoto) for row in found.mappings()]


async def portraits_of(connection: AsyncConnection, authority_id: UUID, holder_ids: list[UUID]) -> dict[UUID, Portrait]:
    """Return the photos of these people, by person, of those who have one."""
    found = await connection.execute(
        select(portrait).where(portrait.c.authority_id == authority_id, portrait.c.holder_id.in_(holder_ids))
    )
    return {row.holder_id: to_struct(row, Portrait) for row in found}


async def portraits_in(connection: AsyncConnection, authority_id: UUID, batch_id: UUID) -> dict[str, Portrait]:
    """Return the photos of those for whom the cards of a batch are made, by the number of the pass."""
    found = await connection.execute(
        select(portrait, pass_.c.number)
        .join(pass_, pass_.c.holder_id == portrait.c.holder_id)
        .join(batch_card, batch_card.c.pass_id == pass_.c.id)
        .where(portrait.c.authority_id == authority_id, batch_card.c.batch_id == batch_id)
    )
    return {row.number: to_struct(row, Portrait) for row in found}


async def portraits_end(connection: AsyncConnection, authority_id: UUID, day: date, taken_before: datetime) -> bool:
    """Tell whether a photo has come to its end: its day is there, or its person has no pass (`forget_portraits`)."""
    for query in (
        select(portrait.c.holder_id).where(portrait.c.authority_id == authority_id, _over(day, taken_before)),
        select(portrait_offer.c.holder_id).where(*_unanswered(authority_id, day)),
    ):
        if (await connection.execute(query.limit(1))).first() is not None:
            return True
    return False


async def forget_portraits(
    connection: AsyncConnection,
    authority_id: UUID,
    day: date,
    taken_before: datetime,
    *,
    rows: Counter[str] | None = None,
) -> list[UUID]:
    """Forget photos at their end, and offers that nobody has looked at; return the files to be removed.

    `rows` counts them by table. `taken_before` spares new ones: a photo may be taken before the pass that it is for is
    opened.
    """
    gone = await connection.execute(
        delete(portrait)
        .where(portrait.c.authority_id == authority_id, _over(day, taken_before))
        .returning(portrait.c.file_id)
    )
    offers = await connection.execute(
        delete(portrait_offer).where(*_unanswered(authority_id, day)).returning(portrait_offer.c.file_id)
    )
    kept, offered = list(gone.scalars()), list(offers.scalars())
    if rows is not None:
        rows.update({portrait.name: len(kept), portrait_offer.name: len(offered)})
    return [*kept, *offered]


def _unanswered(authority_id: UUID, day: date) -> tuple[ColumnElement[bool], ...]:
    return portrait_offer.c.authority_id == authority_id, portrait_offer.c.keep_until <= day


def _over(day: date, taken_before: datetime) -> ColumnElement[bool]:
    runs = (
        select(pass_.c.id)
        .where(
            pass_.c.holder_id == portrait.c.holder_id,
            pass_.c.status != PassStatus.ENDED,
            pass_.c.valid_until > day,
        )
        .exists()
    )
    return or_(portrait.c.keep_until <= day, (portrait.c.taken_at < taken_before) & ~runs)
