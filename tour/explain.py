"""From a value to a sentence that people can trust.

State, value, meaning, what to do, since when. A band is named only for a good value that is fresh, on a scale that was
compared with its source, and only where the value was taken over the time that the scale was set for; over less, the
sentence says so instead. What must not be seen (doubtful, of a silent sensor, of one home or person) is not in the
explanation at all: no page has to remember to hide it.
"""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from domain.devices import Summary
from tour.terms import Band, Basis, Quantity, Scale, Span, Words
from tour.wording import few_of, filled, hours_said, joined, phrase, said, since, value_said, weekday_and_hour
from web.moments import NARROW, Language
from web.numbers import rounded

SHOWN = frozenset({0, 1, 2, 5, 8})
"""Qualities that people may see (WMO BUFR 0 33 050): unqualified, correct, probably good, changed, interpolated."""

INTERPOLATED = 8

WITH_BAND = frozenset({"direct", "recent", "delayed"})
"""States of freshness in which a value may still be called good or bad."""

WITH_VALUE = WITH_BAND | {"old"}

NEVER_SHOWN_FROM = 3
"""From this level of protection on, a value tells of one home or one person."""

WEEKS_NEEDED = 6
"""With fewer weeks of data nobody knows what is usual."""


class Usual(Struct, frozen=True):
    """How a stream was at this weekday and hour in the last eight weeks: percentiles, and how many weeks had data."""

    p10: float
    p25: float
    p75: float
    p90: float
    weeks: int

    def step(self, value: float) -> int:
        """Return 0 (far less than usual) to 4 (far more)."""
        if value > self.p75:
            return 4 if value > self.p90 else 3
        return (0 if value < self.p10 else 1) if value < self.p25 else 2


class Known(Struct, frozen=True, kw_only=True):
    """Everything an explanation may know.

    `until` ends an interval that begins at `observed_at`; `now` stands in the zone of the place. `freshness` is a state
    of `tour.freshness`, `quality` a code of WMO BUFR 0 33 050, `earlier` the value as many hours before as the
    quantity's trend looks back. `scale` is what `tour.scales.Scales.of` found; `elsewhere` names another place where
    this one is full.
    """

    quantity: Quantity
    scale: Scale | None
    value: float | None
    observed_at: datetime
    now: datetime
    freshness: str
    quality: int
    protection_level: int
    span: Span = Span.INSTANT
    until: datetime | None = None
    usual: Usual | None = None
    earlier: float | None = None
    elsewhere: str = ""


class Arrow(StrEnum):
    """Where a value goes."""

    RISING = "↗"
    STEADY = "→"
    FALLING = "↘"


class Explanation(Struct, frozen=True, kw_only=True):
    """What people are told. `sentence` is the whole; the parts stand beside it for pages that set them apart.

    `number` is None where no exact number may be said, `value` where none is shown at all. `caveat` is there where the
    value was taken over less time than the scale wants: then there is no band.
    """

    number: float | None
    value: Words | None
    band: Band | None
    state: Words
    meaning: Words | None
    caveat: Words | None
    action: Words | None
    since: Words | None
    usual: Words | None
    arrow: Arrow | None
    trend: Words | None
    sentence: Words


def explain(known: Known) -> Explanation:
    """Put a value into words.

    Raises:
        ValueError: the quantity is for machines, or the scale is another quantity's: the caller is wrong.
    """
    quantity, scale = known.quantity, known.scale
    if quantity.meaning is None:
        raise ValueError(f"{quantity.code} is for machines and has no words.")
    if scale is not None and scale.quantity not in {"", quantity.code}:
        raise ValueError(f"{scale.code} is no scale of {quantity.code}.")
    why = _why_hidden(known)
    if why is not None or known.value is None:
        return _hidden(known, why or "hidden_missing")
    return _shown(known, known.value)


def _why_hidden(known: Known) -> str | None:
    if known.protection_level >= NEVER_SHOWN_FROM:
        return "hidden_private"
    if known.freshness not in WITH_VALUE:
        return "hidden_silent"
    if known.value is None:
        return "hidden_missing"
    low, high = known.quantity.physical
    if known.quality not in SHOWN or not low <= known.value <= high:
        return "hidden_doubtful"
    return None


def _hidden(known: Known, why: str) -> Explanation:
    """Say that there is nothing to show, and why; of what is private not even when it was measured."""
    state = phrase(why, name=known.quantity.name)
    age = _since("silent", known) if why == "hidden_silent" else None
    advice = known.quantity.advice
    return Explanation(
        number=None,
        value=None,
        band=None,
        state=state,
        meaning=None,
        caveat=None,
        action=advice,
        since=age,
        usual=None,
        arrow=None,
        trend=None,
        sentence=joined(_ended(state), advice, age),
    )


