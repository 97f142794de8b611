"""Thermometers of one commune: one that is far from all others needs somebody to look."""

from datetime import timedelta
from uuid import UUID

from msgspec.structs import replace

from domain.devices import Device, DeviceKind, Stream
from domain.readings import Last, Newest, Quality
from tests.tour_streams import AIR, CO2, NOON
from tour.watch import apart, may_drift

OUTDOORS = replace(AIR, kind=DeviceKind.WEATHER)


def thermometers(
    *values: float, device: Device = OUTDOORS, quantity: str = "air_temperature"
) -> list[tuple[Device, Stream, Last]]:
    seen = []
    for number, value in enumerate(values):
        stream = replace(CO2, id=UUID(int=100 + number), quantity=quantity)
        seen.append((device, stream, Last(Newest(stream.id, NOON, None, NOON, value, Quality.CORRECT, NOON))))
    return seen


def found(seen: list[tuple[Device, Stream, Last]], *, minutes: int = 5) -> list[int]:
    return sorted(stream_id.int - 100 for stream_id in apart(seen, NOON + timedelta(minutes=minutes)))


def test_one_that_is_far_from_the_others_is_found() -> None:
    assert found(thermometers(20, 21, 35, 20, 19)) == [2]


def test_a_street_may_be_warmer_than_a_park() -> None:
    assert found(thermometers(20, 21, 27, 20, 19)) == []


def test_few_neighbours_prove_nothing() -> None:
    assert found(thermometers(20, 21, 35, 20)) == []


def test_old_values_are_not_compared() -> None:
    assert found(thermometers(20, 21, 35, 20, 19), minutes=90) == []


def test_rooms_and_other_quantities_differ_from_place_to_place() -> None:
    assert found(thermometers(20, 21, 35, 20, 19, device=AIR)) == []
    assert found(thermometers(20, 21, 90, 20, 19, quantity="sound_level")) == []


def test_only_rooms_are_empty_at_night() -> None:
    assert may_drift(AIR, CO2)
    assert not may_drift(OUTDOORS, CO2)
