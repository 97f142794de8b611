"""Sheets in the languages beside French, each text beside its French, and as visitors will read them."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.forms import Form, read
from admin.points import PATH, WORDS, point_of, save
from admin.sheet_words import Piece, outdated, pieces, tag_of, with_texts
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of
from domain.agents import Permission
from domain.errors.points import PointNotFound
from domain.languages import LONGEST_TEXT, Language, unreadable
from domain.points import Point
from domain.ports import Clock
from domain.sheets import Sheet
from store.database import Begin, Database
from tour.pages.drawing import NAMES, Reader
from tour.pages.drawing import WORDS as TOUR_WORDS
from tour.pages.drawing import Language as Read

_LISTED = ("not_", "link_")
"""How the fields of lines begin: what they were a translation of may be gone when the form comes."""

_EDIT: dict[str, Any] = {"rule": Permission.POINT_EDIT}


@get("/points/{plate:str}/languages/{code:str}", opt=_EDIT, include_in_schema=False)
async def language_form(
    request: Asked, plate: FromPath[str], code: FromPath[str], database: NamedDependency[Database]
) -> Page:
    """Ask for the texts of a sheet in a language, each beside its French."""
    language = _beside(code)
    async with database.look() as unit:
        point = await point_of(unit, request, plate)
    typed = {one.name: one.in_language(language) for one in pieces(point.sheet)}
    return _page(request, point, language, Form(typed))


@post("/points/{plate:str}/languages/{code:str}", opt=_EDIT, include_in_schema=False)
async def write_language(
    *,
    request: Asked,
    plate: FromPath[str],
    code: FromPath[str],
    begin: NamedDependency[Begin],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Write the texts of a sheet in a language, as a draft. Who was slower than a colleague loses nothing."""
    language, form = _beside(code), await read(request)
    async with begin() as unit:
        point = await point_of(unit, request, plate)
        sheet = with_texts(point.sheet, _texts(form, point.sheet), language)
        if await save(unit, point, sheet, form, agent_id=request.user.id, now=clock()) is None:
            return _page(request, point, language, form, status_code=422)
    return go(request, f"{PATH}/{plate}", said=WORDS[language_of(request)]["written_said"])


@get("/points/{plate:str}/reading/{code:str}", opt=_EDIT, include_in_schema=False)
async def reading(
    request: Asked, plate: FromPath[str], code: FromPath[str], database: NamedDependency[Database]
) -> Page:
    """Show the sheet that is being written as visitors will read it in a language, with what stays in French marked."""
    language = language_named(code)
    async with database.look() as unit:
        point = await point_of(unit, request, plate)
    read_in: Read = language.value
    spoken = point.sheet.recording
    digest, heard = spoken.heard(language) if spoken is not None else ("", language)
    return draw(
        request,
        "points/reading.html",
        words=WORDS,
        point=point,
        sheet=point.sheet,
        code=code,
        tag=tag_of(language),
        there=TOUR_WORDS[read_in],
        heard=Reader(read_in),
        voice=(digest, heard),
        in_french=heard is not language and language is not Language.EASY,
        codes=[one.value for one in Language],
        names=NAMES,
    )


def language_named(code: str) -> Language:
    """Return the language that an address names.

    Raises:
        PointNotFound: no sheet is written in it.
    """
    try:
        return Language(code)
    except ValueError:
        raise PointNotFound("No sheet is written in this language.") from None


def _beside(code: str) -> Language:
    language = language_named(code)
    if language is Language.FRENCH:
        raise PointNotFound("French is written with the texts of the sheet.")
    return language


def _texts(form: Form, sheet: Sheet) -> dict[str, str]:
    """Read the texts of a form, of those that the sheet has: what was not on the page stays as it is."""
    found = {}
    for one in pieces(sheet):
        if one.name in form.typed:
            found[one.name] = text_of(form, one.name)
    return found


def text_of(form: Form, name: str) -> str:
    """Read a text of a sheet in one language; what nobody could read is said at its field."""
    text = form.lines(name, longest=LONGEST_TEXT, required=False)
    if name not in form.wrong and unreadable(text):
        form.refuse(name, "unreadable")
    return text


def _page(request: Asked, point: Point, language: Language, form: Form, *, status_code: int = 200) -> Page:
    reader = language_of(request)
    words, code = WORDS[reader], language.value
    there = pieces(point.sheet)
    labels = {f"label_{one.name}": f"{one.label(words)}, {words[f'language_{code}']}" for one in there}
    known = {one.name for one in there}
    return draw(
        request,
        "points/language.html",
        words={**WORDS, reader: {**words, **labels}},
        status_code=status_code,
        point=point,
        form=form,
        code=code,
        tag=tag_of(language),
        rows=[(one, one.label(words)) for one in there if _is_shown(one, language)],
        written=sum(bool(one.in_language(language).strip()) for one in there),
        outdated=outdated(point, language),
        theirs=[(one, one.label(words)) for one in there if one.in_language(language) != form.kept(one.name)],
        lost=[text for name, text in form.typed.items() if name.startswith(_LISTED) and name not in known and text],
        longest=LONGEST_TEXT,
    )


def _is_shown(one: Piece, language: Language) -> bool:
    """Whether it can be translated: there is French, or a text that somebody may want to take away."""
    return bool(one.words) or bool(one.in_language(language))


ROUTES = (language_form, write_language, reading)
