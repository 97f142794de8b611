"""What goes with people as they leave the register, and what outlives them about nobody: by their time, or on request.

Passages lose their person and stay. A place in a status list stays invalid while its signature runs.
"""

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from store import status_lists
from store.tables import passes as p
from store.tables.accounts import portrait_word, resident_link, resident_link_code
from store.tables.cards import batch_card
from store.tables.external_media import sector_identifier
from store.tables.ledger import bill_settlement, counter, medium_use, passage_detail, presence, validation
from store.tables.ordered_cards import card_order
from store.tables.people import beneficiary, circumstance, guardianship, holder_name, portrait, portrait_offer
from store.tables.products import entitlement
from store.tables.replacements import replacement
from store.tables.temporary_passes import temporary_pass

Ids = Select[Any] | list[UUID]
Hanging = list[tuple[Table, ColumnElement[bool]]]

_PIECE = 200
"""Events of one statement."""

_V = validation.c
_NOBODY = {"medium_id": None, "pass_id": None, "entitlement_id": None}
_UNTIED = {"payment": None, "left_zone_id": None, "left_since": None}


def of_people(people: Ids) -> Hanging:
    """What goes with people, in an order that foreign keys allow."""
    passes = select(p.pass_.c.id).where(p.pass_.c.holder_id.in_(people))
    media = select(p.medium.c.id).where(p.medium.c.pass_id.in_(passes))
    on_media = (p.medium_change, p.device_key, p.card, p.card_proof, p.online_handle, medium_use)
    return [
        *((table, table.c.medium_id.in_(media)) for table in on_media),
        (replacement, or_(replacement.c.medium_id.in_(media), replacement.c.replaced_id.in_(media))),
        (sector_identifier, or_(sector_identifier.c.holder_id.in_(people), sector_identifier.c.medium_id.in_(media))),
        (batch_card, or_(batch_card.c.pass_id.in_(passes), batch_card.c.medium_id.in_(media))),
        (card_order, card_order.c.pass_id.in_(passes)),
        (presence, presence.c.pass_id.in_(passes)),
        (p.medium, p.medium.c.pass_id.in_(passes)),
        (p.pass_change, p.pass_change.c.pass_id.in_(passes)),
        (temporary_pass, temporary_pass.c.holder_id.in_(people)),
        (p.pass_, p.pass_.c.holder_id.in_(people)),
        (guardianship, or_(guardianship.c.ward_id.in_(people), guardianship.c.guardian_id.in_(people))),
        *(
            (table, table.c.holder_id.in_(people))
            for table in (portrait, portrait_word, portrait_offer, resident_link, resident_link_code, holder_name)
        ),
        (beneficiary, or_(beneficiary.c.holder_id.in_(people), beneficiary.c.subject_id.in_(people))),
        *_owned(people),
    ]


def of_group(groups: Ids) -> Hanging:
    """What goes with households or organisations."""
    return [(beneficiary, beneficiary.c.subject_id.in_(groups)), *_owned(groups)]


def _owned(subjects: Ids) -> Hanging:
    """What belongs to whomever rights may belong to."""
    rights = select(entitlement.c.id).where(entitlement.c.subject_id.in_(subjects))
    return [
        (counter, counter.c.entitlement_id.in_(rights)),
        (entitlement, entitlement.c.subject_id.in_(subjects)),
        (circumstance, circumstance.c.subject_id.in_(subjects)),
    ]


async def photos_of(connection: AsyncConnection, holder_id: UUID) -> list[UUID]:
    """List the files of somebody's photos, which are removed after them."""
    files: list[UUID] = []
    for photos in (portrait, portrait_offer):
        files += (await connection.execute(select(photos.c.file_id).where(photos.c.holder_id == holder_id))).scalars()
    return files


async def remove(connection: AsyncConnection, hanging: Hanging) -> dict[str, int]:
    """Delete these rows in their order, and return how many that were of each table."""
    counts: Counter[str] = Counter()
    for table, which in hanging:
        counts[table.name] += (await connection.execute(delete(table).where(which))).rowcount
    return dict(counts)


async def untie(connection: AsyncConnection, which: ColumnElement[bool]) -> int:
    """Take people out of these events, and references of payments and invoices with them; return how many that were."""
    # Held first: whoever writes at this moment how a sum was settled is waited for, and their reference seen.
    held = await connection.execute(select(_V.number).where(which).order_by(_V.number).with_for_update())
    numbers = list(held.scalars())
    for start in range(0, len(numbers), _PIECE):
        some = numbers[start : start + _PIECE]
        await connection.execute(update(passage_detail).where(passage_detail.c.number.in_(some)).values(_UNTIED))
        settled = update(bill_settlement).where(bill_settlement.c.number.in_(some))
        await connection.execute(settled.values(reference=None))
        await connection.execute(update(validation).where(_V.number.in_(some)).values(_NOBODY))
    return len(numbers)


async def retire(connection: AsyncConnection, holder_id: UUID, now: datetime) -> None:
    """Keep the places of somebody's media, and of cards that were made for them, before these are deleted."""
    passes = select(p.pass_.c.id).where(p.pass_.c.holder_id == holder_id)
    media = select(p.medium.c.id).where(p.medium.c.pass_id.in_(passes))
    shown = [
        select(table.c.authority_id, table.c.status_list, table.c.status_index, table.c.expires_at).where(
            table.c.expires_at > now, theirs
        )
        for table, theirs in (
            (p.medium, p.medium.c.pass_id.in_(passes)),
            (batch_card, or_(batch_card.c.pass_id.in_(passes), batch_card.c.medium_id.in_(media))),
        )
    ]
    until: dict[tuple[UUID, int, int], datetime] = {}
    for found in shown:
        for *place, expires_at in await connection.execute(found):
            authority_id, number, index = place
            known = until.get((authority_id, number, index), expires_at)
            until[authority_id, number, index] = max(known, expires_at)
    if until:
        names = ("authority_id", "status_list", "status_index", "expires_at")
        rows = [dict(zip(names, (*place, expires_at), strict=True)) for place, expires_at in until.items()]
        await connection.execute(insert(p.retired_place), rows)
        await status_lists.places_have_changed(connection, until)
