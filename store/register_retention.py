"""Forgetting people, households and organisations whose days are over, with all that hangs on them.

One transaction each. Whatever is still kept keeps what it depends on: a pass that runs, a card that could still be
shown, a right, a sale, a request, somebody whose guardian one is. Who is not sure stays.
"""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Table, and_, func, or_, select
from sqlalchemy.exc import IntegrityError

from domain.passes import PassStatus
from domain.people import KEPT_AFTER
from store.database import Database
from store.leaving import Hanging, Ids, of_group, of_people, photos_of, remove
from store.passage_retention import LATE
from store.sweeps import Sweep, short_write
from store.tables import passes as p
from store.tables.cards import batch_card
from store.tables.ledger import counter, validation
from store.tables.ordered_cards import card_order
from store.tables.people import (
    beneficiary,
    guardianship,
    holder,
    household,
    organisation,
)
from store.tables.products import entitlement
from store.tables.requests import pass_request, request_person
from store.tables.sales import sale, sale_item
from store.tables.temporary_passes import temporary_pass


class Kind(Struct, frozen=True):
    """People, households or organisations: which of them are over, and what goes with each, in order."""

    table: Table
    over: ColumnElement[bool]
    hanging: Callable[[Ids], Hanging]


def kinds(authority_id: UUID, day: date, now: datetime) -> list[Kind]:
    """Say who is over: people first, for a household stays as long as somebody belongs to it."""
    asked = select(pass_request.c.id).where(pass_request.c.household_id == household.c.id)
    return [
        Kind(holder, and_(_ended(holder, authority_id, day), *_nobody_needs(day, now)), of_people),
        Kind(
            household, and_(_ended(household, authority_id, day), _is_left(household, day), ~asked.exists()), of_group
        ),
        Kind(organisation, and_(_ended(organisation, authority_id, day), _is_left(organisation, day)), of_group),
    ]


def sweep_of_rights(authority_id: UUID, day: date) -> Sweep:
    """Say which rights are over, of whomever: nothing that a terminal may still tell counts on them, nor a sale."""
    mine, late = entitlement.c, day - LATE
    counts = select(counter.c.position).where(counter.c.entitlement_id == mine.id)
    sold = select(sale_item.c.id).where(sale_item.c.id == mine.id)
    over = and_(
        mine.authority_id == authority_id,
        mine.keep_until <= day,
        mine.valid_until <= late,
        ~counts.exists(),
        ~sold.exists(),
    )
    return Sweep(entitlement, over)


def sweep_of_card_orders(authority_id: UUID, day: date) -> Sweep:
    """Say which orders of cards are over: one that is open stays with its pass."""
    mine = card_order.c
    over = and_(mine.authority_id == authority_id, mine.keep_until <= day, mine.ended_at.is_not(None))
    return Sweep(card_order, over)


def sweeps_of_sales(authority_id: UUID, day: date) -> list[Sweep]:
    """Say which sales are over, their items first. An item goes once all of its sale may."""
    item = sale_item.alias()
    kept = select(item.c.id).where(item.c.sale_id == sale.c.id, or_(item.c.keep_until > day, item.c.valid_until > day))
    over = and_(sale.c.authority_id == authority_id, sale.c.keep_until <= day, ~kept.exists())
    left = select(item.c.id).where(item.c.sale_id == sale.c.id)
    return [
        Sweep(sale_item, sale_item.c.sale_id.in_(select(sale.c.id).where(over))),
        Sweep(sale, and_(over, ~left.exists())),
    ]


async def forget_each(database: Database, kind: Kind) -> tuple[dict[str, int], list[UUID]]:
    """Forget one after the other; return how many rows of which table that were, and the photos to be removed."""
    async with database.read() as connection:
        found = list((await connection.execute(select(kind.table.c.id).where(kind.over))).scalars())
    counts: dict[str, int] = {}
    files: list[UUID] = []
    for one in found:
        try:
            gone, photos = await _forget(database, kind, one)
        except IntegrityError:
            # A desk was quicker: something new hangs on them, so they stay.
            continue
        files += photos
        for name, rows in gone.items():
            counts[name] = counts.get(name, 0) + rows
    return counts, files


