"""Queries on passes and media."""

from uuid import UUID

from sqlalchemy import func, literal, select, union_all, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.cards import Card
from domain.errors import AlreadyExists
from domain.errors.passes import PassNotFound
from domain.passes import Medium, MediumChange, MediumStatus, Pass, PassChange
from domain.phones import DeviceKey
from store import status_lists, withdrawals
from store.rows import insert, only, to_row, to_struct
from store.tables.ledger import medium_use
from store.tables.passes import card, device_key, medium, medium_change, pass_, pass_change, retired_place


class SqlPasses:
    """`domain.ports.Passes` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: Pass) -> None:
        """Write a pass."""
        await insert(self._connection, pass_, new)

    async def save(self, changed: Pass) -> None:
        """Write a pass's status."""
        await self._connection.execute(update(pass_).where(pass_.c.id == changed.id).values(status=changed.status))
        await status_lists.have_changed(self._connection, medium.c.pass_id == changed.id)

    async def add_medium(self, new: Medium) -> None:
        """Write a medium."""
        await insert(self._connection, medium, new)
        await status_lists.have_changed(self._connection, medium.c.id == new.id, status_lists.NOT_VALID)

    async def save_medium(self, changed: Medium) -> None:
        """Write a medium's status."""
        await self._connection.execute(update(medium).where(medium.c.id == changed.id).values(status=changed.status))
        await status_lists.have_changed(self._connection, medium.c.id == changed.id)

    async def add_change(self, new: MediumChange) -> None:
        """Write what a medium was until now."""
        await insert(self._connection, medium_change, new)

    async def add_pass_change(self, new: PassChange) -> None:
        """Write what a pass was until now."""
        await insert(self._connection, pass_change, new)

    async def add_device_key(self, new: DeviceKey) -> None:
        """Write the key of a phone."""
        try:
            await insert(self._connection, device_key, new)
        except IntegrityError as known:
            raise AlreadyExists("A medium has this key already.") from known

    async def add_card(self, new: Card) -> None:
        """Write the chip of a card."""
        try:
            await insert(self._connection, card, new)
        except IntegrityError as known:
            raise AlreadyExists("A medium has this chip already.") from known

    async def card_of(self, authority_id: UUID, uid_digest: bytes) -> tuple[Card, MediumStatus] | None:
        """Find which medium a chip is, and what became of it; None if it is none."""
        found = await self._connection.execute(
            select(card, medium.c.status)
            .join(medium, medium.c.id == card.c.medium_id)
            .where(card.c.authority_id == authority_id, card.c.uid_digest == uid_digest)
        )
        row = found.one_or_none()
        return (to_struct(row, Card), MediumStatus(row.status)) if row is not None else None

    async def move_card(self, before: Card, now: Card) -> None:
        """Make a chip another medium, which has shown already what the one before has.

        Its count goes on where it was: a message of before would be new again to a medium without a mark.
        """
        moved = await self._connection.execute(
            update(card).where(card.c.medium_id == before.medium_id).values(**to_row(now))
        )
        if moved.rowcount != 1:
            raise AlreadyExists("A medium has this chip already.")
        found = await self._connection.execute(select(medium_use).where(medium_use.c.medium_id == before.medium_id))
        mark = found.mappings().one_or_none()
        if mark is not None:
            shown = {**mark, "medium_id": now.medium_id, "spent": True, "version": 1, "keep_until": now.keep_until}
            await self._connection.execute(medium_use.insert().values(shown))

    async def device_key(self, medium_id: int) -> DeviceKey | None:
        """Find the key of a medium; None if it is no phone."""
        row = (
            await self._connection.execute(select(device_key).where(device_key.c.medium_id == medium_id))
        ).one_or_none()
        return to_struct(row, DeviceKey) if row is not None else None

    async def by_number(self, authority_id: UUID, number: str) -> Pass:
        """Find a pass of this authority by its printed number."""
        found = await self._connection.execute(
            select(pass_).where(pass_.c.authority_id == authority_id, pass_.c.number == number)
        )
        return only(found, Pass, PassNotFound("No pass has this number."))

    async def by_id(self, authority_id: UUID, pass_id: UUID) -> Pass:
        """Find a pass of this authority by its id."""
        found = await self._connection.execute(
            select(pass_).where(pass_.c.authority_id == authority_id, pass_.c.id == pass_id)
        )
        return only(found, Pass, PassNotFound("No such pass."))

    async def media(self, pass_id: UUID) -> list[Medium]:
        """List the media of a pass, oldest first."""
        found = await self._connection.execute(
            select(medium).where(medium.c.pass_id == pass_id).order_by(medium.c.created_at, medium.c.id)
        )
        return [to_struct(row, Medium) for row in found]

    async def is_untouched(self, medium: Medium) -> bool:
        """Tell whether nothing but its binding has happened to a medium."""
        return await withdrawals.is_untouched(self._connection, medium)

    async def withdraw(self, medium: Medium) -> MediumStatus | None:
        """Forget a medium that is untouched, and return what it was before."""
        return await withdrawals.withdraw(self._connection, medium)

    async def number_taken(self, number: str) -> bool:
        """Tell whether a pass number was given out before."""
        found = await self._connection.execute(select(pass_.c.id).where(pass_.c.number == number))
        return found.first() is not None

    async def newest_status_list(self, authority_id: UUID) -> int:
        """Return the number of the even list in which the newest media have their places; 0 before any has."""
        newest = 0
        for table in (medium, retired_place):
            even = select(func.max(table.c.status_list)).where(
                table.c.authority_id == authority_id, table.c.status_list % 2 == 0
            )
            newest = max(newest, (await self._connection.execute(even)).scalar() or 0)
        return newest

    async def status_index_taken(self, authority_id: UUID, status_list: int, status_index: int) -> bool:
        """Tell whether a place in a status list was given out before."""
        # In one question: between two, a medium could be erased, and its place be in neither.
        taken = [
            select(literal(1)).where(
                table.c.authority_id == authority_id,
                table.c.status_list == status_list,
                table.c.status_index == status_index,
            )
            for table in (medium, retired_place)
        ]
        return (await self._connection.execute(union_all(*taken))).first() is not None
