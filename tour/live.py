"""What a stream says now: one Struct for the API, the stream of events, the pages and the questions alike.

Nothing here words anything: state of freshness, band and sentence are those of `tour.freshness` and `tour.explain`, so
a page can never say of a value what the API does not.
"""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from domain.devices import Device, Stream
from domain.readings import Last, Newest
from tour.catalogue import model, quantity
from tour.explain import Arrow, Explanation, Known, Usual, explain
from tour.freshness import State, freshness
from tour.scales import FILES, Scales
from tour.terms import Span, Tone, Words

LICENCE = "etalab-2.0"
"""Licence Ouverte 2.0, by its SPDX name: what French public bodies publish under (code des relations entre le public et
l'administration, D. 323-2-1), the city's own values as those of Hub'Eau and Vigicrues.
"""

FLOODS = frozenset({"water_level", "water_flow", "flood_vigilance"})
"""Quantities whose feed fails when it is needed: they are old sooner. A colour of vigilance holds for one day."""

_SPANS = (
    # The day on which clocks go forward has 23 hours.
    (timedelta(hours=23), Span.DAY),
    (timedelta(hours=1), Span.HOUR),
    (timedelta(minutes=15), Span.QUARTER),
)


class BandSaid(Struct, frozen=True):
    """The step of a scale on which a value lies: a stable code, how it feels, its name."""

    code: str
    tone: Tone
    label: Words


class Live(Struct, frozen=True, kw_only=True, rename="camel"):
    """One stream now.

    `value` is in `unit` (UCUM), rounded as it is said; None where no exact number may be said, and `reading` is None
    where none is shown at all. `observed_at` to `until` is what was measured over, `age_seconds` how long that has been
    over. `quality` is WMO BUFR 0 33 050. `headline` says how things are, `sentence` says everything in one go; the rest
    are its parts.
    """

    stream: UUID
    quantity: str
    channel: str
    name: Words
    unit: str
    state: State
    value: float | None
    quality: int | None
    observed_at: datetime | None
    until: datetime | None
    age_seconds: int | None
    band: BandSaid | None
    reading: Words | None
    headline: Words
    meaning: Words | None
    caveat: Words | None
    action: Words | None
    since: Words | None
    usual: Words | None
    arrow: Arrow | None
    trend: Words | None
    sentence: Words
    source: str
    licence: str = LICENCE


def live(
    device: Device,
    stream: Stream,
    last: Last,
    now: datetime,
    *,
    scales: Scales = FILES,
    usual: Usual | None = None,
    earlier: float | None = None,
    elsewhere: str = "",
) -> Live:
    """Say what a stream says. `now` stands in the zone of the place, `scales` are those in force for
    its authority, the rest is as in `tour.explain.Known`.

    Raises:
        NotInCatalogue: the catalogue has lost its quantity or the device's model.
        ValueError: its quantity is for machines, and nothing can be said of it.
    """
    measured = quantity(stream.quantity)
    state = state_of(stream, last, now)
    shown = last.shown
    told = explain(
        Known(
            quantity=measured,
            scale=scales.of(measured, model(device.model)),
            value=shown.value if shown is not None else None,
            observed_at=shown.observed_at if shown is not None else now,
            until=shown.until if shown is not None else None,
            now=now,
            # What has never said anything is missing, not silent since a day that nobody knows.
            freshness=state if shown is not None else State.RECENT,
            quality=int(shown.quality) if shown is not None else 0,
            protection_level=device.protection_level,
            span=span_of(shown) if shown is not None else Span.INSTANT,
            usual=usual,
            earlier=earlier,
            elsewhere=elsewhere,
        )
    )
    return _said(stream, state, shown, told, now=now, source=model(device.model).name)


def state_of(stream: Stream, last: Last, now: datetime) -> State:
    """Say how fresh a stream is; of what may flood, the age counts sooner."""
    return freshness(stream, last, now, flood=stream.quantity in FLOODS).state


def span_of(shown: Newest) -> Span:
    """Say over how long a value was taken: the longest span of the catalogue that fits into its interval."""
    lasted = shown.until - shown.observed_at if shown.until is not None else timedelta()
    return next((span for length, span in _SPANS if lasted >= length), Span.INSTANT)


def _said(stream: Stream, state: State, shown: Newest | None, told: Explanation, *, now: datetime, source: str) -> Live:
    # Of what is hidden, only the age may be known, and only where the sentence tells it.
    dated = shown if told.since is not None else None
    band = told.band
    return Live(
        stream=stream.id,
        quantity=stream.quantity,
        channel=stream.channel,
        name=quantity(stream.quantity).name,
        unit=stream.unit,
        state=state,
        value=told.number,
        quality=int(shown.quality) if shown is not None and told.value is not None else None,
        observed_at=dated.observed_at if dated is not None else None,
        until=dated.until if dated is not None else None,
        age_seconds=max(0, (now - dated.ends_at) // timedelta(seconds=1)) if dated is not None else None,
        band=BandSaid(band.code, band.tone, band.label) if band is not None else None,
        reading=told.value,
        headline=told.state,
        meaning=told.meaning,
        caveat=told.caveat,
        action=told.action,
        since=told.since,
        usual=told.usual,
        arrow=told.arrow,
        trend=told.trend,
        sentence=told.sentence,
        source=source,
    )
