"""The catalogue in plain words: what each service offers and where, what a right gives, when a site opens."""

from datetime import date
from typing import Any

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.shell import Page, draw
from admin.visits import Asked
from admin.words import read_words
from domain.access.catalogue import Catalogue
from domain.agents import Permission, Place
from domain.catalogue.changes import OPEN
from domain.catalogue.contents import Content, from_day
from domain.catalogue.differences import lines
from domain.catalogue.phrases import listed
from domain.catalogue.product_lines import limit_said
from domain.catalogue.reach import may_change
from domain.errors.places import SiteNotFound
from domain.errors.products import ProductNotFound
from domain.places import local_day
from domain.services import SERVICES
from domain.text import Text
from store.database import Database

WORDS = read_words("catalogue")
PATH = "/console/catalogue"
MANAGE: dict[str, Any] = {"rule": Permission.CATALOGUE_MANAGE}
PLACED: dict[str, Any] = {**MANAGE, "placed": True}

EDITS = {
    "product": ("price", "tariff", "quota", "who", "withdrawal", "texts", "whole"),
    "site": (
        "closure",
        "opening",
        "hours",
        "session",
        "holidays",
        "room",
        "zone",
        "doors",
        "names",
        "end",
        "texts",
        "whole",
    ),
}
"""What may be changed by a form of its own, in the order in which it is shown."""

_MOST_OPEN = 20
_VERSIONS = 10


@get("/catalogue", opt=PLACED, include_in_schema=False)
async def overview(request: Asked, database: NamedDependency[Database]) -> Page:
    """Show what each service offers and where, and what is on its way."""
    authority_id = request.user.authority_id
    everything = await database.catalogue()
    async with database.look() as unit:
        waiting = await unit.modifications.listed(authority_id, OPEN, below=None, most=_MOST_OPEN)
    day = today_of(request)
    services = [(service.name, *_offer(everything, authority_id, service.code, day)) for service in SERVICES]
    return draw(
        request,
        "catalogue/index.html",
        words=WORDS,
        services=[one for one in services if one[1] or one[2]],
        waiting=waiting,
        cards=request.user.may(Permission.CATALOGUE_MANAGE),
        opens=any(request.user.may(Permission.CATALOGUE_MANAGE, at=Place("", one.code)) for one in SERVICES),
        zone=request.auth.authority.zone,
    )


def _offer(everything: Catalogue, authority_id: object, service: str, day: date) -> tuple[list[Any], list[Any]]:
    """List the sites and the products of a service, each with its name and whether it has ended.

    Of a product what it gives, too.
    """
    sites = {
        door.site.code: door.site
        for door in everything.doorways.values()
        if (door.site.authority_id, door.site.service_code) == (authority_id, service)
    }
    products = [
        (one.code, one.name, listed(limit_said(limit) for limit in one.limits), one.terms.withdrawn_on(day))
        for one in everything.products.values()
        if (one.authority_id, one.service_code) == (authority_id, service)
    ]
    places = [(site, site.calendar.ended_on(day)) for site in sorted(sites.values(), key=lambda site: site.name.fr)]
    return places, sorted(products, key=lambda one: (one[3], one[1].fr))


@get("/catalogue/products/{code:str}", opt=PLACED, include_in_schema=False)
async def product(request: Asked, code: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Say all of a product."""
    return await _show(request, database, "product", code)


@get("/catalogue/places/{site:str}", opt=PLACED, include_in_schema=False)
async def place(request: Asked, site: FromPath[str], database: NamedDependency[Database]) -> Page:
    """Say all of a site."""
    return await _show(request, database, "site", site)


async def _show(request: Asked, database: Database, kind: str, code: str) -> Page:
    authority_id = request.user.authority_id
    async with database.look() as unit:
        content = known(await unit.modifications.in_force(authority_id, kind, code), kind, code)
        versions = await unit.modifications.versions(authority_id, kind, code)
        numbers = await unit.modifications.numbers([one.modification_id for one in versions if one.modification_id])
    return draw(
        request,
        "catalogue/show.html",
        words=WORDS,
        kind=kind,
        content=content,
        service=service_name(content.service_code),
        lines=lines(from_day(content, today_of(request))),
        versions=[
            (one.since, numbers[one.modification_id]) for one in reversed(versions) if one.since and one.modification_id
        ][:_VERSIONS],
        changes=may_change(request.user, content),
        edits=EDITS[kind],
        address=address_of(content, kind),
    )


def today_of(request: Asked) -> date:
    """Return the day that it is where the authority is."""
    return local_day(request.app.state.clock(), request.auth.authority.zone)


def known(content: Content | None, kind: str, code: str) -> Content:
    """Return a content that is there.

    Raises:
        ProductNotFound, SiteNotFound: it is not.
    """
    if content is None:
        raise (
            ProductNotFound(f"No product has the code {code}.")
            if kind == "product"
            else SiteNotFound(f"No site has the code {code}.")
        )
    return content


def address_of(content: Content, kind: str) -> str:
    """Return the address of the page of a content."""
    return f"{PATH}/{'products' if kind == 'product' else 'places'}/{content.code}"


def service_name(code: str) -> Text:
    """Name a service."""
    return next((one.name for one in SERVICES if one.code == code), Text(code, code))


ROUTES = (overview, product, place)
