"""Queries on the points of the tour: sheets, their journal, itineraries, and what of them is public."""

from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import asdict
from sqlalchemy import ColumnElement, Row, Select, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import AlreadyExists, VersionChanged
from domain.errors.points import PointNotFound
from domain.itineraries import Itinerary, Walk
from domain.points import Point, PointEntry, PointState
from store.rows import insert, is_taken, only, to_row, to_struct
from store.tables import points as t

_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class SqlPoints:
    """`domain.ports.Points` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: Point) -> None:
        """Write a new point."""
        try:
            await insert(self._connection, t.point, new)
        except IntegrityError as problem:
            if not is_taken(problem):
                raise
            raise AlreadyExists(f"There is a point {new.slug} already.") from problem

    async def save(self, changed: Point, version: int) -> None:
        """Write a point over this version of it."""
        values = to_row(changed, leave_out=("id", "authority_id", "plate", "slug", "created_at"))
        written = await self._connection.execute(
            update(t.point).where(t.point.c.id == changed.id, t.point.c.version == version).values(values)
        )
        if written.rowcount != 1:
            raise VersionChanged("Somebody has changed the point since: read it again.")

    async def by_plate(self, authority_id: UUID, plate: str) -> Point:
        """Find a point by the number of its plate, whatever its state."""
        found = await self._connection.execute(
            select(t.point).where(t.point.c.authority_id == authority_id, t.point.c.plate == plate)
        )
        return only(found, Point, PointNotFound(f"No point has the number {plate}."))

    async def find(self, authority_id: UUID, slug: str) -> Point | None:
        """Find a point by its slug, if there is one."""
        found = await self._connection.execute(
            select(t.point).where(t.point.c.authority_id == authority_id, t.point.c.slug == slug)
        )
        row = found.one_or_none()
        return to_struct(row, Point) if row is not None else None

    async def all_of(self, authority_id: UUID) -> list[Point]:
        """List the points of an authority by slug, whatever their state."""
        found = await self._connection.execute(
            select(t.point).where(t.point.c.authority_id == authority_id).order_by(t.point.c.slug)
        )
        return [to_struct(row, Point) for row in found]

    async def plate_taken(self, plate: str) -> bool:
        """Tell whether a plate of any authority has or had this number."""
        return await self._is_there(t.point.c.plate == plate)

    async def slug_taken(self, slug: str) -> bool:
        """Tell whether a point of any authority has this slug."""
        return await self._is_there(t.point.c.slug == slug)

    async def _is_there(self, condition: ColumnElement[bool]) -> bool:
        found = await self._connection.execute(select(t.point.c.id).where(condition))
        return found.one_or_none() is not None

    async def note(self, entry: PointEntry) -> None:
        """Write a line of a point's journal."""
        await insert(self._connection, t.point_entry, entry)

    async def entries(self, point_id: UUID) -> list[PointEntry]:
        """List a point's journal, oldest first."""
        found = await self._connection.execute(
            select(t.point_entry).where(t.point_entry.c.point_id == point_id).order_by(t.point_entry.c.version)
        )
        return [to_struct(row, PointEntry) for row in found]

    async def save_itinerary(self, itinerary: Itinerary) -> None:
        """Write an itinerary over what was known under its id."""
        values = {
            "id": itinerary.id,
            "authority_id": itinerary.authority_id,
            "slug": itinerary.slug,
            "walk": msgspec.to_builtins(itinerary.walk),
            "public": itinerary.public,
            "changed_at": itinerary.changed_at,
        }
        write = _INSERT[self._connection.dialect.name](t.itinerary).values(values)
        kept = {"id", "authority_id", "slug"}
        try:
            await self._connection.execute(
                write.on_conflict_do_update(
                    index_elements=[t.itinerary.c.id],
                    set_={name: write.excluded[name] for name in values if name not in kept},
                )
            )
        except IntegrityError as problem:
            if not is_taken(problem):
                raise
            raise AlreadyExists(f"There is an itinerary {itinerary.slug} already.") from problem

    async def itineraries(self, authority_id: UUID) -> list[Itinerary]:
        """List the itineraries of an authority by slug, public or not."""
        found = await self._connection.execute(
            select(t.itinerary).where(t.itinerary.c.authority_id == authority_id).order_by(t.itinerary.c.slug)
        )
        return [_itinerary(row) for row in found]


_PUBLIC = t.point.c.shown.is_not(None) & (t.point.c.state != PointState.ARCHIVED)


async def public_points(connection: AsyncConnection, authority_id: UUID | None = None) -> list[Point]:
    """List the points that residents may see, by slug: of one authority, or of the whole installation.

    What they may read of each is `Point.public`; one that is away is among them (`away_since`).
    """
    asked: Select[Any] = select(t.point).where(_PUBLIC).order_by(t.point.c.slug)
    if authority_id is not None:
        asked = asked.where(t.point.c.authority_id == authority_id)
    return [to_struct(row, Point) for row in await connection.execute(asked)]


async def behind_plate(connection: AsyncConnection, plate: str) -> Point:
    """Find whose plate has this number, whatever the state of the point: the plate is in the street.

    Raises:
        PointNotFound: no plate has it.
    """
    found = await connection.execute(select(t.point).where(t.point.c.plate == plate))
    return only(found, Point, PointNotFound("No plate has this number."))


async def public_itineraries(connection: AsyncConnection) -> list[Itinerary]:
    """List the itineraries that residents may see, by slug."""
    found = await connection.execute(select(t.itinerary).where(t.itinerary.c.public).order_by(t.itinerary.c.slug))
    return [_itinerary(row) for row in found]


def _itinerary(row: Row[Any]) -> Itinerary:
    return Itinerary(
        **asdict(msgspec.convert(row.walk, Walk)),
        id=row.id,
        authority_id=row.authority_id,
        slug=row.slug,
        public=row.public,
        changed_at=row.changed_at,
    )
