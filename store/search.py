"""Finding somebody at a desk: by the words of their name, or by what names one person alone."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Select, func, literal, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.accounts import ContactChannel
from domain.applications import Application
from domain.circumstances import CircumstanceKind
from domain.names import NameKey
from domain.organisations import Organisation
from domain.passes import PassStatus
from domain.requests import OPEN, RequestStatus
from store.request_queue import asks_for_one_of
from store.rows import to_struct
from store.tables.accounts import resident_contact, resident_link
from store.tables.cards import batch_card
from store.tables.passes import card, medium, pass_
from store.tables.people import beneficiary, circumstance, holder, holder_name, organisation
from store.tables.products import entitlement, product
from store.tables.requests import pass_request, request_contact, request_person

_LAST = "\U0010ffff"
"""Sorts after every letter, in UTF-8 as well as in code points."""


_PLANNED = text(
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('random_page_cost', '1.1', true),"
    " set_config('max_parallel_workers_per_gather', '0', true)"
)


class Found(Struct, frozen=True):
    """Somebody whom a desk may mean. `key` is where they stand in the list."""

    id: UUID
    reference: str
    first_name: str
    last_name: str
    born_on: date
    key: str = ""


class Narrowed(Struct, frozen=True):
    """Which of those whose name fits; what is empty leaves it open.

    Who lives in a commune on `day`, who was born from the first to the last of these days, who may then spend a right
    to a product, and whose pass has this status. With `without_pass`, who has no pass.
    """

    day: date
    commune: str = ""
    born: tuple[date, date] | None = None
    product: str = ""
    status: PassStatus | None = None
    without_pass: bool = False


class Asking(Struct, frozen=True):
    """A request that nobody has decided, by a contact that it gives."""

    reference: str
    name: str


class FoundPass(Struct, frozen=True):
    """A pass of somebody who was found."""

    holder_id: UUID
    number: str
    status: PassStatus


async def by_name(
    connection: AsyncConnection,
    authority_id: UUID,
    wanted: NameKey,
    *,
    limit: int,
    after: tuple[str, UUID] | None = None,
    narrowed: Narrowed | None = None,
) -> list[Found]:
    """List whose name has these words, in order; with `after` (key and id), those behind it in the list.

    It reads one stretch of an index. The other words are looked for in the keys there, without any other row. What
    narrows it does so by indexes alone (ADR 0063): few who fit are looked for in the stretch, of many the first are.
    """
    key = holder_name.c.key
    stretch = (
        select(holder_name.c.holder_id, key)
        .where(holder_name.c.authority_id == authority_id, key >= wanted.start, key < wanted.start + _LAST)
        .order_by(key, holder_name.c.holder_id)
        .limit(limit)
    )
    for word in wanted.others:
        stretch = stretch.where((" " + key).contains(f" {word}", autoescape=True))
    if after is not None:
        stretch = stretch.where(tuple_(key, holder_name.c.holder_id) > after)
    if narrowed is not None:
        await _plan_for_these(connection)
        spent = select(product.c.id).where(product.c.authority_id == authority_id, product.c.code == narrowed.product)
        # Read first, that its number of rights is known to whoever plans; none has the product that is none.
        product_id = await connection.scalar(spent) if narrowed.product else None
        stretch = stretch.where(*_fits(authority_id, holder_name.c.holder_id, narrowed, product_id))
    page = stretch.subquery()
    found = await connection.execute(
        select(holder, page.c.key)
        .join(page, page.c.holder_id == holder.c.id)
        .where(holder.c.authority_id == authority_id)
        .order_by(page.c.key, holder.c.id)
    )
    return [to_struct(row, Found) for row in found.mappings()]


async def by_reference(connection: AsyncConnection, authority_id: UUID, reference: str) -> list[Found]:
    """Find who has a reference of the authority's own."""
    return await _those(connection, _people(authority_id).where(holder.c.reference == reference))


