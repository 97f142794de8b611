"""The register of the connected city: which devices measure what, where, and how often. It names no person.

What a device may show follows from what it is (`protection_level`, derived, never typed), and one kind is refused
whoever asks: what recognises faces. A position comes from here and never from a message.
"""

import re
from datetime import date
from enum import StrEnum
from math import cos, hypot, radians
from statistics import median
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct
from msgspec.structs import replace

from domain.errors import AlreadyExists
from domain.errors.devices import (
    CameraUndeclared,
    FaceRecognitionRefused,
    HomeShown,
    ImpossibleDevice,
    ImpossibleStream,
    PositionOutside,
    SourceTaken,
)
from domain.ports import Unit
from domain.text import Text, check_name

REACH_KM = 80
"""How far from the middle of all its devices one of an authority may stand: the largest métropole is 60 km long."""

LONGEST_PERIOD_SECONDS = 40 * 86_400
"""The slowest streams report once a month."""

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_COMMUNE = re.compile(r"\d[\dAB]\d{3}")
_FACES = re.compile(r"visage|facial|\bface(?:s|[-_ ]?(?:id|rec\w*|match\w*|detect\w*))?\b|biom[ée]tr", re.IGNORECASE)


class DeviceKind(StrEnum):
    """What a device is. A closed list: what is not in it cannot be registered."""

    ROOM_AIR = "room-air"
    OUTDOOR_AIR = "outdoor-air"
    WEATHER = "weather"
    NOISE = "noise"
    POLLEN = "pollen"
    WATER_LEVEL = "water-level"
    WATER_QUALITY = "water-quality"
    SOIL = "soil"
    CONTAINER = "container"
    LIGHTING = "lighting"
    ENERGY = "energy"
    """The meter of a municipal building."""
    DISTRICT_METER = "district-meter"
    COUNTER = "counter"
    """Loop, tube, radar or infrared: it counts who passes and sees nobody."""
    OCCUPANCY = "occupancy"
    PARKING = "parking"
    CHARGING = "charging"
    CAMERA = "camera"
    RADIO_COUNTER = "radio-counter"
    """It counts phones by their radio, without keeping which."""
    HOME_METER = "home-meter"


_ENVIRONMENT, _AGGREGATED, _DE_IDENTIFIED, _RESTRICTED, _PERSONAL = range(5)
_LEVELS: dict[DeviceKind, int] = {
    DeviceKind.DISTRICT_METER: _AGGREGATED,
    DeviceKind.COUNTER: _AGGREGATED,
    DeviceKind.OCCUPANCY: _AGGREGATED,
    DeviceKind.PARKING: _AGGREGATED,
    DeviceKind.CHARGING: _AGGREGATED,
    DeviceKind.CAMERA: _DE_IDENTIFIED,
    DeviceKind.RADIO_COUNTER: _DE_IDENTIFIED,
    DeviceKind.HOME_METER: _RESTRICTED,
}
"""What is not listed measures the environment alone."""


class Sight(StrEnum):
    """What a device does with what it sees."""

    NONE = "none"
    """It has no camera."""
    COUNTS = "counts"
    """It turns images into numbers in itself; no image leaves it."""
    IMAGES = "images"
    """Images leave it."""
    FACES = "faces"
    """It recognises faces. The word exists so that the refusal does."""


class Summary(StrEnum):
    """How readings of a stream become one value of a longer time."""

    MEAN = "mean"
    ENERGY = "energy"
    """Decibels: the mean of the sound's energy, not of the numbers."""
    VECTOR = "vector"
    """Degrees of a compass: 350 and 10 have their mean at 0."""
    SUM = "sum"
    """Each reading counts for its own interval: passages, litres of rain."""
    DIFFERENCE = "difference"
    """An index that only grows, and starts from 0 again after a reset: differences are what counts."""
    LAST = "last"
    """Classes and states: there is no mean of them."""


class Device(Struct, frozen=True):
    """One device at one place.

    `latitude` and `longitude` (WGS 84, degrees) have the precision of what may be public. `source` is the code of the
    ingest source that brings its messages, `source_key` its name there (devEui, entity id, station). `model` and the
    quantities of its streams are codes of the catalogue. `retired_on` is the first day without it.
    """

    id: UUID
    authority_id: UUID
    code: str
    name: Text
    kind: DeviceKind
    model: str
    sight: Sight
    latitude: float
    longitude: float
    commune_code: str
    installed_on: date
    source: str
    source_key: str
    public: bool
    retired_on: date | None = None

    @property
    def protection_level(self) -> int:
        """0 environment, 1 aggregated counts, 2 de-identified in the device, 3 one home, restricted, 4 personal."""
        if self.sight is Sight.IMAGES:
            return _PERSONAL
        return max(_LEVELS.get(self.kind, _ENVIRONMENT), _DE_IDENTIFIED if self.sight is Sight.COUNTS else 0)


