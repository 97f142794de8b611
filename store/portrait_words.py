"""Queries on accounts that are to be told that a photo from home was refused."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.accounts import Account, Contact
from domain.places import Authority, local_day
from domain.portrait_offers import OfferState, PhotoFlaw, answers_for_photo
from store.accounts import SqlAccounts
from store.owed import OwedWord, due, take
from store.rows import to_struct
from store.tables.accounts import portrait_word, resident_account
from store.tables.people import holder, portrait_offer
from store.tables.places import authority

_W = portrait_word.c
_WORD: tuple[Any, ...] = (_W.holder_id, _W.account_id, _W.due_at, _W.attempts)


class Owed(OwedWord, frozen=True):
    """An account that is to be told of the photo of somebody."""

    holder_id: UUID
    account_id: UUID


class Told(Struct, frozen=True):
    """A refusal as it stands now, with all that a letter says of it."""

    reference: str
    first_name: str
    flaw: PhotoFlaw
    authority: Authority
    language: str
    contacts: tuple[Contact, ...]


async def due_to_be_told(connection: AsyncConnection, now: datetime) -> list[Owed]:
    """List the accounts that are to be told by now, whoever waits longest first."""
    found = await connection.execute(due(select(*_WORD), portrait_word, now))
    return [to_struct(row, Owed) for row in found]


async def put_off(connection: AsyncConnection, owed: Owed, until: datetime | None) -> bool:
    """Take a word in hand until an instant, or end it; tell whether nobody else had."""
    mine = (_W.holder_id == owed.holder_id, _W.account_id == owed.account_id)
    return await take(connection, owed, until, portrait_word, *mine)


async def told_of(connection: AsyncConnection, in_hand: Owed, now: datetime) -> Told | None:
    """Read what a word in hand is about; None where nobody is to be told any more.

    So it is where another photo was offered since, it was taken back, or its person erased: the word went with it. And
    where the account answers for that person's photo no more.
    """
    found = await connection.execute(
        select(holder.c.id, holder.c.reference, holder.c.first_name, portrait_offer.c.flaw, _W.authority_id)
        .join(portrait_offer, portrait_offer.c.holder_id == _W.holder_id)
        .join(holder, holder.c.id == _W.holder_id)
        .where(
            _W.holder_id == in_hand.holder_id,
            _W.account_id == in_hand.account_id,
            _W.attempts == in_hand.attempts + 1,  # a later refusal has a word of its own, which is in nobody's hand
            portrait_offer.c.state == OfferState.REFUSED,
        )
    )
    row = found.one_or_none()
    if row is None:
        return None
    whose = await connection.execute(select(authority).where(authority.c.id == row.authority_id))
    city = to_struct(whose.one(), Authority)
    accounts = SqlAccounts(connection)
    persons = await accounts.persons(in_hand.account_id, local_day(now, city.zone))
    if not any(one.id == row.id and answers_for_photo(one.bond) for one in persons):
        return None
    account = await connection.execute(select(resident_account).where(resident_account.c.id == in_hand.account_id))
    return Told(
        reference=row.reference,
        first_name=row.first_name,
        flaw=PhotoFlaw(row.flaw),
        authority=city,
        language=to_struct(account.one(), Account).language,
        contacts=tuple(await accounts.contacts(in_hand.account_id)),
    )
