"""What agents change most, each a step from one content to another: a price, a quota, a closure, a capacity."""

from collections.abc import Iterable
from datetime import date

from msgspec.structs import replace

from domain.calendars import Closure, Session
from domain.catalogue.contents import ProductContent, SiteContent, ZoneContent, in_order
from domain.conditions import Conditions
from domain.errors.products import GoneMeanwhile, ProductFixed
from domain.limits import Limit
from domain.periods import FOREVER
from domain.products import Price
from domain.text import Text


def price_from(content: ProductContent, position: int, cents: int, since: date) -> ProductContent:
    """Return a product one of whose prices is another from a day on, for the same people and as long as before.

    Raises:
        GoneMeanwhile: it has no such price.
    """
    old = next((price for price in content.prices if price.position == position), None)
    if old is None or since >= old.valid_until:
        raise GoneMeanwhile("This price does not hold on that day.")
    others = tuple(price for price in content.prices if price is not old)
    if since <= old.valid_from:
        return replace(content, prices=_in_order(*others, replace(old, amount_cents=cents)))
    ended = replace(old, valid_until=since)
    place = 1 + max(price.position for price in content.prices)
    new = Price(place, cents, since, old.valid_until, old.conditions)
    return replace(content, prices=_in_order(*others, ended, new))


def _in_order(*prices: Price) -> tuple[Price, ...]:
    return tuple(sorted(prices, key=lambda price: price.position))


def quota(content: ProductContent, position: int, amount: int) -> ProductContent:
    """Return a product one of whose quotas is another, in thousandths. What is to be paid beyond it stays as wide.

    Raises:
        GoneMeanwhile: it has no such limit.
    """
    old = next((limit for limit in content.limits if limit.position == position), None)
    if old is None:
        raise GoneMeanwhile("The product has no such quota.")
    if old.free is None:
        new = replace(old, amount=amount)
    else:
        new = replace(old, free=amount, amount=amount + old.amount - old.free)
    return replace(content, limits=tuple(new if limit is old else limit for limit in content.limits))


def closed(content: SiteContent, closure: Closure) -> SiteContent:
    """Return a site that stays shut over some days; a closure that began on the same day gives way."""
    others = (one for one in content.closures if one.first_day != closure.first_day)
    return replace(content, closures=tuple(sorted((*others, closure), key=lambda one: one.first_day)))


def opened(content: SiteContent, first_day: date) -> SiteContent:
    """Return a site without the closure that begins on a day.

    Raises:
        GoneMeanwhile: there is none.
    """
    kept = tuple(one for one in content.closures if one.first_day != first_day)
    if kept == content.closures:
        raise GoneMeanwhile("The site has no closure that begins on this day.")
    return replace(content, closures=kept)


def room(content: SiteContent, zone: ZoneContent) -> SiteContent:
    """Return a site one of whose zones is another."""
    return replace(content, zones=tuple(zone if one.code == zone.code else one for one in content.zones))


def zone_named(content: SiteContent, code: str, name: Text | None) -> SiteContent:
    """Return a site one of whose zones is called otherwise; None: by its code.

    Raises:
        GoneMeanwhile: there is no such zone.
    """
    return room(content, replace(zone_of(content, code), name=name))


def gate_named(content: SiteContent, code: str, name: Text) -> SiteContent:
    """Return a site one of whose gates is called otherwise.

    Raises:
        GoneMeanwhile: there is no such gate.
    """
    zone = next((one for one in content.zones if any(door.code == code for door in one.gates)), None)
    if zone is None:
        raise GoneMeanwhile(f"The site has no gate {code}.")
    gates = tuple(replace(door, name=name) if door.code == code else door for door in zone.gates)
    return room(content, replace(zone, gates=gates))


def zone_of(content: SiteContent, code: str) -> ZoneContent:
    """Find a zone by its code.

    Raises:
        GoneMeanwhile: there is none.
    """
    found = next((one for one in content.zones if one.code == code), None)
    if found is None:
        raise GoneMeanwhile(f"The site has no zone {code}.")
    return found


def withdrawn(content: ProductContent, day: date | None) -> ProductContent:
    """Return a product that is neither granted nor sold from a day on; None: it is offered again."""
    return replace(content, terms=replace(content.terms, offered_until=day))


def closed_for_good(content: SiteContent, day: date, why: Text) -> SiteContent:
    """Return a site that closes for ever on a day. Closures that would begin later make no sense any more."""
    earlier = tuple(one for one in content.closures if one.first_day < day)
    return replace(content, closures=(*earlier, Closure(day, FOREVER, why)))


def with_sessions(content: SiteContent, sessions: Iterable[Session]) -> SiteContent:
    """Return a site that holds more sessions."""
    return in_order(replace(content, sessions=(*content.sessions, *sessions)))


def for_whom(content: ProductContent, who: Conditions) -> ProductContent:
    """Return a product for other people: ages, communes, bands and statuses. When and where it serves stays."""
    known = content.terms.conditions
    return replace(content, terms=replace(content.terms, conditions=over(known, who)))


def over(known: Conditions, who: Conditions) -> Conditions:
    """Return conditions that ask for other people, and for the same days, sites and loads."""
    return replace(
        known,
        age_from=who.age_from,
        age_below=who.age_below,
        communes=who.communes,
        bands=who.bands,
        statuses=who.statuses,
    )


def tariff(content: ProductContent, cents: int, since: date, who: Conditions) -> ProductContent:
    """Return a product that has one more price, from a day on, for some people."""
    place = 1 + max((price.position for price in content.prices), default=-1)
    return replace(content, prices=(*content.prices, Price(place, cents, since, FOREVER, who)))


def counted_on(content: ProductContent, known: list[Limit]) -> ProductContent:
    """Return a product whose limits go on counting: each keeps the position under which the same was ever counted.

    Counters stand under the position of their limit. A limit that counts something new gets one that none had.
    """
    positions = {_counts(limit): limit.position for limit in known}
    free = 1 + max((limit.position for limit in known), default=-1)
    placed, taken = [], set[int]()
    for limit in content.limits:
        position = positions.get(_counts(limit))
        if position is None or position in taken:
            position, free = free, free + 1
        taken.add(position)
        placed.append(replace(limit, position=position))
    return replace(content, limits=tuple(sorted(placed, key=lambda limit: limit.position)))


def _counts(limit: Limit) -> tuple[object, ...]:
    return limit.unit, limit.window, limit.starts, limit.ends, limit.days, limit.kind


def check_same_offer(before: ProductContent | SiteContent, after: ProductContent | SiteContent) -> None:
    """Refuse what would be another product or another place under the same code.

    Raises:
        ProductFixed: service, subject or commune would change, or a zone or a gate would go or move.
    """
    if _identity(before) != _identity(after) or not _doors(before) <= _doors(after):
        raise ProductFixed(
            f"{before.code} keeps its service, and for whom or where it is: with its zones and gates. "
            "Another one needs a code of its own."
        )


def _identity(content: ProductContent | SiteContent) -> tuple[object, ...]:
    if isinstance(content, ProductContent):
        return content.code, content.service_code, content.subject
    return content.code, content.service_code, content.commune_code


def _doors(content: ProductContent | SiteContent) -> set[tuple[str, str]]:
    """Return every zone, and every gate with the zone into which it leads."""
    zones = () if isinstance(content, ProductContent) else content.zones
    return {(zone.code, code) for zone in zones for code in ("", *(door.code for door in zone.gates))}