async def by_contact(
    connection: AsyncConnection,
    authority_id: UUID,
    key: str,
    *,
    day: date,
    limit: int,
    among: frozenset[str] | None = None,
) -> list[Found]:
    """List whose request gave a telephone number or an address for e-mail, and whose passes an account with it has.

    They stand by name. With `among`, only requests that ask for one of these services count, and no account.
    """
    asked = (
        select(request_person.c.holder_id)
        .join(request_contact, request_contact.c.request_id == request_person.c.request_id)
        .where(request_contact.c.authority_id == authority_id, request_contact.c.key == key)
    )
    if among is not None:
        asked = asked.join(pass_request, pass_request.c.id == request_person.c.request_id).where(asks_for_one_of(among))
    linked = (
        select(resident_link.c.holder_id)
        .join(resident_contact, resident_contact.c.account_id == resident_link.c.account_id)
        .where(
            resident_contact.c.authority_id == authority_id,
            resident_contact.c.channel.in_(list(ContactChannel)),  # as its index begins
            resident_contact.c.address == key,
            resident_link.c.valid_until > day,
        )
    )
    found = await connection.execute(
        _people(authority_id)
        .where(holder.c.id.in_(asked.union(linked) if among is None else asked))
        .order_by(holder.c.last_name, holder.c.first_name, holder.c.id)
        .limit(limit)
    )
    return [to_struct(row, Found) for row in found.mappings()]


async def asking_by_contact(
    connection: AsyncConnection, authority_id: UUID, key: str, *, limit: int, among: frozenset[str] | None = None
) -> list[Asking]:
    """List the requests that give a contact and wait for a decision, by reference.

    `among`: those that ask for one of these services at least; None for all.
    """
    found = await connection.execute(
        select(pass_request.c.reference, pass_request.c.application)
        .join(request_contact, request_contact.c.request_id == pass_request.c.id)
        .where(
            request_contact.c.authority_id == authority_id,
            request_contact.c.key == key,
            pass_request.c.status.in_(OPEN),
            asks_for_one_of(among),
        )
        .order_by(pass_request.c.reference)
        .limit(limit)
    )
    return [Asking(row.reference, msgspec.convert(row.application, Application).asker.name) for row in found]


async def request_of(
    connection: AsyncConnection, authority_id: UUID, reference: str, *, among: frozenset[str] | None = None
) -> str | None:
    """Return the reference of a request as it is written, where it was sent and asks for one of these services."""
    found = await connection.execute(
        select(pass_request.c.reference).where(
            pass_request.c.authority_id == authority_id,
            pass_request.c.reference == reference.upper(),
            pass_request.c.status != RequestStatus.DRAFT,
            asks_for_one_of(among),
        )
    )
    return found.scalar_one_or_none()


async def by_pass(connection: AsyncConnection, authority_id: UUID, number: str) -> list[Found]:
    """Find whose pass has a number."""
    passes = _people(authority_id).join(pass_, pass_.c.holder_id == holder.c.id)
    return await _those(connection, passes.where(pass_.c.number == number))


async def by_medium(connection: AsyncConnection, authority_id: UUID, medium_id: int) -> list[Found]:
    """Find whose medium it is."""
    media = _people(authority_id).join(pass_, pass_.c.holder_id == holder.c.id)
    return await _those(connection, media.join(medium, medium.c.pass_id == pass_.c.id).where(medium.c.id == medium_id))


async def by_card_number(connection: AsyncConnection, authority_id: UUID, number: str) -> list[Found]:
    """Find for whom a card of a batch was made, or to whom it was handed."""
    passes = _people(authority_id).join(pass_, pass_.c.holder_id == holder.c.id)
    made = passes.join(batch_card, batch_card.c.pass_id == pass_.c.id)
    return await _those(
        connection, made.where(batch_card.c.authority_id == authority_id, batch_card.c.number == number)
    )


async def by_chip(connection: AsyncConnection, authority_id: UUID, uid_digest: bytes) -> list[Found]:
    """Find whose card has a chip, by the digest of its UID."""
    passes = _people(authority_id).join(pass_, pass_.c.holder_id == holder.c.id)
    media = passes.join(medium, medium.c.pass_id == pass_.c.id).join(card, card.c.medium_id == medium.c.id)
    return await _those(connection, media.where(card.c.authority_id == authority_id, card.c.uid_digest == uid_digest))


