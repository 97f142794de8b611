"""Vigicrues, `services/InfoVigiCru.geojson`: the colour that the State gives each stretch of river for a day.

One page has all stretches of the country; those are read whose codes were agreed, among the source's fields. A colour
is vigilance for a whole stretch and 24 hours, never the city's alert: it may agree with a gauge.
"""

from msgspec import Struct, field

from tour.ingest.documents import device_key, read
from tour.ingest.gathering import Gathering
from tour.ingest.sources import Message, Source
from tour.ingest.times import instant
from tour.measures import EventKind, Parsed, TimeUnreadable

LEVEL = "NivInfViCr"
"""1 green, 2 yellow, 3 orange, 4 red; now and then as a text."""


class Stretch(Struct):
    """`CdEntCru` is the stretch's code in the national list, such as `LO12`."""

    code: str = field(name="CdEntCru", default="")
    level: int | str | None = field(name=LEVEL, default=None)


class Feature(Struct):
    properties: Stretch


class Map(Struct):
    """`DtHrInfoVigiCru` is when the map was published: at 10 and at 16 h, more often while waters are high."""

    published_at: str | int | float = field(name="DtHrInfoVigiCru")
    features: list[Feature]


def parse(message: Message, source: Source) -> Parsed:
    """Read the colours of the stretches that were agreed.

    Raises:
        Malformed: what came is no map of Vigicrues.
    """
    published = read(message.body, Map)
    into = Gathering(message, source, allowed={LEVEL})
    for one in (feature.properties for feature in published.features):
        if one.code not in source.fields or one.level is None:
            continue
        key = device_key(one.code)
        try:
            at = instant(published.published_at, source)
        except TimeUnreadable:
            into.happened(EventKind.FALSE_TIME, key)
            continue
        into.add(key, LEVEL, one.level, at)
    return into.parsed()
