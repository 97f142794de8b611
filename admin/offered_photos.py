"""Photos that people took at home: those that wait, and one looked at by an agent before it is on a card."""

import base64
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from adapters.document_vault import DocumentVault
from admin.forms import Form, read
from admin.paging import LINES, begun, place
from admin.people import file_path
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of, read_words
from api.days import named
from api.journalled_objects import about_holder
from api.journalling import Note
from domain import portrait_offers
from domain.acts import Act
from domain.agents import Permission
from domain.errors.people import PhotoChanged
from domain.places import local_day
from domain.portrait_offers import FLAWS, OfferState, PhotoFlaw
from domain.ports import Clock
from domain.text import Text
from store.database import Begin, Database
from store.portraits import photos_waiting

WORDS = read_words("photos")
PATH = "/console/photos"
_RULE = Permission.PASS_ISSUE


@get("/photos", opt={"rule": _RULE, "journal": Act.PHOTOS_LISTED}, include_in_schema=False)
async def waiting(request: Asked, database: NamedDependency[Database], after: FromQuery[str] = "") -> Page:
    """List whose photo waits, the oldest first."""
    async with database.read() as connection:
        found = await photos_waiting(connection, request.auth.authority.id, most=LINES + 1, after=place(after))
    page = begun(found, lambda one: (one.offered_at, one.holder_id), LINES)
    return draw(request, "people/photos.html", words=WORDS, waiting=page.lines, more=page.more, after=_place(after))


@get("/people/{holder:str}/photo/offer", opt={"rule": _RULE, "journal": Act.FILE_SHOWN}, include_in_schema=False)
async def show(
    request: Asked,
    holder: FromPath[str],
    database: NamedDependency[Database],
    vault: NamedDependency[DocumentVault],
    after: FromQuery[str] = "",
) -> Page | Response[None]:
    """Show a photo that waits beside whose it is; `after` is where the list begins that it was found in."""
    return await _page(request, holder, database, vault, Form({"after": _place(after)}))


@post(
    "/people/{holder:str}/photo/offer/acceptance",
    opt={"rule": _RULE, "journal": Act.PHOTO_ACCEPTED},
    include_in_schema=False,
)
async def accept(
    *,
    request: Asked,
    holder: FromPath[str],
    begin: NamedDependency[Begin],
    vault: NamedDependency[DocumentVault],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Response[None]:
    """Make it the photo of its holder, who has agreed at home."""
    form, authority, now = await read(request), request.auth.authority, clock()
    try:
        async with begin() as unit:
            whose = await unit.people.holder(authority.id, named(holder))
            before, agreed_by = await portrait_offers.accept(
                unit, whose, seen=_seen(form), by=request.user.id, now=now, today=local_day(now, authority.zone)
            )
    except PhotoChanged:
        note.nothing()
        return _back(request, form, "offer_changed")
    note.about(about_holder(whose.id))
    if agreed_by != whose.id:
        note.acts_for(agreed_by)
    vault.remove([before.file_id] if before is not None else [])
    return _back(request, form, "accepted")


@post(
    "/people/{holder:str}/photo/offer/refusal",
    opt={"rule": _RULE, "journal": Act.PHOTO_REFUSED},
    include_in_schema=False,
)
async def refuse(
    *,
    request: Asked,
    holder: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
    vault: NamedDependency[DocumentVault],
    clock: NamedDependency[Clock],
    note: NamedDependency[Note],
) -> Page | Response[None]:
    """Refuse it, and say why: whoever may send another one is told, and reads it where they sent it."""
    form, authority, now = await read(request), request.auth.authority, clock()
    flaw = form.one_of("flaw", PhotoFlaw)
    if flaw is None:
        note.nothing()
        return await _page(request, holder, database, vault, form, status_code=422)
    try:
        async with begin() as unit:
            whose = await unit.people.holder(authority.id, named(holder))
            refused = await portrait_offers.refuse(
                unit, whose, seen=_seen(form), flaw=flaw, now=now, today=local_day(now, authority.zone)
            )
    except PhotoChanged:
        note.nothing()
        return _back(request, form, "offer_changed")
    note.about(about_holder(whose.id))
    vault.remove([refused.file_id])
    return _back(request, form, "refused" if refused.told else "refused_untold")


def _back(request: Asked, form: Form, said: str) -> Response[None]:
    """Go back to the page of the list from which the agent came, and say what was done."""
    after = _place(form.kept("after"))
    return go(
        request, f"{PATH}?{urlencode({'after': after})}" if after else PATH, said=WORDS[language_of(request)][said]
    )


def _place(after: str) -> str:
    """Return where the list goes on, if what a page brought along is a place in it."""
    return after if place(after) is not None else ""


def _seen(form: Form) -> UUID:
    """Return which photo the agent had on the page; none, where a form says nothing that could be one."""
    try:
        return UUID(hex=form.kept("offer"))
    except ValueError:
        return UUID(int=0)


async def _page(
    request: Asked, holder: str, database: Database, vault: DocumentVault, form: Form, *, status_code: int = 200
) -> Page | Response[None]:
    authority, language = request.auth.authority, language_of(request)
    async with database.look() as unit:
        whose = await unit.people.holder(authority.id, named(holder))
        offer = await unit.portraits.offer_of(authority.id, whose.id)
        known = await unit.portraits.of(authority.id, whose.id)
    if offer is None or offer.state is not OfferState.WAITING:
        return go(request, file_path(whose.reference), said=WORDS[language_of(request)]["offer_changed"])
    return draw(
        request,
        "people/offered_photo.html",
        words=WORDS,
        status_code=status_code,
        form=form,
        back=_place(form.kept("after")),
        of=whose,
        offer=offer,
        picture=_written(await vault.offered(authority.code, offer)),
        known=_written(await vault.portrait(authority.code, known)) if known is not None else "",
        flaws=[
            ("", WORDS[language]["choose_flaw"]),
            *((flaw.value, _in(text, language)) for flaw, text in FLAWS.items()),
        ],
    )


def _in(text: Text, language: str) -> str:
    return text.fr if language == "fr" else text.en


def _written(picture: bytes) -> str:
    """Return a picture as its address in the page itself: nobody asks for it by another way."""
    return f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}"


ROUTES = (waiting, show, accept, refuse)