async def passes_of(connection: AsyncConnection, authority_id: UUID, holder_ids: list[UUID]) -> list[FoundPass]:
    """List the passes of these people, the newest first."""
    if not holder_ids:
        return []
    found = await connection.execute(
        select(pass_.c.holder_id, pass_.c.number, pass_.c.status)
        .where(pass_.c.authority_id == authority_id, pass_.c.holder_id.in_(holder_ids))
        .order_by(pass_.c.created_at.desc(), pass_.c.id)
    )
    return [to_struct(row, FoundPass) for row in found.mappings()]


async def organisations(
    connection: AsyncConnection, authority_id: UUID, words: str, *, limit: int, after: tuple[str, UUID] | None = None
) -> list[Organisation]:
    """List organisations by name: those whose name has these words in it, or whose reference or registration it is.

    It reads all of an authority's: a territory has some thousands.
    """
    mine = select(organisation).where(organisation.c.authority_id == authority_id)
    if words:
        in_name = func.lower(organisation.c.name).contains(words.lower(), autoescape=True)
        mine = mine.where(or_(in_name, organisation.c.reference == words, organisation.c.registration == words))
    if after is not None:
        mine = mine.where(tuple_(organisation.c.name, organisation.c.id) > after)
    found = await connection.execute(mine.order_by(organisation.c.name, organisation.c.id).limit(limit))
    return [to_struct(row, Organisation) for row in found.mappings()]


async def _plan_for_these(connection: AsyncConnection) -> None:
    """Have PostgreSQL plan anew for what is asked now, to the end of the transaction.

    A plan for anybody's filters reads a city to find that nobody is suspended: how many fit decides where to begin.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(_PLANNED)


def _fits(
    authority_id: UUID, who: ColumnElement[UUID], wanted: Narrowed, product_id: UUID | None
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.born is not None:
        born = select(holder.c.id).where(
            holder.c.authority_id == authority_id, holder.c.id == who, holder.c.born_on.between(*wanted.born)
        )
        conditions.append(born.exists())
    if wanted.commune:
        conditions.append(_lives(authority_id, who, wanted.commune, wanted.day))
    if wanted.product:
        conditions.append(_spends(who, product_id, wanted.day))
    has_pass = select(pass_.c.id).where(pass_.c.holder_id == who)
    if wanted.without_pass:
        conditions.append(~has_pass.exists())
    elif wanted.status is not None:
        # Spelt out: of a parameter, no engine knows that it is another status than the index leaves out.
        status = pass_.c.status == literal(wanted.status.value, literal_execute=True)
        conditions.append(has_pass.where(pass_.c.authority_id == authority_id, status).exists())
    return conditions


def _spends(who: ColumnElement[UUID], product_id: UUID | None, day: date) -> ColumnElement[bool]:
    return (
        select(entitlement.c.id)
        .join(beneficiary, beneficiary.c.subject_id == entitlement.c.subject_id)
        .where(
            beneficiary.c.holder_id == who,
            beneficiary.c.valid_from <= day,
            beneficiary.c.valid_until > day,
            entitlement.c.product_id == product_id,
            entitlement.c.valid_from <= day,
            entitlement.c.valid_until > day,
        )
        .exists()
    )


def _lives(authority_id: UUID, who: ColumnElement[UUID], commune: str, day: date) -> ColumnElement[bool]:
    return (
        select(circumstance.c.subject_id)
        .where(
            circumstance.c.authority_id == authority_id,
            circumstance.c.subject_id == who,
            # Spelt out, as its index begins.
            circumstance.c.kind == literal(CircumstanceKind.COMMUNE.value, literal_execute=True),
            circumstance.c.value == commune,
            circumstance.c.valid_from <= day,
            circumstance.c.valid_until > day,
        )
        .exists()
    )


def _people(authority_id: UUID) -> Select[tuple[Any, ...]]:
    return select(holder).where(holder.c.authority_id == authority_id)


async def _those(connection: AsyncConnection, wanted: Select[tuple[Any, ...]]) -> list[Found]:
    found = await connection.execute(wanted.limit(1))
    return [to_struct(row, Found) for row in found.mappings()]
