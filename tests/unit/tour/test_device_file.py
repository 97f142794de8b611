"""The register as a file: its page, what spreadsheets make of it, and each fault in its place."""

import re
from datetime import date
from pathlib import Path

import pytest

from domain.devices import DeviceKind, Sight, Summary
from domain.errors.devices import BadDeviceFile
from tests.tour_streams import KNOWN
from tour.device_file import MAY_BE_MISSING, OF_DEVICE, OF_STREAM, Line, read

HEADER = (
    "device,name_fr,name_en,kind,model,latitude,longitude,commune,installed_on,source,source_key,public,"
    "quantity,period_minutes"
)
LINE = "school-12,École,School,room-air,milesight-am307,43.61,3.88,34172,2026-09-01,chirpstack,24e1,yes,co2,15"
PAGE = Path(__file__).parents[3] / "docs/tour-register.md"


def one(header: str = HEADER, line: str = LINE) -> Line:
    (found,) = read(f"{header}\n{line}\n", KNOWN)
    return found


def faults(line: str, header: str = HEADER) -> list[tuple[str, str]]:
    return [(fault.column, fault.code) for fault in one(header, line).faults]


def with_(column: str, cell: str) -> str:
    """The line with another cell."""
    names, cells = HEADER.split(","), LINE.split(",")
    cells[names.index(column)] = cell
    return ",".join(cells)


def test_a_line_is_a_device_and_one_of_its_streams() -> None:
    found = one()
    assert (found.number, found.faults) == (2, ())
    device, stream = found.device, found.stream
    assert (device.code, device.name.fr, device.kind, device.sight) == (
        "school-12",
        "École",
        DeviceKind.ROOM_AIR,
        Sight.NONE,
    )
    assert (device.installed_on, device.public, device.retired_on) == (date(2026, 9, 1), True, None)
    assert (stream.quantity, stream.unit, stream.summary, stream.period_seconds) == ("co2", "[ppm]", Summary.MEAN, 900)
    assert (stream.low, stream.high, stream.may_stand_still, stream.public) == (0, 40_000, False, True)


def test_what_a_french_spreadsheet_saves_is_read_alike() -> None:
    """A mark at the beginning, semicolons, decimal commas, days the other way round, yes in French."""
    line = LINE.replace("43.61,3.88", "43.61;3.88").replace(",", ";").replace("43.61", "43,61").replace("3.88", "3,88")
    line = line.replace("2026-09-01", "01/09/2026").replace("yes", "Oui")
    assert one("\ufeff" + HEADER.replace(",", ";"), line) == one()


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("name_fr", "", "bad-cell"),
        ("kind", "drone", "bad-cell"),
        ("model", "nobodys", "unknown-model"),
        ("latitude", "north", "bad-cell"),
        ("latitude", "1e5", "bad-cell"),
        ("longitude", "", "bad-cell"),
        ("longitude", "٣", "bad-cell"),
        ("installed_on", "yesterday", "bad-cell"),
        ("installed_on", "31/02/2026", "bad-cell"),
        ("public", "perhaps", "bad-cell"),
        ("quantity", "love", "unknown-quantity"),
        ("period_minutes", "often", "bad-cell"),
    ],
)
def test_a_cell_that_means_nothing_is_told_with_its_column(column: str, cell: str, code: str) -> None:
    assert faults(with_(column, cell)) == [(column, code)]


def test_every_fault_of_a_line_is_told_at_once() -> None:
    line = with_("kind", "drone").replace("43.61", "north").replace("yes", "perhaps")
    assert [column for column, _ in faults(line)] == ["kind", "latitude", "public"]


def test_the_other_streams_of_a_device_need_not_repeat_it() -> None:
    short = "school-12" + "," * 12 + "air_temperature,15"
    first, second = read(f"{HEADER}\n{LINE}\n\n{short}\n", KNOWN)
    assert second.device == first.device
    assert (second.number, second.stream.quantity, second.faults) == (4, "air_temperature", ())


def test_a_device_that_is_said_to_stand_in_two_places_is_refused() -> None:
    other = LINE.replace("43.61", "43.62").replace("co2", "air_temperature")
    _, second = read(f"{HEADER}\n{LINE}\n{other}\n", KNOWN)
    assert [(fault.column, fault.words) for fault in second.faults] == [("latitude", "Line 2 says 43.61.")]


def test_what_the_line_says_goes_before_what_the_catalogue_says() -> None:
    header = f"{HEADER},low,high,max_step_per_minute,may_stand_still,shown,calibrated_on,time_zone,delay_minutes,camera"
    said = one(header, f"{LINE},350,5000,200,yes,no,2026-10-01,Europe/Paris,1.5,none")
    stream = said.stream
    assert (stream.low, stream.high, stream.max_step_per_minute) == (350, 5_000, 200)
    assert (stream.may_stand_still, stream.public, stream.calibrated_on) == (True, False, date(2026, 10, 1))
    assert (stream.time_zone, stream.delay_seconds) == ("Europe/Paris", 90)


@pytest.mark.parametrize(("kind", "quantity"), [("container", "fill_level"), ("weather", "rain")])
def test_a_container_and_rain_may_stand_still_without_being_told(kind: str, quantity: str) -> None:
    line = LINE.replace("room-air", kind).replace("co2", quantity)
    assert one(line=line).stream.may_stand_still


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "lacks"),
        (HEADER, "no line"),
        (f"{HEADER},contact\n{LINE},Mme Durand", "column contact"),
        (HEADER.replace(",model", "") + "\n", "lacks model"),
        (f"{HEADER},device\n{LINE},school-12", "twice"),
        (f"{HEADER}\n{LINE},too,much", "Line 2 has more cells"),
        (f'{HEADER}\n"{"x" * 200_000}"', "no CSV"),
        ("x" * 5_000_001, "longer than"),
    ],
)
def test_what_is_no_table_of_devices_is_refused_whole(text: str, why: str) -> None:
    with pytest.raises(BadDeviceFile, match=why):
        read(text, KNOWN)


def test_the_page_lists_every_column_in_order_and_says_which_may_be_missing() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (yes|no) \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert [name for name, _ in rows] == [*OF_DEVICE, *OF_STREAM]
    assert {name for name, needed in rows if needed == "no"} == MAY_BE_MISSING
