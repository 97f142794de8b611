"""The forms that change a product or a site: what is shown in each, and what is typed read as a step of its own."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation

from msgspec import Struct
from msgspec.structs import replace

from adapters.catalogue_text import read_one, written
from admin.forms import Form
from domain.calendars import MIDNIGHT, Closure
from domain.catalogue import edits
from domain.catalogue.contents import Content, ProductContent, SiteContent
from domain.catalogue.seasons import Season, seasons_of, with_season
from domain.errors.products import ProductFixed
from domain.limits import ONE
from domain.periods import FOREVER
from domain.text import Text

Step = Callable[[Content], Content]
"""From what is said to what is to be said."""

LONGEST_NAME = 120
LONGEST_TEXT = 60_000
_MOST = 1_000_000

_STRETCH = re.compile(r"(\d{1,2})(?:[:hH](\d{2})?)?\s*[-–à]\s*(\d{1,2})(?:[:hH](\d{2})?)?")


class Edit(Struct, frozen=True):
    """One form: the field at which a contradiction is told, what stands in it first, and what it means."""

    field: str
    shown: Callable[[Content, Mapping[str, str]], dict[str, str]]
    read: Callable[[Form], Step | None]


def _product(content: Content) -> ProductContent:
    if not isinstance(content, ProductContent):
        raise ProductFixed("This is said of products alone.")
    return content


def _site(content: Content) -> SiteContent:
    if not isinstance(content, SiteContent):
        raise ProductFixed("This is said of sites alone.")
    return content


def _nothing(_content: Content, _asked: Mapping[str, str]) -> dict[str, str]:
    return {}


def _price(form: Form) -> Step | None:
    position, cents, since = form.whole("position", least=0, most=_MOST), _parts(form, "euros", 100), form.day("since")
    if position is None or cents is None or since is None:
        return None
    return lambda content: edits.price_from(_product(content), position, cents, since)


def _quota(form: Form) -> Step | None:
    position, amount = form.whole("position", least=0, most=_MOST), _parts(form, "amount", ONE)
    if position is None or amount is None:
        return None
    return lambda content: edits.quota(_product(content), position, amount)


def _texts_shown(content: Content, _asked: Mapping[str, str]) -> dict[str, str]:
    return {"name_fr": content.name.fr, "name_en": content.name.en}


def _texts(form: Form) -> Step | None:
    name = Text(form.text("name_fr", longest=LONGEST_NAME), form.text("name_en", longest=LONGEST_NAME))
    return None if form.is_wrong else lambda content: replace(content, name=name)


def _whole_shown(content: Content, _asked: Mapping[str, str]) -> dict[str, str]:
    return {"text": written(content)}


def _whole(form: Form) -> Step | None:
    text = form.lines("text", longest=LONGEST_TEXT)
    if form.is_wrong:
        return None
    said = read_one(text)

    def step(content: Content) -> Content:
        if (said.code, type(said)) != (content.code, type(content)):
            raise ProductFixed(f"The text is that of {said.code}, not of {content.code}.")
        return said

    return step


def _closure(form: Form) -> Step | None:
    first, last = form.day("first_day"), form.day("last_day")
    why = Text(form.text("why_fr", longest=LONGEST_NAME), form.text("why_en", longest=LONGEST_NAME))
    if first is None or last is None or form.is_wrong:
        return None
    return lambda content: edits.closed(_site(content), Closure(first, last, why))


def _opening(form: Form) -> Step | None:
    first = form.day("first_day")
    return None if first is None else lambda content: edits.opened(_site(content), first)


def _hours_shown(content: Content, asked: Mapping[str, str]) -> dict[str, str]:
    seasons = seasons_of(_site(content))
    day = asked.get("season") or asked["today"]
    chosen = next((one for one in seasons if str(one.since) <= day < str(one.until)), seasons[-1] if seasons else None)
    if chosen is None:
        return {}
    last = "" if chosen.until >= FOREVER else str(chosen.until - timedelta(days=1))
    week = {f"day_{day}": _clocks(chosen.week.get(day, ())) for day in range(7)}
    return {"since": str(chosen.since), "last": last, **week}


def _hours(form: Form) -> Step | None:
    since, last = form.day("since"), form.day("last", required=False)
    week = {day: found for day in range(7) if (found := _stretches(form, f"day_{day}"))}
    if since is None or form.is_wrong:
        return None
    until = FOREVER if last is None else last + timedelta(days=1)
    if until <= since:
        form.refuse("last", "ends_before")
        return None
    return lambda content: with_season(_site(content), Season(since, until, week))


def _room_shown(content: Content, asked: Mapping[str, str]) -> dict[str, str]:
    site = _site(content)
    zone = next((one for one in site.zones if one.code == asked.get("zone")), site.zones[0])
    supplement = f"{Decimal(zone.supplement_cents) / 100:.2f}".replace(".", ",") if zone.supplement_cents else ""
    rooms = {"capacity": zone.capacity, "others": zone.capacity_others, "daily": zone.daily_capacity}
    return {
        "zone": zone.code,
        "supplement": supplement,
        **{name: str(room) if room is not None else "" for name, room in rooms.items()},
    }


def _room(form: Form) -> Step | None:
    code = form.text("zone", longest=60)
    rooms = {
        name: form.whole(name, least=1, most=_MOST) if form.kept(name).strip() else None
        for name in ("capacity", "others", "daily")
    }
    cents = _parts(form, "supplement", 100) if form.kept("supplement").strip() else 0
    if form.is_wrong or cents is None:
        return None

    def step(content: Content) -> Content:
        site = _site(content)
        zone = replace(
            edits.zone_of(site, code),
            capacity=rooms["capacity"],
            capacity_others=rooms["others"],
            daily_capacity=rooms["daily"],
            supplement_cents=cents,
        )
        return edits.room(site, zone)

    return step


PRODUCT_EDITS: dict[str, Edit] = {
    "price": Edit("euros", _nothing, _price),
    "quota": Edit("amount", _nothing, _quota),
    "texts": Edit("name_fr", _texts_shown, _texts),
    "whole": Edit("text", _whole_shown, _whole),
}
SITE_EDITS: dict[str, Edit] = {
    "closure": Edit("last_day", _nothing, _closure),
    "opening": Edit("first_day", _nothing, _opening),
    "hours": Edit("since", _hours_shown, _hours),
    "room": Edit("capacity", _room_shown, _room),
    "texts": Edit("name_fr", _texts_shown, _texts),
    "whole": Edit("text", _whole_shown, _whole),
}


def _parts(form: Form, name: str, parts: int) -> int | None:
    """Read an amount with a comma or a point, and count it in its smallest parts."""
    text = form.text(name, longest=12)
    if name in form.wrong:
        return None
    try:
        counted = Decimal(text.replace(",", ".").replace(" ", "")) * parts
    except InvalidOperation:
        counted = Decimal(-1)
    if not 0 <= counted <= _MOST * parts or counted != int(counted):
        form.refuse(name, "field_no_number")
        return None
    return int(counted)


def _clocks(stretches: tuple[tuple[int, int], ...]) -> str:
    return ", ".join(f"{_clock(opens)}-{_clock(closes)}" for opens, closes in stretches)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _stretches(form: Form, name: str) -> tuple[tuple[int, int], ...]:
    """Read "09:00-12:00, 14h-18h30"; nothing where a site stays shut."""
    text = form.text(name, longest=80, required=False)
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        fits = _STRETCH.fullmatch(part)
        hours = [int(digits or 0) for digits in fits.groups()] if fits is not None else []
        if not hours or max(hours[1], hours[3]) > 59 or max(hours[0], hours[2]) > 24:
            form.refuse(name, "no_hours")
            return ()
        opens, closes = hours[0] * 60 + hours[1], hours[2] * 60 + hours[3]
        found.append((opens, closes or MIDNIGHT))
    return tuple(found)
