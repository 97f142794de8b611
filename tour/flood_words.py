"""What a flood sheet says: the level that people confirmed, and loudly when the gauge has stopped speaking.

"The river is normal, nothing to do" is said only while a fresh reading says so too. While a higher level waits for
somebody to confirm it, the sheet says neither: it names where to look.
"""

from datetime import datetime

from msgspec import Struct

from domain.flood_thresholds import WATER_LEVEL, Station
from domain.floods import Level
from domain.readings import Last
from tour.catalogue import quantity, scale
from tour.freshness import Freshness, State
from tour.terms import Band, Words
from tour.wording import joined, phrase, said
from web.moments import past

RIVER = "river"
"""The scale whose bands are the levels, in their order."""

_SPEAKS = frozenset({State.DIRECT, State.RECENT})
_SILENT = frozenset({State.OLD, State.SILENT})
"""A source that is known to be late is neither: it warns nobody, and reassures nobody."""


class FloodSheet(Struct, frozen=True, kw_only=True):
    """What people are told of a river. `sentence` is the whole; its parts are for pages that set them apart.

    `loud` asks for the page's strongest warning: what it shows may be over. `band` gives colour and icon; None where
    nothing is said of the level.
    """

    level: Level
    band: Band | None
    loud: bool
    warning: Words | None
    state: Words | None
    action: Words | None
    confirmed: Words | None
    advice: Words
    elsewhere: Words
    """What a page says instead of all this where it was kept, and there is no network."""
    sentence: Words


def flood_sheet(station: Station, last: Last, fresh: Freshness, now: datetime) -> FloodSheet:
    """Put a public level into words; `fresh` was asked for with `flood=True`, `now` stands in the zone of the place."""
    level, speaks, loud = station.public_level, fresh.state in _SPEAKS, fresh.state in _SILENT
    # Nobody is reassured by a gauge that is silent or late, nor while somebody is asked about a higher level.
    sure = level > Level.NORMAL or (speaks and station.level is Level.NORMAL)
    band = scale(RIVER).bands[level] if sure else None
    warning = _warning(last, now) if loud else None
    state = said(lambda _, field: f"{getattr(band.state, field)}.") if band is not None else None
    if band is None and not speaks:
        state = phrase("flood_unknown") if loud or last.shown is None else _past("delayed", last.shown.ends_at, now)
    action = band.action if band is not None else None
    confirmed = _past("flood_confirmed", station.public_since, now) if level > Level.NORMAL else None
    elsewhere = phrase("flood_elsewhere")
    advice = elsewhere if loud else quantity(WATER_LEVEL).advice or elsewhere
    return FloodSheet(
        level=level,
        band=band,
        loud=loud,
        warning=warning,
        state=state,
        action=action,
        confirmed=confirmed,
        advice=advice,
        elsewhere=elsewhere,
        sentence=joined(warning, state, action, confirmed, advice),
    )


def _warning(last: Last, now: datetime) -> Words:
    return phrase("flood_never") if last.shown is None else _past("flood_silent", last.shown.ends_at, now)


def _past(code: str, at: datetime, now: datetime) -> Words:
    return phrase(code, past=said(lambda language, _: past(at, now, language)))
