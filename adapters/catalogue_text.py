"""A product or a site as the text of a catalogue file, for whoever would rather write it whole.

Read back, it is the same content: `tests/unit/test_catalogue_text.py` holds that for every entry of the demonstration.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import date, time
from decimal import Decimal
from enum import Enum
from typing import Any

from msgspec import NODEFAULT, Struct
from msgspec.structs import fields

from adapters.catalogue_entries import (
    GateEntry,
    HoursEntry,
    LimitEntry,
    PriceEntry,
    ProductEntry,
    RateEntry,
    SessionEntry,
    SiteEntry,
    TermEntry,
    ZoneEntry,
)
from adapters.catalogue_file import BadCatalogueFile, parse, product_content, site_content
from domain.calendars import Hours, Session
from domain.catalogue.contents import Content, ProductContent, SiteContent
from domain.limits import ONE, Limit, MonthDay


def written(content: Content) -> str:
    """Write a content as a catalogue file says it; what it leaves open is left out."""
    if isinstance(content, ProductContent):
        return _toml("products", _product(content))
    return _toml("sites", _site(content))


def read_one(text: str) -> Content:
    """Read a text that says one product or one site.

    Raises:
        BadCatalogueFile: it says something else, or more.
    """
    said = parse(text)
    if len(said.products) + len(said.sites) != 1 or said.replacement_fees is not None:
        raise BadCatalogueFile("The text says one product, or one site, and nothing else.")
    return product_content(said.products[0]) if said.products else site_content(said.sites[0])


def _product(content: ProductContent) -> ProductEntry:
    terms, term = content.terms, content.terms.term
    return ProductEntry(
        code=content.code,
        service=content.service_code,
        subject=content.subject,
        name=content.name,
        limits=tuple(_limit(limit) for limit in content.limits),
        warn_below=_units(content.warn_below),
        conditions=terms.conditions,
        points={vehicle: _units(points) for vehicle, points in terms.points.items()},
        grace=terms.grace,
        lifts=terms.lifts,
        yearly=terms.yearly,
        notice_days=terms.notice_days,
        entry_minutes=terms.entry_minutes,
        attends=terms.attends,
        zones=terms.zones,
        offered_until=terms.offered_until,
        term=TermEntry(term.window, _day(term.starts), _day(term.ends), term.days) if term is not None else None,
        prices=tuple(
            PriceEntry(_euros(price.amount_cents), price.valid_from, price.valid_until, price.conditions)
            for price in content.prices
        ),
    )


def _limit(limit: Limit) -> LimitEntry:
    return LimitEntry(
        unit=limit.unit,
        amount=_units(limit.amount),
        window=limit.window,
        starts=_day(limit.starts),
        ends=_day(limit.ends),
        days=limit.days,
        kind=limit.kind,
        free=_units(limit.free) if limit.free is not None else None,
        price=_euros(limit.price_cents),
        settlement=limit.settlement,
        rates=tuple(RateEntry(_euros(rate.price_cents), rate.vehicles, rate.kinds) for rate in limit.rates),
    )


def _site(content: SiteContent) -> SiteEntry:
    return SiteEntry(
        code=content.code,
        service=content.service_code,
        name=content.name,
        commune=content.commune_code,
        hours=tuple(_hours(content.hours)),
        zones=tuple(
            ZoneEntry(
                code=zone.code,
                gates=tuple(GateEntry(door.code, door.name) for door in zone.gates),
                capacity=zone.capacity,
                capacity_others=zone.capacity_others,
                passback=zone.passback,
                passback_minutes=zone.passback_minutes,
                supplement=_euros(zone.supplement_cents),
                daily_capacity=zone.daily_capacity,
                name=zone.name,
            )
            for zone in content.zones
        ),
        closures=content.closures,
        sessions=tuple(_sessions(content.sessions)),
        bank_holidays=content.bank_holidays,
        holiday_region=content.holiday_region,
        last_entry_minutes=content.last_entry_minutes,
        white_until=content.white_until,
        vehicles=content.vehicles,
        accepts=content.accepts,
        offline=content.offline,
    )


def _hours(hours: Iterable[Hours]) -> Iterator[HoursEntry]:
    """Write weekdays that open alike together."""
    alike: dict[tuple[date, date, int, int], list[int]] = {}
    for one in hours:
        alike.setdefault((one.valid_from, one.valid_until, one.opens, one.closes), []).append(one.weekday)
    for (since, until, opens, closes), weekdays in alike.items():
        yield HoursEntry(tuple(weekdays), _clock(opens), _clock(closes), since, until)


def _sessions(sessions: Iterable[Session]) -> Iterator[SessionEntry]:
    for one in sessions:
        yield SessionEntry(
            one.code,
            one.name,
            (one.weekday,),
            _clock(one.opens),
            _clock(one.closes),
            one.valid_from,
            one.valid_until,
            one.reserved,
        )


def _units(thousandths: int) -> Decimal:
    return Decimal(thousandths) / ONE


def _euros(cents: int) -> Decimal:
    return Decimal(cents) / 100


def _day(month_day: MonthDay | None) -> str | None:
    return f"{month_day[0]:02}-{month_day[1]:02}" if month_day is not None else None


def _clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


def _toml(name: str, entry: Struct) -> str:
    return "\n".join(_table(name, entry)).strip() + "\n"


def _table(name: str, entry: Struct) -> Iterator[str]:
    """Write one table of a list, and after its own values the lists of tables within it."""
    yield ""
    yield f"[[{name}]]"
    said = dict(_said(entry))
    tables = {key: value for key, value in said.items() if _is_list_of_tables(value)}
    for key, value in said.items():
        if key not in tables:
            yield f"{key} = {_value(value)}"
    for key, parts in tables.items():
        for part in parts:
            yield from _table(f"{name}.{key}", part)


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], Struct)


def _said(entry: Struct) -> Iterator[tuple[str, Any]]:
    """Leave out what says nothing: values that an entry has by itself."""
    for field in fields(entry):
        value = getattr(entry, field.name)
        own = field.default_factory() if field.default_factory is not NODEFAULT else field.default
        if value != own:
            yield field.encode_name, value


def _value(value: Any) -> str:  # noqa: ANN401 - whatever an entry may hold
    if isinstance(value, Struct):
        return _inline(_said(value))
    if isinstance(value, dict):
        return _inline((key.value if isinstance(key, Enum) else key, part) for key, part in value.items())
    if isinstance(value, tuple):
        return f"[{', '.join(_value(part) for part in value)}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal)) and not isinstance(value, Enum):
        return f"{Decimal(value):f}" if value == 0 or value % 1 else str(int(value))
    if isinstance(value, (date, time)):
        return value.isoformat()
    text = value.value if isinstance(value, Enum) else value
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _inline(pairs: Iterable[tuple[str, Any]]) -> str:
    return f"{{ {', '.join(f'{key} = {_value(part)}' for key, part in pairs)} }}"
