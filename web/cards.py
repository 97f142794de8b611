"""What a page says of a place: the words for what `domain.board` knows, in one language."""

import tomllib
from itertools import groupby
from pathlib import Path

from msgspec import Struct

from domain.board import SiteNow
from domain.calendars import MIDNIGHT
from domain.opening import Intervals, Opening
from domain.services import BY_CODE, SERVICES
from domain.text import Text
from web.moments import Language, clock, moment, until

_TEXTS: dict[str, dict[Language, str]] = tomllib.loads(
    (Path(__file__).parent / "pages" / "places.toml").read_text(encoding="utf-8")
)
WORDS: dict[Language, dict[str, str]] = {
    "fr": {key: texts["fr"] for key, texts in _TEXTS.items()},
    "en": {key: texts["en"] for key, texts in _TEXTS.items()},
}

_DRAWN = {"pool", "library", "waste-centre", "transport"}
"""Services with an icon of their own in `pages/icons.html`."""


class Card(Struct, frozen=True):
    """One place in words. `level` is also the name of its icon; None while the place is shut."""

    code: str
    name: str
    commune: str
    service: str
    service_name: str
    icon: str
    is_open: bool
    opening: str
    closure: str
    level: str | None
    level_words: str
    people: str
    room: str
    is_full: bool
    full_percent: int | None


class Group(Struct, frozen=True):
    """The places of one service."""

    service: str
    name: str
    icon: str
    cards: list[Card]


def said(text: Text, language: Language) -> str:
    """Choose the language of a text."""
    return text.fr if language == "fr" else text.en


def card(now: SiteNow, language: Language) -> Card:
    """Put a place into words."""
    words = WORDS[language]
    level = None if not now.opening.is_open else (now.level or "unknown")
    return Card(
        code=now.site.code,
        name=said(now.site.name, language),
        commune=now.commune,
        service=now.site.service_code,
        service_name=said(BY_CODE[now.site.service_code].name, language),
        icon=_icon(now.site.service_code),
        is_open=now.opening.is_open,
        opening=_opening(now, language),
        closure=said(now.closure, language) if now.closure is not None else "",
        level=level,
        level_words=words[level] if level is not None else "",
        people="" if now.inside is None else _counted("people", now.inside, words),
        room="" if now.places_left is None else _room(now.places_left, words),
        is_full=now.places_left == 0,
        full_percent=_percent(now),
    )


def groups(sites: tuple[SiteNow, ...], language: Language) -> list[Group]:
    """Put places into words, by service in the order of the program."""
    order = [service.code for service in SERVICES]
    ordered = sorted((card(now, language) for now in sites), key=lambda shown: order.index(shown.service))
    return [
        Group(code, _several(code, language), _icon(code), list(cards))
        for code, cards in groupby(ordered, key=lambda shown: shown.service)
    ]


def intervals(hours: Intervals, language: Language) -> str:
    """Say the hours of a day: "9 h – 12 h, 13 h 30 – 17 h"."""
    if not hours:
        return WORDS[language]["shut"]
    if hours == ((0, MIDNIGHT),):
        return WORDS[language]["all_day"]
    return ", ".join(f"{clock(opens, language)} – {clock(closes, language)}" for opens, closes in hours)


def _several(service: str, language: Language) -> str:
    return WORDS[language].get(f"several-{service}") or said(BY_CODE[service].name, language)


def _icon(service: str) -> str:
    return service if service in _DRAWN else "place"


def _opening(now: SiteNow, language: Language) -> str:
    words, opening = WORDS[language], now.opening
    if not opening.is_open:
        return _closed(now, opening, language)
    if opening.closes_at is None:
        return words["open_always"]
    return words["open_until"].format(time=until(opening.closes_at, now.at, language))


def _closed(now: SiteNow, opening: Opening, language: Language) -> str:
    words = WORDS[language]
    if opening.opens_at is None:
        return words["closed_for_long"]
    return words["closed"].format(moment=moment(opening.opens_at, now.at, language))


def _room(left: int, words: dict[str, str]) -> str:
    return _counted("places", left, words) if left else words["full"]


def _counted(what: str, count: int, words: dict[str, str]) -> str:
    key = {0: f"{what}_none", 1: f"{what}_one"}.get(count, what)
    return words[key].format(count=count)


def _percent(now: SiteNow) -> int | None:
    """How full it is; None where nobody counts."""
    if now.inside is None or not now.capacity:
        return None
    return min(100, round(100 * now.inside / now.capacity))
