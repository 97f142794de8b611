"""The devices of the demonstration: what the register says of each, and what it would measure at any instant."""

from collections import defaultdict
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zlib import crc32
from zoneinfo import ZoneInfo

from msgspec import Struct

from cli.demo.territory import TIME_ZONE
from cli.demo.tour.curves import Curve
from cli.demo.tour.systems import CURVES
from domain.devices import DeviceKind
from tour.catalogue import model, quantity
from tour.cooling import GAIN
from tour.device_file import Line, read
from tour.known import from_catalogue
from tour.terms import Field
from tour.units import convert

FOLDER = Path(__file__).parent
ZONE = ZoneInfo(TIME_ZONE)
PLACES = "lieux"
"""The source of what the gates of the city's own places count: no device, and nothing to simulate."""

HOUR = timedelta(hours=1)

_OVER_AN_HOUR = frozenset({"bicycle_flow", "person_flow", "rain", "no2", "o3", "pm25", "pm10"})
_OVER_A_DAY = frozenset({"water_use", "water_use_per_person"})
_DELIVERED = timedelta(hours=5, minutes=10)
"""When yesterday's files come, by the clock of the place."""


class Speaker(Struct, frozen=True):
    """Who speaks: its code in the register, its model, and by which source and name its messages come."""

    code: str
    model: str
    source: str
    source_key: str


class Part(Struct, frozen=True):
    """One stream of a device: the field of its messages, and the curve that it follows."""

    name: str
    field: Field
    curve: Curve

    def raw(self, at: datetime) -> float:
        """What the device says of an instant, in the unit that it speaks."""
        measured = quantity(self.field.quantity)
        zero = convert(0, self.field.unit, measured)
        factor = convert(1, self.field.unit, measured) - zero
        return round((self.curve(at.astimezone(ZONE)) - zero) / factor, 3)


class Simulated(Struct, frozen=True):
    """A device that speaks. `over` is how long each of its values was measured over: nothing, an hour or a day; what is
    `daily` comes as a file, the morning after.
    """

    device: Speaker
    parts: tuple[Part, ...]
    period: timedelta
    over: timedelta = timedelta()
    daily: bool = False

    @property
    def code(self) -> str:
        """Its code in the register."""
        return self.device.code

    def instants(self, since: datetime, until: datetime) -> list[datetime]:
        """When it sends after one instant and until another. Each device has its own minute of its period."""
        if self.daily:
            first = datetime.combine(since.astimezone(ZONE).date(), datetime.min.time(), ZONE) + _DELIVERED
            mornings = (first + timedelta(days=day) for day in range((until - since).days + 3))
            return [at for at in mornings if since < at <= until]
        period = self.period // timedelta(seconds=1)
        offset = 120 if self.over else crc32(self.code.encode()) % period
        begin, end = ((int(at.timestamp()) - offset) // period for at in (since, until))
        return [datetime.fromtimestamp(offset + place * period, ZONE) for place in range(begin + 1, end + 1)]

    def number(self, at: datetime) -> int:
        """How many times it has sent since the first clock: what a radio counts."""
        return int(at.timestamp()) // (self.period // timedelta(seconds=1))


@cache
def register_file() -> str:
    """The devices as the register takes them in."""
    return (FOLDER / "devices.csv").read_text(encoding="utf-8")


@cache
def simulated() -> tuple[Simulated, ...]:
    """Every device that speaks, by the order of the file; what is worked out from others is said by nobody."""
    by_device: defaultdict[str, list[Line]] = defaultdict(list)
    for line in read(register_file(), from_catalogue()):
        if line.device.kind is not DeviceKind.OCCUPANCY and line.stream.quantity != GAIN:
            by_device[line.device.code].append(line)
    return tuple(_simulated(lines) for lines in by_device.values())


def _simulated(lines: list[Line]) -> Simulated:
    device, period = lines[0].device, timedelta(seconds=lines[0].stream.period_seconds)
    fields = {field.quantity: (name, field) for name, field in model(device.model).fields.items()}
    asked = [line.stream.quantity for line in lines]
    over = timedelta(days=1) if _OVER_A_DAY & {*asked} else HOUR if _OVER_AN_HOUR & {*asked} else timedelta()
    return Simulated(
        Speaker(device.code, device.model, device.source, device.source_key),
        tuple(Part(*fields[one], CURVES[device.code, one]) for one in asked),
        period,
        over,
        any(line.stream.delay_seconds for line in lines),
    )
