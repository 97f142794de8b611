"""Queries on passkeys of agents, and on the challenges that passkeys have answered."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import AlreadyExists
from domain.errors.agents import PasskeyNotFound, PasskeyRefused
from domain.passkeys import Passkey
from store import rows
from store.rows import is_taken, only, to_struct
from store.tables.agents import agent_passkey, spent_challenge


class SqlPasskeys:
    """`domain.agent_ports.Passkeys` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: Passkey) -> None:
        """Write a passkey.

        Raises:
            AlreadyExists: it has been registered meanwhile.
        """
        try:
            await rows.insert(self._connection, agent_passkey, new)
        except IntegrityError as problem:
            if is_taken(problem):
                raise AlreadyExists("This passkey is registered already.") from problem
            raise

    async def save(self, changed: Passkey) -> None:
        """Write its name, and that its count went back."""
        mine = agent_passkey.c.id == changed.id
        values = {"name": changed.name, "suspect_at": changed.suspect_at}
        await self._connection.execute(update(agent_passkey).where(mine).values(values))

    async def use(self, used: Passkey) -> bool:
        """Write what it has counted up to; False if it, or more, was counted before. One that counts nothing says 0."""
        counted = agent_passkey.c.sign_count
        goes_on = counted < used.sign_count if used.sign_count else counted == 0
        moved = await self._connection.execute(
            update(agent_passkey)
            .where(agent_passkey.c.id == used.id, goes_on)
            .values(sign_count=used.sign_count, used_at=used.used_at)
        )
        return bool(moved.rowcount)

    async def remove(self, agent_id: UUID, passkey_id: UUID) -> None:
        """Take a passkey off an agent."""
        mine = (agent_passkey.c.agent_id == agent_id, agent_passkey.c.id == passkey_id)
        await self._connection.execute(delete(agent_passkey).where(*mine))

    async def one(self, agent_id: UUID, passkey_id: UUID) -> Passkey:
        """Find a passkey of an agent."""
        asked = select(agent_passkey).where(agent_passkey.c.agent_id == agent_id, agent_passkey.c.id == passkey_id)
        return only(await self._connection.execute(asked), Passkey, PasskeyNotFound("There is no such passkey."))

    async def of(self, agent_id: UUID) -> list[Passkey]:
        """List the passkeys of an agent, the oldest first."""
        asked = select(agent_passkey).where(agent_passkey.c.agent_id == agent_id)
        found = await self._connection.execute(asked.order_by(agent_passkey.c.created_at, agent_passkey.c.id))
        return [to_struct(row, Passkey) for row in found]

    async def by_credential(self, credential_id: bytes) -> Passkey | None:
        """Find whose passkey this is, at whichever authority."""
        asked = select(agent_passkey).where(agent_passkey.c.credential_id == credential_id)
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
