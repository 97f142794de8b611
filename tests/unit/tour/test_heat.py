"""The picture of one quantity over the city: what is compared, and how strong each place is drawn."""

import pytest

from domain.devices import DeviceKind
from tour.pages.heat import STEPS, Told, heat_of


def street(*values: float, kind: DeviceKind = DeviceKind.WEATHER) -> list[Told]:
    return [Told(f"{kind}-{place}", kind, value, f"{value:g} °C") for place, value in enumerate(values)]


def test_the_least_is_palest_and_the_most_strongest() -> None:
    heat = heat_of(street(9.7, 12.9, 8.8, 10.8))
    assert heat is not None
    assert (heat.least, heat.most) == ("8.8 °C", "12.9 °C")
    assert [heat.places[f"weather-{place}"].step for place in range(4)] == [1, STEPS - 1, 0, 2]
    assert heat.places["weather-1"].words == "12.9 °C"


def test_a_classroom_is_not_compared_with_the_street() -> None:
    heat = heat_of([*street(9.7, 12.9, 8.8), *street(19.5, 20.0, kind=DeviceKind.ROOM_AIR)])
    assert heat is not None
    assert set(heat.places) == {"weather-0", "weather-1", "weather-2"}
    assert heat.most == "12.9 °C"


@pytest.mark.parametrize("values", [(), (12.0,), (12.0, 13.0), (12.0, 12.0, 12.0)])
def test_where_nothing_can_be_compared_there_is_no_picture(values: tuple[float, ...]) -> None:
    assert heat_of(street(*values)) is None
