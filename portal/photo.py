"""The photo of my pass, or of my child's: taken by the camera of this page or sent as a file, erased when I say so."""

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from adapters.document_file import LARGEST
from adapters.document_vault import DocumentVault
from adapters.portrait_file import MOST_ZOOM, Frame
from api.days import named
from api.resident_photos import erase_photo, photo_for, shown_of, take_in
from domain.errors.requests import DocumentRefused
from domain.file_flaws import FLAWS
from domain.ports import Clock
from portal.account import RESIDENT
from portal.shell import Page, draw, go, language_of
from portal.visits import Asked
from portal.words import read_words
from store.database import Database
from web.forms import Form, read
from web.wording import typeset

WORDS = read_words("photo")
for _flaw, _text in FLAWS.items():
    WORDS["fr"][f"flaw_{_flaw}"], WORDS["en"][f"flaw_{_flaw}"] = typeset(_text.fr), _text.en

CAMERA = "camera=(self), microphone=(), geolocation=()"
"""Of this page alone: every other one asks for nothing."""


@get("/persons/{reference:str}/photo", opt=RESIDENT, include_in_schema=False)
async def show(
    *,
    request: Asked,
    reference: FromPath[str],
    database: NamedDependency[Database],
    vault: NamedDependency[DocumentVault],
    clock: NamedDependency[Clock],
) -> Page:
    """Show the photo, and ask for another if somebody wishes."""
    return await _page(request, named(reference), database, vault, clock, form=Form())


@post("/persons/{reference:str}/photo", opt=RESIDENT, include_in_schema=False, request_max_body_size=LARGEST + 16_384)
async def offer(
    *,
    request: Asked,
    reference: FromPath[str],
    database: NamedDependency[Database],
    vault: NamedDependency[DocumentVault],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Take it in: somebody looks at it before it is on a card."""
    form, person, mine = await read(request), named(reference), request.user.account
    async with database.look() as unit:
        await shown_of(unit, mine, person, clock())
    sent = (await request.form()).get("photo")
    if not isinstance(sent, UploadFile) or not sent.filename:
        form.refuse("photo", "field_missing")
    if not form.ticked("agreed"):
        form.refuse("agreed", "not_agreed")
    if not form.is_wrong and isinstance(sent, UploadFile):
        try:
            await take_in(
                database, vault, mine, person, await sent.read(), frame=frame_of(form), agreed=True, now=clock()
            )
        except DocumentRefused as refused:
            form.refuse("photo", f"flaw_{refused.flaw}")
    if form.is_wrong:
        return await _page(request, person, database, vault, clock, form=form, status_code=422)
    return go(request, f"/moi/persons/{person}/photo", said=WORDS[language_of(request)]["offered_said"])


@post("/persons/{reference:str}/photo/removal", opt=RESIDENT, include_in_schema=False)
async def erase(
    *,
    request: Asked,
    reference: FromPath[str],
    database: NamedDependency[Database],
    vault: NamedDependency[DocumentVault],
    clock: NamedDependency[Clock],
) -> Response[None]:
    """Erase it, and what waits: agreeing was free, and taking it back is as easy."""
    person = named(reference)
    await erase_photo(database, vault, request.user.account, person, now=clock())
    return go(request, f"/moi/persons/{person}/photo", said=WORDS[language_of(request)]["erased_said"])


def frame_of(form: Form) -> Frame:
    """Read which part is kept. Without the sliders of the page it is the middle."""
    percents = [form.kept(name) for name in Frame.__struct_fields__]
    if not all(one.isascii() and one.isdigit() and len(one) <= 3 for one in percents):
        return Frame()
    return Frame(*map(int, percents))


async def _page(
    request: Asked,
    reference: str,
    database: Database,
    vault: DocumentVault,
    clock: Clock,
    *,
    form: Form,
    status_code: int = 200,
) -> Page:
    mine, now = request.user.account, clock()
    photo = await photo_for(database, vault, mine, reference, now=now)
    async with database.look() as unit:
        shown = await shown_of(unit, mine, reference, now)
    page = draw(
        request,
        "persons/photo.html",
        words=WORDS,
        status_code=status_code,
        scripts=True,
        form=form,
        reference=reference,
        of=shown.holder,
        photo=photo,
        most_zoom=MOST_ZOOM,
    )
    page.headers["Permissions-Policy"] = CAMERA
    return page


ROUTES = (show, offer, erase)
