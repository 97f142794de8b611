"""Queries on who residents are at an identity provider, and on tickets on their way from there."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account_identities import ResidentIdentity, Ticket
from domain.errors.accounts import IdentityTaken
from store.rows import insert, is_taken, to_struct
from store.tables.accounts import resident_identity, resident_ticket


class SqlAccountIdentities:
    """`domain.account_ports.AccountIdentities` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: ResidentIdentity) -> None:
        """Write an identity."""
        try:
            await insert(self._connection, resident_identity, new)
        except IntegrityError as known:
            if not is_taken(known):
                raise
            raise IdentityTaken("This identity opens another account, or this account has another one.") from known

    async def by_subject(self, authority_id: UUID, issuer: str, subject: str) -> ResidentIdentity | None:
        """Find which account of an authority somebody's identity opens."""
        table = resident_identity
        theirs = (table.c.authority_id == authority_id, table.c.issuer == issuer, table.c.subject == subject)
        row = (await self._connection.execute(select(table).where(*theirs))).one_or_none()
        return None if row is None else to_struct(row, ResidentIdentity)

    async def of(self, account_id: UUID) -> list[ResidentIdentity]:
        """List the identities that open an account, the oldest first."""
        asked = select(resident_identity).where(resident_identity.c.account_id == account_id)
        found = await self._connection.execute(asked.order_by(resident_identity.c.linked_at, resident_identity.c.id))
        return [to_struct(row, ResidentIdentity) for row in found]

    async def remove(self, account_id: UUID, identity_id: UUID) -> bool:
        """Take an identity off an account; False if it does not have it."""
        mine = (resident_identity.c.account_id == account_id, resident_identity.c.id == identity_id)
        gone = await self._connection.execute(delete(resident_identity).where(*mine))
        return bool(gone.rowcount)

    async def add_ticket(self, new: Ticket) -> None:
        """Write a ticket."""
        await insert(self._connection, resident_ticket, new)

    async def take_ticket(self, ticket_hash: bytes) -> Ticket | None:
        """Delete a ticket as it is read; None if there is none."""
        taken = delete(resident_ticket).where(resident_ticket.c.ticket_hash == ticket_hash)
        row = (await self._connection.execute(taken.returning(resident_ticket))).one_or_none()
        return None if row is None else to_struct(row, Ticket)
