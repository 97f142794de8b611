"""Queries on cards that residents order, on what the console shows of them, and on whom there is something to tell."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.accounts import Account, Contact
from domain.card_batches import BatchCard
from domain.card_terms import NO_ORDERS, CardTerms
from domain.errors.cards import CardOrdered
from domain.order_endings import Ending
from domain.ordered_cards import CardOrder, CardWay
from domain.passes import Medium, MediumStatus, Pass, PassStatus
from domain.places import Authority
from store.batches import OVER, pieces
from store.owed import OwedWord, due, take
from store.rows import is_taken, to_row, to_struct
from store.tables.accounts import resident_account, resident_contact
from store.tables.cards import batch_card
from store.tables.ordered_cards import card_order, card_terms
from store.tables.passes import pass_
from store.tables.people import holder
from store.tables.places import authority

_O = card_order.c
_GOES: tuple[Any, ...] = (
    *(batch_card.c.sequence, batch_card.c.status, _O.way, _O.desk, _O.address),
    *(holder.c.first_name, holder.c.last_name),
)
_WORD: tuple[Any, ...] = (_O.id.label("order_id"), _O.due_at, _O.attempts)
_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class SqlOrderedCards:
    """`domain.card_ports.OrderedCards` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def terms(self, authority_id: UUID) -> CardTerms:
        """Return what an authority says of such orders."""
        asked = select(card_terms.c.terms).where(card_terms.c.authority_id == authority_id)
        said = (await self._connection.execute(asked)).scalar_one_or_none()
        return NO_ORDERS if said is None else msgspec.convert(said, CardTerms)

    async def hold_terms(self, authority_id: UUID) -> None:
        """Lock an authority's terms; where it has said nothing, what says just that is written first."""
        insert = _INSERT[self._connection.dialect.name](card_terms)
        nothing = insert.values(authority_id=authority_id, terms=msgspec.to_builtins(NO_ORDERS))
        await self._connection.execute(nothing.on_conflict_do_nothing(index_elements=["authority_id"]))
        mine = select(card_terms.c.authority_id).where(card_terms.c.authority_id == authority_id)
        await self._connection.execute(mine.with_for_update())

    async def set_terms(self, authority_id: UUID, terms: CardTerms) -> None:
        """Write it in the place of what it said before."""
        insert = _INSERT[self._connection.dialect.name](card_terms)
        said = {"terms": msgspec.to_builtins(terms)}
        await self._connection.execute(
            insert.values(authority_id=authority_id, **said).on_conflict_do_update(
                index_elements=["authority_id"], set_=said
            )
        )

    async def add(self, new: CardOrder) -> None:
        """Write an order; its account is told at once."""
        try:
            await self._connection.execute(card_order.insert().values(**to_row(new), due_at=new.ordered_at, attempts=0))
        except IntegrityError as known:
            if not is_taken(known):
                raise
            raise CardOrdered("A card for this pass was ordered a moment ago.") from known

    async def save(self, changed: CardOrder, *, told_from: datetime | None = None) -> None:
        """Write what became of an order, and perhaps owe its account a word."""
        owed: dict[str, Any] = {} if told_from is None else {"due_at": told_from, "attempts": 0}
        await self._connection.execute(
            update(card_order).where(_O.id == changed.id).values(**to_row(changed, leave_out=("id",)), **owed)
        )

    async def newest(self, pass_id: UUID) -> CardOrder | None:
        """Find the open order of a pass, or else the last one that ended."""
        asked = select(card_order).where(_O.pass_id == pass_id)
        found = await self._connection.execute(
            asked.order_by(_O.ended_at.is_(None).desc(), _O.ordered_at.desc(), _O.id.desc()).limit(1)
        )
        row = found.one_or_none()
        return None if row is None else to_struct(row, CardOrder)

    async def hold_open(self, pass_id: UUID) -> CardOrder | None:
        """Find the open order of a pass and lock it. SQLite has one writer anyway."""
        found = await self._connection.execute(
            select(card_order).where(_O.pass_id == pass_id, _O.ended_at.is_(None)).with_for_update()
        )
        row = found.one_or_none()
        return None if row is None else to_struct(row, CardOrder)

    async def count_since(self, pass_id: UUID, since: datetime) -> int:
        """Count the orders for a pass since an instant, cancelled ones too."""
        asked = select(func.count()).select_from(card_order).where(_O.pass_id == pass_id, _O.ordered_at > since)
        return int((await self._connection.execute(asked)).scalar_one())

    async def take(self, authority_id: UUID, most: int) -> list[Pass]:
        """List the passes whose orders wait longest, held, sorted by where the cards go: desk by desk, then post."""
        found = await self._connection.execute(
            select(pass_, _O.desk, _O.ordered_at, _O.id.label("order_id"))
            .join(card_order, _O.pass_id == pass_.c.id)
            .where(_waits(authority_id))
            .order_by(_O.ordered_at, _O.id)
            .limit(most)
            .with_for_update(of=card_order)
        )
        rows = sorted(found, key=lambda row: (row.desk is None, row.desk or "", row.ordered_at, row.order_id))
        return [to_struct(row, Pass) for row in rows]

    async def moved(self, pass_ids: Sequence[UUID], now: datetime) -> None:
        """Write that the cards of these passes are there, or on their way; their accounts are told."""
        for piece in pieces(pass_ids):
            await self._connection.execute(
                update(card_order)
                .where(_O.pass_id.in_(piece), _O.ended_at.is_(None))
                .values(moved_at=now, due_at=now, attempts=0)
            )

    async def reopen(self, medium: Medium, *, now: datetime) -> None:
        """Open the order again that ended with this card; whoever was told that it ended is told that it stands."""
        is_open: dict[str, Any] = {"ended_at": None, "ending": None, "keep_until": medium.keep_until}
        again = {Ending.DONE: is_open, Ending.ELSEWHERE: {**is_open, "due_at": now, "attempts": 0}}
        for ending, values in again.items():
            mine = (_O.pass_id == medium.pass_id, _O.ended_at == medium.created_at, _O.ending == ending)
            # An address is gone with the order that it was for, so this one would be sent nowhere.
            reached = or_(_O.way == CardWay.DESK, _O.ending == Ending.DONE)
            await self._connection.execute(update(card_order).where(*mine, reached).values(**values))

    async def ended_elsewhere(self, pass_ids: Sequence[UUID], since: datetime) -> set[UUID]:
        """Return which of these passes have got another card since an instant, and order none again."""
        found: set[UUID] = set()
        for piece in pieces(pass_ids):
            mine = (_O.pass_id.in_(piece), or_(_O.ended_at.is_(None), _O.ended_at >= since))
            rows = await self._connection.execute(select(_O.pass_id, _O.ending).where(*mine))
            ended = [(row.pass_id, row.ending) for row in rows]
            found |= {pass_id for pass_id, ending in ended if ending == Ending.ELSEWHERE} - {
                pass_id for pass_id, ending in ended if ending is None
            }
        return found


