"""Points of the tour: what waits for a second pair of eyes, the words of a sheet, and who did what with it."""

from collections.abc import Awaitable
from datetime import datetime
from itertools import repeat
from typing import Any, Protocol
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec.structs import replace

from admin.filters import kept
from admin.forms import Form, read
from admin.paging import paged
from admin.sheet_facts import labels, lacks_said, told
from admin.sheet_words import progress
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import Words, language_of, read_words
from api.point_views import login_of, number_of
from domain import points
from domain.agents import Permission
from domain.easy_reading import hard_in
from domain.errors.devices import DeviceNotFound, HomeShown
from domain.errors.points import BadSheet, OwnReview, PointMoved, SheetIncomplete
from domain.languages import LONGEST_TEXT, Language
from domain.languages import Words as Texts
from domain.places import local_day
from domain.plates import short_url
from domain.points import Point, PointState
from domain.ports import Clock, Unit
from domain.sheets import Sheet, protection_level
from store.database import Begin, Database

_OWN, _PARTS = read_words("points"), read_words("point_parts")
_ALL: Words = {"fr": {**_OWN["fr"], **_PARTS["fr"]}, "en": {**_OWN["en"], **_PARTS["en"]}}
WORDS: Words = {"fr": {**_ALL["fr"], **labels(_ALL["fr"], "fr")}, "en": {**_ALL["en"], **labels(_ALL["en"], "en")}}
PATH = "/console/points"

WRITTEN = ("title", "place", "surroundings", "what_it_is", "how_it_works", "benefit", "decision", "cost", "retention")
"""The texts of a sheet that are written here. `admin.point_facts` writes all the rest."""

LANGUAGES = ("fr", "easy", "en")

_FIELD_OF = dict(zip(Sheet.__struct_encode_fields__, Sheet.__struct_fields__, strict=True))
"""The fields of a sheet as they are called here, by the names that the API has for them."""

_LONGEST_REASON = 400
_ORDER = (PointState.REVIEW, PointState.DRAFT, PointState.SUSPENDED, PointState.PUBLISHED, PointState.ARCHIVED)
_EDIT: dict[str, Any] = {"rule": Permission.POINT_EDIT}
_PUBLISH: dict[str, Any] = {"rule": Permission.POINT_PUBLISH}


@get("/points", opt=_EDIT, include_in_schema=False)
async def listed(
    request: Asked,
    database: NamedDependency[Database],
    clock: NamedDependency[Clock],
    after: FromQuery[str] = "",
) -> Page:
    """List the points: first those that wait to be read a second time. All of them, or those of one state."""
    authority = request.auth.authority
    wanted = next((one for one in _ORDER if one == request.query_params.get("state", "")), None)
    async with database.look() as unit:
        found = [one for one in await unit.points.all_of(authority.id) if wanted is None or one.state is wanted]
    today = local_day(clock(), authority.zone)
    found.sort(key=lambda one: (_ORDER.index(one.state), one.slug))
    page = paged(found, after, lambda one: one.plate)
    shown = [(one, one.to_review(today)) for one in page.lines]
    return draw(
        request,
        "points/index.html",
        words=WORDS,
        points=shown,
        more=page.more,
        state=wanted or "",
        states=_ORDER,
        saved=await kept(request, database, PATH),
    )


