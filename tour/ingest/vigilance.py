"""Vigicrues, `services/InfoVigiCru.geojson`: the colour that the State gives each stretch of river for a day.

One page has all stretches of the country; those are read whose codes were agreed, among the source's fields. A colour
is vigilance for a whole stretch and 24 hours, never the city's alert: it may agree with a gauge. What is no colour is
kept and never shown, and a stretch that stands there twice has the graver of its colours.
"""

from msgspec import Struct, field

from tour.ingest.documents import device_key, read
from tour.ingest.gathering import Gathering
from tour.ingest.sources import Message, Source
from tour.ingest.times import instant
from tour.measures import EventKind, Judgement, Parsed, TimeUnreadable

LEVEL = "NivInfViCr"
"""1 green, 2 yellow, 3 orange, 4 red; now and then as a text."""

_GREEN, _RED = 1, 4


class Stretch(Struct):
    """`CdEntCru` is the stretch's code in the national list, such as `LO12`."""

    code: str = field(name="CdEntCru", default="")
    # Anything: one stretch of another river that is written strangely takes no colour from the others.
    level: object = field(name=LEVEL, default=None)

    @property
    def colour(self) -> int:
        """1 to 4; 0 where it is none of the four, such as a half, a truth or a word."""
        said = self.level.strip() if isinstance(self.level, str) else self.level
        if isinstance(said, bool) or not isinstance(said, int | float | str):
            return 0
        return next((one for one in range(_GREEN, _RED + 1) if said in {one, str(one)}), 0)


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
    agreed = [one.properties for one in published.features if one.properties.code in source.fields]
    told: set[str] = set()
    for one in sorted(agreed, key=lambda stretch: stretch.colour, reverse=True):
        if one.level is None or one.code in told:
            continue
        told.add(one.code)
        key = device_key(one.code)
        try:
            at = instant(published.published_at, source)
        except TimeUnreadable:
            into.happened(EventKind.FALSE_TIME, key)
            continue
        into.add(key, LEVEL, one.level, at, judged=Judgement.NONE if one.colour else Judgement.DOUBTFUL)
    return into.parsed()
