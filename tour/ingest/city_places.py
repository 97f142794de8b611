"""The board of a city's places, ours or a neighbour's: `GET /v1/public/{authority}/sites` of any installation.

The gates count, no device does. A place that is shut, or where nobody counts, says nothing: null is no reading, and who
forgot to show a pass at the exit is not inside. The device is the code of the site.
"""

from msgspec import Struct

from tour.ingest.documents import device_key, read
from tour.ingest.gathering import Gathering
from tour.ingest.sources import Message, Source
from tour.ingest.times import instant
from tour.measures import Parsed

_MEASURES = frozenset({"occupancy"})
"""The format has one name for a value, so no allow-list of the source is needed."""


class Site(Struct, rename="camel"):
    """What we read of a site."""

    code: str
    inside: int | None = None
    capacity: int | None = None


class Board(Struct, rename="camel"):
    """A board at one instant."""

    as_of: str
    sites: list[Site]


def parse(message: Message, source: Source) -> Parsed:
    """Read a board, as percents of the room that there is.

    Raises:
        Malformed: what came is no board.
    """
    into = Gathering(message, source, allowed=_MEASURES)
    board = read(message.body, Board)
    at = instant(board.as_of, source)
    for site in board.sites:
        if site.inside is not None and site.capacity:
            into.add(device_key(site.code), "occupancy", round(100 * site.inside / site.capacity, 1), at, unit="%")
    return into.parsed()
