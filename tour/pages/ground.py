"""The ground of the map: a GeoJSON file of the city's own (limits, river, streets, tram, parks), read once."""

from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from domain.devices import Position
from domain.errors import Invalid
from tour.pages.map import Ground

MOST_POINTS = 8_000
"""Simplify a file with more: every page of the map carries it."""

Kind = Literal["limit", "water", "street", "tram", "park"]
_Pair = list[float]


class BadGround(Invalid):
    """The file under the map is no GeoJSON of lines and outlines, or too large."""

    code = "bad-map-ground"


class _Properties(Struct, frozen=True):
    kind: Kind = "street"


class _Shape(Struct, frozen=True):
    type: Literal["LineString", "MultiLineString", "Polygon", "MultiPolygon"]
    coordinates: list[Any]


class _Feature(Struct, frozen=True):
    geometry: _Shape
    properties: _Properties = _Properties()


class _Collection(Struct, frozen=True):
    features: list[_Feature]


@cache
def ground(path: str) -> tuple[Ground, ...]:
    """Read the ground from a file; an empty path is no ground.

    Raises:
        BadGround: and says why.
    """
    if not path:
        return ()
    try:
        collection = msgspec.json.decode(Path(path).read_bytes(), type=_Collection)
        lines = tuple(line for feature in collection.features for line in _lines(feature))
    except (OSError, msgspec.MsgspecError) as problem:
        raise BadGround(f"{path} is no ground for a map: {problem}") from problem
    if sum(len(line.points) for line in lines) > MOST_POINTS:
        raise BadGround(f"{path} has more than {MOST_POINTS} points: simplify it.")
    return lines


_DEPTH = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}


def _lines(feature: _Feature) -> list[Ground]:
    parts: list[Any] = [feature.geometry.coordinates]
    for _ in range(_DEPTH[feature.geometry.type]):
        parts = [inner for part in parts for inner in msgspec.convert(part, list[Any])]
    every = msgspec.convert(parts, list[list[_Pair]])
    return [Ground(feature.properties.kind, tuple(_position(pair) for pair in line)) for line in every if line]


def _position(pair: _Pair) -> Position:
    longitude, latitude = msgspec.convert(pair[:2], tuple[float, float])
    return Position(latitude, longitude)
