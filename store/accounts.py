"""Queries on residents' accounts: the addresses that open them, codes on their way, and for whom each acts."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Uuid,
    and_,
    bindparam,
    case,
    delete,
    exists,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.account_links import Bond, Link, LinkCode, LinkKind, Person, born_before
from domain.account_logins import LoginAttempt
from domain.accounts import Account, Contact, ContactChannel
from domain.bounces import BOUNCE_WINDOW, MOST_BOUNCES
from domain.errors import AlreadyExists
from domain.errors.accounts import AccountHasPerson, ContactTaken
from domain.errors.passes import PassNotFound
from domain.guardians import GuardianKind
from domain.passes import Pass
from store.rows import insert, is_taken, only, to_struct
from store.tables import accounts as t
from store.tables.passes import pass_
from store.tables.people import guardianship, holder


class SqlAccounts:
    """`domain.account_ports.Accounts` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    # --- accounts and what opens them -----------------------------------------------------------------

    async def add(self, new: Account) -> None:
        """Write an account."""
        await insert(self._connection, t.resident_account, new)

    async def save(self, changed: Account) -> None:
        """Write when an account was used or warned, and keep what hangs on it as long."""
        kept = {"seen_at": changed.seen_at, "warned_at": changed.warned_at, "keep_until": changed.keep_until}
        await self._connection.execute(
            update(t.resident_account).where(t.resident_account.c.id == changed.id).values(**kept)
        )
        for table in _OF_ACCOUNT:
            mine = update(table).where(table.c.account_id == changed.id)
            await self._connection.execute(mine.values(keep_until=changed.keep_until))

    async def speak(self, account_id: UUID, language: str) -> None:
        """Write in which language an account is written to."""
        mine = update(t.resident_account).where(t.resident_account.c.id == account_id)
        await self._connection.execute(mine.values(language=language))

    async def warn(self, warned: Account) -> bool:
        """Write that an account was warned, as `save`; tell whether nobody had before."""
        account = t.resident_account
        first = update(account).where(account.c.id == warned.id, account.c.warned_at.is_(None))
        done = await self._connection.execute(first.values(warned_at=warned.warned_at))
        if done.rowcount != 1:
            return False
        await self.save(warned)
        return True

    async def remove(self, account_id: UUID) -> None:
        """Delete an account with its addresses, links and sessions. The register stays as it is."""
        await self._connection.execute(delete(t.resident_account).where(t.resident_account.c.id == account_id))

    async def by_id(self, authority_id: UUID, account_id: UUID) -> Account | None:
        """Find an account of an authority."""
        return await self._account(_BY_ID, {"authority": authority_id, "account": account_id})

    async def by_address(self, authority_id: UUID, channel: ContactChannel, address: str) -> Account | None:
        """Find the account that an address opens."""
        return await self._account(_BY_ADDRESS, {"authority": authority_id, "channel": channel, "address": address})

    async def add_contact(self, new: Contact) -> None:
        """Write an address."""
        try:
            await insert(self._connection, t.resident_contact, new)
        except IntegrityError as known:
            if not is_taken(known):
                raise
            raise ContactTaken("This address opens another account.") from known

    async def confirm_anew(self, authority_id: UUID, channel: ContactChannel, address: str, now: datetime) -> None:
        """Write to an address again from which letters came back."""
        contact = t.resident_contact
        mine = (contact.c.authority_id == authority_id, contact.c.channel == channel, contact.c.address == address)
        again = {"bounces": 0, "bounced_at": None, "unreachable_at": None, "confirmed_at": now}
        await self._connection.execute(update(contact).where(*mine, contact.c.bounces > 0).values(**again))

    async def note_bounce(self, authority_id: UUID, address: str, *, written_at: datetime, now: datetime) -> bool:
        """Count a letter that came back: one written before the address was confirmed, or counted before, is none."""
        contact = t.resident_contact
        mine = (
            contact.c.authority_id == authority_id,
            contact.c.channel == ContactChannel.EMAIL,
            contact.c.address == address,
        )
        together = contact.c.bounced_at > written_at - BOUNCE_WINDOW
        counted = await self._connection.execute(
            update(contact)
            .where(
                *mine,
                contact.c.confirmed_at <= written_at,
                or_(contact.c.bounced_at.is_(None), contact.c.bounced_at < written_at),
            )
            .values(bounces=case((together, contact.c.bounces + 1), else_=1), bounced_at=written_at)
        )
        enough = (contact.c.bounces >= MOST_BOUNCES, contact.c.unreachable_at.is_(None))
        await self._connection.execute(update(contact).where(*mine, *enough).values(unreachable_at=now))
        return bool(counted.rowcount == 1)

    async def remove_contact(self, gone: Contact) -> None:
        """Delete an address."""
        await self._connection.execute(delete(t.resident_contact).where(t.resident_contact.c.id == gone.id))

    async def contacts(self, account_id: UUID) -> list[Contact]:
        """List the addresses of an account, the oldest first."""
        contact = t.resident_contact
        asked = select(contact).where(contact.c.account_id == account_id)
        found = await self._connection.execute(asked.order_by(contact.c.confirmed_at, contact.c.id))
        return [to_struct(row, Contact) for row in found]

    # --- codes on their way ---------------------------------------------------------------------------

    async def add_attempt(self, new: LoginAttempt) -> None:
        """Write an attempt."""
        await insert(self._connection, t.resident_attempt, new)

    async def try_attempt(self, attempt_id: UUID, most: int) -> LoginAttempt | None:
        """Count one try of an attempt and return it; None if it is not there or was tried `most` times."""
        found = await self._connection.execute(_TRY, {"known_id": attempt_id, "most": most})
        row = found.one_or_none()
        return to_struct(row, LoginAttempt) if row is not None else None

    async def spend_attempt(self, attempt_id: UUID) -> bool:
        """Delete an attempt; tell whether it was still there."""
        gone = await self._connection.execute(_SPENT, {"known_id": attempt_id})
        return bool(gone.rowcount == 1)

    # --- for whom an account acts ---------------------------------------------------------------------

    async def replace_code(self, new: LinkCode) -> None:
        """Write a code in place of every other of its person and kind."""
        code = t.resident_link_code
        same = (code.c.holder_id == new.holder_id, code.c.kind == new.kind)
        await self._connection.execute(delete(code).where(*same))
        try:
            await insert(self._connection, code, new)
        except IntegrityError as known:
            if not is_taken(known):
                raise
            raise AlreadyExists("Somebody gives this person a code at this moment.") from known

    async def take_code(self, authority_id: UUID, code_hash: bytes) -> LinkCode | None:
        """Delete a code as it is read; None if there is none."""
        code = t.resident_link_code
        taken = delete(code).where(code.c.authority_id == authority_id, code.c.code_hash == code_hash)
        row = (await self._connection.execute(taken.returning(code))).one_or_none()
        return to_struct(row, LinkCode) if row is not None else None

    async def put_link(self, new: Link) -> None:
        """Write a link, in place of one between the same two."""
        await self.remove_link(new)
        try:
            await insert(self._connection, t.resident_link, new)
        except IntegrityError as known:
            if not is_taken(known):
                raise
            raise AccountHasPerson("Somebody has linked this person or this account a moment ago.") from known

    async def remove_link(self, gone: Link) -> None:
        """Delete a link."""
        link = t.resident_link
        both = (link.c.account_id == gone.account_id, link.c.holder_id == gone.holder_id)
        await self._connection.execute(delete(link).where(*both))

    async def links(self, account_id: UUID) -> list[Link]:
        """List the links of an account, those that are over too."""
        link = t.resident_link
        asked = select(link).where(link.c.account_id == account_id).order_by(link.c.linked_at, link.c.holder_id)
        return [to_struct(row, Link) for row in await self._connection.execute(asked)]

    async def own_link(self, holder_id: UUID) -> Link | None:
        """Find the account that is a person's own."""
        link = t.resident_link
        asked = select(link).where(link.c.holder_id == holder_id, link.c.kind == LinkKind.OWN)
        row = (await self._connection.execute(asked)).one_or_none()
        return to_struct(row, Link) if row is not None else None

    async def persons(self, account_id: UUID, day: date) -> list[Person]:
        """List for whom an account acts on a day, its owner first, then by name."""
        found = await self._connection.execute(_PERSONS, _acting(account_id, day))
        # Somebody may be reached in two ways; the first is told, which a mandate never is beside another.
        return list({row.id: to_struct(row, Person) for row in reversed(found.all())}.values())[::-1]

    async def acting_for(self, holder_id: UUID, day: date) -> dict[UUID, Bond]:
        """Find the accounts that act for somebody on a day, and by what bond each does."""
        link = t.resident_link
        guardians = select(guardianship.c.guardian_id).where(guardianship.c.ward_id == holder_id)
        linked = or_(link.c.holder_id == holder_id, link.c.holder_id.in_(guardians))
        accounts = await self._connection.execute(select(link.c.account_id).where(linked).order_by(link.c.account_id))
        # Each is asked in turn whom it acts for: one place alone says so, and nobody has many.
        return {
            account_id: one.bond
            for account_id in dict.fromkeys(accounts.scalars())
            for one in await self.persons(account_id, day)
            if one.id == holder_id
        }

    async def passes(self, account_id: UUID, day: date) -> list[Pass]:
        """List the passes of those for whom an account acts on a day, the newest first."""
        found = await self._connection.execute(_PASSES, _acting(account_id, day))
        return [to_struct(row, Pass) for row in found]

    async def pass_of(self, account_id: UUID, number: str, day: date) -> Pass:
        """Find one of these passes by its number."""
        found = await self._connection.execute(_PASS, {**_acting(account_id, day), "number": number})
        return only(found, Pass, PassNotFound("None of your passes has this number."))

    async def _account(self, asked: Select[Any], given: Mapping[str, object] | None = None) -> Account | None:
        row = (await self._connection.execute(asked, given)).one_or_none()
        return to_struct(row, Account) if row is not None else None


