"""What is new in the catalogue: a product or a site, from an empty form or as a copy of one that is there."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from msgspec import Struct

from admin.catalogue import PLACED, WORDS, known, today_of
from admin.catalogue_fields import code, doors, name_of, parts, week, week_shown
from admin.catalogue_forms import (
    LONGEST_REASON,
    NEW,
    modification_for,
    site_choices,
    told_at,
    written_into,
)
from admin.catalogue_site_edits import room
from admin.forms import Form, read
from admin.shell import Page, draw
from admin.visits import Asked
from admin.words import language_of
from domain.agents import Permission, Place
from domain.calendars import Hours
from domain.catalogue import changes, openings
from domain.catalogue.changes import Modification, Stage
from domain.catalogue.contents import Content, ProductContent, SiteContent, ZoneContent, from_day, kind_of
from domain.catalogue.openings import Named, ProductKind
from domain.catalogue.phrases import WINDOWS
from domain.catalogue.reach import may_change
from domain.errors import AlreadyExists, Forbidden, Invalid
from domain.errors.products import ModificationSettled
from domain.limits import ONE, Window
from domain.people import Subject
from domain.periods import FOREVER
from domain.places import Commune, Passback
from domain.ports import Unit
from domain.products import Price, Term
from domain.services import BY_CODE, SERVICES
from store.database import Begin, Database

_DRAFTS = 50
_LONGEST_TERM = 3_660
_SHORTEST_WEEK = dict.fromkeys(range(6), ((540, 1080),))

COUNTED_OVER = (Window.DAY, Window.WEEK, Window.MONTH, Window.YEAR, Window.SCHOOL_YEAR)
"""Windows that need nothing else said of them."""


class Lasting(StrEnum):
    """How long a new product lasts once somebody has it."""

    SAID = "said"
    """As long as the desk says: it is granted, not sold."""
    DAYS = "days"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    SCHOOL_YEAR = "school_year"


class Ground(Struct, frozen=True):
    """What a form for something new stands on. `like` is what it is a copy of."""

    like: Content | None
    drafts: list[Modification]
    communes: list[Commune]


@get("/catalogue/new/{kind:str}", opt=PLACED, include_in_schema=False)
async def form_for_new(
    request: Asked, kind: FromPath[str], database: NamedDependency[Database], like: FromQuery[str] = ""
) -> Page:
    """Ask what a new product or a new site is to be."""
    ground = await _ground(request, database, kind, like)
    empty = {"kind": ProductKind.SUBSCRIPTION.value, "term": Lasting.YEAR.value, "window": Window.YEAR.value}
    filled = {"passback": Passback.NONE.value, "since": str(today_of(request)), **week_shown(_SHORTEST_WEEK), **empty}
    if ground.like is not None:
        filled |= {"name_fr": ground.like.name.fr, "name_en": ground.like.name.en, "like": like}
        if isinstance(ground.like, SiteContent):
            filled["commune"] = ground.like.commune_code
    return _page(request, kind, ground, Form({"into": NEW, **filled}))


@post("/catalogue/new/{kind:str}", opt=PLACED, include_in_schema=False)
async def draft_new(
    *,
    request: Asked,
    kind: FromPath[str],
    database: NamedDependency[Database],
    begin: NamedDependency[Begin],
) -> Page | Response[None]:
    """Write something new into a modification."""
    form = await read(request)
    ground = await _ground(request, database, kind, form.kept("like"))
    into = form.kept("into") or NEW
    reason = form.text("reason", longest=LONGEST_REASON, required=into == NEW)
    detail = ""
    try:
        content = _READERS[kind](form, ground)
        if content is not None and not form.is_wrong:
            if not may_change(request.user, content):
                raise Forbidden(f"{content.code} would not be among what your roles are for.")
            async with begin() as unit:
                modification = await modification_for(unit, request, into, reason)
                await _add(unit, modification, content)
            return written_into(request, modification)
    except AlreadyExists:
        form.refuse("code", "code_taken")
    except (Invalid, ModificationSettled) as problem:
        detail = told_at(form, "code", problem)
    return _page(request, kind, ground, form, status_code=422, detail=detail)


async def _add(unit: Unit, modification: Modification, content: Content) -> None:
    """Write what is new into a draft.

    Raises:
        AlreadyExists: its code is that of something that is there, or in this draft.
    """
    kind = kind_of(content)
    there = await unit.modifications.in_force(modification.authority_id, kind, content.code)
    if there is not None or await changes.said_in(unit, modification, kind, content.code) is not None:
        raise AlreadyExists(f"There is a {kind} {content.code} already.")
    await changes.put(unit, modification, content)


async def _ground(request: Asked, database: Database, kind: str, like: str) -> Ground:
    if kind not in _READERS:
        raise NotFoundException
    if not _services(request):
        raise Forbidden("Something new belongs to a service, and your roles are for single sites.")
    authority_id = request.user.authority_id
    async with database.look() as unit:
        content = known(await unit.modifications.in_force(authority_id, kind, like), kind, like) if like else None
        drafts = await unit.modifications.listed(authority_id, [Stage.DRAFT], below=None, most=_DRAFTS)
        communes = await unit.places.communes(authority_id)
    return Ground(from_day(content, today_of(request)) if content is not None else None, drafts, communes)


def _services(request: Asked) -> list[tuple[str, str]]:
    """List the services to which an agent may add something."""
    language = language_of(request)
    return [
        (one.code, one.name.fr if language == "fr" else one.name.en)
        for one in SERVICES
        if request.user.may(Permission.CATALOGUE_MANAGE, at=Place("", one.code))
    ]


# --- what was typed -----------------------------------------------------------------------------------


def _product(form: Form, ground: Ground) -> Content | None:
    named = Named(code(form), name_of(form))
    if isinstance(ground.like, ProductContent):
        return None if form.is_wrong else openings.copy_of_product(ground.like, named)
    kind, subject, service = form.one_of("kind", ProductKind), form.one_of("subject", Subject), _service(form)
    amount = 0 if kind is ProductKind.SUBSCRIPTION else parts(form, "many", ONE)
    window = form.one_of("window", Window) or Window.YEAR
    term, price = _term(form), _price(form)
    if price is not None and term is None:
        form.refuse("term", "sold_needs_term")
    if kind is None or subject is None or amount is None or form.is_wrong:
        return None
    return openings.new_product(
        named, kind, service=service, subject=subject, amount=amount, window=window, term=term, price=price
    )


def _service(form: Form) -> str:
    service = form.kept("service")
    if service not in BY_CODE:
        form.refuse("service", "field_not_chosen")
    return service


def _term(form: Form) -> Term | None:
    lasting = form.one_of("term", Lasting)
    if lasting is None or lasting is Lasting.SAID:
        return None
    if lasting is not Lasting.DAYS:
        return Term(Window(lasting.value))
    return Term(Window.ROLLING_DAYS, days=form.whole("term_days", least=1, most=_LONGEST_TERM))


def _price(form: Form) -> Price | None:
    if not form.kept("price").strip():
        return None
    cents, since = parts(form, "price", 100), form.day("since")
    return Price(0, cents, since, FOREVER) if cents is not None and since is not None else None


def _site(form: Form, ground: Ground) -> Content | None:
    named, commune = Named(code(form), name_of(form)), form.text("commune", longest=5)
    if isinstance(ground.like, SiteContent):
        return None if form.is_wrong else openings.copy_of_site(ground.like, named, commune)
    service, since, hours, said, names = _service(form), form.day("since"), week(form), room(form), doors(form)
    if since is None or said is None or form.is_wrong:
        return None
    zone = ZoneContent(named.code, gates=openings.doors(named.code, names), **said)
    opening = tuple(
        Hours(since, FOREVER, day, opens, closes) for day, found in hours.items() for opens, closes in found
    )
    return openings.new_site(named, service=service, commune=commune, hours=opening, zone=zone)


_READERS: dict[str, Callable[[Form, Ground], Content | None]] = {"product": _product, "site": _site}


# --- what is shown ------------------------------------------------------------------------------------


def _page(request: Asked, kind: str, ground: Ground, form: Form, *, status_code: int = 200, detail: str = "") -> Page:
    language = language_of(request)
    words = WORDS[language]

    def chosen(prefix: str, values: type[StrEnum]) -> list[tuple[str, str]]:
        return [(one.value, words[f"{prefix}_{one.value}"]) for one in values]

    over: list[tuple[str, Any]] = [(one.value, WINDOWS[one]) for one in COUNTED_OVER]
    return draw(
        request,
        "catalogue/new.html",
        words=WORDS,
        status_code=status_code,
        kind=kind,
        form=form,
        detail=detail,
        like=ground.like,
        drafts=ground.drafts,
        new=NEW,
        communes=[(one.code, one.name) for one in ground.communes],
        services=_services(request),
        kinds=chosen("kind", ProductKind),
        subjects=chosen("subject", Subject),
        terms=chosen("term", Lasting),
        windows=[(value, said.fr if language == "fr" else said.en) for value, said in over],
        **site_choices(request),
    )


ROUTES = (form_for_new, draft_new)
