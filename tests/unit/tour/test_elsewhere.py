"""Where to go instead of a full container: near, with room, and known freshly."""

from datetime import timedelta
from uuid import UUID

from msgspec.structs import replace

from domain.devices import DeviceKind, Position
from domain.readings import Last, Newest, Quality
from store.shown import Shown
from tests.tour_streams import AIR, CO2, NOON
from tour.elsewhere import Place, elsewhere
from tour.live import live

COLUMN = replace(AIR, kind=DeviceKind.CONTAINER, model="glass-column")
HERE = Position(43.6085, 3.8797)
NEAR, NEARER, FAR = Position(43.6120, 3.8797), Position(43.6100, 3.8797), Position(43.70, 3.8797)


def place(
    name: str, at: Position, fill: float, *, number: int, hours_ago: int = 0, quantity: str = "fill_level"
) -> Place:
    stream = replace(CO2, id=UUID(int=number), quantity=quantity, unit="%")
    then = NOON - timedelta(minutes=5, hours=hours_ago)
    value = Newest(stream.id, then, None, then, fill, Quality.CORRECT, then)
    return Place(name, at, Shown(COLUMN, stream, "Europe/Paris"), Last(value))


FULL = place("Place Candolle", HERE, 96, number=1)


def test_a_full_container_names_the_nearest_that_has_room() -> None:
    others = [place("Corum", NEAR, 20, number=2), place("Jardin", NEARER, 60, number=3)]
    assert elsewhere([FULL, *others], NOON) == {UUID(int=1): "Jardin"}


def test_one_that_is_full_too_or_far_or_silent_or_something_else_is_not_named() -> None:
    others = [
        place("Full too", NEARER, 95, number=2),
        place("Far", FAR, 10, number=3),
        place("Silent", NEARER, 10, number=4, hours_ago=72),
        place("Soil", NEARER, 10, number=5, quantity="soil_moisture_vwc"),
    ]
    assert elsewhere([FULL, *others], NOON) == {}


def test_one_with_room_needs_no_other() -> None:
    assert elsewhere([place("Candolle", HERE, 40, number=1), place("Corum", NEAR, 20, number=2)], NOON) == {}


def test_the_sentence_says_where() -> None:
    told = live(FULL.shown.device, FULL.shown.stream, FULL.last, NOON, elsewhere="Jardin des plantes")
    assert told.action is not None
    assert "Jardin des plantes" in told.action.fr
    assert "Jardin des plantes" in told.sentence.en
