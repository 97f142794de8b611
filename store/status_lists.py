"""Queries on status lists: what became of each medium, by its place."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, Table, and_, delete, func, literal, literal_column, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.card_batches import BatchCard
from domain.errors.passes import StatusListNotFound
from domain.errors.places import AuthorityNotFound
from domain.passes import STATUS_LIST_SIZE, MediumStatus, PassStatus
from nfc.issued import STATUS_LIST_SIZE as LONGEST_LIST
from nfc.status_list import Status
from store.tables.cards import batch_card
from store.tables.passes import medium, pass_, retired_place, status_change, status_list
from store.tables.places import authority

_ACTIVE: ColumnElement[str] = literal_column("'active'")
"""No parameter: the indexes of what is stopped are found by their very condition."""

NOT_VALID = or_(medium.c.status != _ACTIVE, pass_.c.status != _ACTIVE)

_SUSPENDED = frozenset(
    {
        MediumStatus.SUSPENDED,
        MediumStatus.STOCK,
        MediumStatus.ORDERED,
        MediumStatus.IN_PRODUCTION,
        MediumStatus.PRODUCED,
        MediumStatus.SHIPPED,
        MediumStatus.READY_AT_DESK,
    }
)
"""Not in use, and may come into use: a card in the post opens nothing, and will."""

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


KEPT_VERSIONS = 5_000
"""Who has not asked for so many changes fetches the list whole."""

MOST_CHANGES = 5_000
"""Above, the changes would not be smaller than the list."""


class ListHead(Struct, frozen=True):
    """Whose list it is, and how often it has changed."""

    authority_id: UUID
    version: int


def status_of(of_medium: MediumStatus, of_pass: PassStatus) -> Status:
    """What a list says of a medium: the worse of what became of it and of its pass."""
    if of_pass is PassStatus.ENDED or (of_medium is not MediumStatus.ACTIVE and of_medium not in _SUSPENDED):
        return Status.INVALID
    return Status.SUSPENDED if of_pass is PassStatus.SUSPENDED or of_medium in _SUSPENDED else Status.VALID


_TOLD = {
    (of_medium.value, of_pass.value): status_of(of_medium, of_pass)
    for of_medium in MediumStatus
    for of_pass in PassStatus
}


async def head(connection: AsyncConnection, code: str, number: int) -> ListHead:
    """Find an authority's list by its number. Read it before the entries: their version is this one or a later one.

    Raises:
        AuthorityNotFound: no authority has this code.
    """
    mine = and_(status_list.c.authority_id == authority.c.id, status_list.c.number == number)
    found = await connection.execute(
        select(authority.c.id, status_list.c.version)
        .select_from(authority.outerjoin(status_list, mine))
        .where(authority.c.code == code)
    )
    row = found.one_or_none()
    if row is None:
        raise AuthorityNotFound(f"No authority has the code {code}.")
    return ListHead(row.id, row.version or 0)


async def size_of(connection: AsyncConnection, authority_id: UUID, number: int) -> int | None:
    """Return how many places a list has; None where no medium has its place in it. Lists from before are longer."""
    found = []
    for table in (medium, retired_place):
        newest = select(func.max(table.c.status_index)).where(_in_list(table, authority_id, number))
        found.append((await connection.execute(newest)).scalar())
    last = max((place for place in found if place is not None), default=None)
    if last is None:
        return None
    return STATUS_LIST_SIZE if last < STATUS_LIST_SIZE else LONGEST_LIST


async def entries(connection: AsyncConnection, authority_id: UUID, number: int) -> dict[int, Status]:
    """Find the places that are not valid.

    Raises:
        StatusListNotFound: no medium has its place in this list.
    """
    mine = _in_list(medium, authority_id, number)
    made = and_(_in_list(batch_card, authority_id, number), batch_card.c.status != _ACTIVE)
    retired = _in_list(retired_place, authority_id, number)
    for one in (mine, made, retired):
        if (await connection.execute(select(literal(1)).where(one).limit(1))).first() is not None:
            break
    else:
        raise StatusListNotFound("No medium has its place in this list.")
    media = select(medium.c.status_index, medium.c.status, literal(PassStatus.ACTIVE.value)).where(
        mine, medium.c.status != _ACTIVE
    )
    # From the few passes that are stopped to their media: naming the media's authority would lure SQLite through all.
    of_passes = (
        select(medium.c.status_index, medium.c.status, pass_.c.status)
        .join(pass_, pass_.c.id == medium.c.pass_id)
        .where(pass_.c.authority_id == authority_id, pass_.c.status != _ACTIVE, medium.c.status_list == number)
    )
    # Cards that nobody holds yet: what is in their chips is signed already.
    cards = select(batch_card.c.status_index, batch_card.c.status, literal(PassStatus.ACTIVE.value)).where(made)
    told: dict[int, Status] = {}
    rows = await connection.execute(media.union_all(of_passes, cards, _retired().where(retired)))
    for index, of_medium, of_pass in rows:
        if told.get(index) is not Status.INVALID:
            told[index] = _TOLD[of_medium, of_pass]
    return told


async def changes(
    connection: AsyncConnection, authority_id: UUID, number: int, *, since: int, until: int
) -> dict[int, Status] | None:
    """Find what the places say now that versions after `since`, up to `until`, have touched; None if not all are known.

    Not all: versions too long ago, from before they were kept, or so many places that the whole list is smaller.
    """
    change = status_change.c
    between = and_(
        change.authority_id == authority_id, change.number == number, change.version > since, change.version <= until
    )
    known = await connection.execute(select(func.count(change.version.distinct()), func.count()).where(between))
    versions, touched = known.one()
    if versions != until - since or touched > MOST_CHANGES:
        return None
    places = select(change.place).where(between)
    media = (
        select(medium.c.status_index, medium.c.status, pass_.c.status)
        .join(pass_, pass_.c.id == medium.c.pass_id)
        .where(_in_list(medium, authority_id, number), medium.c.status_index.in_(places))
    )
    cards = select(batch_card.c.status_index, batch_card.c.status, literal(PassStatus.ACTIVE.value)).where(
        _in_list(batch_card, authority_id, number),
        batch_card.c.status_index.in_(places),
        batch_card.c.status != _ACTIVE,
    )
    retired = _retired().where(_in_list(retired_place, authority_id, number), retired_place.c.status_index.in_(places))
    # A place that nobody has any more is free again: whoever gets it must not be taken for the one before.
    told = dict.fromkeys((await connection.execute(places)).scalars(), Status.VALID)
    rows = await connection.execute(media.union_all(cards, retired))
    return told | {index: _TOLD[of_medium, of_pass] for index, of_medium, of_pass in rows}


async def have_changed(connection: AsyncConnection, *which: ColumnElement[bool]) -> None:
    """Move the version of every list in which these media stand, within the transaction that changes them."""
    insert = _INSERT[connection.dialect.name]
    lists = (
        select(medium.c.authority_id, medium.c.status_list, literal(1))
        .join(pass_, pass_.c.id == medium.c.pass_id)
        .where(*which)
        .distinct()
    )
    moved = await connection.execute(
        insert(status_list)
        .from_select(["authority_id", "number", "version"], lists)
        .on_conflict_do_update(index_elements=["authority_id", "number"], set_={"version": status_list.c.version + 1})
        .returning(status_list.c.authority_id, status_list.c.number, status_list.c.version)
    )
    touched = (
        select(medium.c.authority_id, medium.c.status_list, status_list.c.version, medium.c.status_index)
        .join(pass_, pass_.c.id == medium.c.pass_id)
        .join(
            status_list,
            and_(status_list.c.authority_id == medium.c.authority_id, status_list.c.number == medium.c.status_list),
        )
        .where(*which)
    )
    # The list's row is ours until we commit, so its version is the one just given.
    await connection.execute(insert(status_change).from_select(["authority_id", "number", "version", "place"], touched))
    for authority_id, number, version in moved:
        await _forget_old(connection, authority_id, number, version)


async def cards_have_changed(connection: AsyncConnection, cards: Sequence[BatchCard]) -> None:
    """Move the version of every list in which these cards stand, within the transaction that changes them."""
    await places_have_changed(connection, [(one.authority_id, one.status_list, one.status_index) for one in cards])


async def places_have_changed(connection: AsyncConnection, changed: Iterable[tuple[UUID, int, int]]) -> None:
    """Move the version of every list (authority, number, place) within the transaction that changes its places.

    Of a whole batch no places are kept: who has the version before fetches the list.
    """
    insert = _INSERT[connection.dialect.name]
    places: defaultdict[tuple[UUID, int], list[int]] = defaultdict(list)
    for authority_id, number, place in changed:
        places[authority_id, number].append(place)
    for (authority_id, number), touched in sorted(places.items()):
        moved = await connection.execute(
            insert(status_list)
            .values(authority_id=authority_id, number=number, version=1)
            .on_conflict_do_update(
                index_elements=["authority_id", "number"], set_={"version": status_list.c.version + 1}
            )
            .returning(status_list.c.version)
        )
        version = moved.scalar_one()
        if len(touched) <= MOST_CHANGES:
            at = {"authority_id": authority_id, "number": number, "version": version}
            await connection.execute(insert(status_change), [{**at, "place": place} for place in touched])
        await _forget_old(connection, authority_id, number, version)


async def _forget_old(connection: AsyncConnection, authority_id: UUID, number: int, version: int) -> None:
    await connection.execute(
        delete(status_change).where(
            status_change.c.authority_id == authority_id,
            status_change.c.number == number,
            status_change.c.version <= version - KEPT_VERSIONS,
        )
    )


def _in_list(table: Table, authority_id: UUID, number: int) -> ColumnElement[bool]:
    return and_(table.c.authority_id == authority_id, table.c.status_list == number)


def _retired() -> Select[tuple[int, str, str]]:
    """Select places of media that are gone as those of media that are over."""
    over, active = literal(MediumStatus.REVOKED.value), literal(PassStatus.ACTIVE.value)
    return select(retired_place.c.status_index, over, active)
