"""The register as a file that a spreadsheet writes: one line for each stream, CSV with commas or semicolons.

Every line is looked at and told what is wrong with each of its cells. A column that nobody knows is refused: the
register has no place for the name of a person. docs/tour-register.md explains the columns.
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from io import StringIO

from msgspec import Struct

from domain.devices import DeviceKind, Sight, Summary
from domain.errors.devices import BadDeviceFile, UnknownModel, UnknownQuantity
from domain.text import Text
from tour.cells import CellFault, Cells, day, number, one_of, or_else, text, yes

LONGEST = 5_000_000
"""Characters of a file that are looked at: some 25,000 streams."""

OF_DEVICE = (
    "device",
    "name_fr",
    "name_en",
    "kind",
    "model",
    "camera",
    "latitude",
    "longitude",
    "commune",
    "installed_on",
    "retired_on",
    "source",
    "source_key",
    "public",
)
OF_STREAM = (
    "quantity",
    "channel",
    "period_minutes",
    "delay_minutes",
    "low",
    "high",
    "max_step_per_minute",
    "may_stand_still",
    "shown",
    "calibrated_on",
    "time_zone",
)
MAY_BE_MISSING = frozenset(
    {
        "camera",
        "retired_on",
        "channel",
        "delay_minutes",
        "low",
        "high",
        "max_step_per_minute",
        "may_stand_still",
        "shown",
        "calibrated_on",
        "time_zone",
    }
)

STANDS_STILL = frozenset(
    {
        DeviceKind.CONTAINER,
        DeviceKind.LIGHTING,
        DeviceKind.ENERGY,
        DeviceKind.OCCUPANCY,
        DeviceKind.PARKING,
        DeviceKind.CHARGING,
    }
)
"""Kinds whose values may stay the same for hours, with sums, counters and states of any kind."""


class QuantityFacts(Struct, frozen=True):
    """What the catalogue says of a quantity: its canonical unit, how it is summed up, what is physically possible."""

    unit: str
    summary: Summary
    low: float | None
    high: float | None


_NO_FACTS = QuantityFacts("", Summary.MEAN, None, None)


class Known(Struct, frozen=True):
    """The codes that a file may use."""

    quantities: Mapping[str, QuantityFacts]
    models: frozenset[str]


class DeviceCells(Struct, frozen=True):
    """What the file says of a device."""

    code: str
    name: Text
    kind: DeviceKind
    model: str
    sight: Sight
    latitude: float
    longitude: float
    commune_code: str
    installed_on: date
    retired_on: date | None
    source: str
    source_key: str
    public: bool


class StreamCells(Struct, frozen=True):
    """What the file says of a stream, with what the catalogue says where the file is silent."""

    quantity: str
    channel: str
    unit: str
    summary: Summary
    period_seconds: int
    delay_seconds: int
    low: float | None
    high: float | None
    max_step_per_minute: float | None
    may_stand_still: bool
    public: bool
    calibrated_on: date | None
    time_zone: str | None


class Line(Struct, frozen=True):
    """One line of the file. Where it has faults, some of what it says is only there to fill the place."""

    number: int
    device: DeviceCells
    stream: StreamCells
    faults: tuple[CellFault, ...]


def read(written: str, known: Known) -> list[Line]:
    """Read a file, every line with its faults.

    Raises:
        BadDeviceFile: it is too long, has no line, an unknown column, or lacks one.
    """
    first: dict[str, Cells] = {}
    lines = []
    for place, own in _rows(written):
        cells = Cells(place, own)
        cells.follow(first.setdefault(cells["device"], cells), OF_DEVICE)
        lines.append(_line(cells, known))
    if not lines:
        raise BadDeviceFile("The file has no line under its header.")
    return lines


def _rows(written: str) -> Iterator[tuple[int, dict[str, str]]]:
    if len(written) > LONGEST:
        raise BadDeviceFile(f"The file is longer than {LONGEST} characters.")
    header, _, _ = written.lstrip("\ufeff").partition("\n")
    reader = csv.reader(StringIO(written.lstrip("\ufeff")), delimiter=";" if ";" in header else ",")
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        _check_header(names)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                if len(cells) > len(names):
                    raise BadDeviceFile(f"Line {reader.line_num} has more cells than the header has columns.")
                padded = [cell.strip() for cell in cells] + [""] * (len(names) - len(cells))
                yield (
                    reader.line_num,
                    {**dict.fromkeys(OF_DEVICE + OF_STREAM, ""), **dict(zip(names, padded, strict=True))},
                )
    except csv.Error as problem:
        raise BadDeviceFile(f"Line {reader.line_num} is no CSV: {problem}.") from problem


def _check_header(names: list[str]) -> None:
    columns = {*OF_DEVICE, *OF_STREAM}
    if unknown := sorted(set(names) - columns):
        raise BadDeviceFile(
            f"Nobody knows the column {', '.join(unknown)}. Columns are: {', '.join(OF_DEVICE + OF_STREAM)}."
        )
    if missing := sorted(columns - MAY_BE_MISSING - set(names)):
        raise BadDeviceFile(f"The header lacks {', '.join(missing)}.")
    if len(set(names)) != len(names):
        raise BadDeviceFile("A column stands twice in the header.")


def _line(cells: Cells, known: Known) -> Line:
    kind = cells.take("kind", one_of(DeviceKind), instead=DeviceKind.CAMERA)
    device, stream = _device(cells, known, kind), _stream(cells, known, kind)
    return Line(cells.number, device, stream, tuple(cells.faults))


def _device(cells: Cells, known: Known, kind: DeviceKind) -> DeviceCells:
    return DeviceCells(
        code=cells.take("device", text, instead=""),
        name=Text(fr=cells.take("name_fr", text, instead=""), en=cells.take("name_en", text, instead="")),
        kind=kind,
        model=cells.take("model", lambda cell: _model(cell, known), instead=""),
        sight=cells.take("camera", or_else(Sight.NONE, one_of(Sight)), instead=Sight.NONE),
        latitude=cells.take("latitude", number, instead=0.0),
        longitude=cells.take("longitude", number, instead=0.0),
        commune_code=cells.take("commune", text, instead=""),
        installed_on=cells.take("installed_on", day, instead=date.min),
        retired_on=cells.take("retired_on", or_else(None, day), instead=None),
        source=cells.take("source", text, instead=""),
        source_key=cells.take("source_key", text, instead=""),
        public=cells.take("public", yes, instead=False),
    )


def _stream(cells: Cells, known: Known, kind: DeviceKind) -> StreamCells:
    facts = cells.take("quantity", lambda cell: _facts(cell, known), instead=_NO_FACTS)
    still = kind in STANDS_STILL or facts.summary in {Summary.SUM, Summary.DIFFERENCE, Summary.LAST}
    return StreamCells(
        quantity=cells["quantity"],
        channel=cells["channel"],
        unit=facts.unit,
        summary=facts.summary,
        period_seconds=round(60 * cells.take("period_minutes", number, instead=0.0)),
        delay_seconds=round(60 * cells.take("delay_minutes", or_else(0.0, number), instead=0.0)),
        low=cells.take("low", or_else(facts.low, number), instead=None),
        high=cells.take("high", or_else(facts.high, number), instead=None),
        max_step_per_minute=cells.take("max_step_per_minute", or_else(None, number), instead=None),
        may_stand_still=cells.take("may_stand_still", or_else(still, yes), instead=still),
        public=cells.take("shown", or_else(True, yes), instead=False),  # noqa: FBT003 - the value of an empty cell
        calibrated_on=cells.take("calibrated_on", or_else(None, day), instead=None),
        time_zone=cells["time_zone"] or None,
    )


def _model(cell: str, known: Known) -> str:
    if cell not in known.models:
        raise UnknownModel(f"No model has the code {cell}.")
    return cell


def _facts(cell: str, known: Known) -> QuantityFacts:
    if cell not in known.quantities:
        raise UnknownQuantity(f"No quantity has the code {cell}.")
    return known.quantities[cell]
