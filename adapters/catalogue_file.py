"""A catalogue as a file that people write: products, prices, sites, in TOML, in whole units and euros.

The file says what an authority offers; nothing in it is a rule of its own. What it cannot mean is refused with the
place where it stands (`$.products[2].limits[0].amount`): a word that is not known is a mistake, never a wish.
"""

import tomllib
from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from uuid import UUID

import msgspec

from adapters.catalogue_entries import (
    CardTermsEntry,
    CatalogueFile,
    LimitEntry,
    ProductEntry,
    SiteEntry,
    TermEntry,
    ZoneEntry,
)
from domain.calendars import MIDNIGHT, Calendar, Hours, Session
from domain.card_terms import CardDesk, CardTerms
from domain.catalogue.contents import (
    Door,
    ProductContent,
    SiteContent,
    ZoneContent,
    content_of_product,
    in_order,
)
from domain.errors import Invalid
from domain.limits import ONE, Limit, MonthDay
from domain.passes import MediumKind
from domain.places import Gate, Site, Zone, check_water
from domain.ports import Ids
from domain.products import Price, Product, Term, Terms
from domain.rates import Rate
from domain.replacements import ReplacementFee, ReplacementReason

_NOBODY = UUID(int=0)
_LONGEST_AMOUNT = 6
"""An amount is less than ten millions of units or euros: it is counted in thousandths or cents, in 32 bits."""

_MOST_HOURS, _MOST_SESSIONS = 500, 200
"""Of one site: each is held against each other when it is checked."""

LONGEST = 1_000_000
"""Characters of a file that are looked at."""


class BadCatalogueFile(Invalid):
    """The file is no TOML, or says something that a catalogue does not say there."""

    code = "bad-catalogue-file"


def parse(text: str) -> CatalogueFile:
    """Read a file.

    Raises:
        BadCatalogueFile: it is too long, no TOML, or says what it cannot say.
    """
    if len(text) > LONGEST:
        raise BadCatalogueFile(f"The file is longer than {LONGEST} characters.")
    try:
        return msgspec.convert(tomllib.loads(text, parse_float=Decimal), CatalogueFile)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as problem:
        raise BadCatalogueFile(str(problem)) from problem


def product_of(entry: ProductEntry, *, id_: UUID, authority_id: UUID) -> Product:
    """Make a product of an entry; whether it makes sense is for `check_product` to say."""
    of = f"Product {entry.code}"
    return Product(
        id=id_,
        authority_id=authority_id,
        code=entry.code,
        service_code=entry.service,
        subject=entry.subject,
        name=entry.name,
        limits=tuple(_limit(place, limit, of) for place, limit in enumerate(entry.limits)),
        warn_below=_whole(entry.warn_below, ONE, of),
        terms=Terms(
            conditions=entry.conditions,
            points={vehicle: _whole(points, ONE, of) for vehicle, points in entry.points.items()},
            grace=entry.grace,
            lifts=entry.lifts,
            yearly=entry.yearly,
            notice_days=entry.notice_days,
            entry_minutes=entry.entry_minutes,
            attends=entry.attends,
            zones=entry.zones,
            term=_term(entry.term),
            offered_until=entry.offered_until,
        ),
        prices=tuple(
            Price(place, _whole(price.euros, 100, of), price.since, price.until, price.conditions)
            for place, price in enumerate(entry.prices)
        ),
    )


def site_of(entry: SiteEntry, *, ids: Ids, authority_id: UUID) -> tuple[Site, list[Zone], list[Gate]]:
    """Make a site with its zones and gates; whether they make sense is for `open_site` and `open_zone` to say."""
    site = Site(
        id=ids.row(),
        authority_id=authority_id,
        code=entry.code,
        service_code=entry.service,
        name=entry.name,
        commune_code=entry.commune,
        calendar=_calendar(entry),
        holiday_region=entry.holiday_region,
        white_until=entry.white_until,
        vehicles=entry.vehicles,
        accepts=entry.accepts,
        offline=entry.offline,
    )
    zones, gates = [], []
    for part in entry.zones:
        zone = Zone(
            id=ids.row(),
            authority_id=authority_id,
            site_id=site.id,
            code=part.code,
            capacity=part.capacity,
            passback=part.passback,
            passback_minutes=part.passback_minutes,
            capacity_others=part.capacity_others,
            supplement_cents=_whole(part.supplement, 100, f"Zone {part.code}"),
            daily_capacity=part.daily_capacity,
            name=part.name,
        )
        zones.append(zone)
        gates += [Gate(ids.row(), authority_id, zone.id, door.code, door.name) for door in part.gates]
    return site, zones, gates