@get("/points/{plate:str}", opt=_EDIT, include_in_schema=False)
async def show(
    request: Asked, plate: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page:
    """Show a point: what is being written beside what residents read, what is missing, who did what."""
    async with database.look() as unit:
        return await point_page(request, unit, await point_of(unit, request, plate), Form(), clock())


@get("/points/{plate:str}/write", opt=_EDIT, include_in_schema=False)
async def write_form(request: Asked, plate: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Ask for the words of a sheet."""
    async with database.look() as unit:
        point = await point_of(unit, request, plate)
    return _writing(request, point, _typed(point))


@post("/points/{plate:str}/write", opt=_EDIT, include_in_schema=False)
async def write(
    *,
    request: Asked,
    plate: FromPath[str],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Write other words beside those that residents read. Who was slower than a colleague loses nothing."""
    form = await read(request)
    async with begin() as unit:
        point = await point_of(unit, request, plate)
        sheet = _written(point.sheet, form)
        if await save(unit, point, sheet, form, agent_id=request.user.id, now=clock()) is None:
            return _writing(request, point, form, status_code=422)
    return go(request, f"{PATH}/{plate}", said=_said(request, "written_said"))


@post("/points/{plate:str}/submit", opt=_EDIT, include_in_schema=False)
async def submit(
    *, request: Asked, plate: FromPath[str], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Response[None]:
    """Hand a draft to whoever will read it a second time, or say what it lacks."""
    try:
        async with begin() as unit:
            point = await point_of(unit, request, plate)
            await points.submit(unit, point, agent_id=request.user.id, now=clock())
    except SheetIncomplete:
        return go(request, f"{PATH}/{plate}", said=_said(request, "incomplete_said"))
    return go(request, f"{PATH}/{plate}", said=_said(request, "submitted_said"))


@post("/points/{plate:str}/publish", opt=_PUBLISH, include_in_schema=False)
async def publish(
    *, request: Asked, plate: FromPath[str], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Response[None]:
    """Show a sheet to residents; its author cannot."""
    try:
        async with begin() as unit:
            point = await point_of(unit, request, plate)
            await points.publish(unit, point, agent_id=request.user.id, now=clock())
    except (OwnReview, SheetIncomplete) as refused:
        word = "own_said" if isinstance(refused, OwnReview) else "incomplete_said"
        return go(request, f"{PATH}/{plate}", said=_said(request, word))
    return go(request, f"{PATH}/{plate}", said=_said(request, "published_said"))


@post("/points/{plate:str}/return", opt=_EDIT, include_in_schema=False)
async def send_back(
    *, request: Asked, plate: FromPath[str], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Page | Response[None]:
    """Return a submitted sheet to its author, and say why."""
    wrong = await act_for_reason(request, plate, begin, field="reason", act=points.send_back, now=clock())
    return wrong or go(request, PATH, said=_said(request, "returned_said"))


@post("/points/{plate:str}/suspend", opt=_EDIT, include_in_schema=False)
async def suspend(
    *, request: Asked, plate: FromPath[str], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Page | Response[None]:
    """Say that the device is away: residents read so, and no value."""
    wrong = await act_for_reason(request, plate, begin, field="away", act=points.suspend, now=clock())
    return wrong or go(request, f"{PATH}/{plate}", said=_said(request, "suspended_said"))


async def save(unit: Unit, point: Point, sheet: Sheet, form: Form, *, agent_id: UUID, now: datetime) -> Point | None:
    """Write a sheet as a draft; None where the form does not fit, or was drawn before a colleague's change."""
    if form.kept("version") != str(point.version):
        form.refuse("version", "moved")
    if form.is_wrong:
        return None
    try:
        return await points.change(unit, point, sheet, agent_id=agent_id, now=now)
    except (BadSheet, DeviceNotFound, HomeShown):
        form.refuse("version", "bad_sheet")
    except PointMoved:
        form.refuse("version", "not_now")
    return None


class ForReason(Protocol):
    """Does something with a point, for a reason that is kept with it."""

    def __call__(
        self, unit: Unit, point: Point, reason: str, /, *, agent_id: UUID, now: datetime
    ) -> Awaitable[object]: ...


async def act_for_reason(
    request: Asked, plate: str, begin: Begin, *, field: str, act: ForReason, now: datetime
) -> Page | None:
    """Do something with a point for the reason that was typed; return its page where none was."""
    form = await read(request)
    reason = form.text(field, longest=_LONGEST_REASON)
    async with begin() as unit:
        point = await point_of(unit, request, plate)
        if form.is_wrong:
            return await point_page(request, unit, point, form, now, status_code=422)
        await act(unit, point, reason, agent_id=request.user.id, now=now)
    return None


async def point_of(unit: Unit, request: Asked, plate: str) -> Point:
    """Find a point of the agent's authority by the number of its plate.

    Raises:
        PointNotFound: there is none.
    """
    return await unit.points.by_plate(request.user.authority_id, number_of(plate))


async def point_page(
    request: Asked, unit: Unit, point: Point, form: Form, now: datetime, *, status_code: int = 200
) -> Page:
    """Draw the page of a point, with what was wrong in one of its forms."""
    entries = await unit.points.entries(point.id)
    logins = {agent_id: await login_of(unit, agent_id) for agent_id in {entry.agent_id for entry in entries}}
    agent, language = request.user, language_of(request)
    words = WORDS[language]
    communes = {one.code: one.name for one in await unit.places.communes(agent.authority_id)}
    facts = zip(
        told(point.sheet, words, language, communes),
        told(point.shown, words, language, communes) if point.shown else repeat(None),
        strict=False,
    )
    return draw(
        request,
        "points/show.html",
        words=WORDS,
        status_code=status_code,
        point=point,
        state=point.state.value,
        lacking=lacks_said(await points.lacking(unit, point, now), words),
        advice=[
            (words.get(f"label_{_FIELD_OF.get(name, '')}", words["label_does_not"]), words[f"language_{tongue}"], hard)
            for name, tongue, hard in hard_in(point.sheet)
        ],
        tongues=[one.value for one in Language],
        progress=progress(point.sheet),
        level=protection_level(await points.devices_of(unit, point.authority_id, point.sheet)),
        short=short_url(request.app.state.settings.public_url, point.plate),
        texts=[(name, getattr(point.sheet, name), getattr(point.shown, name, None)) for name in WRITTEN],
        facts=[(label, lines, shown and shown[1]) for (label, lines), shown in facts],
        entries=[(entry, logins[entry.agent_id]) for entry in reversed(entries)],
        author=await login_of(unit, point.author_id),
        publishes=agent.may(Permission.POINT_PUBLISH),
        is_author=point.author_id == agent.id,
        form=form,
    )


def _writing(request: Asked, point: Point, form: Form, *, status_code: int = 200) -> Page:
    return draw(
        request,
        "points/write.html",
        words=WORDS,
        status_code=status_code,
        point=point,
        form=form,
        written=WRITTEN,
        languages=LANGUAGES,
        now_written=point.sheet,
    )


def _typed(point: Point) -> Form:
    typed = {
        f"{name}_{language}": getattr(getattr(point.sheet, name), language)
        for name in WRITTEN
        for language in LANGUAGES
    }
    return Form({**typed, "version": str(point.version)})


def _written(sheet: Sheet, form: Form) -> Sheet:
    """The sheet with the words of a form; what is not written here stays."""
    changed: dict[str, Texts] = {}
    for name in WRITTEN:
        said = {
            language: form.lines(f"{name}_{language}", longest=LONGEST_TEXT, required=False)
            for language in LANGUAGES
            if f"{name}_{language}" in form.typed
        }
        changed[name] = replace(getattr(sheet, name), **said)
    return replace(sheet, **changed)


def _said(request: Asked, word: str) -> str:
    return WORDS[language_of(request)][word]


ROUTES = (listed, show, write_form, write, submit, publish, send_back, suspend)
