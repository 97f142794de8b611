"""The catalogue as it would be, or as it was: what some products and sites say, over what is in force."""

from collections.abc import Iterable
from uuid import UUID

from msgspec.structs import replace

from domain.access.catalogue import Catalogue
from domain.catalogue.contents import Content, ProductContent, SiteContent
from domain.places import Doorway


def over(catalogue: Catalogue, authority_id: UUID, contents: Iterable[Content]) -> Catalogue:
    """Return a catalogue in which products and sites of an authority say this. New products are in nobody's hands yet.

    It keeps the version of what it was made of: the places of an engine's rows are the same.
    """
    said = list(contents)
    products = {one.code: one for one in said if isinstance(one, ProductContent)}
    sites = {one.code: one for one in said if isinstance(one, SiteContent)}
    changed = {
        id_: products[one.code].product(id_, authority_id)
        if one.authority_id == authority_id and one.code in products
        else one
        for id_, one in catalogue.products.items()
    }
    return replace(
        catalogue,
        products=changed,
        doorways={
            id_: _doorway(door, sites[door.site.code])
            if door.site.authority_id == authority_id and door.site.code in sites
            else door
            for id_, door in catalogue.doorways.items()
        },
        conditional=frozenset(one.service_code for one in changed.values() if one.terms.conditions.asks_circumstances),
        _days={},
    )


def _doorway(door: Doorway, site: SiteContent) -> Doorway:
    zone = next((one for one in site.zones if one.code == door.zone.code), None)
    return replace(door, site=site.over(door.site), zone=zone.over(door.zone) if zone is not None else door.zone)