def product_content(entry: ProductEntry) -> ProductContent:
    """Return what an entry says of a product; its limits are placed as they stand."""
    return content_of_product(product_of(entry, id_=_NOBODY, authority_id=_NOBODY))


def site_content(entry: SiteEntry) -> SiteContent:
    """Return what an entry says of a site with its zones and gates."""
    calendar = _calendar(entry)
    if len(calendar.hours) > _MOST_HOURS or len(calendar.sessions) > _MOST_SESSIONS:
        raise BadCatalogueFile(f"Site {entry.code} has more than {_MOST_HOURS} hours or {_MOST_SESSIONS} sessions.")
    return in_order(
        SiteContent(
            code=entry.code,
            service_code=entry.service,
            commune_code=entry.commune,
            name=entry.name,
            hours=calendar.hours,
            closures=calendar.closures,
            sessions=calendar.sessions,
            bank_holidays=entry.bank_holidays,
            last_entry_minutes=entry.last_entry_minutes,
            holiday_region=entry.holiday_region,
            white_until=entry.white_until,
            vehicles=entry.vehicles,
            accepts=entry.accepts,
            offline=entry.offline,
            zones=tuple(_zone_content(part) for part in entry.zones),
        )
    )


def _zone_content(part: ZoneEntry) -> ZoneContent:
    check_water(part.capacity, part.water, of=f"Zone {part.code}")
    return ZoneContent(
        code=part.code,
        capacity=part.capacity,
        capacity_others=part.capacity_others,
        daily_capacity=part.daily_capacity,
        supplement_cents=_whole(part.supplement, 100, f"Zone {part.code}"),
        passback=part.passback,
        passback_minutes=part.passback_minutes,
        name=part.name,
        gates=tuple(Door(door.code, door.name) for door in part.gates),
    )


def fees_of(
    entries: Mapping[MediumKind, Mapping[ReplacementReason, Decimal]], *, authority_id: UUID
) -> list[ReplacementFee]:
    """Make a price list for replaced media, in the order in which the store gives it back."""
    return [
        ReplacementFee(authority_id, kind, reason, _whole(euros, 100, f"Replacing a {kind} for {reason}"))
        for kind, prices in sorted(entries.items())
        for reason, euros in sorted(prices.items())
    ]


def card_terms_of(entry: CardTermsEntry) -> CardTerms:
    """Make what a file says of cards that residents order; whether it makes sense is for `set_card_terms` to say."""
    desks = tuple(CardDesk(one.code, one.name, one.address) for one in entry.desks)
    return CardTerms(desks, entry.by_post, entry.working_days, entry.paused)


def _calendar(entry: SiteEntry) -> Calendar:
    return Calendar(
        hours=tuple(
            Hours(hours.since, hours.until, weekday, _minute(hours.opens), _minute(hours.closes) or MIDNIGHT)
            for hours in entry.hours
            for weekday in hours.weekdays
        ),
        closures=entry.closures,
        sessions=tuple(
            Session(
                session.code,
                session.name,
                weekday,
                _minute(session.opens),
                _minute(session.closes) or MIDNIGHT,
                session.since,
                session.until,
                session.reserved,
            )
            for session in entry.sessions
            for weekday in session.weekdays
        ),
        bank_holidays=entry.bank_holidays,
        last_entry_minutes=entry.last_entry_minutes,
    )


def _limit(place: int, entry: LimitEntry, of: str) -> Limit:
    return Limit(
        position=place,
        unit=entry.unit,
        amount=_whole(entry.amount, ONE, of),
        window=entry.window,
        starts=_month_day(entry.starts),
        ends=_month_day(entry.ends),
        days=entry.days,
        kind=entry.kind,
        free=_whole(entry.free, ONE, of) if entry.free is not None else None,
        price_cents=_whole(entry.price, 100, of),
        settlement=entry.settlement,
        rates=tuple(Rate(_whole(rate.euros, 100, of), rate.vehicles, rate.kinds) for rate in entry.rates),
    )


def _term(entry: TermEntry | None) -> Term | None:
    if entry is None:
        return None
    return Term(entry.window, _month_day(entry.starts), _month_day(entry.ends), entry.days)


def _month_day(text: str | None) -> MonthDay | None:
    return (int(text[:2]), int(text[3:])) if text is not None else None


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _whole(amount: Decimal, parts: int, of: str) -> int:
    """Count an amount in its smallest parts: thousandths of a unit, cents of a euro."""
    if not amount.is_finite() or amount.adjusted() > _LONGEST_AMOUNT:
        raise BadCatalogueFile(f"{of}: an amount is no number, or beyond all measure.")
    counted = amount * parts
    if counted < 0 or counted != int(counted):
        raise BadCatalogueFile(f"{of}: {amount} is negative, or has more decimals than are counted.")
    return int(counted)
