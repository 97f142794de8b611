"""What may be registered, what is derived from it, and what is refused whoever asks."""

from typing import Any

import pytest
from msgspec.structs import replace

from domain.devices import (
    DeviceKind,
    Position,
    Sight,
    check_device,
    check_position,
    check_stream,
    distance_km,
    published,
)
from domain.errors import DomainError, NameMissing
from domain.errors.devices import (
    CameraUndeclared,
    FaceRecognitionRefused,
    HomeShown,
    ImpossibleDevice,
    ImpossibleStream,
    PositionOutside,
)
from domain.text import Text
from tests.tour_streams import AIR, CO2

MONTPELLIER, NICE = Position(43.61, 3.88), Position(43.70, 7.27)


@pytest.mark.parametrize(
    "said",
    [
        {"kind": DeviceKind.CAMERA, "sight": Sight.FACES},
        {"sight": Sight.FACES},
        {"name": Text(fr="Caméra à reconnaissance faciale", en="Camera")},
        {"name": Text(fr="Caméra", en="Face recognition camera")},
        {"name": Text(fr="Lecteur de visages", en="Reader")},
        {"model": "acme-faceid-2"},
        {"model": "acme-face-match"},
        {"code": "gare-biometrie-1"},
        {"source_key": "biométrique-17"},
    ],
)
def test_nothing_that_recognises_faces_is_registered_in_whichever_field_it_says_so(said: dict[str, Any]) -> None:
    with pytest.raises(FaceRecognitionRefused):
        check_device(replace(AIR, **said))


@pytest.mark.parametrize("name", ["Façade nord", "Surface du Lez", "Interface", "Préfacette"])
def test_a_facade_is_no_face(name: str) -> None:
    check_device(replace(AIR, name=Text(fr=name, en="Surface, facade and interface")))


@pytest.mark.parametrize(
    ("kind", "sight"),
    [(DeviceKind.CAMERA, Sight.NONE), (DeviceKind.COUNTER, Sight.COUNTS), (DeviceKind.SOIL, Sight.IMAGES)],
)
def test_a_camera_says_what_it_does_and_nothing_else_sees(kind: DeviceKind, sight: Sight) -> None:
    with pytest.raises(CameraUndeclared):
        check_device(replace(AIR, kind=kind, sight=sight))


@pytest.mark.parametrize(
    ("kind", "sight", "level"),
    [
        (DeviceKind.ROOM_AIR, Sight.NONE, 0),
        (DeviceKind.WATER_LEVEL, Sight.NONE, 0),
        (DeviceKind.DISTRICT_METER, Sight.NONE, 1),
        (DeviceKind.COUNTER, Sight.NONE, 1),
        (DeviceKind.RADIO_COUNTER, Sight.NONE, 2),
        (DeviceKind.CAMERA, Sight.COUNTS, 2),
        (DeviceKind.HOME_METER, Sight.NONE, 3),
        (DeviceKind.CAMERA, Sight.IMAGES, 4),
    ],
)
def test_the_level_of_protection_follows_from_what_a_device_is(kind: DeviceKind, sight: Sight, level: int) -> None:
    device = replace(AIR, kind=kind, sight=sight)
    assert device.protection_level == level
    if level >= 3:
        with pytest.raises(HomeShown):
            check_device(device)
        check_device(replace(device, public=False))
    else:
        check_device(device)


def test_where_a_home_is_stays_within_a_kilometre_and_other_places_within_a_metre() -> None:
    exact = replace(AIR, latitude=43.6123456, longitude=3.8765432)
    assert (published(exact).latitude, published(exact).longitude) == (43.61235, 3.87654)
    home = published(replace(exact, kind=DeviceKind.HOME_METER, public=False))
    assert (home.latitude, home.longitude) == (43.61, 3.88)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"code": "École 12"}, ImpossibleDevice),
        ({"code": ""}, ImpossibleDevice),
        ({"source_key": ""}, ImpossibleDevice),
        ({"commune_code": "3417"}, ImpossibleDevice),
        ({"retired_on": AIR.installed_on.replace(year=2025)}, ImpossibleDevice),
        ({"name": Text(fr="École", en=" ")}, NameMissing),
        ({"latitude": 91.0}, PositionOutside),
        ({"longitude": float("nan")}, PositionOutside),
    ],
)
def test_a_device_that_contradicts_itself_is_refused(wrong: dict[str, Any], error: type[DomainError]) -> None:
    with pytest.raises(error):
        check_device(replace(AIR, **wrong))


@pytest.mark.parametrize(
    "wrong",
    [
        {"period_seconds": 0},
        {"period_seconds": 41 * 86_400},
        {"delay_seconds": -1},
        {"low": 5.0, "high": 5.0},
        {"max_step_per_minute": 0.0},
        {"time_zone": "Paris"},
        {"time_zone": "../etc/passwd"},
        {"time_zone": ""},
    ],
)
def test_a_stream_that_could_hold_nothing_is_refused(wrong: dict[str, Any]) -> None:
    check_stream(CO2)
    with pytest.raises(ImpossibleStream):
        check_stream(replace(CO2, **wrong))


def test_a_device_far_from_all_others_is_refused_and_a_swap_is_told() -> None:
    others = [MONTPELLIER, Position(43.55, 3.90), Position(43.65, 3.80)]
    check_position(AIR, [])
    check_position(AIR, others)
    with pytest.raises(PositionOutside, match="swapped"):
        check_position(replace(AIR, latitude=3.88, longitude=43.61), others)
    with pytest.raises(PositionOutside, match="273 km"):
        check_position(replace(AIR, latitude=NICE.latitude, longitude=NICE.longitude), others)


def test_one_wrong_position_does_not_move_the_middle() -> None:
    check_position(AIR, [MONTPELLIER, MONTPELLIER, Position(3.88, 43.61)])


def test_distances_are_those_of_a_map() -> None:
    """Montpellier to Nice is 273 km as the crow flies."""
    assert distance_km(MONTPELLIER, NICE) == pytest.approx(273, rel=0.01)
