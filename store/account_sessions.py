"""Queries on the devices and browsers that residents are logged in with, and on what they were answered."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Table, bindparam, delete, exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account_answers import KeptAnswer
from domain.account_sessions import AccountSession, Entered
from domain.accounts import Account
from domain.errors import AlreadyExists
from domain.errors.accounts import AccountSessionNotFound
from domain.places import Authority
from store.rows import beside, insert, is_taken, only, part, to_struct
from store.tables import accounts as t
from store.tables.places import authority

# Put together once: every call of a resident asks these.
_SESSION = select(t.resident_session).where(t.resident_session.c.id == bindparam("session"))
_ENTERED = (
    select(*beside(t.resident_session, t.resident_account, authority))
    .join(t.resident_account, t.resident_account.c.id == t.resident_session.c.account_id)
    .join(authority, authority.c.id == t.resident_session.c.authority_id)
    .where(
        t.resident_session.c.id == bindparam("session"),
        t.resident_account.c.authority_id == t.resident_session.c.authority_id,
    )
)
_ANSWER = select(t.resident_answer).where(
    t.resident_answer.c.account_id == bindparam("account"), t.resident_answer.c.key == bindparam("under")
)


class SqlAccountSessions:
    """`domain.account_ports.AccountSessions` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: AccountSession) -> None:
        """Write a session."""
        await insert(self._connection, t.resident_session, new)

    async def renew(self, next_: AccountSession, *, was: AccountSession) -> bool:
        """Write the next generation where the session is still what it was; tell whether it was."""
        session = t.resident_session
        still = (session.c.id == was.id, session.c.generation == was.generation, session.c.revoked_at.is_(None))
        values = {"generation": next_.generation, "renewed_at": next_.renewed_at, "keep_until": next_.keep_until}
        done = await self._connection.execute(update(session).where(*still).values(**values))
        return bool(done.rowcount == 1)

    async def end(self, ended: AccountSession) -> None:
        """Write that a session has ended; an end stays an end."""
        session = t.resident_session
        lasting = update(session).where(session.c.id == ended.id, session.c.revoked_at.is_(None))
        await self._connection.execute(lasting.values(revoked_at=ended.revoked_at, keep_until=ended.keep_until))

    async def by_id(self, session_id: UUID) -> AccountSession | None:
        """Find the session that a token names; whether it is open is for the caller."""
        row = (await self._connection.execute(_SESSION, {"session": session_id})).one_or_none()
        return to_struct(row, AccountSession) if row is not None else None

    async def entered(self, session_id: UUID) -> Entered | None:
        """Find the session that a token names, with its account and authority; whether it is open is for the caller."""
        row = (await self._connection.execute(_ENTERED, {"session": session_id})).one_or_none()
        if row is None:
            return None
        return Entered(
            part(row, t.resident_session, AccountSession),
            part(row, t.resident_account, Account),
            part(row, authority, Authority),
        )

    async def one(self, account_id: UUID, session_id: UUID) -> AccountSession:
        """Find a session of an account."""
        session = t.resident_session
        asked = select(session).where(session.c.account_id == account_id, session.c.id == session_id)
        missing = AccountSessionNotFound("Your account has no such session.")
        return only(await self._connection.execute(asked), AccountSession, missing)

    async def of(self, account_id: UUID) -> list[AccountSession]:
        """List the sessions of an account, the one that was used last first."""
        session = t.resident_session
        asked = select(session).where(session.c.account_id == account_id)
        found = await self._connection.execute(asked.order_by(session.c.renewed_at.desc(), session.c.id))
        return [to_struct(row, AccountSession) for row in found]

    async def logins(self, account_id: UUID, most: int) -> list[AccountSession]:
        """List the sessions of an account by their login, the last one first."""
        session = t.resident_session
        asked = select(session).where(session.c.account_id == account_id)
        found = await self._connection.execute(
            asked.order_by(session.c.created_at.desc(), session.c.id.desc()).limit(most)
        )
        return [to_struct(row, AccountSession) for row in found]

    async def answer(self, account_id: UUID, key: str) -> KeptAnswer | None:
        """Find what was answered under a key."""
        row = (await self._connection.execute(_ANSWER, {"account": account_id, "under": key})).one_or_none()
        return to_struct(row, KeptAnswer) if row is not None else None

    async def keep_answer(self, new: KeptAnswer) -> None:
        """Write what is answered under a key."""
        try:
            await insert(self._connection, t.resident_answer, new)
        except IntegrityError as known:
            if not is_taken(known):
                raise
            raise AlreadyExists("This key was used a moment ago.") from known


# --- the end of their days ------------------------------------------------------------------------------


async def sleeping(connection: AsyncConnection, authority_id: UUID, day: date, most: int) -> list[Account]:
    """List accounts that nobody has been warned of and that end on a day or before."""
    account = t.resident_account
    due = (account.c.authority_id == authority_id, account.c.keep_until <= day, account.c.warned_at.is_(None))
    found = await connection.execute(select(account).where(*due).order_by(account.c.keep_until).limit(most))
    return [to_struct(row, Account) for row in found]


async def over(connection: AsyncConnection, authority_id: UUID, day: date, now: datetime) -> list[Account]:
    """List the accounts that `forget_accounts` forgets on a day."""
    account = t.resident_account
    found = await connection.execute(select(account).where(*_over(account, authority_id, day, now)))
    return [to_struct(row, Account) for row in found]


async def accounts_end(connection: AsyncConnection, authority_id: UUID, day: date, now: datetime) -> bool:
    """Tell whether anything of residents' accounts has come to its end."""
    ended = [exists().where(*_over(table, authority_id, day, now)) for table in _ENDING]
    return bool(await connection.scalar(select(or_(*ended))))


async def forget_accounts(connection: AsyncConnection, authority_id: UUID, day: date, now: datetime) -> dict[str, int]:
    """Forget accounts that slept too long, sessions of long ago, codes and links that are over, and old answers.

    Return how many rows of which table that was.
    """
    return {
        table.name: (await connection.execute(delete(table).where(*_over(table, authority_id, day, now)))).rowcount
        for table in _ENDING
    }


_ENDING = (
    *(t.resident_answer, t.resident_session, t.resident_attempt, t.resident_ticket),
    *(t.resident_link_code, t.resident_link),
    t.resident_account,
)


def _over(table: Table, authority_id: UUID, day: date, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """What of a table has ended: an attempt to the minute, an account only once its owner was warned."""
    mine = table.c.authority_id == authority_id
    if table in {t.resident_attempt, t.resident_ticket}:
        return mine, table.c.expires_at <= now
    if table is t.resident_link:
        return mine, table.c.valid_until <= day
    if table is t.resident_account:
        return mine, table.c.keep_until <= day, table.c.warned_at.is_not(None)
    return mine, table.c.keep_until <= day
