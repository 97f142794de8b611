"""Numbers, ages and comparisons in the three ways of speaking: French, English, easy French."""

from collections.abc import Callable
from datetime import datetime

from domain.devices import Summary
from tour.catalogue import CATALOGUE
from tour.terms import Quantity, Span, Words
from web.moments import NARROW, WEEKDAYS, Language, ago, clock, past
from web.numbers import number

FEW = 5
"""Fewer people than this are not counted out loud."""

_QUARTERS = 4
_PARTS = {Span.QUARTER: "quarter", Span.HOUR: "hour", Span.DAY: "day"}
_RATES = ("/h", "/d")
"""Units that say their own time."""


def said(make: Callable[[Language, str], str]) -> Words:
    """Say something three times: `make` gets the language of numbers and dates, and the field of `Words`."""
    return Words(fr=make("fr", "fr"), en=make("en", "en"), easy=make("fr", "easy"))


def phrase(code: str, **known: Words) -> Words:
    """Fill a phrase of the catalogue."""
    return filled(CATALOGUE.phrases[code], **known)


def filled(words: Words, **known: Words) -> Words:
    """Fill what a text leaves open, each language with its own."""
    return said(
        lambda _, field: getattr(words, field).format(**{key: getattr(each, field) for key, each in known.items()})
    )


def joined(*sentences: Words | None) -> Words:
    """Put sentences one behind the other."""
    return said(lambda _, field: " ".join(getattr(one, field) for one in sentences if one is not None))


def few_of(quantity: Quantity, span: Span) -> int | None:
    """Return the number under which a value is not said, in its own unit; None where everything may be.

    A flow that was counted over a quarter of an hour stands for a quarter as many passages.
    """
    if not quantity.people:
        return None
    short = span in {Span.INSTANT, Span.QUARTER} and quantity.unit.endswith("/h")
    return FEW * _QUARTERS if short else FEW


def value_said(quantity: Quantity, value: float, span: Span, *, estimated: bool) -> Words:
    """Say a value with its unit, and over how long it was taken."""
    few = few_of(quantity, span)
    if few is not None and value < few:
        return phrase("fewer", n=said(lambda _, __: str(few)), symbol=quantity.symbol)
    plain = said(lambda language, field: _with_unit(quantity, value, language, field))
    if estimated:
        plain = phrase("about", value=plain)
    part = _PARTS.get(span)
    if part is None or quantity.unit.endswith(_RATES):
        return plain
    if quantity.summary is Summary.SUM:
        return phrase(f"sum_{part}", value=plain)
    return phrase(f"over_{part}", value=plain) if quantity.summary in {Summary.MEAN, Summary.ENERGY} else plain


def _with_unit(quantity: Quantity, value: float, language: Language, field: str) -> str:
    written = number(value, quantity.decimals, language)
    # French counts one and a half among the single things, English does not.
    single = abs(value) < 2 if language == "fr" else written == "1"
    symbol: str = getattr(quantity.one if quantity.one is not None and single else quantity.symbol, field)
    if "{n}" in symbol:
        return symbol.replace("{n}", written)
    closed = symbol == "°" or (language == "en" and symbol.startswith("%"))
    return f"{written}{'' if closed else NARROW}{symbol}"


def since(freshness: str, at: datetime, now: datetime) -> Words:
    """Say how old a value is, as its freshness wants it said."""
    return phrase(
        freshness,
        ago=said(lambda language, _: ago(at, now, language)),
        past=said(lambda language, _: past(at, now, language)),
    )


def weekday_and_hour(local: datetime) -> Words:
    """Say with what a value is compared: "un mardi à 14 h"."""

    def of(language: Language, _: str) -> str:
        weekday, hour = WEEKDAYS[language][local.weekday()], clock(local.hour * 60, language)
        return f"un {weekday} à{NARROW}{hour}" if language == "fr" else f"a {weekday} at{NARROW}{hour}"

    return said(of)


def hours_said(hours: int) -> Words:
    """Say a number of hours."""
    several = "s" if hours > 1 else ""
    return said(lambda language, _: f"{hours}{NARROW}{'heure' if language == 'fr' else 'hour'}{several}")
