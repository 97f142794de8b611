"""Notices for those who write them: drafts, their sending, and what became of their letters."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta, Struct
from msgspec.structs import replace

from api.days import Caller
from api.notice_carrier import NoticeCarrier
from api.settings import Settings
from domain import notices
from domain.agents import Permission
from domain.errors import Invalid
from domain.errors.notices import NoticeMoved
from domain.notice_writers import check_writer, notice_for, places_of
from domain.notices import LONGEST_BODY, LONGEST_TITLE, Notice, NoticeStatus, NoticeTopic
from domain.ports import Clock
from domain.text import Text
from store.database import Begin, Database
from store.notices import Cursor, tally, written
from store.places import all_places

_WRITE: dict[str, Any] = {"rule": Permission.NOTICE_WRITE, "placed": True}
_TAGS = ["Notices"]
_LINES = 50

_Title = Annotated[str, Meta(min_length=1, max_length=LONGEST_TITLE)]
_Body = Annotated[str, Meta(min_length=1, max_length=LONGEST_BODY)]


class NoticeTitle(Struct, frozen=True, forbid_unknown_fields=True):
    """A title in the two languages."""

    fr: _Title
    en: _Title


class NoticeBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A text in the two languages, in Markdown: neither HTML nor pictures come through."""

    fr: _Body
    en: _Body


class NoticeRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A draft. `place` is a site's code, empty for everywhere; of floods and air a device's.

    `corrects` names the notice whose place it takes once it is sent.
    """

    topic: NoticeTopic
    title: NoticeTitle
    body: NoticeBody
    expires_at: datetime
    place: Annotated[str, Meta(max_length=80)] = ""
    corrects: UUID | None = None


class NoticeChange(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A draft as it is to be, and the version that it was read in."""

    version: Annotated[int, Meta(ge=1)]
    topic: NoticeTopic
    title: NoticeTitle
    body: NoticeBody
    expires_at: datetime
    place: Annotated[str, Meta(max_length=80)] = ""


