"""Devices, streams and readings for the tests of the tour."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from domain.devices import Device, DeviceKind, Sight, Stream, Summary
from domain.readings import Quality, Reading
from domain.text import Text
from tour.device_file import Known, QuantityFacts

NOON = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)

AIR = Device(
    id=UUID(int=1),
    authority_id=UUID(int=9),
    code="ecole-gambetta-12",
    name=Text(fr="École Gambetta, classe 12", en="Gambetta school, room 12"),
    kind=DeviceKind.ROOM_AIR,
    model="milesight-am307",
    sight=Sight.NONE,
    latitude=43.61,
    longitude=3.88,
    commune_code="34172",
    installed_on=date(2026, 9, 1),
    source="chirpstack",
    source_key="24e124707c481234",
    public=True,
)
CO2 = Stream(
    id=UUID(int=11),
    authority_id=AIR.authority_id,
    device_id=AIR.id,
    quantity="co2",
    channel="",
    unit="[ppm]",
    summary=Summary.MEAN,
    period_seconds=900,
    delay_seconds=0,
    low=0.0,
    high=40_000.0,
    max_step_per_minute=None,
    may_stand_still=False,
    public=True,
    calibrated_on=None,
    time_zone="Europe/Paris",
)
KNOWN = Known(
    quantities={
        "co2": QuantityFacts("[ppm]", Summary.MEAN, 0, 40_000),
        "air_temperature": QuantityFacts("Cel", Summary.MEAN, -40, 60),
        "fill_level": QuantityFacts("%", Summary.MEAN, 0, 100),
        "rain": QuantityFacts("mm", Summary.SUM, 0, 200),
    },
    models=frozenset({"milesight-am307", "glass-column"}),
)


def reading(value: float, at: datetime = NOON, stream: Stream = CO2, **more: Any) -> Reading:  # noqa: ANN401 - fields
    """A reading that came a second after its time."""
    known = Reading(
        stream_id=stream.id,
        observed_at=at,
        until=None,
        received_at=at + timedelta(seconds=1),
        value=value,
        quality=Quality.CORRECT,
        source_id=sha256(f"{stream.id} {at}".encode()).digest(),
    )
    return replace(known, **more)
