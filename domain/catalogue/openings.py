"""What is new: a product of a usual kind, a site with its first zone, a copy of either, more zones and gates."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import count

from msgspec import Struct
from msgspec.structs import replace

from domain.calendars import Hours
from domain.catalogue.contents import Door, ProductContent, SiteContent, ZoneContent, in_order
from domain.catalogue.edits import room, zone_of
from domain.errors.places import DoorTaken
from domain.limits import Limit, Measure, Window
from domain.people import Subject
from domain.products import Price, Term, Terms
from domain.text import Text

MINUTES = 60
"""Of an hour: people say hours, and gates count minutes."""


class ProductKind(StrEnum):
    """What most products are. Whatever is none of these is written as a text, or as a copy of what comes near."""

    SUBSCRIPTION = "subscription"
    """As often as one likes, as long as it lasts."""
    CARNET = "carnet"
    """So many entries, over the whole of its life."""
    HOURS = "hours"
    """So many hours, over the whole of its life."""
    QUOTA = "quota"
    """So many entries in each window."""
    VOLUME = "volume"
    """So many cubic metres in each window."""


_COUNTS = {
    ProductKind.CARNET: (Measure.VISIT, 1),
    ProductKind.HOURS: (Measure.MINUTE, MINUTES),
    ProductKind.QUOTA: (Measure.VISIT, 1),
    ProductKind.VOLUME: (Measure.M3, 1),
}
_IN_ALL = frozenset({ProductKind.CARNET, ProductKind.HOURS})


class Named(Struct, frozen=True):
    """By which code a new thing is known for ever, and what people call it."""

    code: str
    name: Text


def new_product(
    named: Named,
    kind: ProductKind,
    *,
    service: str,
    subject: Subject,
    amount: int,
    window: Window,
    term: Term | None,
    price: Price | None,
) -> ProductContent:
    """Return a product of a usual kind. `amount` is in thousandths of an entry, an hour or a cubic metre.

    A subscription has no amount, and what counts over its whole life no window: theirs are not looked at.
    """
    limits: tuple[Limit, ...] = ()
    if kind in _COUNTS:
        unit, parts = _COUNTS[kind]
        limits = (Limit(0, unit, amount * parts, Window.WHOLE if kind in _IN_ALL else window),)
    prices = (price,) if price is not None else ()
    return ProductContent(named.code, service, subject, named.name, limits, terms=Terms(term=term), prices=prices)


def copy_of_product(content: ProductContent, named: Named) -> ProductContent:
    """Return a product that says the same under another code, and is offered."""
    terms = replace(content.terms, offered_until=None)
    return replace(content, code=named.code, name=named.name, terms=terms)


def new_site(named: Named, *, service: str, commune: str, hours: tuple[Hours, ...], zone: ZoneContent) -> SiteContent:
    """Return a site with its first zone."""
    return in_order(SiteContent(named.code, service, commune, named.name, hours, zones=(zone,)))


def copy_of_site(content: SiteContent, named: Named, commune: str) -> SiteContent:
    """Return a site with the same hours, rules, zones and gates under codes of its own. Closures are the other's."""
    zones = tuple(
        replace(
            zone,
            code=_renamed(zone.code, content.code, named.code),
            gates=tuple(replace(door, code=_renamed(door.code, content.code, named.code)) for door in zone.gates),
        )
        for zone in content.zones
    )
    return in_order(replace(content, code=named.code, name=named.name, commune_code=commune, closures=(), zones=zones))


def _renamed(code: str, old: str, new: str) -> str:
    """Name a zone or a gate after the new site: pool-east-sauna becomes pool-west-sauna."""
    rest = code.removeprefix(old)
    return f"{new}-{rest.lstrip('-')}".rstrip("-") if rest != code else f"{new}-{code}"


def with_zone(content: SiteContent, zone: ZoneContent) -> SiteContent:
    """Return a site with one more zone.

    Raises:
        DoorTaken: it has one of this code.
    """
    if any(one.code == zone.code for one in content.zones):
        raise DoorTaken(f"Site {content.code} has a zone {zone.code} already.")
    return in_order(replace(content, zones=(*content.zones, zone)))


def with_doors(content: SiteContent, code: str, names: Sequence[Text]) -> SiteContent:
    """Return a site one of whose zones has more gates, each with the next code that is free.

    Raises:
        GoneMeanwhile: there is no such zone.
    """
    zone = zone_of(content, code)
    return in_order(room(content, replace(zone, gates=(*zone.gates, *doors(code, names, zone.gates)))))


def doors(zone: str, names: Sequence[Text], taken: Iterable[Door] = ()) -> tuple[Door, ...]:
    """Return gates into a zone, numbered on from those that are there: pool-1, pool-2."""
    codes = {door.code for door in taken}
    free = (code for number in count(1) if (code := f"{zone}-{number}") not in codes)
    return tuple(Door(next(free), name) for name in names)


def keeping_doors(there: SiteContent, content: SiteContent) -> SiteContent:
    """Return a site with every zone and gate that is there: terminals stand at them, whatever a text leaves out."""
    said = {zone.code: zone for zone in content.zones}
    zones = [_kept(zone, said.pop(zone.code, zone)) for zone in there.zones]
    return in_order(replace(content, zones=(*zones, *said.values())))


def _kept(there: ZoneContent, zone: ZoneContent) -> ZoneContent:
    codes = {door.code for door in zone.gates}
    return replace(zone, gates=(*zone.gates, *(door for door in there.gates if door.code not in codes)))
