"""The photo of somebody: taken by the desk's camera or sent as a file when they agree, removed when they say no."""

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from adapters.document_file import LARGEST
from adapters.document_vault import DocumentVault
from adapters.portrait_file import MOST_ZOOM, Frame
from admin.counter import FIELD, Present, asked_by, present
from admin.forms import Form, read
from admin.people import file_path
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of, read_words, typeset
from api.days import named
from api.journalled_objects import about_holder
from api.journalling import Note
from domain import portrait_offers, portraits
from domain.acts import Act
from domain.agents import Permission
from domain.errors.requests import DocumentRefused
from domain.file_flaws import FLAWS
from domain.places import local_day
from domain.portraits import Portrait
from domain.ports import Clock
from store.database import Begin, Database

WORDS = read_words("photos")
for _flaw, _text in FLAWS.items():
    WORDS["fr"][f"flaw_{_flaw}"], WORDS["en"][f"flaw_{_flaw}"] = typeset(_text.fr), _text.en

CAMERA = "camera=(self), microphone=(), geolocation=()"
"""Of this page alone: every other one asks for nothing."""


@get(
    "/people/{holder:str}/photo",
    opt={"rule": Permission.PASS_ISSUE, "journal": Act.FILE_SHOWN},
    include_in_schema=False,
)
async def show(
    request: Asked, holder: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page:
    """Ask for a photo, and whether its holder agrees."""
    return await _page(request, await _present(request, holder, database, clock), database, Form())


@post(
    "/people/{holder:str}/photo",
    opt={"rule": Permission.PASS_ISSUE, "journal": Act.PHOTO_TAKEN},
    include_in_schema=False,
    request_max_body_size=LARGEST + 16_384,
)
async def keep(
    *,
    request: Asked,
    holder: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    vault: NamedDependency[DocumentVault],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Page | Response[None]:
    """Keep a photo in the place of the one before."""
    form = await read(request)
    there = await _present(request, holder, database, clock)
    frame = _frame(form)
    sent = (await request.form()).get("photo")
    if not isinstance(sent, UploadFile) or not sent.filename:
        form.refuse("photo", "field_missing")
    if not form.ticked("agreed"):
        form.refuse("agreed", "not_agreed")
    asked_by(form, there, note)
    authority, now = request.auth.authority, clock()
    async with database.look() as unit:
        known, file_id = await unit.portraits.of(authority.id, there.holder.id), unit.ids.row()
    if form.kept("was") != _name(known):
        form.refuse("photo", "changed_meanwhile")
    if form.is_wrong or not isinstance(sent, UploadFile):
        status_code = 409 if form.wrong.get("photo") == "changed_meanwhile" else 422
        return await _page(request, there, database, form, status_code=status_code)
    try:
        sealed = await vault.keep_portrait(authority.code, file_id, await sent.read(), frame)
    except DocumentRefused as refused:
        form.refuse("photo", f"flaw_{refused.flaw}")
        return await _page(request, there, database, form, status_code=422)
    agreed_by = next(one.id for one in there.may_ask if one.reference == form.kept(FIELD))
    note.about(about_holder(there.holder.id))
    async with begin() as unit:
        before = await portraits.keep_portrait(
            unit,
            there.holder,
            sealed,
            agreed_by=agreed_by,
            by=request.user.id,
            now=now,
            today=local_day(now, authority.zone),
        )
    vault.remove([before.file_id] if before is not None else [])
    return go(request, file_path(there.holder.reference), said=WORDS[language_of(request)]["kept"])


@post(
    "/people/{holder:str}/photo/removal",
    opt={"rule": Permission.PASS_ISSUE, "journal": Act.PHOTO_REMOVED},
    include_in_schema=False,
)
async def remove(
    *,
    request: Asked,
    holder: FromPath[str],
    begin: NamedDependency[Begin],
    vault: NamedDependency[DocumentVault],
) -> Response[None]:
    """Remove the photo of somebody who wants none any more. Cards that bear it are theirs."""
    async with begin() as unit:
        whose = await unit.people.holder(request.auth.authority.id, named(holder))
        gone = await portrait_offers.forget(unit, whose)
    vault.remove(gone)
    return go(request, file_path(whose.reference), said=WORDS[language_of(request)]["removed"])


def _name(known: Portrait | None) -> str:
    """Return which photo a page was drawn with: whoever is slower sees the other's before theirs takes its place."""
    return known.file_id.hex if known is not None else ""


def _frame(form: Form) -> Frame:
    """Read which part is kept. Without the sliders of the page it is the middle."""
    percents = [form.kept(name) for name in Frame.__struct_fields__]
    if not all(one.isascii() and one.isdigit() and len(one) <= 3 for one in percents):
        return Frame()
    return Frame(*map(int, percents))


async def _present(request: Asked, holder: str, database: Database, clock: Clock) -> Present:
    async with database.look() as unit:
        whose = await unit.people.holder(request.auth.authority.id, named(holder))
        return await present(unit, request.auth.authority, whose, clock())


async def _page(request: Asked, there: Present, database: Database, form: Form, *, status_code: int = 200) -> Page:
    async with database.look() as unit:
        known = await unit.portraits.of(there.holder.authority_id, there.holder.id)
    page = draw(
        request,
        "people/photo.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        there=there,
        known=known,
        was=_name(known),
        most_zoom=MOST_ZOOM,
    )
    page.headers["Permissions-Policy"] = CAMERA
    return page
