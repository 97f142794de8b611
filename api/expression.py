"""What people say at a point, over JSON: no account, no cookie, no answer that tells them apart.

The form of the point's page (`web.expression`) comes through the same door, `take`.
"""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct

from adapters.attempts import Attempts
from api.auth import real_source
from api.courier import Courier
from api.pace import open_router
from api.rules import Rule
from api.settings import Settings
from domain.expression import (
    LONGEST_TEXT,
    Feeling,
    Remark,
    RemarkKind,
    Said,
    cleaned,
    coarse,
    device_token,
    express,
    shown_counts,
)
from domain.languages import Language
from domain.places import local_day
from domain.points import Point
from domain.ports import Clock
from store.database import Begin, Database

REMARKS_PER_NEIGHBOURHOOD = 30
"""Within a quarter of an hour: a school class at a point, not a machine."""

MOST_PUBLISHED = 50

_LONGEST_BROWSER = 400
_OPEN = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=60"}

Asked = Request[Any, Any, Any]


class RemarkRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A reaction says how one feels, with words or without; a question or a fault is words alone."""

    kind: RemarkKind
    feeling: Feeling | None = None
    # Twice what is kept: decomposed letters are put together before they are counted.
    text: Annotated[str, Meta(max_length=2 * LONGEST_TEXT)] = ""
    language: Language = Language.FRENCH


class RemarkTaken(Struct, frozen=True, rename="camel"):
    """It was heard. `waits`: an agent reads the words before anybody else does."""

    waits: bool


class FeelingCount(Struct, frozen=True):
    """How many people feel so; null for fewer than five."""

    feeling: Feeling
    count: int | None


class PublicRemark(Struct, frozen=True, rename="camel"):
    """Words that an agent has read, and the answer to them."""

    kind: RemarkKind
    feeling: Feeling | None
    language: str
    text: str
    said_on: date
    answer: str | None
    answered_on: date | None


class PublicExpression(Struct, frozen=True):
    """What people say at a point: the newest fifty remarks."""

    counts: list[FeelingCount]
    remarks: list[PublicRemark]


@post("/points/{point_id:uuid}/remarks", opt={"rule": Rule.PUBLIC}, summary="Say something at a point", tags=["Tour"])
async def say(
    *,
    request: Asked,
    point_id: FromPath[UUID],
    data: JSONBody[RemarkRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    attempts: NamedDependency[Attempts],
    settings: NamedDependency[Settings],
    courier: NamedDependency[Courier],
) -> RemarkTaken:
    """Say how you feel about a point, ask a question or tell of a fault: once a day of each, without a name.

    A device is known for a day, by a hash of its network's neighbourhood and its browser under a salt of that day.
    """
    said = Said(data.kind, data.feeling, data.text, data.language)
    _, remark = await take(
        request, point_id, said, begin=begin, clock=clock, attempts=attempts, settings=settings, courier=courier
    )
    return RemarkTaken(remark is not None)


@get("/points/{point_id:uuid}/remarks", opt={"rule": Rule.PUBLIC}, summary="Read what people say", tags=["Tour"])
async def read(point_id: FromPath[UUID], database: NamedDependency[Database]) -> Response[PublicExpression]:
    """Read how people feel about a point, from five who feel so, and what they ask, with the answers."""
    return Response(await expression_of(database, point_id), headers=_OPEN)


async def take(
    request: Asked,
    point_id: UUID,
    said: Said,
    *,
    begin: Begin,
    clock: Clock,
    attempts: Attempts,
    settings: Settings,
    courier: Courier,
) -> tuple[Point, Remark | None]:
    """Take in what somebody says, from whichever door.

    Raises:
        PointNotFound: the point is not public.
        NothingSaid, SaidToday: as `express`.
        TooManyAttempts: this neighbourhood has said a lot within a quarter of an hour.
    """
    said = cleaned(said)
    neighbourhood = coarse(real_source(request, settings.trusted_proxies))
    counter = f"expression:{neighbourhood}"
    await attempts.check(counter, limit=REMARKS_PER_NEIGHBOURHOOD)
    await attempts.fail(counter)
    now = clock()
    async with begin() as unit:
        point = await unit.expression.point(point_id)
        day = local_day(now, (await unit.places.authority_by_id(point.authority_id)).zone)
        token = device_token(
            await unit.expression.salt(point.authority_id, day),
            neighbourhood=neighbourhood,
            browser=request.headers.get("user-agent", "")[:_LONGEST_BROWSER],
            point_id=point.id,
            kind=said.kind,
        )
        remark = await express(unit, point, said, token, day=day, now=now)
    courier.call()
    return point, remark


async def expression_of(database: Database, point_id: UUID) -> PublicExpression:
    """Return what everybody may know of what is said at a point.

    Raises:
        PointNotFound: the point is not public.
    """
    async with database.look() as unit:
        point = await unit.expression.point(point_id)
        zone = (await unit.places.authority_by_id(point.authority_id)).zone
        counts = shown_counts(await unit.expression.counts(point.id, date.min))
        published = await unit.expression.published(point.id, MOST_PUBLISHED)
    return PublicExpression(
        [FeelingCount(feeling, count) for feeling, count in counts.items()],
        [_public(one, zone) for one in published],
    )


def _public(remark: Remark, zone: str) -> PublicRemark:
    def on(at: datetime | None) -> date | None:
        return None if at is None else local_day(at, zone)

    return PublicRemark(
        kind=remark.kind,
        feeling=remark.feeling,
        language=remark.language,
        text=remark.text or "",
        # The day is enough: an hour could tell who stood there.
        said_on=local_day(remark.received_at, zone),
        answer=remark.answer or None,
        answered_on=on(remark.answered_at),
    )


ROUTER = open_router("/v1/tour", [say, read])
