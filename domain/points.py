"""Points of the connected city: a device with its place, its sheet and the plate that leads to it.

A sheet is written by one agent and published by another. What residents read (`shown`) stays as it was while a new
text is written beside it (`sheet`). The number on a plate is for ever: it is never given to another point, even after
its own is archived; where it leads can change.
"""

import re
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.devices import Device
from domain.errors import AlreadyExists
from domain.errors.devices import HomeShown
from domain.errors.points import BadSheet, OwnReview, PointMoved, SheetIncomplete
from domain.plates import PLATES, plate_from
from domain.ports import Unit
from domain.sheets import (
    HIDDEN_LEVEL,
    Blur,
    Sheet,
    check_sheet,
    missing,
    protection_level,
    shown_streams,
    stream_name,
)

_DRAWS = 100
_LONGEST_NOTE = 400

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_SLUG = 80
_TARGET = re.compile(r"/[A-Za-z0-9/_.~%?=&-]*")
_LONGEST_TARGET = 200


class PointState(StrEnum):
    """Life of a point's text."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    SUSPENDED = "suspended"
    """The device is away: its sheet says so, and shows no value."""
    ARCHIVED = "archived"


class Act(StrEnum):
    """What an agent did with a point."""

    CREATED = "created"
    CHANGED = "changed"
    SUBMITTED = "submitted"
    SENT_BACK = "sent-back"
    PUBLISHED = "published"
    SUSPENDED = "suspended"
    ARCHIVED = "archived"
    REDIRECTED = "redirected"


_S = PointState
_STEPS: dict[Act, frozenset[PointState]] = {
    Act.CHANGED: frozenset({_S.DRAFT, _S.REVIEW, _S.PUBLISHED, _S.SUSPENDED}),
    Act.SUBMITTED: frozenset({_S.DRAFT, _S.SUSPENDED}),
    Act.SENT_BACK: frozenset({_S.REVIEW}),
    Act.PUBLISHED: frozenset({_S.REVIEW}),
    Act.SUSPENDED: frozenset({_S.DRAFT, _S.REVIEW, _S.PUBLISHED}),
    Act.ARCHIVED: frozenset(_S) - {_S.ARCHIVED},
    Act.REDIRECTED: frozenset(_S),
}
"""In which states each act is possible."""


class Point(Struct, frozen=True, kw_only=True):
    """One point. `plate` is the number on its plate, `target` where that leads (empty: to its sheet).

    `author_id` wrote `sheet`, `reviewer_id` published `shown`. `away_since` is set while the device is away, until the
    sheet is published again. `version` counts its changes.
    """

    id: UUID
    authority_id: UUID
    plate: str
    slug: str
    state: PointState
    sheet: Sheet
    shown: Sheet | None
    target: str
    author_id: UUID
    reviewer_id: UUID | None
    created_at: datetime
    changed_at: datetime
    published_at: datetime | None
    away_since: datetime | None
    version: int

    @property
    def public(self) -> Sheet | None:
        """What residents may read of it, if anything."""
        return None if self.state is PointState.ARCHIVED else self.shown

    @property
    def leads_to(self) -> str:
        """The address behind its plate, on this site."""
        return self.target or f"/tour/points/{self.slug}"

    def to_review(self, today: date) -> bool:
        """Whether the day has passed on which somebody was to look at it again."""
        sheet = self.public
        return sheet is not None and sheet.ends_on is not None and sheet.ends_on < today


class PointEntry(Struct, frozen=True):
    """Who did what with a point: one line of its journal."""

    id: UUID
    authority_id: UUID
    point_id: UUID
    at: datetime
    agent_id: UUID
    act: Act
    note: str
    version: int


class Lack(Struct, frozen=True):
    """What a sheet needs before residents read it: the field as the API names it, and more where that is not all."""

    field: str
    more: str = ""

    def __str__(self) -> str:
        """As a problem names it."""
        return f"{self.field} ({self.more})" if self.more else self.field


async def create(unit: Unit, authority_id: UUID, slug: str, sheet: Sheet, *, agent_id: UUID, now: datetime) -> Point:
    """Begin a point, with a plate of its own.

    Raises:
        AlreadyExists: a point has this slug.
        BadSheet, UnknownElement: as `check_sheet`.
        DeviceNotFound, HomeShown: of its devices.
    """
    if not (_SLUG.fullmatch(slug) and len(slug) <= _LONGEST_SLUG):
        raise BadSheet("A slug has small letters, digits and single hyphens, 80 at most.")
    if await unit.points.slug_taken(slug):
        raise AlreadyExists(f"There is a point {slug} already.")
    point = Point(
        id=unit.ids.row(),
        authority_id=authority_id,
        plate=await _draw_plate(unit),
        slug=slug,
        state=PointState.DRAFT,
        sheet=await checked(unit, authority_id, sheet),
        shown=None,
        target="",
        author_id=agent_id,
        reviewer_id=None,
        created_at=now,
        changed_at=now,
        published_at=None,
        away_since=None,
        version=1,
    )
    await unit.points.add(point)
    await _note(unit, point, Act.CREATED, agent_id)
    return point


async def change(unit: Unit, point: Point, sheet: Sheet, *, agent_id: UUID, now: datetime) -> Point:
    """Write another text beside the one that residents read.

    Raises:
        PointMoved: it is archived.
        BadSheet, UnknownElement, DeviceNotFound, HomeShown: as `create`.
    """
    kept = await checked(unit, point.authority_id, sheet)
    # Who changes nothing wrote nothing: or an author's sheet would have another's name by a click.
    author = point.author_id if kept == point.sheet else agent_id
    return await _move(
        unit,
        replace(point, state=PointState.DRAFT, sheet=kept, author_id=author),
        point,
        Act.CHANGED,
        agent_id=agent_id,
        now=now,
        note=", ".join(changes(point.sheet, kept)),
    )


async def submit(unit: Unit, point: Point, *, agent_id: UUID, now: datetime) -> Point:
    """Hand a draft to whoever will read it a second time.

    Raises:
        PointMoved: it is no draft.
        SheetIncomplete: and names every field that is missing.
    """
    _check_step(point, Act.SUBMITTED)
    await _complete(unit, point, now)
    changed = replace(point, state=PointState.REVIEW)
    return await _move(unit, changed, point, Act.SUBMITTED, agent_id=agent_id, now=now)


async def send_back(unit: Unit, point: Point, reason: str, *, agent_id: UUID, now: datetime) -> Point:
    """Return a sheet to its author, and say why.

    Raises:
        PointMoved: nobody has submitted it.
    """
    changed = replace(point, state=PointState.DRAFT)
    return await _move(unit, changed, point, Act.SENT_BACK, agent_id=agent_id, now=now, note=reason)


async def publish(unit: Unit, point: Point, *, agent_id: UUID, now: datetime) -> Point:
    """Show a sheet to residents: the second person agrees with the first.

    Raises:
        PointMoved: nobody has submitted it.
        OwnReview: the agent wrote it.
        SheetIncomplete: something has gone missing since, such as the device.
    """
    _check_step(point, Act.PUBLISHED)
    if agent_id == point.author_id:
        raise OwnReview("Somebody else than its author publishes a sheet.")
    await _complete(unit, point, now)
    changed = replace(
        point, state=PointState.PUBLISHED, shown=point.sheet, reviewer_id=agent_id, published_at=now, away_since=None
    )
    return await _move(unit, changed, point, Act.PUBLISHED, agent_id=agent_id, now=now)


async def suspend(unit: Unit, point: Point, reason: str, *, agent_id: UUID, now: datetime) -> Point:
    """Say that the device is away. One person is enough; to come back takes two.

    Raises:
        PointMoved: residents do not see it.
    """
    if point.shown is None:
        raise PointMoved("Residents do not see this point.")
    changed = replace(point, state=PointState.SUSPENDED, away_since=now)
    return await _move(unit, changed, point, Act.SUSPENDED, agent_id=agent_id, now=now, note=reason)


async def archive(unit: Unit, point: Point, reason: str, *, agent_id: UUID, now: datetime) -> Point:
    """End a point for good. Its number is never given to another.

    Raises:
        PointMoved: it has ended already.
    """
    changed = replace(point, state=PointState.ARCHIVED)
    return await _move(unit, changed, point, Act.ARCHIVED, agent_id=agent_id, now=now, note=reason)


async def redirect(unit: Unit, point: Point, target: str, *, agent_id: UUID, now: datetime) -> Point:
    """Let its plate lead elsewhere on this site; empty is its own sheet again.

    Raises:
        BadSheet: the address is not on this site. A plate in the street must not lead to a stranger.
    """
    if target and (len(target) > _LONGEST_TARGET or target.startswith("//") or not _TARGET.fullmatch(target)):
        raise BadSheet("A plate leads to an address on this site, such as /tour/points/ecole.")
    changed = replace(point, target=target)
    return await _move(unit, changed, point, Act.REDIRECTED, agent_id=agent_id, now=now, note=target)


def changes(before: Sheet, after: Sheet) -> list[str]:
    """Name the fields that differ, as the API names them."""
    fields = zip(before.__struct_fields__, before.__struct_encode_fields__, strict=True)
    return [shown for name, shown in fields if getattr(before, name) != getattr(after, name)]


async def devices_of(unit: Unit, authority_id: UUID, sheet: Sheet) -> list[Device]:
    """Return the devices of a sheet.

    Raises:
        DeviceNotFound: the authority has none of this code.
    """
    return [await unit.devices.by_code(authority_id, code) for code in sheet.devices]


async def checked(unit: Unit, authority_id: UUID, sheet: Sheet) -> Sheet:
    """Return a sheet as it is stored: its place rounded to what may be public.

    Raises:
        BadSheet, UnknownElement: as `check_sheet`.
        DeviceNotFound: it names a device that the authority has not.
        HomeShown: it shows a stream, or gives the address, of a device that tells of one home or one person.
    """
    check_sheet(sheet)
    devices = await devices_of(unit, authority_id, sheet)
    if protection_level(devices) >= HIDDEN_LEVEL:
        if sheet.streams or sheet.address:
            raise HomeShown("What one home or one person does is never shown: name no stream of it, and no address.")
        sheet = replace(sheet, blur=Blur.DISTRICT)
    here = sheet.position
    return sheet if here is None else replace(sheet, latitude=here.latitude, longitude=here.longitude)


async def lacking(unit: Unit, point: Point, now: datetime) -> list[Lack]:
    """Say what the sheet that is being written needs before residents may read it: of itself, and of its devices."""
    registered = [
        (one, await unit.devices.streams(one.id)) for one in await devices_of(unit, point.authority_id, point.sheet)
    ]
    found = [Lack(name) for name in missing(point.sheet)]
    if point.sheet.ends_on is not None and point.sheet.ends_on < now.date():
        found.append(Lack("endsOn", "it has passed: say until when it stays"))
    in_service = [(device, streams) for device, streams in registered if device.retired_on is None]
    if registered and not any(streams for _, streams in in_service):
        found.append(Lack("devices", "none of them in service has a reporting period"))
    there = {stream_name(device, stream) for device, stream in shown_streams(point.sheet, in_service)}
    gone = [one for one in point.sheet.streams if one not in there]
    return found + [Lack("streams", f"{one.device} {one.quantity} {one.channel}".strip()) for one in gone]


async def _complete(unit: Unit, point: Point, now: datetime) -> None:
    if lacks := await lacking(unit, point, now):
        raise SheetIncomplete(f"The sheet lacks: {'; '.join(map(str, lacks))}.")


def _check_step(point: Point, act: Act) -> None:
    if point.state not in _STEPS[act]:
        raise PointMoved(f"The point is {point.state}: it cannot be {act}.")


async def _move(
    unit: Unit, changed: Point, before: Point, act: Act, *, agent_id: UUID, now: datetime, note: str = ""
) -> Point:
    _check_step(before, act)
    moved = replace(changed, changed_at=now, version=before.version + 1)
    await unit.points.save(moved, before.version)
    await _note(unit, moved, act, agent_id, note=note)
    return moved


async def _note(unit: Unit, point: Point, act: Act, agent_id: UUID, *, note: str = "") -> None:
    await unit.points.note(
        PointEntry(
            id=unit.ids.row(),
            authority_id=point.authority_id,
            point_id=point.id,
            at=point.changed_at,
            agent_id=agent_id,
            act=act,
            note=note[:_LONGEST_NOTE],
            version=point.version,
        )
    )


async def _draw_plate(unit: Unit) -> str:
    for _ in range(_DRAWS):
        plate = plate_from(unit.ids.below(PLATES))
        if not await unit.points.plate_taken(plate):
            return plate
    raise AlreadyExists("No number for a plate is left.")
