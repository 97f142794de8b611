"""Every edge of every scale: just below, on it, just above. The edges are written here a second time, from the study
of sources, so that a slip in a data file is seen.
"""

import pytest

from tour.catalogue import CATALOGUE, model, quantity, scale
from tour.scales import FILES
from tour.terms import Basis, Scale

AIR = ("good", "fair", "moderate", "poor", "very-poor", "extremely-poor")

UP_TO: dict[str, tuple[tuple[float, ...], tuple[str, ...]]] = {
    "pm25-atmo": ((10, 20, 25, 50, 75), AIR),
    "pm10-atmo": ((20, 40, 50, 100, 150), AIR),
    "no2-atmo": ((40, 90, 120, 230, 340), AIR),
    "o3-atmo": ((50, 100, 130, 240, 380), AIR),
    "so2-atmo": ((100, 200, 350, 500, 750), AIR),
    "pm25-european": ((5, 15, 50, 90, 140), AIR),
    "pm10-european": ((15, 45, 120, 195, 270), AIR),
    "no2-european": ((10, 25, 60, 100, 150), AIR),
    "o3-european": ((60, 100, 120, 160, 180), AIR),
    "so2-european": ((20, 40, 125, 190, 275), AIR),
    "pollen": ((1, 2, 3, 4, 5), ("very-low", "low", "moderate", "high", "very-high", "extremely-high")),
    "flood-vigilance": ((1, 2, 3), ("green", "yellow", "orange", "red")),
    "uv": ((2, 5, 7, 10), ("low", "moderate", "high", "very-high", "extreme")),
    "rain": ((0, 2.5, 7.6), ("none", "light", "moderate", "heavy")),
    "soil-tension": ((10, 20, 50, 100), ("waterlogged", "wet", "comfortable", "drying", "dry")),
    "noise-classroom": ((35,), ("within", "beyond")),
    "noise-playground": ((55,), ("within", "beyond")),
}
"""Scales whose edges all belong to the band below."""

MIXED: dict[str, list[tuple[float, str]]] = {
    "co2-room": [
        (399, "check-sensor"),
        (400, "well-renewed"),
        (401, "well-renewed"),
        (799, "well-renewed"),
        (800, "air-the-room"),
        (801, "air-the-room"),
        (1499, "air-the-room"),
        (1500, "air-the-room"),
        (1501, "insufficient"),
    ],
    "felt-heat": [
        (8, "cold"),
        (9, "no-stress"),
        (10, "no-stress"),
        (25, "no-stress"),
        (26, "no-stress"),
        (27, "moderate"),
        (32, "moderate"),
        (33, "strong"),
        (38, "strong"),
        (39, "very-strong"),
        (46, "very-strong"),
        (47, "extreme"),
    ],
    "cool-gain": [
        (-1.0, "none"),
        (0.4, "none"),
        (0.5, "little"),
        (0.6, "little"),
        (1.9, "little"),
        (2.0, "little"),
        (2.1, "clear"),
    ],
    "humidity-room": [
        (29, "dry"),
        (30, "rather-dry"),
        (31, "rather-dry"),
        (39, "rather-dry"),
        (40, "comfortable"),
        (41, "comfortable"),
        (60, "comfortable"),
        (61, "rather-damp"),
        (70, "rather-damp"),
        (71, "damp"),
    ],
    "noise-street-day": [
        (54, "quiet"),
        (55, "lively"),
        (56, "lively"),
        (64, "lively"),
        (65, "noisy"),
        (66, "noisy"),
        (69, "noisy"),
        (70, "noisy"),
        (71, "very-noisy"),
    ],
    "glass": [
        (49, "room-left"),
        (50, "filling"),
        (51, "filling"),
        (74, "filling"),
        (75, "emptied-soon"),
        (76, "emptied-soon"),
        (90, "emptied-soon"),
        (91, "full"),
    ],
    "occupancy": [
        (29, "free"),
        (30, "moderate"),
        (31, "moderate"),
        (69, "moderate"),
        (70, "moderate"),
        (71, "crowded"),
    ],
    "water-use": [
        (132, "below"),
        (133, "near"),
        (148, "near"),
        (163, "near"),
        (164, "above"),
    ],
}


def code_of(bands: Scale, value: float) -> str | None:
    band = bands.band(value)
    return None if band is None else band.code


@pytest.mark.parametrize("code", UP_TO)
def test_an_edge_belongs_to_the_band_below(code: str) -> None:
    bands = scale(code)
    step = 10.0 ** -quantity(bands.quantity).decimals
    edges, names = UP_TO[code]
    for place, edge in enumerate(edges):
        found = [code_of(bands, value) for value in (edge - step, edge, edge + step)]
        below = names[place] if place == 0 or edge - step > edges[place - 1] else names[place - 1]
        assert found == [below, names[place], names[place + 1]], edge


@pytest.mark.parametrize(("code", "value", "band"), [(code, *each) for code, table in MIXED.items() for each in table])
def test_the_band_of_a_value(code: str, value: float, band: str) -> None:
    assert code_of(scale(code), value) == band


def test_every_scale_with_edges_of_its_own_is_held_here() -> None:
    fixed = {code for code, each in CATALOGUE.scales.items() if each.basis is Basis.FIXED}
    assert fixed == UP_TO.keys() | MIXED.keys()


def test_the_levels_of_a_river_begin_at_the_metres_of_its_station() -> None:
    lez = scale("river").at((1.5, 2.5, 3.5))
    values = (1.49, 1.5, 1.51, 2.49, 2.5, 3.49, 3.5, 3.51)
    assert [code_of(lez, value) for value in values] == [
        *("normal", "level-1", "level-1", "level-1"),
        *("level-2", "level-2", "level-3", "level-3"),
    ]


def test_a_soil_has_words_with_its_own_edges_only() -> None:
    assert scale("soil-moisture").band(30) is None
    clay = scale("soil-moisture").at((20, 28, 40))
    assert [code_of(clay, value) for value in (19, 20, 27, 28, 39, 40)] == [
        *("dry", "drying", "drying", "comfortable"),
        *("comfortable", "wet"),
    ]


@pytest.mark.parametrize("edges", [(), (1.0, 2.0), (1.0, 2.0, 2.0), (3.0, 2.0, 1.0), (1.0, 2.0, 3.0, 4.0)])
def test_a_place_gives_as_many_edges_as_steps_and_they_rise(edges: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="river needs 3 edges"):
        scale("river").at(edges)


def test_the_river_has_no_metres_by_default() -> None:
    assert scale("river").edges == ()


def test_a_probe_in_a_room_speaks_of_comfort_and_one_outdoors_does_not() -> None:
    humidity = quantity("relative_humidity")
    indoors, outdoors = FILES.of(humidity, model("milesight-am307")), FILES.of(humidity, model("milesight-wts506"))
    assert indoors is not None
    assert indoors.code == "humidity-room"
    assert outdoors is None


def test_no_quantity_has_a_scale_of_the_european_family_by_default() -> None:
    """French and European edges never stand on one page: a page takes the quantities' own, or changes them all."""
    own = [CATALOGUE.scales[each.scale].family for each in CATALOGUE.quantities.values() if each.scale is not None]
    assert set(own) == {"", "atmo"}
