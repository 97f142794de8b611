"""Queries on passkeys of agents and of residents, and on the challenges that passkeys have answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import AlreadyExists
from domain.errors.agents import PasskeyNotFound, PasskeyRefused
from domain.passkeys import Passkey
from store.rows import is_taken, only, to_row, to_struct
from store.tables.agents import spent_challenge


class SqlPasskeys:
    """`domain.agent_ports.Passkeys` on one connection: those of the table that `owner` is a column of."""

    def __init__(self, connection: AsyncConnection, owner: Column[Any]) -> None:
        self._connection = connection
        self._owner = owner
        self._table = owner.table
        self._asked = select(*(one.label("owner_id") if one is owner else one for one in owner.table.c))

    async def add(self, new: Passkey) -> None:
        """Write a passkey.

        Raises:
            AlreadyExists: it has been registered meanwhile.
        """
        values = to_row(new)
        values[self._owner.name] = values.pop("owner_id")
        try:
            await self._connection.execute(insert(self._table).values(values))
        except IntegrityError as problem:
            if is_taken(problem):
                raise AlreadyExists("This passkey is registered already.") from problem
            raise

    async def save(self, changed: Passkey) -> None:
        """Write its name, and that its count went back."""
        mine = self._table.c.id == changed.id
        values = {"name": changed.name, "suspect_at": changed.suspect_at}
        await self._connection.execute(update(self._table).where(mine).values(values))

    async def use(self, used: Passkey) -> bool:
        """Write what it has counted up to; False if it, or more, was counted before. One that counts nothing says 0."""
        counted = self._table.c.sign_count
        goes_on = counted < used.sign_count if used.sign_count else counted == 0
        moved = await self._connection.execute(
            update(self._table)
            .where(self._table.c.id == used.id, goes_on)
            .values(sign_count=used.sign_count, used_at=used.used_at)
        )
        return bool(moved.rowcount)

    async def remove(self, owner_id: UUID, passkey_id: UUID) -> None:
        """Take a passkey off its owner."""
        mine = (self._owner == owner_id, self._table.c.id == passkey_id)
        await self._connection.execute(delete(self._table).where(*mine))

    async def one(self, owner_id: UUID, passkey_id: UUID) -> Passkey:
        """Find a passkey of an owner."""
        asked = self._asked.where(self._owner == owner_id, self._table.c.id == passkey_id)
        return only(await self._connection.execute(asked), Passkey, PasskeyNotFound("There is no such passkey."))

    async def of(self, owner_id: UUID) -> list[Passkey]:
        """List the passkeys of an owner, the oldest first."""
        asked = self._asked.where(self._owner == owner_id)
        found = await self._connection.execute(asked.order_by(self._table.c.created_at, self._table.c.id))
        return [to_struct(row, Passkey) for row in found]

    async def by_credential(self, credential_id: bytes) -> Passkey | None:
        """Find whose passkey this is, at whichever authority."""
        asked = self._asked.where(self._table.c.credential_id == credential_id)
        row = (await self._connection.execute(asked)).one_or_none()
        return None if row is None else to_struct(row, Passkey)

    async def spend(self, challenge_hash: bytes, *, until: datetime, now: datetime) -> None:
        """Note that a challenge was answered, and forget those that are over.

        Raises:
            PasskeyRefused: it was answered before.
        """
        await self._connection.execute(delete(spent_challenge).where(spent_challenge.c.until <= now))
        try:
            await self._connection.execute(insert(spent_challenge).values(challenge_hash=challenge_hash, until=until))
        except IntegrityError as spent:
            raise PasskeyRefused("This challenge was answered before.") from spent
