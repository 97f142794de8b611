"""Points of the tour: what waits for a second pair of eyes, the words of a sheet, and who did what with it."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec.structs import replace

from admin.filters import kept
from admin.forms import Form, read
from admin.paging import paged
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of, read_words
from api.point_views import login_of, number_of
from domain import points
from domain.agents import Permission
from domain.easy_reading import advice_on
from domain.errors.points import BadSheet, OwnReview, PointMoved, SheetIncomplete
from domain.languages import Words
from domain.places import local_day
from domain.points import Point, PointState
from domain.ports import Clock, Unit
from domain.sheets import Sheet, missing
from store.database import Begin, Database

WORDS = read_words("points")
PATH = "/console/points"

WRITTEN = ("title", "place", "surroundings", "what_it_is", "how_it_works", "benefit", "decision", "cost", "retention")
"""The texts of a sheet that are written here. Devices, photo and the chain of data come by the API and the file."""

LANGUAGES = ("fr", "easy", "en")

_LONGEST = 4_000
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
async def show(request: Asked, plate: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Show a point: the text being written beside the one that residents read, what is missing, who did what."""
    async with database.look() as unit:
        return await _one(request, unit, await _point(unit, request, plate), Form())


@get("/points/{plate:str}/write", opt=_EDIT, include_in_schema=False)
async def write_form(request: Asked, plate: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Ask for the words of a sheet."""
    async with database.look() as unit:
        point = await _point(unit, request, plate)
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
        point = await _point(unit, request, plate)
        if form.kept("version") != str(point.version):
            form.refuse("version", "moved")
        sheet = _written(point.sheet, form)
        if not form.is_wrong:
            try:
                await points.change(unit, point, sheet, agent_id=request.user.id, now=clock())
            except BadSheet:
                form.refuse("title_fr", "bad_sheet")
            except PointMoved:
                form.refuse("version", "not_now")
        if form.is_wrong:
            return _writing(request, point, form, status_code=422)
    return go(request, f"{PATH}/{plate}", said=_said(request, "written_said"))


@post("/points/{plate:str}/submit", opt=_EDIT, include_in_schema=False)
async def submit(
    *, request: Asked, plate: FromPath[str], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Response[None]:
    """Hand a draft to whoever will read it a second time, or say what it lacks."""
    try:
        async with begin() as unit:
            point = await _point(unit, request, plate)
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
            point = await _point(unit, request, plate)
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
    form = await read(request)
    reason = form.text("reason", longest=_LONGEST_REASON)
    async with begin() as unit:
        point = await _point(unit, request, plate)
        if form.is_wrong:
            return await _one(request, unit, point, form, status_code=422)
        await points.send_back(unit, point, reason, agent_id=request.user.id, now=clock())
    return go(request, PATH, said=_said(request, "returned_said"))


@post("/points/{plate:str}/suspend", opt=_EDIT, include_in_schema=False)
async def suspend(
    *, request: Asked, plate: FromPath[str], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Page | Response[None]:
    """Say that the device is away: residents read so, and no value."""
    form = await read(request)
    reason = form.text("away", longest=_LONGEST_REASON)
    async with begin() as unit:
        point = await _point(unit, request, plate)
        if form.is_wrong:
            return await _one(request, unit, point, form, status_code=422)
        await points.suspend(unit, point, reason, agent_id=request.user.id, now=clock())
    return go(request, f"{PATH}/{plate}", said=_said(request, "suspended_said"))


async def _point(unit: Unit, request: Asked, plate: str) -> Point:
    return await unit.points.by_plate(request.user.authority_id, number_of(plate))


async def _one(request: Asked, unit: Unit, point: Point, form: Form, *, status_code: int = 200) -> Page:
    entries = await unit.points.entries(point.id)
    logins = {agent_id: await login_of(unit, agent_id) for agent_id in {entry.agent_id for entry in entries}}
    agent = request.user
    return draw(
        request,
        "points/show.html",
        words=WORDS,
        status_code=status_code,
        point=point,
        state=point.state.value,
        lacking=missing(point.sheet),
        advice=advice_on(point.sheet),
        texts=[(name, getattr(point.sheet, name), getattr(point.shown, name, None)) for name in WRITTEN],
        entries=[(entry, logins[entry.agent_id]) for entry in reversed(entries)],
        author=await login_of(unit, point.author_id),
        may_publish=agent.may(Permission.POINT_PUBLISH) and point.author_id != agent.id,
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
    changed: dict[str, Words] = {}
    for name in WRITTEN:
        said = {
            language: form.lines(f"{name}_{language}", longest=_LONGEST, required=False)
            for language in LANGUAGES
            if f"{name}_{language}" in form.typed
        }
        changed[name] = replace(getattr(sheet, name), **said)
    return replace(sheet, **changed)


def _said(request: Asked, word: str) -> str:
    return WORDS[language_of(request)][word]


ROUTES = (listed, show, write_form, write, submit, publish, send_back, suspend)
