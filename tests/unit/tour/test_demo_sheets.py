"""The sheets of the demonstration: whole, easy to read, in two languages, and one for each kind of system."""

import io
from hashlib import sha256

import pytest
from PIL import Image

from adapters.media_folder import sound_of
from cli.demo.tour.pictures import HEIGHT, MOTIFS, WIDTH, drawing
from cli.demo.tour.plan import register_file
from cli.demo.tour.sheets import sheets
from domain.devices import DeviceKind
from domain.easy_reading import advice_on
from domain.itineraries import Theme
from domain.sheets import check_sheet, missing
from tour.device_file import read
from tour.known import from_catalogue
from tour.point_file import PointLine

FILE = sheets(lambda motif: sha256(motif.encode()).hexdigest(), lambda sound: sha256(sound_of(sound)).hexdigest())
DEVICES = {line.device.code: line.device for line in read(register_file(), from_catalogue())}
STREAMS = {(line.device.code, line.stream.quantity) for line in read(register_file(), from_catalogue())}

SYSTEMS = {
    DeviceKind.ROOM_AIR,
    DeviceKind.OUTDOOR_AIR,
    DeviceKind.COUNTER,
    DeviceKind.WATER_LEVEL,
    DeviceKind.SOIL,
    DeviceKind.CONTAINER,
    DeviceKind.DISTRICT_METER,
    DeviceKind.PARKING,
    DeviceKind.CHARGING,
    DeviceKind.WEATHER,
    DeviceKind.OCCUPANCY,
    DeviceKind.NOISE,
    DeviceKind.LIGHTING,
    DeviceKind.ENERGY,
}


@pytest.mark.parametrize("line", FILE.points, ids=lambda line: line.slug)
def test_a_sheet_is_whole_and_easy_to_read(line: PointLine) -> None:
    check_sheet(line.sheet)
    assert missing(line.sheet) == []
    assert advice_on(line.sheet) == []
    words = (
        *(line.sheet.title, line.sheet.place, line.sheet.what_it_is, line.sheet.how_it_works, line.sheet.benefit),
        *(line.sheet.decision, line.sheet.service, line.sheet.surroundings, line.sheet.retention),
        *line.sheet.does_not,
    )
    assert all(one.fr and one.en for one in words)
    assert all(one.easy for one in (line.sheet.what_it_is, line.sheet.benefit, *line.sheet.does_not))
    assert {(one.device, one.quantity) for one in line.sheet.streams} <= STREAMS


def test_a_sheet_can_be_listened_to_and_says_the_same_in_writing() -> None:
    (spoken,) = [line.sheet.recording for line in FILE.points if line.sheet.recording is not None]
    assert "Pont-Vieux" in spoken.transcript.fr
    assert "Old Bridge" in spoken.transcript.en
    assert len(set(spoken.digests)) == 2
    assert "Puente Viejo" in spoken.transcript.es


def test_every_kind_of_system_has_a_point() -> None:
    assert {DEVICES[code].kind for line in FILE.points for code in line.sheet.devices} == SYSTEMS


def test_every_point_but_those_far_out_lies_on_a_walk() -> None:
    assert [walk.fault for walk in FILE.walks] == [None, None]
    stops = [stop.point for walk in FILE.walks for stop in walk.stops]
    assert len(stops) == len(set(stops)) >= 10
    assert set(stops) <= {line.slug for line in FILE.points}
    assert {walk.walk["theme"] for walk in FILE.walks} <= set(Theme)
    assert all(stop.way.get("fr") and stop.way.get("en") for walk in FILE.walks for stop in walk.stops[1:])


@pytest.mark.parametrize("motif", MOTIFS)
def test_a_drawing_is_the_same_each_time(motif: str) -> None:
    drawn = drawing(motif)
    assert drawn == drawing(motif)
    with Image.open(io.BytesIO(drawn)) as picture:
        assert picture.size == (WIDTH, HEIGHT)
