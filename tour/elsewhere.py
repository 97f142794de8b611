"""Where to go instead: the nearest place that measures the same and has room, for a place that is full."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from domain.devices import Position, distance_km
from domain.readings import Last
from store.shown import Shown
from tour.catalogue import model, quantity
from tour.live import state_of
from tour.scales import FILES, Scales
from tour.terms import Band
from web.numbers import rounded

FARTHEST_KM = 2.0
"""Nobody carries bottles further than half an hour."""


class Place(Struct, frozen=True):
    """A stream where it stands, and the name by which people would find it."""

    name: str
    position: Position
    shown: Shown
    last: Last
    scales: Scales = FILES


def elsewhere(places: Sequence[Place], now: datetime) -> dict[UUID, str]:
    """Name another place for each stream that is full, where one near by has room and is known freshly enough."""
    bands = [(place, band) for place in places if (band := _band(place, now)) is not None]
    with_room = [place for place, band in bands if band.elsewhere is None]
    told = {}
    for place, band in bands:
        if band.elsewhere is None:
            continue
        near = [
            (distance_km(place.position, other.position), other.name)
            for other in with_room
            if other.shown.stream.quantity == place.shown.stream.quantity
        ]
        distance, name = min(near, default=(FARTHEST_KM, ""))
        if distance < FARTHEST_KM:
            told[place.shown.stream.id] = name
    return told


def _band(place: Place, now: datetime) -> Band | None:
    """The band of a fresh value on a scale that knows of other places; None where that is not so."""
    stream, value = place.shown.stream, place.last.shown
    measured = quantity(stream.quantity)
    scale = place.scales.of(measured, model(place.shown.device.model))
    if scale is None or value is None or not any(band.elsewhere for band in scale.bands):
        return None
    if not state_of(stream, place.last, now).shows_band:
        return None
    return scale.band(rounded(value.value, measured.decimals))