class Waiting(Struct, frozen=True):
    """An order that no batch has taken in, and whose it is."""

    order: CardOrder
    number: str
    first_name: str
    last_name: str


class Destination(Struct, frozen=True):
    """Where a card of a batch goes that a resident has ordered. `address` is for post alone."""

    sequence: int
    status: MediumStatus
    way: CardWay
    desk: str | None
    address: str
    first_name: str
    last_name: str


class Owed(OwedWord, frozen=True):
    """An account that is to be told of an order."""

    order_id: UUID


class Told(Struct, frozen=True):
    """An order as it stands now, with all that a letter says of it. Without contacts nobody is to be told."""

    order: CardOrder
    card: BatchCard | None
    terms: CardTerms
    number: str
    authority: Authority
    language: str
    contacts: tuple[Contact, ...]


async def waiting(connection: AsyncConnection, authority_id: UUID, *, most: int) -> list[Waiting]:
    """List the orders that no batch has taken in, those that wait longest first."""
    found = await connection.execute(
        select(card_order, pass_.c.number, holder.c.first_name, holder.c.last_name)
        .join(pass_, pass_.c.id == _O.pass_id)
        .join(holder, holder.c.id == pass_.c.holder_id)
        .where(_waits(authority_id))
        .order_by(_O.ordered_at, _O.id)
        .limit(most)
    )
    return [Waiting(to_struct(row, CardOrder), row.number, row.first_name, row.last_name) for row in found]


async def count_waiting(connection: AsyncConnection, authority_id: UUID) -> int:
    """Count them."""
    asked = select(func.count()).select_from(card_order.join(pass_, pass_.c.id == _O.pass_id))
    return int((await connection.execute(asked.where(_waits(authority_id)))).scalar_one())


