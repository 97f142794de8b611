"""Adding many people to a register that others use meanwhile: what it knows of them is asked once for a whole batch."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import count, islice
from typing import TypeVar
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.card_batches import BatchCard
from domain.cards import Card
from domain.import_lines import Newcomer, name_key
from domain.newcomers import Known, reference_of
from domain.ordered_cards import CardOrder
from domain.organisations import Organisation
from domain.passes import DRAWS, NEXT_LIST, Medium, MediumStatus, draw_place, number_from
from domain.people import Household
from domain.ports import Ids
from store.batches import SqlBatches
from store.bulk_unit import BulkPasses, BulkPeople, BulkUnit
from store.ordered_cards import SqlOrderedCards
from store.passes import SqlPasses
from store.tables.passes import medium, pass_, retired_place
from store.tables.people import holder

T = TypeVar("T")

_PIECE = 1_000
"""Values of one question."""


async def known(connection: AsyncConnection, authority_id: UUID, newcomers: Sequence[Newcomer], code: str) -> Known:
    """Ask what an authority's register knows of these people."""
    names: set[tuple[str, date]] = set()
    references: set[str] = set()
    for days in pieces({one.born_on for one in newcomers}):
        told = (holder.c.first_name, holder.c.last_name, holder.c.born_on)
        found = await connection.execute(
            select(*told).where(holder.c.authority_id == authority_id, holder.c.born_on.in_(days))
        )
        names.update(name_key(*row) for row in found)
    for some in pieces({reference_of(one, code) for one in newcomers}):
        taken = await connection.execute(
            select(holder.c.reference).where(holder.c.authority_id == authority_id, holder.c.reference.in_(some))
        )
        references.update(taken.scalars())
    digests = [one.uid_digest for one in newcomers if one.uid_digest is not None]
    chips = await SqlBatches(connection).chips_known(authority_id, digests) if digests else set()
    return Known(frozenset(names), frozenset(references), frozenset(chips))


class NewPeople(BulkPeople):
    """Newcomers belong to no household and no firm yet."""

    async def households_of(self, holder_id: UUID, day: date) -> list[Household]:  # noqa: ARG002 - the port's
        """List none."""
        return []

    async def organisations_of(self, holder_id: UUID, day: date) -> list[Organisation]:  # noqa: ARG002 - the port's
        """List none."""
        return []


class _NewPasses(BulkPasses):
    """Gives out numbers and places of status lists; before all is written, the unit makes sure that nobody has them."""

    async def load(self, authority_id: UUID) -> None:
        """Read which list is the newest."""
        self.begin_with(authority_id, await SqlPasses(self._connection).newest_status_list(authority_id))

    async def card_of(self, authority_id: UUID, uid_digest: bytes) -> tuple[Card, MediumStatus] | None:  # noqa: ARG002 - the port's
        """Find none: chips that the register knows were refused before."""
        return None

    async def settle_numbers(self, ids: Ids) -> None:
        """Draw other numbers for those passes whose own somebody has already."""
        while taken := await self._numbers_taken():
            for one in [each for each in self.passes.values() if each.number in taken]:
                self.passes[one.id] = replace(one, number=number_from(ids.below(10**9)))

    def all_media(self) -> list[Medium]:
        """List the media kept, of all passes."""
        return [one for of_pass in self.kept_media.values() for one in of_pass.values()]

    async def placed_already(self, media: list[Medium]) -> list[Medium]:
        """Find those of some media whose places the register has given out: by its index, however full the list is."""
        taken: set[tuple[UUID, int, int]] = set()
        for authority_id, status_list in {(one.authority_id, one.status_list) for one in media}:
            asked = [one.status_index for one in media if one.status_list == status_list]
            found = union_all(
                *(
                    select(table.c.status_index).where(
                        table.c.authority_id == authority_id,
                        table.c.status_list == status_list,
                        table.c.status_index.in_(asked),
                    )
                    for table in (medium, retired_place)
                )
            )
            taken.update(
                (authority_id, status_list, place) for place in (await self._connection.execute(found)).scalars()
            )
        return [one for one in media if (one.authority_id, one.status_list, one.status_index) in taken]

    async def _numbers_taken(self) -> set[str]:
        taken: set[str] = set()
        for numbers in pieces([one.number for one in self.passes.values()]):
            found = await self._connection.execute(select(pass_.c.number).where(pass_.c.number.in_(numbers)))
            taken.update(found.scalars())
        return taken


class _NoBatches(SqlBatches):
    """Chips of batches were refused before."""

    async def card_by_chip(self, authority_id: UUID, uid_digest: bytes) -> BatchCard | None:  # noqa: ARG002 - the port's
        """Find none."""
        return None


class _NoOrders(SqlOrderedCards):
    """Whoever comes today has ordered nothing."""

    async def newest(self, pass_id: UUID) -> CardOrder | None:  # noqa: ARG002 - the port's
        """Find none."""
        return None


class NewcomersUnit(BulkUnit):
    """`domain.ports.Unit` for people of whom the register was asked by `known`: `load` first, `flush` last."""

    people: NewPeople
    passes: _NewPasses

    def __init__(self, connection: AsyncConnection, ids: Ids) -> None:
        super().__init__(connection, ids)
        self.people = NewPeople(connection)
        self.passes = _NewPasses(connection)
        self.batches = _NoBatches(connection)
        self.ordered_cards = _NoOrders(connection)

    async def load(self, authority_id: UUID) -> None:
        """Read what verbs will ask of places."""
        await self.passes.load(authority_id)

    async def flush(self) -> None:
        """Insert what was kept, each table in one go."""
        await self.passes.settle_numbers(self.ids)
        await self._settle_places()
        await super().flush()

    async def _settle_places(self) -> None:
        """Draw other places for those media whose own somebody has already; after many draws, in the next list."""
        doubtful = self.passes.all_media()
        for draw in count(1):
            there = [one for some in pieces(doubtful) for one in await self.passes.placed_already(some)]
            if not there:
                return
            step = 0 if draw % DRAWS else NEXT_LIST
            doubtful = [await self._moved(one, one.status_list + step) for one in there]

    async def _moved(self, one: Medium, wanted: int) -> Medium:
        status_list, status_index = await draw_place(self, one.authority_id, wanted)
        elsewhere = replace(one, status_list=status_list, status_index=status_index)
        await self.passes.add_medium(elsewhere)
        return elsewhere


def pieces(whole: Collection[T]) -> Iterator[list[T]]:
    """Cut values into as many as one question takes."""
    rest = iter(whole)
    while piece := list(islice(rest, _PIECE)):
        yield piece
