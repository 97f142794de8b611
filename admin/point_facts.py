"""Points of the tour begun and described: a new one, and what its sheet says beside the texts (`admin.sheet_facts`)."""

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from adapters.media_folder import LARGEST_PHOTO, MediaFolder
from admin.forms import Form, read
from admin.points import PATH, WORDS, point_of
from admin.sheet_facts import box_of, denials, may_be_shown, name_of_stream, read_facts, typed_of
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of
from domain import points
from domain.agents import Permission
from domain.devices import Device, Stream
from domain.dtpr import CATEGORIES, ELEMENTS
from domain.errors import AlreadyExists
from domain.errors.devices import DeviceNotFound, HomeShown
from domain.errors.points import BadMedia, BadSheet, MediaNotFound, PointMoved
from domain.languages import Words
from domain.points import Point
from domain.ports import Clock, Unit
from domain.sheets import Blur, Sheet, StreamName
from store.database import Begin, Database

_LONGEST_TITLE = 200
_LONGEST_SLUG = 80
_ALL_OPTIONAL = {language: {**words, "optional": ""} for language, words in WORDS.items()}
"""Every field of the facts may be left empty: the page says so once."""

_AT = {
    MediaNotFound: ("photo", "bad_photo"),
    DeviceNotFound: ("devices", "no_such_device"),
    HomeShown: ("streams", "home_shown"),
    BadSheet: ("devices", "bad_sheet"),
    PointMoved: ("version", "not_now"),
}
"""At which field a sheet as a whole does not fit, and the key of its words."""

_EDIT: dict[str, Any] = {"rule": Permission.POINT_EDIT}


@get("/points/new", opt=_EDIT, include_in_schema=False)
async def new(request: Asked) -> Page:
    """Ask for the first words of a point, and the end of its address."""
    return draw(request, "points/new.html", words=WORDS, form=Form())


@post("/points/new", opt=_EDIT, include_in_schema=False)
async def begin_point(
    request: Asked, begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Page | Response[None]:
    """Begin a point as a draft, with a number for its plate that is never given to another."""
    form = await read(request)
    title, slug = form.text("title_fr", longest=_LONGEST_TITLE), form.text("slug", longest=_LONGEST_SLUG)
    if not form.is_wrong:
        sheet = Sheet(title=Words(fr=title))
        try:
            async with begin() as unit:
                made = await points.create(
                    unit, request.user.authority_id, slug, sheet, agent_id=request.user.id, now=clock()
                )
            return go(request, f"{PATH}/{made.plate}", said=WORDS[language_of(request)]["begun_said"])
        except AlreadyExists:
            form.refuse("slug", "slug_taken")
        except BadSheet:
            form.refuse("slug", "bad_slug")
    return draw(request, "points/new.html", words=WORDS, status_code=422, form=form)


@get("/points/{plate:str}/facts", opt=_EDIT, include_in_schema=False)
async def facts_form(request: Asked, plate: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Ask for what a sheet says beside its texts."""
    async with database.look() as unit:
        point = await point_of(unit, request, plate)
        return await _page(request, unit, point, Form(typed_of(point.sheet, language_of(request))))


@post(
    "/points/{plate:str}/facts",
    opt=_EDIT,
    include_in_schema=False,
    request_max_body_size=LARGEST_PHOTO + 256 * 1024,
)
async def write_facts(
    *,
    request: Asked,
    plate: FromPath[str],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
    media: NamedDependency[MediaFolder],
) -> Page | Response[None]:
    """Write other facts beside those that residents read. Who was slower than a colleague loses nothing."""
    form = await read(request)
    await _keep_photo(request, form, media)
    async with begin() as unit:
        point = await point_of(unit, request, plate)
        if form.kept("version") != str(point.version):
            form.refuse("version", "moved")
        sheet = read_facts(form, point.sheet)
        if sheet is not None:
            try:
                media.check(sheet)
                await points.change(unit, point, sheet, agent_id=request.user.id, now=clock())
            except (MediaNotFound, DeviceNotFound, HomeShown, BadSheet, PointMoved) as problem:
                form.refuse(*_AT[type(problem)])
        if form.is_wrong:
            return await _page(request, unit, point, form, status_code=422)
    return go(request, f"{PATH}/{plate}", said=WORDS[language_of(request)]["written_said"])


async def _keep_photo(request: Asked, form: Form, media: MediaFolder) -> None:
    """Keep a photo that was sent, under the name that goes with the form: it need not be sent twice."""
    sent = (await request.form()).get("photo")
    if isinstance(sent, UploadFile) and sent.filename:
        try:
            kept = await asyncio.to_thread(media.keep, await sent.read())
            form.typed["digest"] = kept.digest
        except BadMedia:
            form.refuse("photo", "bad_photo")


async def _page(request: Asked, unit: Unit, point: Point, form: Form, *, status_code: int = 200) -> Page:
    language = language_of(request)
    words = WORDS[language]
    now = typed_of(point.sheet, language)
    return draw(
        request,
        "points/facts.html",
        words=_ALL_OPTIONAL,
        status_code=status_code,
        point=point,
        form=form,
        theirs=[
            (words[f"label_{name}"], value)
            for name, value in now.items()
            if f"label_{name}" in words and value != form.kept(name)
        ],
        communes=[(one.code, one.name) for one in await unit.places.communes(request.user.authority_id)],
        blurs=[(one.value, words[f"blur_{one.value}"]) for one in Blur],
        denials=denials(point.sheet),
        streams=[(box_of(one), name_of_stream(one, language)) for one in await _streams(unit, request, point.sheet)],
        chain=[
            (category.value, [one for one in ELEMENTS.values() if one.category is category]) for category in CATEGORIES
        ],
    )


async def _streams(unit: Unit, request: Asked, sheet: Sheet) -> list[StreamName]:
    """List what the sheet shows, in its order, and what it may show too; a stream that is gone can be taken off."""
    registered: list[tuple[Device, list[Stream]]] = [
        (one, await unit.devices.streams(one.id))
        for one in await points.devices_of(unit, request.user.authority_id, sheet)
    ]
    return list(dict.fromkeys([*sheet.streams, *may_be_shown(registered)]))


ROUTES = (new, begin_point, facts_form, write_facts)
