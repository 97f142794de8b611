"""Notices: written by agents, shown as they will read on each channel, scheduled, called back, taken off, corrected."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from markupsafe import Markup
from msgspec.structs import replace

from adapters.keyring import KeyRing
from adapters.markdown import to_html, to_text
from adapters.notice_letters import NoticeLetters
from adapters.subscriber_keys import SubscriberKeys
from admin.filters import kept
from admin.forms import Form, read
from admin.notice_forms import instant, over, read_notice, typed
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of, read_words
from api.notice_carrier import NoticeCarrier
from api.notices import cursor_of, read_cursor, shown
from api.settings import Settings
from domain import notices
from domain.agents import Permission
from domain.errors import Forbidden
from domain.errors.notices import BadNotice, NoticeMoved
from domain.errors.places import SiteNotFound
from domain.mail import Mail
from domain.notice_words import TOPICS
from domain.notice_writers import check_writer, notice_for, places_of
from domain.notices import Notice, NoticeStatus, NoticeTopic
from domain.ports import Clock
from store.database import Begin, Database
from store.notices import followers, tally, written
from store.places import all_places

WORDS = read_words("notices")
PATH = "/console/notices"
PAGE = 30

_WRITE: dict[str, Any] = {"rule": Permission.NOTICE_WRITE, "placed": True}
_LIFE = timedelta(days=7)


@get("/notices", opt=_WRITE, include_in_schema=False)
async def listed(
    *,
    request: Asked,
    database: NamedDependency[Database],
    settings: NamedDependency[Settings],
    mail: NamedDependency[Mail | None],
    topic: FromQuery[str] = "",
    place: FromQuery[str] = "",
    after: FromQuery[str | None] = None,
) -> Page:
    """List the notices, what was written last first, and how many follow each topic; by topic, place and state."""
    chosen = next((one for one in NoticeTopic if one == topic), None)
    stage = next((one for one in NoticeStatus if one == request.query_params.get("state", "")), None)
    authority = request.auth.authority
    async with database.look() as unit:
        names = dict(await unit.places.site_names(authority.id))
    async with database.read() as connection:
        own = places_of(request.user, await all_places(connection, authority.id))
        mine = [(code, name) for code, name in names.items() if own is None or code in own]
        at = next((code for code, _ in mine if code == place), "")
        found = await written(
            connection,
            authority.id,
            most=PAGE + 1,
            after=read_cursor(after),
            topic=chosen,
            places=[at] if at else own,
            status=stage,
        )
        follow = await followers(connection, authority.id)
    filters = {"topic": topic if chosen else "", "place": at, "state": stage or ""}
    return draw(
        request,
        "notices/index.html",
        words=WORDS,
        notices=found[:PAGE],
        after=cursor_of(found[PAGE - 1]) if len(found) > PAGE else "",
        names=names,
        topics=TOPICS,
        filters=filters,
        places=mine,
        states=list(NoticeStatus),
        saved=await kept(request, database, PATH),
        follow=[(TOPICS[one], shown(follow.get(one, 0), settings.figures_threshold)) for one in NoticeTopic],
        threshold=settings.figures_threshold,
        has_mail=mail is not None,
        now=request.app.state.clock(),
    )


@get("/notices/new", opt=_WRITE, include_in_schema=False)
async def new(request: Asked, database: NamedDependency[Database], clock: NamedDependency[Clock]) -> Page:
    """Ask for a notice."""
    ends = (clock() + _LIFE).astimezone(ZoneInfo(request.auth.authority.zone))
    form = Form({"topic": NoticeTopic.SITES, "ends_on": ends.date().isoformat(), "ends_at": "23:59", "version": "1"})
    return await _form(request, database, form, None)


@post("/notices/new", opt=_WRITE, include_in_schema=False)
async def write(
    *,
    request: Asked,
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Write a draft."""
    form, authority = await read(request), request.auth.authority
    async with begin() as unit:
        notice = read_notice(form, request.user, authority, new_id=unit.ids.row(), now=clock())
        if notice is not None:
            try:
                await check_writer(unit, request.user, notice)
                await notices.write(unit, notice)
            except (SiteNotFound, Forbidden):
                form.refuse("place", "not_your_place")
            except BadNotice:
                form.refuse("ends_on", "ends_before")
    if form.is_wrong or notice is None:
        return await _form(request, database, form, None, status_code=422)
    return go(request, f"{PATH}/{notice.id}", said=_said(request, "written_said"))


