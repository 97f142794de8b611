"""Where the household lives, found in the directory of addresses or typed; and which services it wants."""

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec.structs import replace

from api.requests import AskedAddress
from api.resident_addresses import LONGEST, AddressesFound, found_for
from domain.addresses import Geocoder
from domain.applications import Address, Application
from domain.circumstances import CircumstanceKind, check_value
from domain.errors.people import BadCircumstance
from domain.places import Commune
from domain.ports import Clock
from domain.services import BY_CODE
from portal.drafts import OF_MINE, WORDS, Mine, answers, ask, draft_of, go_on, save
from portal.shell import Page, language_of
from portal.visits import Asked
from store.database import Database
from web.forms import Form, read

_LEAST_TYPED = 3
_LONGEST_LINE, _LONGEST_CITY, _LONGEST_POSTCODE, _COMMUNE_CODE = 160, 80, 10, 5


@get("/requests/{request_reference:str}/address", **OF_MINE)
async def address(
    *,
    request: Asked,
    request_reference: FromPath[str],
    database: NamedDependency[Database],
    geocoder: NamedDependency[Geocoder | None],
) -> Page:
    """Ask for the address: search first, and choose; without a directory, or by wish, type it."""
    mine = await draft_of(request, database, request_reference)
    text = request.query_params.get("text", "").strip()[:LONGEST]
    form = Form({"text": text})
    by_hand = geocoder is None or request.query_params.get("by") == "hand"
    found = None
    if not by_hand and len(text) >= _LEAST_TYPED:
        found = await found_for(database, geocoder, request.user.account, text)
        if not found.searched:
            return await _typed_page(request, database, mine, _known(mine, text), away=True)
    if by_hand:
        return await _typed_page(request, database, mine, _known(mine, text))
    return _search_page(request, mine, form, found)


@post("/requests/{request_reference:str}/address", **OF_MINE)
async def choose_address(
    *,
    request: Asked,
    request_reference: FromPath[str],
    database: NamedDependency[Database],
    geocoder: NamedDependency[Geocoder | None],
    clock: NamedDependency[Clock],
) -> Page | Response[None]:
    """Save the address that was chosen, or the one that was typed."""
    mine, form = await draft_of(request, database, request_reference), await read(request)
    by_hand = form.kept("by") == "hand"
    lives = await _typed(form, database, mine) if by_hand else _chosen(form)

    def change(said: Application) -> Application:
        return said if lives is None else replace(said, address=lives)

    if not form.is_wrong and await save(request, database, clock, request_reference, change, form=form):
        return go_on(request, form, request_reference, "services")
    mine = await draft_of(request, database, request_reference)
    if by_hand:
        return await _typed_page(request, database, mine, form)
    text = form.kept("text").strip()[:LONGEST]
    found = None
    if len(text) >= _LEAST_TYPED:
        found = await found_for(database, geocoder, request.user.account, text)
    return _search_page(request, mine, form, found)