def _shown(known: Known, exact: float) -> Explanation:
    quantity = known.quantity
    # People compare the number that they read with the edges that they know: the band is that of the number shown.
    number = rounded(exact, quantity.decimals)
    value = value_said(quantity, number, known.span, estimated=known.quality == INTERPOLATED)
    fresh = known.freshness in WITH_BAND
    band, caveat = _judged(known, number) if fresh else (None, None)
    when = weekday_and_hour(known.observed_at.astimezone(known.now.tzinfo))
    state = filled(band.state, name=quantity.name, when=when) if band is not None else quantity.name
    action = _action(known, band)
    # What was gathered over an hour or a day is not live, however fresh.
    gathered = known.freshness == "direct" and known.span in {Span.HOUR, Span.DAY}
    age = _since("recent" if gathered else known.freshness, known)
    arrow, trend = _trend(known, number) if fresh else (None, None)
    few = few_of(quantity, known.span)
    return Explanation(
        number=None if few is not None and number < few else number,
        value=value,
        band=band,
        state=state,
        meaning=quantity.meaning,
        caveat=caveat,
        action=action,
        since=age,
        usual=_compared(known, number, when) if fresh else None,
        arrow=arrow,
        trend=trend,
        sentence=joined(_measured(state, value), quantity.meaning, caveat, action, age),
    )


def _since(freshness: str, known: Known) -> Words:
    return since(freshness, known.until or known.observed_at, known.now)


def _measured(state: Words, value: Words) -> Words:
    """State and value in one sentence; French sets a space before the colon."""

    def of(language: Language, field: str) -> str:
        colon = f"{NARROW}:" if language == "fr" else ":"
        return f"{getattr(state, field)}{colon} {getattr(value, field)}."

    return said(of)


def _ended(state: Words) -> Words:
    return said(lambda _, field: f"{getattr(state, field)}.")


def _judged(known: Known, number: float) -> tuple[Band | None, Words | None]:
    """Find the band, or what keeps it from being said."""
    scale = known.scale
    if scale is None or scale.checked is None or not _at_its_hours(scale, known):
        return None, None
    if scale.basis is Basis.PEOPLE:
        return None, None
    if scale.basis is Basis.USUAL:
        return _against_usual(scale, known, number), None
    band = scale.band(number)
    if band is None or _holds(scale.over, known.span):
        return band, None
    if _SPANS.index(known.span) > _SPANS.index(scale.over) or known.quantity.summary is Summary.SUM:
        return None, None  # a longer mean, or a part of a sum, says nothing about these edges
    return None, phrase(f"if_it_lasted_{scale.over}", label=band.label)


_SPANS = list(Span)


def _holds(over: Span, span: Span) -> bool:
    """Say whether edges set for one time hold for a value taken over another."""
    return span == over or (over is Span.INSTANT and span is not Span.DAY)


def _at_its_hours(scale: Scale, known: Known) -> bool:
    if scale.hours is None:
        return True
    begin, end = scale.hours
    return begin <= known.observed_at.astimezone(known.now.tzinfo).hour < end


def _against_usual(scale: Scale, known: Known, number: float) -> Band | None:
    if known.usual is None or known.usual.weeks < WEEKS_NEEDED or known.span != scale.over:
        return None
    return scale.bands[known.usual.step(number)]


def _action(known: Known, band: Band | None) -> Words | None:
    if band is None:
        return known.quantity.advice
    if band.elsewhere is not None and known.elsewhere:
        return filled(band.elsewhere, place=Words(known.elsewhere, known.elsewhere, known.elsewhere))
    return band.action


def _compared(known: Known, number: float, when: Words) -> Words | None:
    """Compare with the usual; a whole day has no hour to be compared with, and a colour or an index no usual."""
    if known.usual is None or known.usual.weeks < WEEKS_NEEDED or known.span is Span.DAY or known.quantity.is_class:
        return None
    # What is no change from one hour to the next is none from one week to the next.
    near = known.quantity.trend.steady if known.quantity.trend is not None else 0.0
    alike = known.usual.p25 - near <= number <= known.usual.p75 + near
    step = 2 if alike else known.usual.step(number)
    return phrase(("much_less", "less", "usual", "more", "much_more")[step], when=when)


def _trend(known: Known, number: float) -> tuple[Arrow | None, Words | None]:
    """Compare with some hours before; a value that cannot have been is no beginning."""
    trend, (low, high) = known.quantity.trend, known.quantity.physical
    if trend is None or known.earlier is None or not low <= known.earlier <= high:
        return None, None
    change = number - rounded(known.earlier, known.quantity.decimals)
    arrow = Arrow.STEADY if abs(change) <= trend.steady else Arrow.RISING if change > 0 else Arrow.FALLING
    return arrow, phrase(arrow.name.lower(), hours=hours_said(trend.hours))
