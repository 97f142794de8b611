"""What a product says, line by line in plain words."""

from collections.abc import Iterator
from datetime import timedelta

from domain.catalogue.contents import ProductContent
from domain.catalogue.phrases import (
    LIFTS,
    Line,
    amount_of,
    both,
    days_of,
    euros,
    lasting,
    listed,
    named,
    on_day,
    over,
    period,
)
from domain.conditions import NO_CONDITIONS
from domain.limits import ONE, Limit, Settlement
from domain.products import Attendance, Price, Terms
from domain.tariff_names import tariff_name
from domain.text import Text
from domain.waste import BY_CODE


def product_lines(content: ProductContent) -> Iterator[Line]:
    """Say all of a product."""
    yield from named(content.name)
    for limit in content.limits:
        yield Line(f"limit-{limit.position}", Text("Quota", "Quota"), limit_said(limit))
    if not content.limits:
        yield Line("limit", Text("Quota", "Quota"), Text("aussi souvent que voulu", "as often as one likes"))
    for price in content.prices:
        yield Line(f"price-{price.position}", _price_of(price), _price(price))
    if not content.prices:
        yield Line("price", Text("Prix", "Price"), Text("accordé, jamais vendu", "granted, never sold"))
    if content.warn_below:
        low = amount_of(content.warn_below)
        yield Line(
            "warn", Text("Rappel", "Reminder"), both("dès qu’il reste moins de {0}", "once less than {0} is left", low)
        )
    yield from _terms(content)


def _terms(content: ProductContent) -> Iterator[Line]:
    terms, conditions = content.terms, content.terms.conditions
    name = tariff_name(conditions)
    if conditions != NO_CONDITIONS:
        yield Line("conditions", Text("Pour qui, quand", "For whom, when"), name)
    if conditions.communes:
        communes = listed(Text(code, code) for code in conditions.communes)
        yield Line("communes", Text("Communes", "Communes"), communes)
    if conditions.sites:
        yield Line("sites", Text("Où", "Where"), listed(Text(code, code) for code in conditions.sites))
    if conditions.kinds:
        yield Line("kinds", Text("Déchets", "Waste"), listed(BY_CODE[kind].name for kind in conditions.kinds))
    if terms.points:
        costs = (
            both("{0} : {1}", "{0}: {1}", Text(kind, kind), amount_of(cost)) for kind, cost in terms.points.items()
        )
        yield Line("points", Text("Points par véhicule", "Points by vehicle"), listed(costs))
    yield from _uses(terms)


def _uses(terms: Terms) -> Iterator[Line]:
    if terms.grace is not None:
        days = days_of(terms.grace.days)
        said = both("encore {0} après la fin", "{0} more after the end", days)
        if terms.grace.entries is not None:
            said = both(
                "{0}, {1} entrées au plus", "{0}, {1} entries at most", said, amount_of(terms.grace.entries * ONE)
            )
        yield Line("grace", Text("Tolérance", "Grace"), said)
    if terms.lifts:
        yield Line("lifts", Text("Dérogation", "Derogation"), listed(LIFTS[lift] for lift in terms.lifts))
    if terms.yearly is not None:
        yield Line(
            "yearly",
            Text("Par an", "A year"),
            both("{0} fois au plus", "{0} times at most", amount_of(terms.yearly * ONE)),
        )
    if terms.notice_days:
        said = both("{0} ouvrés avant", "{0} before, working days only", days_of(terms.notice_days))
        yield Line("notice", Text("À demander", "To be asked"), said)
    yield from _counted(terms)


def _counted(terms: Terms) -> Iterator[Line]:
    if terms.entry_minutes:
        minutes = amount_of(terms.entry_minutes * ONE)
        yield Line(
            "entry", Text("À l’entrée", "On entry"), both("{0} minutes comptées", "{0} minutes counted", minutes)
        )
    if terms.attends is Attendance.OTHERS:
        yield Line(
            "attends", Text("Compté comme", "Counted as"), Text("accompagnateur ou public", "companion or onlooker")
        )
    if terms.zones:
        zones = listed(Text(code, code) for code in terms.zones)
        yield Line("zones", Text("Zones comprises", "Zones included"), zones)
    if terms.term is not None:
        yield Line("term", Text("Durée", "Duration"), lasting(terms.term))
    if terms.offered_until is not None:
        said = both("jusqu’au {0}", "until {0}", on_day(terms.offered_until - timedelta(days=1)))
        yield Line("offered", Text("Proposé", "Offered"), said)


def limit_said(limit: Limit) -> Text:
    """Say a quota: "24 passages par année civile"; what comes beyond its free part with its price."""
    quota = amount_of(limit.free_amount, limit.unit, limit.kind)
    said = both("{0} {1}", "{0} {1}", quota, over(limit.window, limit.starts, limit.ends, limit.days))
    if limit.free is None:
        return said
    beyond = amount_of(limit.amount - limit.free, limit.unit, limit.kind)
    rates = sorted({rate.price_cents for rate in limit.rates} or {limit.price_cents})
    costs = both("de {0} à {1}", "{0} to {1}", euros(rates[0]), euros(rates[-1])) if len(rates) > 1 else euros(rates[0])
    said = both("{0}, puis {1} de plus à {2}", "{0}, then {1} more at {2}", said, beyond, costs)
    if limit.settlement is Settlement.AT_GATE and limit.is_priced:
        return both("{0}, payés à l’entrée", "{0}, paid at the gate", said)
    return said


def _price_of(price: Price) -> Text:
    return both("Prix, {0}", "Price, {0}", tariff_name(price.conditions))


def _price(price: Price) -> Text:
    return both("{0} {1}", "{0} {1}", euros(price.amount_cents), period(price.valid_from, price.valid_until))


def price_said(price: Price) -> Text:
    """Say a price with those for whom it is, and when."""
    return both("{0} : {1}", "{0}: {1}", tariff_name(price.conditions), _price(price))
