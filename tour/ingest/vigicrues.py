"""Vigicrues, `services/observations.json`: the same stations as Hub'Eau, in metres and cubic metres a second."""

from msgspec import Struct, field

from tour.ingest.documents import device_key, read
from tour.ingest.gathering import Gathering
from tour.ingest.sources import Message, Source
from tour.ingest.times import instant
from tour.measures import EventKind, Parsed, TimeUnreadable

UNITS = {"H": "m", "Q": "m3/s"}


class Observation(Struct):
    time: str | int | float = field(name="DtObsHydro")
    value: float | None = field(name="ResObsHydro")


class Series(Struct):
    station: str = field(name="CdStationHydro")
    quantity: str = field(name="GrdSerie")
    observations: list[Observation] = field(name="ObssHydro")


class Answer(Struct):
    series: Series = field(name="Serie")


def parse(message: Message, source: Source) -> Parsed:
    """Read one series.

    Raises:
        Malformed: what came is no answer of Vigicrues.
    """
    series = read(message.body, Answer).series
    key = device_key(series.station)
    into = Gathering(message, source, allowed=UNITS)
    for observation in series.observations:
        try:
            at = instant(observation.time, source)
        except TimeUnreadable:
            into.happened(EventKind.FALSE_TIME, key)
            continue
        into.add(key, series.quantity, observation.value, at, unit=UNITS.get(series.quantity))
    return into.parsed()
