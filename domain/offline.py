"""What a gate without network works with: how far its site trusts it, and what it has to know of its places.

The signed bundle (`nfc.bundle`) carries a `Content` as JSON beside its lists. No person is in it.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from msgspec import Struct

from domain.access.catalogue import Catalogue, SiteDay
from domain.offline_policy import Fail, OfflinePolicy
from domain.places import Doorway, Gate, Zone
from domain.services import BY_CODE
from domain.text import Text

__all__ = ["DAYS_AHEAD", "Content", "Fail", "OfflinePolicy", "OfflineSite", "content_of", "doorways_of"]

DAYS_AHEAD = 8
"""Today and a week: no policy trusts a bundle for longer."""


class OfflineSite(Struct, frozen=True):
    """One site as its terminals know it. `days` are what its calendar says of the days ahead, with bank holidays."""

    code: str
    name: Text
    policy: OfflinePolicy
    zones: tuple[Zone, ...]
    gates: tuple[Gate, ...]
    days: Mapping[date, SiteDay]
    white_until: date | None = None


class Content(Struct, frozen=True):
    """The places of one service of one authority. `time_zone` is an IANA name."""

    authority: str
    service: str
    time_zone: str
    sites: tuple[OfflineSite, ...]


def doorways_of(catalogue: Catalogue, authority_id: UUID, service: str) -> list[Doorway]:
    """List the doors of a service of an authority, in the order of their codes."""
    mine = (
        door
        for door in catalogue.doorways.values()
        if door.site.authority_id == authority_id and door.site.service_code == service
    )
    return sorted(mine, key=lambda door: (door.site.code, door.zone.code, door.gate.code))


def content_of(catalogue: Catalogue, doors: list[Doorway], day: date) -> Content:
    """Say what a gate of a service has to know of its places, from a day on. There is at least one door."""
    by_site: dict[UUID, list[Doorway]] = {}
    for door in doors:
        by_site.setdefault(door.site.id, []).append(door)
    first = doors[0]
    sites = tuple(_site(catalogue, of_site, day) for of_site in by_site.values())
    return Content(first.authority_code, first.site.service_code, first.time_zone, sites)


def _site(catalogue: Catalogue, doors: list[Doorway], day: date) -> OfflineSite:
    site = doors[0].site
    ahead = [day + timedelta(days=count) for count in range(DAYS_AHEAD)]
    return OfflineSite(
        code=site.code,
        name=site.name,
        policy=site.offline or BY_CODE[site.service_code].offline,
        zones=tuple({door.zone.id: door.zone for door in doors}.values()),
        gates=tuple(door.gate for door in doors),
        days={one: catalogue.day_of(doors[0], one) for one in ahead},
        white_until=site.white_until,
    )