async def destinations(connection: AsyncConnection, batch_id: UUID) -> list[Destination]:
    """List where the cards of a batch go that residents have ordered, in the order of the batch."""
    found = await connection.execute(
        select(*_GOES)
        .join(card_order, and_(_O.pass_id == batch_card.c.pass_id, _O.ended_at.is_(None)))
        .join(pass_, pass_.c.id == batch_card.c.pass_id)
        .join(holder, holder.c.id == pass_.c.holder_id)
        .where(batch_card.c.batch_id == batch_id, batch_card.c.named, batch_card.c.status.not_in(OVER))
        .order_by(batch_card.c.sequence)
    )
    return [to_struct(row, Destination) for row in found]


async def open_orders(connection: AsyncConnection, authority_id: UUID) -> dict[str | None, int]:
    """Count the orders whose card nobody has yet, by the desk where it is to be fetched; None: by post."""
    found = await connection.execute(
        select(_O.desk, func.count().label("orders"))
        .where(_O.authority_id == authority_id, _O.ended_at.is_(None))
        .group_by(_O.desk)
    )
    return {row.desk: int(row.orders) for row in found}


async def given_up(connection: AsyncConnection, batch_id: UUID) -> list[int]:
    """List the cards of a batch that were made for passes which had got another one by then."""
    mine = and_(_O.pass_id == batch_card.c.pass_id, _O.ending == Ending.ELSEWHERE)
    found = await connection.execute(
        select(batch_card.c.sequence)
        .where(batch_card.c.batch_id == batch_id, batch_card.c.named, batch_card.c.status == MediumStatus.REVOKED)
        .where(batch_card.c.uid_digest.is_not(None), select(_O.id).where(mine).exists())
        .order_by(batch_card.c.sequence)
    )
    return list(found.scalars())


async def due_to_be_told(connection: AsyncConnection, now: datetime) -> list[Owed]:
    """List the orders of which somebody is to be told by now, whoever waits longest first."""
    found = await connection.execute(due(select(*_WORD), card_order, now))
    return [to_struct(row, Owed) for row in found]


async def put_off(connection: AsyncConnection, owed: Owed, until: datetime | None) -> bool:
    """Take a word in hand until an instant, or end it; tell whether nobody else had."""
    return await take(connection, owed, until, card_order, _O.id == owed.order_id)


async def told_of(connection: AsyncConnection, order_id: UUID) -> Told | None:
    """Read an order as it stands now; None where it is gone, or nobody's account ordered it any more."""
    row = (await connection.execute(select(card_order).where(_O.id == order_id))).one_or_none()
    if row is None or row.account_id is None:
        return None
    account = await connection.execute(select(resident_account).where(resident_account.c.id == row.account_id))
    whose = await connection.execute(select(authority).where(authority.c.id == row.authority_id))
    number = await connection.execute(select(pass_.c.number).where(pass_.c.id == row.pass_id))
    contacts = await connection.execute(
        select(resident_contact).where(resident_contact.c.account_id == row.account_id).order_by(resident_contact.c.id)
    )
    card = await connection.execute(
        select(batch_card)
        .where(batch_card.c.pass_id == row.pass_id, batch_card.c.named, batch_card.c.status.not_in(OVER))
        .limit(1)
    )
    made = card.one_or_none()
    return Told(
        order=to_struct(row, CardOrder),
        card=None if made is None else to_struct(made, BatchCard),
        terms=await SqlOrderedCards(connection).terms(row.authority_id),
        number=number.scalar_one(),
        authority=to_struct(whose.one(), Authority),
        language=to_struct(account.one(), Account).language,
        contacts=tuple(to_struct(one, Contact) for one in contacts),
    )


def _waits(authority_id: UUID) -> ColumnElement[bool]:
    """Say that an order is open, its pass runs, and no card is made for it."""
    made: Select[Any] = select(batch_card.c.number).where(
        batch_card.c.pass_id == _O.pass_id, batch_card.c.status.not_in(OVER), batch_card.c.named
    )
    return and_(
        _O.authority_id == authority_id,
        _O.ended_at.is_(None),
        pass_.c.status != PassStatus.ENDED,
        ~made.exists(),
    )
