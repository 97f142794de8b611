"""What agents send and read of the points of the tour."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response
from msgspec import Meta, Struct

from api.agents import PRINTABLE
from api.settings import Settings
from domain import plates, points
from domain.easy_reading import Advice, advice_on
from domain.errors.points import PointNotFound
from domain.languages import Words
from domain.places import local_day
from domain.points import Act, Point, PointState
from domain.ports import Unit
from domain.sheets import Sheet, missing, protection_level

Slug = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(?!\n)$")]
Reason = Annotated[str, Meta(min_length=1, max_length=400, pattern=PRINTABLE)]


class PointRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A new point: the end of its address, for good, and as much of its sheet as is written."""

    slug: Slug
    sheet: Sheet = Sheet()


class SheetRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole sheet, in the place of the one before."""

    sheet: Sheet


class ReasonRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Why, for the journal of the point."""

    reason: Reason


class TargetRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the plate leads: an address on this site, or nothing for the point's own sheet."""

    target: Annotated[str, Meta(max_length=200)]


class PointLine(Struct, frozen=True, rename="camel"):
    """A point in the list. `toReview` says that the end of its sheet has passed."""

    plate: str
    slug: str
    title: Words
    state: PointState
    public: bool
    to_review: bool
    changed_at: datetime
    published_at: datetime | None
    version: int


class PointView(Struct, frozen=True, rename="camel"):
    """A point as agents see it: `sheet` is the text being written, `shown` the one that residents read.

    `missing` names what it needs to be published, `advice` what people will find hard to read. `protectionLevel`
    follows from its devices: 0 environment, 1 counts, 2 de-identified in the device, 3 one home, 4 personal; from 3 on
    no value is shown.
    """

    plate: str
    slug: str
    short_url: str
    leads_to: str
    state: PointState
    protection_level: int
    to_review: bool
    missing: list[str]
    advice: list[Advice]
    author: str | None
    reviewer: str | None
    created_at: datetime
    changed_at: datetime
    published_at: datetime | None
    away_since: datetime | None
    version: int
    sheet: Sheet
    shown: Sheet | None


class EntryView(Struct, frozen=True):
    """One line of a point's journal. `agent` is a login; null once the account is gone."""

    at: datetime
    agent: str | None
    act: Act
    note: str
    version: int


class MediaView(Struct, frozen=True, rename="camel"):
    """A photo or recording that is kept: `digest` is its name in a sheet."""

    digest: str
    media_type: str
    bytes: int


def number_of(plate: str) -> str:
    """Return the number of a plate from an address.

    Raises:
        PointNotFound: no plate can have it.
    """
    if not plates.is_plate(plate):
        raise PointNotFound(f"No point has the number {plate}.")
    return plate


def tag_of(point: Point) -> str:
    return f'"{point.version}"'


async def answer(
    unit: Unit, point: Point, now: datetime, settings: Settings, *, status_code: int = 200
) -> Response[PointView]:
    return Response(
        await _view(unit, point, now, settings),
        status_code=status_code,
        headers={"ETag": tag_of(point), "Cache-Control": "private, no-cache"},
    )


async def _view(unit: Unit, point: Point, now: datetime, settings: Settings) -> PointView:
    authority = await unit.places.authority_by_id(point.authority_id)
    return PointView(
        plate=point.plate,
        slug=point.slug,
        short_url=plates.short_url(settings.public_url, point.plate),
        leads_to=point.leads_to,
        state=point.state,
        protection_level=protection_level(await points.devices_of(unit, point.authority_id, point.sheet)),
        to_review=point.to_review(local_day(now, authority.zone)),
        missing=missing(point.sheet),
        advice=advice_on(point.sheet),
        author=await login_of(unit, point.author_id),
        reviewer=await login_of(unit, point.reviewer_id) if point.reviewer_id is not None else None,
        created_at=point.created_at,
        changed_at=point.changed_at,
        published_at=point.published_at,
        away_since=point.away_since,
        version=point.version,
        sheet=point.sheet,
        shown=point.shown,
    )


async def login_of(unit: Unit, agent_id: UUID) -> str | None:
    agent = await unit.agents.by_id(agent_id)
    return agent.login if agent is not None else None
