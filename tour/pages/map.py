"""The map: where points stand, drawn by the server as SVG over a ground of the city's own, without tiles of anybody.

It repeats the list and never replaces it. North is up; degrees are flattened, which is exact enough within a region.
"""

from collections.abc import Iterable, Sequence
from itertools import product
from math import cos, hypot, pi, radians, sin

from msgspec import Struct
from msgspec.structs import replace

from domain.devices import Position
from web.moments import NARROW, Language
from web.numbers import number

WIDTH, HEIGHT = 480, 340
MARGIN = 30
PIN = 13
"""Radius of a pin."""

_WORDS = (64, 44)
"""Breadth and height that a pin takes with a value below it."""

_LEAST_KM = 0.4
"""A map shows at least this much: two devices of one street are not a continent apart."""

_KM_PER_DEGREE = 111.2
_BARS_M = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
_TURNS = 24
_RINGS = (2.1 * PIN, 3.2 * PIN, 4.3 * PIN, 5.4 * PIN)
"""How far a pin may be moved that would cover another."""


class Pin(Struct, frozen=True):
    """One point of the list, by its number there. `alone` tells whether words have room below it."""

    number: int
    x: float
    y: float
    slug: str
    alone: bool = True


class Line(Struct, frozen=True):
    """A line of the ground, as a path of SVG: `kind` is how it is drawn."""

    kind: str
    path: str


class Map(Struct, frozen=True):
    """Everything that is drawn. `walk` joins the stops of a walk; `bar` is as long as `bar_words` say."""

    pins: tuple[Pin, ...]
    ground: tuple[Line, ...]
    walk: str
    bar: float
    bar_words: str


class Ground(Struct, frozen=True):
    """One line of the city's own ground."""

    kind: str
    points: tuple[Position, ...]


def map_of(
    places: Sequence[tuple[str, Position | None]],
    ground: Iterable[Ground],
    language: Language,
    *,
    joined: bool = False,
) -> Map | None:
    """Draw numbered places, in their order; None where fewer than one has a position."""
    known = [(place + 1, slug, here) for place, (slug, here) in enumerate(places) if here is not None]
    if not known:
        return None
    view = _view([here for _, _, here in known])
    spots = [(number, slug, *view.place(here)) for number, slug, here in known]
    metres = _bar(view.scale)
    return Map(
        pins=_apart(spots),
        ground=tuple(
            Line(line.kind, _path(placed))
            for line in ground
            if _meets(placed := [view.place(one) for one in line.points])
        ),
        walk=_path([(x, y) for _, _, x, y in spots]) if joined else "",
        bar=round(metres / 1000 * view.scale, 1),
        bar_words=_distance(metres, language),
    )


class _View(Struct, frozen=True):
    """What lies within the picture: its middle, and how many units a kilometre is."""

    middle: Position
    scale: float

    def place(self, here: Position) -> tuple[float, float]:
        east = (here.longitude - self.middle.longitude) * cos(radians(self.middle.latitude)) * _KM_PER_DEGREE
        north = (here.latitude - self.middle.latitude) * _KM_PER_DEGREE
        return round(WIDTH / 2 + east * self.scale, 1), round(HEIGHT / 2 - north * self.scale, 1)


def _view(places: Sequence[Position]) -> _View:
    south, north = min(one.latitude for one in places), max(one.latitude for one in places)
    west, east = min(one.longitude for one in places), max(one.longitude for one in places)
    middle = Position((south + north) / 2, (west + east) / 2)
    wide = (east - west) * cos(radians(middle.latitude)) * _KM_PER_DEGREE
    high = (north - south) * _KM_PER_DEGREE
    scale = min((WIDTH - 2 * MARGIN) / max(wide, _LEAST_KM), (HEIGHT - 2 * MARGIN) / max(high, _LEAST_KM))
    return _View(middle, scale)


def _meets(placed: Sequence[tuple[float, float]]) -> bool:
    """Tell whether a line may cross the picture: a limit of a commune can run all around it."""
    across, down = [x for x, _ in placed], [y for _, y in placed]
    return min(across) <= WIDTH and max(across) >= 0 and min(down) <= HEIGHT and max(down) >= 0


def _apart(spots: Sequence[tuple[int, str, float, float]]) -> tuple[Pin, ...]:
    """Move pins that would cover each other to the nearest free spot around; the list says which is which."""
    placed: list[Pin] = []
    rings = [(0.0, 0.0), *product(_RINGS, (2 * pi * turn / _TURNS for turn in range(_TURNS)))]
    for name, slug, x, y in spots:
        around = ((x + far * cos(turn), y + far * sin(turn)) for far, turn in rings)
        free = next((spot for spot in around if _is_free(spot, placed)), (x, y))
        placed.append(Pin(name, round(free[0], 1), round(free[1], 1), slug))
    return tuple(replace(pin, alone=_is_alone(pin, placed)) for pin in placed)


def _is_alone(pin: Pin, placed: Sequence[Pin]) -> bool:
    return all(abs(one.x - pin.x) >= _WORDS[0] or abs(one.y - pin.y) >= _WORDS[1] for one in placed if one is not pin)


def _is_free(spot: tuple[float, float], placed: Sequence[Pin]) -> bool:
    inside = PIN <= spot[0] <= WIDTH - PIN and PIN <= spot[1] <= HEIGHT - PIN
    return inside and all(hypot(spot[0] - one.x, spot[1] - one.y) >= 2 * PIN for one in placed)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def _bar(scale: float) -> int:
    """Choose a round distance of about a quarter of the width, in metres."""
    fitting = [metres for metres in _BARS_M if metres / 1000 * scale <= WIDTH / 3]
    return fitting[-1] if fitting else _BARS_M[0]


def _distance(metres: int, language: Language) -> str:
    if metres < 1000:
        return f"{metres}{NARROW}m"
    return f"{number(metres / 1000, 0, language)}{NARROW}km"