async def count_each(database: Database, kind: Kind) -> dict[str, int]:
    """Count what would be forgotten, by table."""
    over = select(kind.table.c.id).where(kind.over)
    async with database.read() as connection:
        found = {}
        for table, which in [*kind.hanging(over), (kind.table, kind.over)]:
            rows = await connection.execute(select(func.count()).select_from(table).where(which))
            found[table.name] = int(rows.scalar_one())
    return found


async def _forget(database: Database, kind: Kind, one: UUID) -> tuple[dict[str, int], list[UUID]]:
    async with short_write(database) as connection:
        # Looked at again under the lock that a desk takes too.
        still = select(kind.table.c.id).where(kind.table.c.id == one, kind.over).with_for_update(of=kind.table)
        if (await connection.execute(still)).first() is None:
            return {}, []
        files = await photos_of(connection, one)
        counts = await remove(connection, [*kind.hanging([one]), (kind.table, kind.table.c.id == one)])
    return counts, files


def _ended(table: Table, authority_id: UUID, day: date) -> ColumnElement[bool]:
    return and_(table.c.authority_id == authority_id, table.c.keep_until <= day)


def _nobody_needs(day: date, now: datetime) -> list[ColumnElement[bool]]:
    """Say that nothing which is still kept depends on a person."""
    me = holder.c.id
    running = and_(p.pass_.c.status != PassStatus.ENDED, p.pass_.c.valid_until > day)
    # Whoever renewed is kept after the last pass as after the first; a temporary one says by itself how long.
    temporary = select(temporary_pass.c.pass_id).where(temporary_pass.c.pass_id == p.pass_.c.id)
    lately = and_(p.pass_.c.valid_until > day - KEPT_AFTER, ~temporary.exists())
    passes = select(p.pass_.c.id).where(p.pass_.c.holder_id == me).correlate(holder)
    media = select(p.medium.c.id).where(p.medium.c.pass_id.in_(passes))
    asked = select(pass_request.c.id).where(pass_request.c.keep_until > day)
    needing = [
        select(p.pass_.c.id).where(p.pass_.c.holder_id == me, or_(p.pass_.c.keep_until > day, running, lately)),
        media.where(or_(p.medium.c.expires_at > now, p.medium.c.keep_until > day)),
        select(validation.c.number).where(validation.c.medium_id.in_(media), validation.c.keep_until > day),
        select(batch_card.c.number).where(
            batch_card.c.pass_id.in_(passes), or_(batch_card.c.keep_until > day, batch_card.c.expires_at > now)
        ),
        select(sale.c.id).where(sale.c.pass_id.in_(passes)),
        select(guardianship.c.ward_id).where(guardianship.c.guardian_id == me, guardianship.c.keep_until > day),
        select(request_person.c.place).where(request_person.c.holder_id == me, request_person.c.request_id.in_(asked)),
    ]
    return [*(~query.exists() for query in needing), *_owns_nothing(holder, day)]


def _is_left(table: Table, day: date) -> ColumnElement[bool]:
    """Say that nobody belongs to a household or an organisation any more, and that it owns nothing that is kept."""
    members = select(beneficiary.c.holder_id).where(
        beneficiary.c.subject_id == table.c.id, or_(beneficiary.c.valid_until > day, beneficiary.c.keep_until > day)
    )
    return and_(~members.exists(), *_owns_nothing(table, day))


def _owns_nothing(table: Table, day: date) -> list[ColumnElement[bool]]:
    late = day - LATE
    rights = select(entitlement.c.id).where(
        entitlement.c.subject_id == table.c.id, or_(entitlement.c.keep_until > day, entitlement.c.valid_until > late)
    )
    theirs = select(entitlement.c.id).where(entitlement.c.subject_id == table.c.id).correlate(table)
    counted = select(counter.c.position).where(
        counter.c.entitlement_id.in_(theirs), or_(counter.c.keep_until > late, counter.c.ends_before > late)
    )
    sold = select(sale_item.c.id).where(sale_item.c.subject_id == table.c.id)
    return [~query.exists() for query in (rights, counted, sold)]
