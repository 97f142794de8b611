"""What the measures of a message mean: by the model of their device, for the streams that the register has of it.

The unit is the model's and never the message's, the place and the range are the register's. A field that no stream of
the device asks for tells at most whether to believe another.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from domain.devices import Device, Stream
from domain.readings import Quality
from tour.catalogue import CATALOGUE
from tour.measures import Judgement, Measure
from tour.quality import Claim, adds_up, ordered
from tour.terms import DeviceModel, Field, Quantity
from tour.units import NotConvertible, convert, per_hour

BATTERY = "battery_level"

_MOST_PERIODS = 1_000
"""Samples of one frame: beyond, the time would leave the calendar."""

_DECLARED = {
    Judgement.NONE: Quality.UNQUALIFIED,
    Judgement.GOOD: Quality.CORRECT,
    Judgement.DOUBTFUL: Quality.PROBABLY_BAD,
}


class Meant(Struct, frozen=True):
    """A claim about a stream, whose range is narrowed to what the sensor can measure.

    `void` says that the device has no value: a sentinel, or another field takes its meaning away. `contradicted` says
    that fields beside it cannot be true together with it.
    """

    stream: Stream
    claim: Claim
    void: bool
    contradicted: bool


class Asked(Struct, frozen=True):
    """A field that streams of a device ask for, by channel; their ranges are narrowed to the sensor's."""

    field: Field
    by_channel: dict[str, Stream]


class Meaning(Struct, frozen=True):
    """A device as ingest knows it: its model, and the fields that its streams ask for."""

    device: Device
    model: DeviceModel | None
    asked: Mapping[str, Asked]

    def of(self, measures: Sequence[Measure], received_at: datetime) -> list[Meant]:
        """Say what the measures of one message mean, in their order."""
        if self.model is None:
            return []
        said = _together(measures)
        doubtful = {at: set(_contradictions(self.model, beside)) for at, beside in said.items()}
        meant = []
        for measure in measures:
            asked = self.asked.get(measure.name)
            stream = asked.by_channel.get(asked.field.channel or measure.channel) if asked is not None else None
            if asked is None or stream is None:
                continue
            field = asked.field
            meant.append(
                Meant(
                    stream=stream,
                    claim=_claim(measure, field, stream, received_at),
                    void=field.is_sentinel(_raw(measure)) or not _allowed(field, said[measure.observed_at]),
                    contradicted=measure.name in doubtful[measure.observed_at],
                )
            )
        return meant

    def battery_percent(self, measures: Iterable[Measure]) -> float | None:
        """What the device says of its battery among its measures, whether a stream asks for it or not."""
        for measure in measures:
            field = self.model.fields.get(measure.name) if self.model is not None else None
            if field is not None and field.quantity == BATTERY and measure.value is not None:
                return measure.value if 0 <= measure.value <= 100 and not field.is_sentinel(measure.value) else None
        return None


def meaning_of(device: Device, streams: Iterable[Stream]) -> Meaning:
    """Look a device's model up. One that the catalogue no longer has means nothing."""
    model = CATALOGUE.models.get(device.model)
    asked: dict[str, Asked] = {}
    for stream in streams:
        for name, field in model.fields.items() if model is not None else ():
            if field.quantity == stream.quantity and field.channel in {"", stream.channel}:
                asked.setdefault(name, Asked(field, {})).by_channel[stream.channel] = _narrowed(stream, field)
    return Meaning(device, model, asked)


def _together(measures: Iterable[Measure]) -> dict[datetime, dict[str, float]]:
    """The numbers of each instant by their names; of several samples in a frame the newest."""
    said: dict[datetime, dict[str, float]] = {}
    for measure in measures:
        beside = said.setdefault(measure.observed_at, {})
        if measure.value is not None and measure.periods_ago == 0:
            beside.setdefault(measure.name, measure.value)
    return said


def _raw(measure: Measure) -> float | str:
    return measure.value if measure.value is not None else measure.text


def _allowed(field: Field, beside: Mapping[str, float]) -> bool:
    """Whether the fields that it rests on lie where they must; one that the message leaves out forbids nothing."""
    return all(need.low <= beside.get(need.field, need.low) <= need.high for need in field.requires)


def _contradictions(model: DeviceModel, beside: Mapping[str, float]) -> Iterator[str]:
    for names in model.ordered:
        there = [name for name in names if name in beside]
        if not ordered(*(beside[name] for name in there)):
            yield from there
    for total, parts in model.sums.items():
        if beside.keys() >= {total, *parts} and not adds_up((beside[part] for part in parts), beside[total]):
            yield total


def _claim(measure: Measure, field: Field, stream: Stream, received_at: datetime) -> Claim:
    ago = min(measure.periods_ago, _MOST_PERIODS) * timedelta(seconds=stream.period_seconds)
    return Claim(
        raw=_raw(measure),
        value=_value(measure, field),
        observed_at=measure.observed_at - ago,
        received_at=received_at,
        until=measure.until - ago if measure.until is not None else None,
        declared=_DECLARED[measure.judged],
    )


def _value(measure: Measure, field: Field) -> float | None:
    if measure.value is None:
        return None
    try:
        if field.of_interval:
            return per_hour(measure.value, measure.observed_at, measure.until)
        return convert(measure.value, field.unit, CATALOGUE.quantities[field.quantity])
    except NotConvertible:
        return None


def _narrowed(stream: Stream, field: Field) -> Stream:
    """Believe nothing that the sensor cannot measure. What is counted over an interval has no such range."""
    if field.range is None or field.of_interval:
        return stream
    quantity = CATALOGUE.quantities[field.quantity]
    low, high = (_canonical(end, field, quantity) for end in field.range)
    return replace(
        stream,
        low=low if stream.low is None else max(low, stream.low),
        high=high if stream.high is None else min(high, stream.high),
    )


def _canonical(end: float, field: Field, quantity: Quantity) -> float:
    return convert(end, field.unit, quantity)
