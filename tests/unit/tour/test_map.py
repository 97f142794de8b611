"""The map: everything in the picture, nothing covered, distances that are true."""

from itertools import combinations
from math import hypot
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.devices import Position, distance_km
from tour.pages.ground import BadGround, ground
from tour.pages.map import HEIGHT, MARGIN, PIN, WIDTH, Ground, Map, map_of

SQUARE = Position(43.6085, 3.8797)
STATION = Position(43.6047, 3.8807)
CASTELNAU = Position(43.63, 3.9)


def drawn(*places: Position | None, ground: tuple[Ground, ...] = (), joined: bool = False) -> Map:
    found = map_of([(f"p{place}", here) for place, here in enumerate(places)], ground, "fr", joined=joined)
    assert found is not None
    return found


def test_north_is_up_and_east_is_right() -> None:
    square, castelnau = drawn(SQUARE, CASTELNAU).pins
    assert castelnau.x > square.x
    assert castelnau.y < square.y


def test_the_bar_is_as_long_as_it_says() -> None:
    found = drawn(SQUARE, CASTELNAU)
    one, other = found.pins
    metres = float(found.bar_words.replace("\u00a0km", "000").replace("\u00a0m", ""))
    scale = hypot(one.x - other.x, one.y - other.y) / distance_km(SQUARE, CASTELNAU)
    assert found.bar == pytest.approx(metres / 1000 * scale, rel=0.02)
    assert WIDTH / 20 < found.bar <= WIDTH / 3


positions = st.builds(Position, st.floats(43.5, 43.7), st.floats(3.7, 4.0))


@given(st.lists(positions, min_size=1, max_size=25))
def test_every_pin_is_in_the_picture_and_covers_no_other(places: list[Position]) -> None:
    pins = drawn(*places).pins
    assert [pin.number for pin in pins] == list(range(1, len(places) + 1))
    assert all(PIN <= pin.x <= WIDTH - PIN and PIN <= pin.y <= HEIGHT - PIN for pin in pins)
    assert all(hypot(one.x - two.x, one.y - two.y) >= 2 * PIN - 0.2 for one, two in combinations(pins, 2))


def test_one_point_is_in_the_middle_of_some_streets() -> None:
    found = drawn(SQUARE)
    assert (found.pins[0].x, found.pins[0].y) == (WIDTH / 2, HEIGHT / 2)
    assert found.bar_words == "200\u00a0m"


def test_a_point_without_a_place_keeps_its_number_and_has_no_pin() -> None:
    assert [pin.number for pin in drawn(SQUARE, None, STATION).pins] == [1, 3]
    assert map_of([("p", None)], (), "fr") is None


def test_a_walk_joins_its_stops_where_they_truly_are() -> None:
    assert drawn(SQUARE, STATION, joined=True).walk.startswith("M")
    assert drawn(SQUARE, STATION).walk == ""
    assert MARGIN < HEIGHT / 2


def test_the_ground_is_the_citys_own(tmp_path: Path) -> None:
    path = tmp_path / "ground.geojson"
    path.write_text(
        """{"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"kind": "water", "name": "Lez"},
         "geometry": {"type": "LineString", "coordinates": [[3.89, 43.60], [3.90, 43.63, 12]]}},
        {"type": "Feature", "properties": {"kind": "limit"},
         "geometry": {"type": "MultiPolygon",
                      "coordinates": [[[[3.8, 43.5], [4.0, 43.5], [4.0, 43.7], [3.8, 43.5]]]]}}]}""",
        encoding="utf-8",
    )
    lines = ground(str(path))
    assert [line.kind for line in lines] == ["water", "limit"]
    assert lines[0].points == (Position(43.60, 3.89), Position(43.63, 3.90))
    assert [line.kind for line in drawn(SQUARE, CASTELNAU, ground=lines).ground] == ["water", "limit"]
    far = (Ground("street", (Position(48.85, 2.35), Position(48.86, 2.36))),)
    assert drawn(SQUARE, CASTELNAU, ground=far).ground == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"features": [{"geometry": {"type": "Point", "coordinates": [1, 2]}}]}',
        '{"features": [{"geometry": {"type": "LineString", "coordinates": [[1]]}}]}',
        '{"features": [{"geometry": {"type": "Polygon", "coordinates": [1, 2]}}]}',
        '{"features": [{"geometry": {"type": "LineString", "coordinates": [[1, 2]]}, "properties": {"kind": "x"}}]}',
        '{"features": [{"geometry": {"type": "LineString", "coordinates": [%s[1, 2]]}}]}' % ("[1, 2]," * 8_000),
    ],
)
def test_a_ground_that_is_none_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadGround, match=r"bad\.geojson"):
        ground(str(path))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadGround):
        ground(str(tmp_path / "nothing.geojson"))
    assert ground("") == ()