_OF_ACCOUNT = (t.resident_contact, t.resident_link, t.resident_passkey, t.resident_identity)
"""What is kept as long as its account."""


_ACCOUNT = bindparam("account", type_=Uuid)
_BY_ID = select(t.resident_account).where(
    t.resident_account.c.authority_id == bindparam("authority"), t.resident_account.c.id == _ACCOUNT
)
_BY_ADDRESS = (
    select(t.resident_account)
    .join(t.resident_contact, t.resident_contact.c.account_id == t.resident_account.c.id)
    .where(
        t.resident_contact.c.authority_id == bindparam("authority"),
        t.resident_contact.c.channel == bindparam("channel"),
        t.resident_contact.c.address == bindparam("address"),
    )
)
_TRY = (
    update(t.resident_attempt)
    .where(t.resident_attempt.c.id == bindparam("known_id"), t.resident_attempt.c.tries < bindparam("most"))
    .values(tries=t.resident_attempt.c.tries + 1)
    .returning(t.resident_attempt)
)
_SPENT = delete(t.resident_attempt).where(t.resident_attempt.c.id == bindparam("known_id"))
_DAY, _BORN_BEFORE = bindparam("day", type_=Date), bindparam("born_before", type_=Date)


def _acting(account_id: UUID, day: date) -> dict[str, object]:
    """Say who asks, and on which day, to what follows: it is put together once, for every page asks it."""
    return {"account": account_id, "day": day, "born_before": born_before(day)}


