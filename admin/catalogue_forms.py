"""Preparing a change of the catalogue: a form for each of the common ones, and the whole text for experts."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from msgspec import Struct

from adapters.catalogue_file import BadCatalogueFile
from admin.catalogue import PATH, PLACED, WORDS, address_of, known, today_of
from admin.catalogue_edits import PRODUCT_EDITS, Edit, Step
from admin.catalogue_site_edits import SITE_EDITS
from admin.forms import Form, read
from admin.shell import Page, draw, go
from admin.visits import Asked
from admin.words import language_of
from domain.calendars import HOLIDAY_REGIONS, BankHolidays
from domain.catalogue import changes
from domain.catalogue.changes import Modification, Stage
from domain.catalogue.contents import Content, ProductContent, SiteContent, from_day
from domain.catalogue.phrases import both, on_day
from domain.catalogue.product_lines import limit_said, price_said
from domain.catalogue.reach import may_change
from domain.catalogue.seasons import seasons_of
from domain.errors import DomainError, Forbidden, Invalid
from domain.errors.products import GoneMeanwhile, ModificationSettled
from domain.places import Commune, Passback
from domain.ports import Unit
from domain.tariff_names import STATUSES
from store.database import Begin, Database

NEW = "new"
LONGEST_REASON = 400
_DRAFTS = 50


@get("/catalogue/products/{code:str}/{what:str}", opt=PLACED, include_in_schema=False)
async def product_form(
    request: Asked, code: FromPath[str], what: FromPath[str], database: NamedDependency[Database]
) -> Page:
    """Show a form for a product."""
    return await _form(request, database, "product", code, what)


@post("/catalogue/products/{code:str}/{what:str}", opt=PLACED, include_in_schema=False)
async def product_edit(
    *,
    request: Asked,
    code: FromPath[str],
    what: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
) -> Page | Response[None]:
    """Write a change of a product into a modification."""
    return await _edit(request, database, begin, ("product", code), what)


@get("/catalogue/places/{site:str}/{what:str}", opt=PLACED, include_in_schema=False)
async def place_form(
    request: Asked, site: FromPath[str], what: FromPath[str], database: NamedDependency[Database]
) -> Page:
    """Show a form for a site."""
    return await _form(request, database, "site", site, what)


@post("/catalogue/places/{site:str}/{what:str}", opt=PLACED, include_in_schema=False)
async def place_edit(
    *,
    request: Asked,
    site: FromPath[str],
    what: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
) -> Page | Response[None]:
    """Write a change of a site into a modification."""
    return await _edit(request, database, begin, ("site", site), what)


def _which(kind: str, what: str) -> Edit:
    found = (PRODUCT_EDITS if kind == "product" else SITE_EDITS).get(what)
    if found is None:
        raise NotFoundException
    return found


async def _form(request: Asked, database: Database, kind: str, code: str, what: str) -> Page:
    edit = _which(kind, what)
    into = request.query_params.get("into", NEW)
    seen = await _looked_at(request, database, kind, code, into)
    asked = {**dict(request.query_params), "today": str(today_of(request))}
    form = Form({"into": into, **edit.shown(seen.content, asked)})
    return _page(request, seen, what, form)


class Seen(Struct, frozen=True):
    """What a form is about: a content as a draft has it, or else as it is in force, and where a change may go.

    What is new stands in one draft alone: there is no other place for more of it.
    """

    content: Content
    drafts: list[Modification]
    communes: list[Commune]
    is_new: bool


async def _looked_at(request: Asked, database: Database, kind: str, code: str, into: str) -> Seen:
    authority_id = request.user.authority_id
    async with database.look() as unit:
        drafts = await unit.modifications.listed(authority_id, [Stage.DRAFT], below=None, most=_DRAFTS)
        chosen = next((one for one in drafts if str(one.number) == into), None)
        change = await changes.said_in(unit, chosen, kind, code) if chosen is not None else None
        in_force = await unit.modifications.in_force(authority_id, kind, code)
        communes = await unit.places.communes(authority_id)
    content = known(change.after if change is not None else in_force, kind, code)
    if not may_change(request.user, content):
        raise Forbidden(f"{code} is not among what your roles are for.")
    if in_force is None and chosen is not None:
        return Seen(content, [chosen], communes, is_new=True)
    return Seen(content, drafts, communes, is_new=False)


async def _edit(
    request: Asked, database: Database, begin: Begin, about: tuple[str, str], what: str
) -> Page | Response[None]:
    kind, code = about
    edit = _which(kind, what)
    form = await read(request)
    into = form.kept("into") or NEW
    seen = await _looked_at(request, database, kind, code, into)
    reason = form.text("reason", longest=LONGEST_REASON, required=into == NEW)
    detail = ""
    try:
        step = edit.read(form)
        if step is not None and not form.is_wrong:
            async with begin() as unit:
                modification = await modification_for(unit, request, into, reason)
                await _put(unit, modification, kind, code, step)
            return written_into(request, modification)
    except (Invalid, GoneMeanwhile, ModificationSettled) as problem:
        detail = told_at(form, edit.field, problem)
    return _page(request, seen, what, form, status_code=422, detail=detail)


def written_into(request: Asked, modification: Modification) -> Response[None]:
    """Lead to a modification into which something was written."""
    return go(request, f"{PATH}/modifications/{modification.number}", said=WORDS[language_of(request)]["written"])


def told_at(form: Form, field: str, problem: DomainError) -> str:
    """Tell at a field what is wrong; return the program's own words where they help.

    They do where they name the place in a text, or say what contradicts what.
    """
    word = f"problem_{problem.code}"
    form.refuse(field, word if word in WORDS["fr"] else "problem_other")
    return str(problem) if isinstance(problem, BadCatalogueFile) or word not in WORDS["fr"] else ""


async def modification_for(unit: Unit, request: Asked, into: str, reason: str) -> Modification:
    """Hold the draft that was chosen, or begin a new one."""
    agent = request.user
    if into.isascii() and into.isdigit():
        return await unit.modifications.hold(agent.authority_id, int(into[:9]))
    return await changes.draft(
        unit, agent.authority_id, agent_id=agent.id, reason=reason, now=request.app.state.clock()
    )


async def _put(unit: Unit, modification: Modification, kind: str, code: str, step: Step) -> None:
    """Take the step from what the draft says already, or else from what is in force: two agents lose nothing."""
    said = await changes.said_in(unit, modification, kind, code)
    current = said.after if said else await unit.modifications.in_force(modification.authority_id, kind, code)
    await changes.put(unit, modification, step(known(current, kind, code)))


def _page(request: Asked, seen: Seen, what: str, form: Form, *, status_code: int = 200, detail: str = "") -> Page:
    content = seen.content
    kind = "product" if isinstance(content, ProductContent) else "site"
    into, address = form.kept("into"), address_of(content, kind)
    return draw(
        request,
        "catalogue/form.html",
        words=WORDS,
        status_code=status_code,
        content=content,
        address=address,
        back=f"{PATH}/modifications/{into}" if seen.is_new else address,
        what=what,
        form=form,
        detail=detail,
        drafts=seen.drafts,
        new="" if seen.is_new else NEW,
        choices=_choices(request, from_day(content, today_of(request)), what),
        zones=content.zones if isinstance(content, SiteContent) else (),
        seasons=seasons_of(content) if isinstance(content, SiteContent) else (),
        communes=seen.communes,
        statuses=STATUSES,
        **site_choices(request),
    )


def site_choices(request: Request[Any, Any, Any]) -> dict[str, list[tuple[str, str]]]:
    """List what a second entry may mean, what a site may do on bank holidays, and where those are others."""
    words = WORDS[language_of(request)]
    return {
        "passbacks": [(one.value, words[f"passback_{one.value}"]) for one in Passback],
        "bank_holidays": [(one.value, words[f"bank_holidays_{one.value}"]) for one in BankHolidays],
        "regions": [("", words["all_of_france"]), *HOLIDAY_REGIONS.items()],
    }


def _choices(request: Request[Any, Any, Any], content: Content, what: str) -> list[tuple[object, str]]:
    """List which price, which quota or which closure a form may be about, in the reader's words."""
    found: list[tuple[object, Any]] = []
    if isinstance(content, ProductContent):
        if what == "quota":
            found = [(limit.position, limit_said(limit)) for limit in content.limits]
        elif what == "price":
            found = [(price.position, price_said(price)) for price in content.prices]
    elif what == "opening":
        found = [
            (one.first_day, both("{0} : {1}", "{0}: {1}", on_day(one.first_day), one.why)) for one in content.closures
        ]
    language = language_of(request)
    return [(value, said.fr if language == "fr" else said.en) for value, said in found]


ROUTES = (product_form, product_edit, place_form, place_edit)