@get("/requests/{request_reference:str}/services", **OF_MINE)
async def services(request: Asked, request_reference: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Ask for what the pass shall serve."""
    mine = await draft_of(request, database, request_reference)
    return _services_page(request, mine, Form({f"service_{code}": "yes" for code in mine.said.services}))


@post("/requests/{request_reference:str}/services", **OF_MINE)
async def choose_services(
    request: Asked, request_reference: FromPath[str], database: NamedDependency[Database], clock: NamedDependency[Clock]
) -> Page | Response[None]:
    """Save them. What they ask to be proved comes next."""
    mine, form = await draft_of(request, database, request_reference), await read(request)
    chosen = tuple(code for code in _offered(mine) if form.ticked(f"service_{code}"))
    if not chosen:
        form.refuse("services", "services_none")

    def change(said: Application) -> Application:
        return replace(said, services=chosen)

    if not form.is_wrong and await save(request, database, clock, request_reference, change, form=form):
        return go_on(request, form, request_reference, "papers" if mine.terms.wanted(chosen) else "check")
    return _services_page(request, await draft_of(request, database, request_reference), form)


def _search_page(request: Asked, mine: Mine, form: Form, found: AddressesFound | None) -> Page:
    language = language_of(request)
    said = answers(mine.said, language)["address"]
    choices = [
        (
            msgspec.json.encode(AskedAddress(one.line, one.postcode, one.city, one.commune_code)).decode(),
            one,
        )
        for one in (found.addresses if found is not None else ())
    ]
    return ask(
        request,
        "address",
        mine,
        form,
        question="address",
        title=WORDS[language]["address_title"],
        back=f"{mine.path}/persons",
        theirs=said,
        scripts=True,
        searched=found is not None,
        choices=choices,
        present=said,
    )


async def _typed_page(request: Asked, database: Database, mine: Mine, form: Form, *, away: bool = False) -> Page:
    language = language_of(request)
    say = WORDS[language]
    communes = await _communes(database, mine)
    choices = [("", ""), *((one.code, one.name) for one in communes), ("other", say["other_commune"])]
    if form.kept("commune") not in dict(choices):
        form.typed["commune"] = "other"
    elif form.kept("commune") not in {"", "other"}:
        form.typed |= {"city": "", "commune_code": ""}
    return ask(
        request,
        "address_typed",
        mine,
        form,
        question="address",
        title=say["address_title"],
        back=f"{mine.path}/persons",
        theirs=answers(mine.said, language)["address"],
        communes=choices if communes else [],
        away=away,
    )


def _services_page(request: Asked, mine: Mine, form: Form) -> Page:
    language = language_of(request)
    offered = [
        (code, BY_CODE[code].name, [proof.name for proof in mine.terms.wanted((code,))]) for code in _offered(mine)
    ]
    return ask(
        request,
        "services",
        mine,
        form,
        question="services",
        title=WORDS[language]["services_title"],
        back=f"{mine.path}/address",
        theirs=answers(mine.said, language)["services"],
        offered=offered,
    )


def _offered(mine: Mine) -> list[str]:
    """List what the authority lets people ask for."""
    return [one.service for one in mine.terms.services if one.service in BY_CODE]


def _known(mine: Mine, text: str) -> Form:
    """Show the address of the draft in the fields, or what was searched for."""
    lives = mine.said.address
    if not lives.line:
        return Form({"line": text})
    return Form(
        {
            "line": lives.line,
            "postcode": lives.postcode,
            "city": lives.city,
            "commune": lives.commune_code,
            "commune_code": lives.commune_code,
        }
    )


def _chosen(form: Form) -> Address | None:
    """Read the address that was chosen of those that were found."""
    if not form.kept("choice"):
        form.refuse("choice", "choose_one")
        return None
    try:
        said = msgspec.json.decode(form.kept("choice"), type=AskedAddress)
        check_value(CircumstanceKind.COMMUNE, said.commune_code)
    except (msgspec.MsgspecError, BadCircumstance):
        form.refuse("choice", "choose_one")
        return None
    return Address(said.line, said.postcode, said.city, said.commune_code)


async def _typed(form: Form, database: Database, mine: Mine) -> Address | None:
    """Read an address that was typed: its commune from the list, or by name and INSEE code."""
    line = form.text("line", longest=_LONGEST_LINE)
    postcode = form.text("postcode", longest=_LONGEST_POSTCODE)
    communes = {one.code: one for one in await _communes(database, mine)}
    inside = communes.get(form.kept("commune"))
    if inside is not None:
        return None if form.is_wrong else Address(line, postcode, inside.name, inside.code)
    if communes and form.kept("commune") != "other":
        form.refuse("commune", "field_not_chosen")
        return None
    city = form.text("city", longest=_LONGEST_CITY)
    code = form.text("commune_code", longest=_COMMUNE_CODE).upper()
    if "commune_code" not in form.wrong:
        try:
            check_value(CircumstanceKind.COMMUNE, code)
        except BadCircumstance:
            form.refuse("commune_code", "no_commune_code")
    return None if form.is_wrong else Address(line, postcode, city, code)


async def _communes(database: Database, mine: Mine) -> list[Commune]:
    async with database.look() as unit:
        return await unit.places.communes(mine.request.authority_id)


ROUTES = (address, choose_address, services, choose_services)
