"""Bringing a file of points and itineraries in: every entry is told what became of it."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from domain import itineraries, points
from domain.errors import DomainError
from domain.errors.points import BadPointFile
from domain.itineraries import Walk
from domain.points import Point, PointState, changes
from domain.ports import Unit
from tour.cells import CellFault
from tour.point_file import PointFile, PointLine, WalkLine
from tour.register import Result


class PointOutcome(Struct, frozen=True):
    """One line of the report; `plate` is empty of what was refused, and of itineraries."""

    number: int
    slug: str
    result: Result
    plate: str = ""
    changes: tuple[str, ...] = ()
    fault: CellFault | None = None


class Author(Struct, frozen=True):
    """On whose account a file comes in, when, and whether its points are handed over for review at once."""

    agent_id: UUID
    now: datetime
    submits: bool = False


async def bring_in_points(unit: Unit, authority_id: UUID, file: PointFile, author: Author) -> list[PointOutcome]:
    """Write what a file says, in the unit's transaction: with one entry refused, the caller takes all of it back."""
    told: list[PointOutcome] = []
    for line in file.points:
        try:
            told.append(await _point(unit, authority_id, line, author))
        except DomainError as problem:
            told.append(_refused(line, CellFault("", problem.code, problem.detail)))
    for walk in file.walks:
        try:
            told.append(await _walk(unit, authority_id, walk, author))
        except DomainError as problem:
            told.append(_refused(walk, CellFault("", problem.code, problem.detail)))
    return told


async def _point(unit: Unit, authority_id: UUID, line: PointLine, author: Author) -> PointOutcome:
    if line.fault is not None:
        return _refused(line, line.fault)
    known = await unit.points.find(authority_id, line.slug)
    changed: tuple[str, ...] = ()
    if known is None:
        made = await points.create(unit, authority_id, line.slug, line.sheet, agent_id=author.agent_id, now=author.now)
        result = Result.NEW
    else:
        changed = tuple(changes(known.sheet, await points.checked(unit, authority_id, line.sheet)))
        result = Result.CHANGED if changed else Result.SAME
        made = known
        if changed:
            made = await points.change(unit, known, line.sheet, agent_id=author.agent_id, now=author.now)
    if author.submits and made.state is PointState.DRAFT:
        made = await points.submit(unit, made, agent_id=author.agent_id, now=author.now)
    return PointOutcome(line.number, line.slug, result, made.plate, changed)


async def _walk(unit: Unit, authority_id: UUID, line: WalkLine, author: Author) -> PointOutcome:
    if line.fault is not None:
        return _refused(line, line.fault)
    stops = [{"plate": (await _named(unit, authority_id, stop.point)).plate, "way": stop.way} for stop in line.stops]
    try:
        walk = msgspec.convert({**line.walk, "stops": stops}, Walk)
    except msgspec.ValidationError as problem:
        raise BadPointFile(str(problem)) from problem
    known = {one.slug: one for one in await unit.points.itineraries(authority_id)}.get(line.slug)
    if known is not None and (known.walk, known.public) == (walk, line.public):
        return PointOutcome(line.number, line.slug, Result.SAME)
    await itineraries.write(unit, authority_id, line.slug, walk, public=line.public, now=author.now)
    return PointOutcome(line.number, line.slug, Result.NEW if known is None else Result.CHANGED)


async def _named(unit: Unit, authority_id: UUID, slug: str) -> Point:
    point = await unit.points.find(authority_id, slug)
    if point is None:
        raise BadPointFile(f"No point is called {slug}.")
    return point


def _refused(line: PointLine | WalkLine, fault: CellFault) -> PointOutcome:
    return PointOutcome(line.number, line.slug, Result.REFUSED, fault=fault)
