"""The links of a sheet: where to read on, with labels in every language; in their order, changed and taken away."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec.structs import replace

from admin.forms import Form, read
from admin.points import PATH, WORDS, point_of, save
from admin.sheet_words import tag_of
from admin.shell import Page, draw, go
from admin.undoing import Undo
from admin.visits import Asked
from admin.words import language_of
from domain.agents import Permission
from domain.errors.points import PointNotFound
from domain.languages import Language, Words, unreadable
from domain.points import Point
from domain.ports import Clock
from domain.sheets import LONGEST_ADDRESS, MOST_ENTRIES, Link, Sheet, is_address
from store.database import Begin, Database

LONGEST_LABEL = 200
_WAYS = {"up": -1, "down": 1}
_EDIT: dict[str, Any] = {"rule": Permission.POINT_EDIT}


@get("/points/{plate:str}/links", opt=_EDIT, include_in_schema=False)
async def links(request: Asked, plate: FromPath[str], database: NamedDependency[Database]) -> Page:
    """List the links of a sheet in their order."""
    async with database.look() as unit:
        point = await point_of(unit, request, plate)
    return draw(
        request,
        "points/links.html",
        words=WORDS,
        point=point,
        tongues=[(one.value, tag_of(one)) for one in Language],
        is_full=len(point.sheet.links) >= MOST_ENTRIES,
        most=MOST_ENTRIES,
    )


@get("/points/{plate:str}/links/new", opt=_EDIT, include_in_schema=False)
async def new_link(request: Asked, plate: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Ask for one more link."""
    async with database.look() as unit:
        return _page(request, await point_of(unit, request, plate), None, Form())


@post("/points/{plate:str}/links/new", opt=_EDIT, include_in_schema=False)
async def add_link(
    *, request: Asked, plate: FromPath[str], begin: NamedDependency[Begin], clock: NamedDependency[Clock]
) -> Page | Response[None]:
    """Add a link after the others, or where one was that was taken away."""
    form = await read(request)
    async with begin() as unit:
        point = await point_of(unit, request, plate)
        there = point.sheet.links
        link = _link(form)
        at = form.kept("at")
        place = int(at) if at.isascii() and at.isdigit() and len(at) <= 2 else len(there)
        if len(there) >= MOST_ENTRIES:
            form.refuse("url", "too_many_links")
        sheet = replace(point.sheet, links=(*there[:place], link, *there[place:]))
        if await save(unit, point, sheet, form, agent_id=request.user.id, now=clock()) is None:
            return _page(request, point, None, form, status_code=422)
    return go(request, f"{PATH}/{plate}/links", said=_said(request, "link_kept_said"))


@get("/points/{plate:str}/links/{place:int}", opt=_EDIT, include_in_schema=False)
async def link_form(
    request: Asked, plate: FromPath[str], place: FromPath[int], database: NamedDependency[Database]
) -> Page:
    """Ask for another address or other labels of a link."""
    async with database.look() as unit:
        point = await point_of(unit, request, plate)
    return _page(request, point, place, Form(_typed(_at(point.sheet, place))))


