"""Queries on who agents are at an identity provider."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import AlreadyExists
from domain.identities import Identity
from store.rows import insert, is_taken, to_struct
from store.tables.agents import agent_identity


class SqlIdentities:
    """`domain.agent_ports.Identities` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: Identity) -> None:
        """Write an identity.

        Raises:
            AlreadyExists: somebody else has been given it meanwhile.
        """
        try:
            await insert(self._connection, agent_identity, new)
        except IntegrityError as problem:
            if is_taken(problem):
                raise AlreadyExists("This identity belongs to an agent already.") from problem
            raise

    async def by_claim(self, siret: str, uid: str) -> Identity | None:
        """Find whose identity this is, at whichever authority."""
        asked = select(agent_identity).where(agent_identity.c.siret == siret, agent_identity.c.uid == uid)
        row = (await self._connection.execute(asked)).one_or_none()
        return None if row is None else to_struct(row, Identity)

    async def of(self, agent_id: UUID) -> list[Identity]:
        """List the identities of an agent, the oldest first."""
        asked = select(agent_identity).where(agent_identity.c.agent_id == agent_id)
        found = await self._connection.execute(asked.order_by(agent_identity.c.attached_at, agent_identity.c.id))
        return [to_struct(row, Identity) for row in found]

    async def remove(self, agent_id: UUID, identity_id: UUID) -> bool:
        """Take an identity off an agent; False if they do not have it."""
        gone = delete(agent_identity).where(agent_identity.c.id == identity_id, agent_identity.c.agent_id == agent_id)
        return bool((await self._connection.execute(gone)).rowcount)
