"""What a gate without network works with: how far its site trusts it, and what it has to know of its places.

The signed bundle (`nfc.bundle`) carries a `Content` as JSON beside its lists. No person is in it.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from msgspec import Struct

from domain.access.catalogue import SiteDay
from domain.places import Gate, Zone
from domain.text import Text


class Fail(StrEnum):
    """What a gate does when nobody can be asked."""

    OPEN = "open"
    """It decides by its bundle, and what it granted is settled afterwards."""
    CLOSED = "closed"
    """It lets nobody in by itself: what is spent here costs money. An agent on the spot may."""


class OfflinePolicy(Struct, frozen=True):
    """How far a site trusts a gate that decides by its bundle.

    `entries` is how many times a day one medium is let in by one terminal. The age of the bundle counts in minutes: up
    to `fresh_minutes` it is as good as new, up to `stale_minutes` passages are marked stale, up to `strict_minutes`
    only what proves assurance 2 or more is let in, beyond it nobody.
    """

    fails: Fail = Fail.OPEN
    entries: int = 1
    fresh_minutes: int = 60
    stale_minutes: int = 24 * 60
    strict_minutes: int = 72 * 60


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