class Stream(Struct, frozen=True):
    """One quantity that one device measures, on one channel of it.

    `unit` is the quantity's canonical one (UCUM), in which values are stored. A value outside `low` and `high` is not
    believed; `max_step_per_minute` is the fastest believable change; None means that nothing is known. `delay_seconds`
    is how late the source is known to be. `time_zone` (IANA) is that of stamps which name none.
    """

    id: UUID
    authority_id: UUID
    device_id: UUID
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
    time_zone: str


class Position(NamedTuple):
    """Degrees north and east."""

    latitude: float
    longitude: float


def published(device: Device) -> Device:
    """Give a device the precision that may be public: a metre, or about a kilometre where it tells of one home."""
    digits = 2 if device.protection_level >= _RESTRICTED else 5
    return replace(device, latitude=round(device.latitude, digits), longitude=round(device.longitude, digits))


def check_device(device: Device) -> None:
    """Refuse a device that may not be registered, or contradicts itself.

    Raises:
        FaceRecognitionRefused: it recognises faces, in whichever of its fields it says so.
        CameraUndeclared, HomeShown, ImpossibleDevice, NameMissing, PositionOutside: as they say.
    """
    words = (device.code, device.name.fr, device.name.en, device.model, device.source_key)
    if device.sight is Sight.FACES or any(_FACES.search(word) for word in words):
        raise FaceRecognitionRefused("No device that recognises faces is registered here.")
    if (device.kind is DeviceKind.CAMERA) != (device.sight is not Sight.NONE):
        raise CameraUndeclared("A camera says what it does with what it sees, and only a camera sees.")
    if device.public and device.protection_level >= _RESTRICTED:
        raise HomeShown("What one home or one person does is never shown: register the total of a district.")
    check_name(device.name, of=f"Device {device.code}")
    if not (_CODE.fullmatch(device.code) and device.source and device.source_key):
        raise ImpossibleDevice("A device has a code of small letters, digits and hyphens, and a key at its source.")
    if not _COMMUNE.fullmatch(device.commune_code):
        raise ImpossibleDevice(f"{device.commune_code} is no INSEE code of a commune.")
    if device.retired_on is not None and device.retired_on < device.installed_on:
        raise ImpossibleDevice("A device cannot be retired before it was installed.")
    if not (-90 <= device.latitude <= 90 and -180 <= device.longitude <= 180):
        raise PositionOutside(f"{device.latitude}, {device.longitude} is no place on earth.")


def check_stream(stream: Stream) -> None:
    """Refuse a stream that could never hold a reading.

    Raises:
        ImpossibleStream: and says why.
    """
    if not 1 <= stream.period_seconds <= LONGEST_PERIOD_SECONDS:
        raise ImpossibleStream("The period lies between a second and 40 days.")
    if stream.delay_seconds < 0:
        raise ImpossibleStream("A source cannot be early.")
    if stream.low is not None and stream.high is not None and stream.low >= stream.high:
        raise ImpossibleStream("The lowest believable value lies below the highest.")
    if stream.max_step_per_minute is not None and stream.max_step_per_minute <= 0:
        raise ImpossibleStream("A fastest change of nothing would refuse every change.")
    try:
        ZoneInfo(stream.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ImpossibleStream(f"{stream.time_zone} is no time zone.") from None


def check_position(device: Device, others: list[Position]) -> None:
    """Refuse a device that stands far from the middle of all others of its authority.

    Raises:
        PositionOutside: and says when the two numbers were swapped.
    """
    if not others:
        return
    middle = Position(median(one.latitude for one in others), median(one.longitude for one in others))
    here = Position(device.latitude, device.longitude)
    if distance_km(here, middle) <= REACH_KM:
        return
    if distance_km(Position(device.longitude, device.latitude), middle) <= REACH_KM:
        raise PositionOutside("Latitude and longitude are swapped.")
    raise PositionOutside(f"It stands {distance_km(here, middle):.0f} km from the middle of the others.")


def distance_km(one: Position, other: Position) -> float:
    """Distance on the ground, good to a percent within a region."""
    east = (one.longitude - other.longitude) * cos(radians((one.latitude + other.latitude) / 2))
    return 111.2 * hypot(one.latitude - other.latitude, east)


async def register_device(unit: Unit, device: Device, streams: list[Stream]) -> None:
    """Write a device with its streams, new or changed; those of its streams that are not named stay as they are.

    Raises:
        SourceTaken: another device has its key at its source.
        AlreadyExists: its code belongs to another device.
        Invalid, Forbidden: as `check_device` and `check_stream`.
    """
    check_device(device)
    for stream in streams:
        check_stream(stream)
    if len({(stream.quantity, stream.channel) for stream in streams}) != len(streams):
        raise ImpossibleStream("One quantity stands twice on one channel.")
    at_source = await unit.devices.by_source(device.authority_id, device.source, device.source_key)
    if at_source is not None and at_source.id != device.id:
        raise SourceTaken(f"{device.source_key} at {device.source} is {at_source.code} already.")
    known = await unit.devices.find(device.authority_id, device.code)
    if known is not None and known.id != device.id:
        raise AlreadyExists(f"There is a device {device.code} already.")
    await unit.devices.save(published(device))
    for stream in streams:
        await unit.devices.save_stream(stream)