class ScheduleRequest(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """When a notice is sent; without an instant, now."""

    send_at: datetime | None = None


class NoticeView(Struct, frozen=True, rename="camel"):
    """A notice. It is public from `sentAt` to `expiresAt`, unless it was withdrawn."""

    id: UUID
    version: int
    topic: NoticeTopic
    place: str
    title: Text
    body: Text
    status: NoticeStatus
    send_at: datetime | None
    sent_at: datetime | None
    expires_at: datetime
    corrects: UUID | None


class NoticePage(Struct, frozen=True):
    """Some notices, and the cursor of the next ones; null where there are no more."""

    notices: list[NoticeView]
    cursor: str | None


class NoticeFigures(Struct, frozen=True, rename="camel"):
    """What became of the letters of a notice, for three months; null for counts that are too small to be shown."""

    sent: int | None
    waiting: int | None
    failed: int | None
    not_sent: int | None
    left: int | None


@get("/", opt=_WRITE, summary="List notices", tags=_TAGS)
async def listed(
    *,
    request: Caller,
    database: NamedDependency[Database],
    subject: FromQuery[NoticeTopic | None] = None,
    cursor: FromQuery[str | None] = None,
) -> NoticePage:
    """List the notices that you may write, what was written last first."""
    authority_id = request.user.authority_id
    async with database.read() as connection:
        own = places_of(request.user, await all_places(connection, authority_id))
        found = await written(
            connection, authority_id, most=_LINES + 1, after=read_cursor(cursor), topic=subject, places=own
        )
    more = cursor_of(found[_LINES - 1]) if len(found) > _LINES else None
    return NoticePage([_view(one) for one in found[:_LINES]], more)


@post("/", opt=_WRITE, summary="Write a notice", tags=_TAGS)
async def write(
    request: Caller, data: JSONBody[NoticeRequest], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> NoticeView:
    """Write a draft. Nobody reads it before it is scheduled."""
    async with begin() as unit:
        notice = Notice(
            id=unit.ids.row(),
            authority_id=request.user.authority_id,
            topic=data.topic,
            place=data.place,
            title=Text(fr=data.title.fr, en=data.title.en),
            body=Text(fr=data.body.fr, en=data.body.en),
            expires_at=_aware(data.expires_at),
            corrects=data.corrects,
            written_by=request.user.id,
            changed_at=clock(),
        )
        await check_writer(unit, request.user, notice)
        if data.corrects is not None:
            await notice_for(unit, request.user, data.corrects)
        await notices.write(unit, notice)
    return _view(notice)


@get("/{notice_id:uuid}", opt=_WRITE, summary="Read a notice", tags=_TAGS)
async def one(request: Caller, notice_id: FromPath[UUID], database: NamedDependency[Database]) -> NoticeView:
    """Read a notice that you may write."""
    async with database.look() as unit:
        return _view(await notice_for(unit, request.user, notice_id))


@get("/{notice_id:uuid}/figures", opt=_WRITE, summary="See what became of its letters", tags=_TAGS)
async def figures(
    request: Caller,
    notice_id: FromPath[UUID],
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
) -> NoticeFigures:
    """Count the letters of a notice."""
    async with database.look() as unit:
        notice = await notice_for(unit, request.user, notice_id)
    async with database.read() as connection:
        counted = await tally(connection, notice.authority_id, notice.id)
    few = settings.figures_threshold
    return NoticeFigures(
        shown(counted.sent, few),
        shown(counted.waiting, few),
        shown(counted.failed, few),
        shown(counted.not_sent, few),
        shown(counted.left, few),
    )


@put("/{notice_id:uuid}", opt=_WRITE, summary="Change a draft", tags=_TAGS)
async def change(
    *,
    request: Caller,
    notice_id: FromPath[UUID],
    data: JSONBody[NoticeChange],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> NoticeView:
    """Write a draft anew. A notice that is scheduled is called back first."""
    async with begin() as unit:
        before = await notice_for(unit, request.user, notice_id)
        if data.version != before.version:
            raise NoticeMoved("Somebody else has written to this notice since you read it.")
        changed = replace(
            before,
            topic=data.topic,
            place=data.place,
            title=Text(fr=data.title.fr, en=data.title.en),
            body=Text(fr=data.body.fr, en=data.body.en),
            expires_at=_aware(data.expires_at),
            changed_at=clock(),
        )
        await check_writer(unit, request.user, changed)
        return _view(await notices.rewrite(unit, changed, was=before.status))


@post("/{notice_id:uuid}/schedule", status_code=200, opt=_WRITE, summary="Send a notice", tags=_TAGS)
async def schedule(
    *,
    request: Caller,
    notice_id: FromPath[UUID],
    data: JSONBody[ScheduleRequest],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    carrier: NamedDependency[NoticeCarrier],
) -> NoticeView:
    """Have a draft sent at an instant, or now: it becomes public, and one letter goes to each who follows it."""
    now = clock()
    async with begin() as unit:
        draft = await notice_for(unit, request.user, notice_id)
        send_at = now if data.send_at is None else _aware(data.send_at)
        scheduled = await notices.schedule(unit, draft, send_at=send_at, now=now)
    carrier.call()
    return _view(scheduled)


@post("/{notice_id:uuid}/recall", status_code=200, opt=_WRITE, summary="Call a notice back", tags=_TAGS)
async def recall(
    request: Caller, notice_id: FromPath[UUID], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> NoticeView:
    """Make a notice that was not sent yet a draft again."""
    async with begin() as unit:
        return _view(await notices.call_back(unit, await notice_for(unit, request.user, notice_id), now=clock()))


@post("/{notice_id:uuid}/withdrawal", status_code=200, opt=_WRITE, summary="Withdraw a notice", tags=_TAGS)
async def withdraw(
    request: Caller, notice_id: FromPath[UUID], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> NoticeView:
    """Take a notice that was sent off the pages; letters that have not left yet do not."""
    async with begin() as unit:
        return _view(await notices.withdraw(unit, await notice_for(unit, request.user, notice_id), now=clock()))


def shown(count: int, threshold: int) -> int | None:
    """Return a count, or None for one that is too small to be shown."""
    return count if count == 0 or count >= threshold else None


def cursor_of(notice: Notice) -> str:
    """Return where the notices after this one begin."""
    return urlsafe_b64encode(f"{notice.changed_at.isoformat()} {notice.id}".encode()).decode()


def read_cursor(text: str | None) -> Cursor | None:
    """Read such a place.

    Raises:
        Invalid: it is none of ours.
    """
    if not text:
        return None
    try:
        at, _, row = urlsafe_b64decode(text).decode().partition(" ")
        return _aware(datetime.fromisoformat(at)), UUID(row)
    except ValueError:
        raise Invalid("This cursor was not given here.") from None


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise Invalid("An instant names its time zone.")
    return at


def _view(notice: Notice) -> NoticeView:
    return NoticeView(
        id=notice.id,
        version=notice.version,
        topic=notice.topic,
        place=notice.place,
        title=notice.title,
        body=notice.body,
        status=notice.status,
        send_at=notice.send_at,
        sent_at=notice.sent_at,
        expires_at=notice.expires_at,
        corrects=notice.corrects,
    )


ROUTER = Router(
    path="/v1/notices",
    route_handlers=[listed, write, one, figures, change, schedule, recall, withdraw],
)