@post("/points/{plate:str}/links/{place:int}", opt=_EDIT, include_in_schema=False)
async def write_link(
    *,
    request: Asked,
    plate: FromPath[str],
    place: FromPath[int],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Write a link anew, as a draft. Who was slower than a colleague loses nothing."""
    form = await read(request)
    async with begin() as unit:
        point = await point_of(unit, request, plate)
        link, there = _link(form), point.sheet.links
        if not 1 <= place <= len(there):
            # A colleague has taken one away meanwhile: what was typed is offered as a new one.
            form.refuse("version", "moved")
            return _page(request, point, None, form, status_code=422)
        sheet = replace(point.sheet, links=(*there[: place - 1], link, *there[place:]))
        if await save(unit, point, sheet, form, agent_id=request.user.id, now=clock()) is None:
            return _page(request, point, place, form, status_code=422)
    return go(request, f"{PATH}/{plate}/links", said=_said(request, "link_kept_said"))


@post("/points/{plate:str}/links/{place:int}/move", opt=_EDIT, include_in_schema=False)
async def move_link(
    *,
    request: Asked,
    plate: FromPath[str],
    place: FromPath[int],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Response[None]:
    """Put a link before the one above it, or after the one below it."""
    form = await read(request)
    async with begin() as unit:
        point = await point_of(unit, request, plate)
        there = list(point.sheet.links)
        to = place + _WAYS.get(form.kept("way"), 0)
        if not (1 <= place <= len(there) and 1 <= to <= len(there)) or to == place:
            return go(request, f"{PATH}/{plate}/links", said=_said(request, "look_again_said"))
        there[place - 1], there[to - 1] = there[to - 1], there[place - 1]
        sheet = replace(point.sheet, links=tuple(there))
        saved = await save(unit, point, sheet, form, agent_id=request.user.id, now=clock())
    word = "look_again_said" if saved is None else "link_moved_said"
    return go(request, f"{PATH}/{plate}/links", said=_said(request, word))


@post("/points/{plate:str}/links/{place:int}/removal", opt=_EDIT, include_in_schema=False)
async def remove_link(
    *,
    request: Asked,
    plate: FromPath[str],
    place: FromPath[int],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Response[None]:
    """Take a link off the draft; one button puts it back in its place."""
    form, path = await read(request), f"{PATH}/{plate}/links"
    async with begin() as unit:
        point = await point_of(unit, request, plate)
        there, saved = point.sheet.links, None
        if 1 <= place <= len(there):
            sheet = replace(point.sheet, links=there[: place - 1] + there[place:])
            saved = await save(unit, point, sheet, form, agent_id=request.user.id, now=clock())
    if saved is None:
        return go(request, path, said=_said(request, "look_again_said"))
    fields = {"version": str(saved.version), "at": str(place - 1), **_typed(there[place - 1])}
    said = _said(request, "link_removed_said").format(label=there[place - 1].label.fr)
    return go(request, path, said=said, undo=Undo(f"{path}/new", fields))


def _at(sheet: Sheet, place: int) -> Link:
    """Return the link at a place, counted from 1.

    Raises:
        PointNotFound: the sheet has fewer.
    """
    if not 1 <= place <= len(sheet.links):
        raise PointNotFound("The sheet has no such link.")
    return sheet.links[place - 1]


def _typed(link: Link) -> dict[str, str]:
    labels = {f"label_{one.value}": getattr(link.label, one.value) for one in Language}
    return {"url": link.url, **{name: text for name, text in labels.items() if text}}


def _link(form: Form) -> Link:
    """Read a link; what does not fit is said at its field."""
    url = form.text("url", longest=LONGEST_ADDRESS)
    if url and "url" not in form.wrong and (not is_address(url) or unreadable(url)):
        form.refuse("url", "bad_link")
    label = {}
    for one in Language:
        name = f"label_{one.value}"
        label[one.value] = form.text(name, longest=LONGEST_LABEL, required=one is Language.FRENCH)
        if name not in form.wrong and unreadable(label[one.value]):
            form.refuse(name, "unreadable")
    return Link(Words(**label), url)


def _page(request: Asked, point: Point, place: int | None, form: Form, *, status_code: int = 200) -> Page:
    reader = language_of(request)
    words = WORDS[reader]
    labels = {
        f"label_label_{one.value}": f"{words['link_label']}, {words[f'language_{one.value}']}" for one in Language
    }
    now = _typed(point.sheet.links[place - 1]) if place is not None else {}
    theirs = [
        (words.get(f"label_{name}") or labels[f"label_{name}"], now.get(name, ""))
        for name in ("url", *(f"label_{one.value}" for one in Language))
        if place is not None and now.get(name, "") != form.kept(name)
    ]
    return draw(
        request,
        "points/link.html",
        words={**WORDS, reader: {**words, **labels}},
        status_code=status_code,
        point=point,
        place=place,
        form=form,
        theirs=theirs,
        tongues=[(one.value, tag_of(one)) for one in Language],
        longest_label=LONGEST_LABEL,
        longest_address=LONGEST_ADDRESS,
    )


def _said(request: Asked, word: str) -> str:
    return WORDS[language_of(request)][word]


ROUTES = (links, new_link, add_link, link_form, write_link, move_link, remove_link)