def _acts_for() -> Any:  # noqa: ANN401 - SQLAlchemy's compound of differing selects
    """Select for whom an account acts on a day, and by what bond: the one place that says so.

    Whoever is under sixteen or has a tutor does not act, even where a link was made before.
    """
    link = t.resident_link
    linked = (
        select(holder.c.id.label("holder_id"), link.c.kind.label("bond"))
        .join(holder, holder.c.id == link.c.holder_id)
        .where(link.c.account_id == _ACCOUNT, link.c.valid_until > _DAY, *_acts_alone())
    )
    owner = linked.where(link.c.kind == LinkKind.OWN).with_only_columns(holder.c.id)
    wards = select(guardianship.c.ward_id, guardianship.c.kind).where(
        guardianship.c.guardian_id.in_(owner), guardianship.c.valid_from <= _DAY, guardianship.c.valid_until > _DAY
    )
    return union_all(linked, wards)


def _acts_alone() -> tuple[ColumnElement[bool], ...]:
    tutor = guardianship.alias()
    tutored = exists().where(
        tutor.c.ward_id == holder.c.id,
        tutor.c.kind == GuardianKind.TUTOR,
        and_(tutor.c.valid_from <= _DAY, tutor.c.valid_until > _DAY),
    )
    return (holder.c.born_on <= _BORN_BEFORE, ~tutored)


_ACTS = _acts_for().subquery()
_PERSONS = (
    select(holder.c.id, holder.c.reference, holder.c.first_name, holder.c.last_name, _ACTS.c.bond)
    .join(_ACTS, _ACTS.c.holder_id == holder.c.id)
    .order_by(
        *(case((_ACTS.c.bond == Bond.OWN, 0), else_=1), holder.c.last_name, holder.c.first_name, holder.c.id),
        case((_ACTS.c.bond == Bond.MANDATE, 1), else_=0),
    )
)
_MINE = select(pass_).where(pass_.c.holder_id.in_(select(_ACTS.c.holder_id)))
_PASSES = _MINE.order_by(pass_.c.created_at.desc(), pass_.c.id)
_PASS = _MINE.where(pass_.c.number == bindparam("number"))
