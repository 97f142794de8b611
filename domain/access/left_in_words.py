"""What is left of a right, as its holder reads it: the sentence beside the numbers that terminals get."""

from datetime import date, timedelta
from typing import Literal

from msgspec import UNSET

from domain.access.answer import Remaining
from domain.access.facts_in_words import quantity
from domain.dates import written
from domain.limits import Limit
from domain.numbers import number
from domain.periods import FOREVER
from domain.text import Text
from domain.waste import BY_CODE


def left(limit: Remaining, rule: Limit) -> Text:
    """Say what is left of one limit, until when, and what it costs: the last day counts, as people say it."""
    some, kind = quantity(limit.left, limit.unit), _kind(limit)
    end = _end(limit.until)
    if limit.left <= 0:
        used = quantity(limit.of, limit.unit)
        return Text(f"Tout est utilisé : {used.fr}{kind.fr}{end.fr}.", f"All used: {used.en}{kind.en}{end.en}.")
    paid = _paid(limit, rule)
    return Text(
        f"Il reste {some.fr} sur {_plain(limit.of, 'fr')}{kind.fr}{end.fr}.{paid.fr}",
        f"{some.en} of {_plain(limit.of, 'en')} left{kind.en}{end.en}.{paid.en}",
    )


def unlimited(until: date) -> Text:
    """Say that a right counts nothing, and until when it holds."""
    end = _end(until)
    return Text(f"Sans limite{end.fr}.", f"Without limit{end.en}.")


def _kind(limit: Remaining) -> Text:
    if limit.kind is UNSET:
        return Text("", "")
    name = BY_CODE[str(limit.kind)].name
    return Text(f" ({name.fr.lower()})", f" ({name.en.lower()})")


def _end(until: date) -> Text:
    if until == FOREVER:
        return Text("", "")
    last = until - timedelta(days=1)
    return Text(f", jusqu’au {written(last, 'fr')}", f", until {written(last, 'en')}")


def _paid(limit: Remaining, rule: Limit) -> Text:
    """Say how much of it costs nothing and what the rest costs, where it costs anything."""
    if limit.free_left is UNSET or not rule.is_priced:
        return Text("", "")
    price, free = _price(rule), quantity(limit.free_left, limit.unit)
    if limit.free_left <= 0:
        return Text(f" La part gratuite est utilisée : {price.fr}.", f" The free part is used up: {price.en}.")
    return Text(f" Sans payer : {free.fr}, puis {price.fr}.", f" Free of charge: {free.en}, then {price.en}.")


def _price(rule: Limit) -> Text:
    if rule.rates:
        return Text("un prix selon le véhicule", "a price by the vehicle")
    one, euros = quantity(1, rule.unit), rule.price_cents / 100
    decimals = 0 if rule.price_cents % 100 == 0 else 2
    return Text(
        f"{number(euros, decimals, 'fr')} € par {one.fr.removeprefix('1 ')}",
        f"€{number(euros, decimals, 'en')} for each {one.en.removeprefix('1 ')}",
    )


def _plain(amount: float, language: Literal["fr", "en"]) -> str:
    return number(amount, 0 if amount == int(amount) else 1, language)