@get("/notices/{notice_id:uuid}/write", opt=_WRITE, include_in_schema=False)
async def rewrite_form(request: Asked, notice_id: FromPath[UUID], database: NamedDependency[Database]) -> Page:
    """Show a draft in a form."""
    async with database.look() as unit:
        notice = await notice_for(unit, request.user, notice_id)
    return await _form(request, database, typed(notice, request.auth.authority), notice)


@post("/notices/{notice_id:uuid}/write", opt=_WRITE, include_in_schema=False)
async def rewrite(
    *,
    request: Asked,
    notice_id: FromPath[UUID],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Write what has changed. Who was slower than a colleague loses nothing of what they typed."""
    form, authority = await read(request), request.auth.authority
    async with begin() as unit:
        before = await notice_for(unit, request.user, notice_id)
        said = read_notice(form, request.user, authority, new_id=before.id, now=clock())
        if form.kept("version") != str(before.version) or before.status is not NoticeStatus.DRAFT:
            form.refuse("version", "moved")
        elif said is not None:
            changed = over(before, said, before.version)
            try:
                await check_writer(unit, request.user, changed)
                await notices.rewrite(unit, changed, was=before.status)
            except (SiteNotFound, Forbidden):
                form.refuse("place", "not_your_place")
            except BadNotice:
                form.refuse("ends_on", "ends_before")
            except NoticeMoved:
                form.refuse("version", "moved")
    if form.is_wrong:
        return await _form(request, database, form, before, status_code=422)
    return go(request, f"{PATH}/{notice_id}", said=_said(request, "written_said"))


@get("/notices/{notice_id:uuid}", opt=_WRITE, include_in_schema=False)
async def show(
    *,
    request: Asked,
    notice_id: FromPath[UUID],
    database: NamedDependency[Database],
    keyring: NamedDependency[KeyRing],
    settings: NamedDependency[Settings],
) -> Page:
    """Show a notice as it will read, what may be done with it, and what became of its letters."""
    return await _one(request, notice_id, database, keyring=keyring, settings=settings, form=Form())


@post("/notices/{notice_id:uuid}/schedule", opt=_WRITE, include_in_schema=False)
async def schedule(
    *,
    request: Asked,
    notice_id: FromPath[UUID],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    keyring: NamedDependency[KeyRing],
    settings: NamedDependency[Settings],
    carrier: NamedDependency[NoticeCarrier],
) -> Page | Response[None]:
    """Have it sent now, or at a day and time."""
    form, now = await read(request), clock()
    send_at = now if form.ticked("now") else instant(form, "send", request.auth.authority)
    if send_at is not None and not form.is_wrong:
        try:
            async with begin() as unit:
                notice = await notice_for(unit, request.user, notice_id)
                await notices.schedule(unit, notice, send_at=send_at, now=now)
        except BadNotice:
            form.refuse("send_on", "ends_before")
    if form.is_wrong:
        return await _one(request, notice_id, database, keyring=keyring, settings=settings, form=form, status_code=422)
    carrier.call()
    word = "sent_said" if form.ticked("now") else "scheduled_said"
    return go(request, f"{PATH}/{notice_id}", said=_said(request, word))


@post("/notices/{notice_id:uuid}/recall", opt=_WRITE, include_in_schema=False)
async def recall(
    request: Asked, notice_id: FromPath[UUID], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Response[None]:
    """Call it back before it is sent, or take it off the pages afterwards."""
    async with begin() as unit:
        notice = await notice_for(unit, request.user, notice_id)
        if notice.status is NoticeStatus.SENT:
            await notices.withdraw(unit, notice, now=clock())
        else:
            await notices.call_back(unit, notice, now=clock())
    word = "withdrawn_said" if notice.status is NoticeStatus.SENT else "recalled_said"
    return go(request, f"{PATH}/{notice_id}", said=_said(request, word))


@post("/notices/{notice_id:uuid}/correct", opt=_WRITE, include_in_schema=False)
async def correct(
    request: Asked, notice_id: FromPath[UUID], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Response[None]:
    """Begin the notice that will take the place of this one."""
    async with begin() as unit:
        wrong, now = await notice_for(unit, request.user, notice_id), clock()
        new_one = replace(
            wrong,
            id=unit.ids.row(),
            status=NoticeStatus.DRAFT,
            send_at=None,
            sent_at=None,
            expires_at=max(wrong.expires_at, now + timedelta(hours=1)),
            corrects=wrong.id,
            occasion=None,
            written_by=request.user.id,
            changed_at=now,
            version=1,
        )
        await notices.write(unit, new_one)
    return go(request, f"{PATH}/{new_one.id}/write", said=_said(request, "correct_said"))


async def _one(
    request: Asked,
    notice_id: UUID,
    database: Database,
    *,
    keyring: KeyRing,
    settings: Settings,
    form: Form,
    status_code: int = 200,
) -> Page:
    async with database.look() as unit:
        notice = await notice_for(unit, request.user, notice_id)
        names = dict(await unit.places.site_names(notice.authority_id))
    async with database.read() as connection:
        counted = await tally(connection, notice.authority_id, notice.id)
    letters = NoticeLetters(SubscriberKeys(keyring), settings.public_url)
    drafts = [(language, *letters.preview(notice, language)) for language in ("fr", "en")]
    few = settings.figures_threshold
    return draw(
        request,
        "notices/show.html",
        words=WORDS,
        status_code=status_code,
        one=notice,
        names=names,
        topics=TOPICS,
        form=form if form.typed else _send_form(notice, request, request.app.state.clock()),
        now=request.app.state.clock(),
        drafts=[(tongue, title, Markup(to_html(body)), to_text(body)) for tongue, title, body in drafts],  # noqa: S704 - nh3 has just cleaned it
        figures=[
            (name, shown(getattr(counted, name), few)) for name in ("sent", "waiting", "failed", "not_sent", "left")
        ],
        threshold=few,
    )


def _send_form(notice: Notice, request: Asked, now: datetime) -> Form:
    at = (notice.send_at or now + timedelta(hours=1)).astimezone(ZoneInfo(request.auth.authority.zone))
    return Form({"send_on": at.date().isoformat(), "send_at": f"{at:%H:%M}"})


async def _form(
    request: Asked, database: Database, form: Form, notice: Notice | None, *, status_code: int = 200
) -> Page:
    authority, language = request.auth.authority, language_of(request)
    async with database.read() as connection:
        own = places_of(request.user, await all_places(connection, authority.id))
    async with database.look() as unit:
        names = await unit.places.site_names(authority.id)
    everywhere = [("", WORDS[language]["everywhere"])] if own is None else []
    named = [(code, name.fr if language == "fr" else name.en) for code, name in names if own is None or code in own]
    topics = [one for one in NoticeTopic if own is None or one in notices.OF_SITES]
    return draw(
        request,
        "notices/write.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        one=notice,
        places=[*everywhere, *named],
        topics=[(one.value, TOPICS[one].fr if language == "fr" else TOPICS[one].en) for one in topics],
    )


def _said(request: Asked, word: str) -> str:
    return WORDS[language_of(request)][word]


ROUTES = (listed, new, write, rewrite_form, rewrite, show, schedule, recall, correct)
