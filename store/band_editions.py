"""Queries on the editions of the bands of the tour."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.band_editions import Edition, EditionState
from domain.errors.bands import EditionNotFound
from domain.errors.floods import AlreadyDecided
from store.rows import insert, is_taken, only, to_struct
from store.tables.bands import band_edition as b

_CURRENT = (EditionState.PROPOSED.value, EditionState.IN_FORCE.value)


class SqlBandEditions:
    """`domain.band_editions.BandEditions` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: Edition) -> None:
        """Write a proposal.

        Raises:
            AlreadyDecided: a colleague has proposed another at the same moment.
        """
        try:
            await insert(self._connection, b, new)
        except IntegrityError as problem:
            if not is_taken(problem):
                raise
            raise AlreadyDecided("A colleague has proposed other bands a moment ago.") from None

    async def save(self, changed: Edition, *, was: EditionState) -> None:
        """Write what became of an edition.

        Raises:
            AlreadyDecided: it is not what it was any more, or another has come in force at the same moment.
        """
        moved = {"state": changed.state.value, "decided_by": changed.decided_by, "decided_at": changed.decided_at}
        change = update(b).where(b.c.id == changed.id, b.c.state == was.value).values(moved)
        try:
            done = await self._connection.execute(change)
        except IntegrityError as problem:
            if not is_taken(problem):
                raise
            raise AlreadyDecided("Other bands have come in force a moment ago.") from None
        if done.rowcount != 1:
            raise AlreadyDecided("Somebody has decided a moment ago.")

    async def edition(self, authority_id: UUID, scale: str, number: int) -> Edition:
        """Find an edition of a scale by its number.

        Raises:
            EditionNotFound: there is none.
        """
        one = select(b).where(b.c.authority_id == authority_id, b.c.scale == scale, b.c.number == number)
        return only(await self._connection.execute(one), Edition, EditionNotFound("No such edition."))

    async def of_scale(self, authority_id: UUID, scale: str) -> list[Edition]:
        """List every edition of a scale, the newest first."""
        every = select(b).where(b.c.authority_id == authority_id, b.c.scale == scale).order_by(b.c.number.desc())
        return [to_struct(row, Edition) for row in await self._connection.execute(every)]

    async def current(self, authority_id: UUID) -> list[Edition]:
        """List what waits and what is in force, by scale."""
        wanted = select(b).where(b.c.authority_id == authority_id, b.c.state.in_(_CURRENT))
        found = await self._connection.execute(wanted.order_by(b.c.scale, b.c.number))
        return [to_struct(row, Edition) for row in found]
