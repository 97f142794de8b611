"""The messages of tests/uplinks, and what is agreed with the source of each.

Every file carries its provenance: repository, path, commit, licence, and what was changed.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tour.ingest import read_message
from tour.ingest.sources import Message, Source
from tour.measures import Parsed

FOLDER = Path(__file__).parent / "uplinks"

RECEIVED_AT = datetime(2026, 11, 21, 8, 0, 30, tzinfo=UTC)
"""Half a minute after the youngest honest sample."""

FORMATS = {
    "chirpstack.v4.event.up": "chirpstack",
    "chirpstack.v4.event.log": "chirpstack",
    "tts.v3.uplink": "the-things-stack",
    "ngsi-ld.notification": "ngsi-ld",
    "ngsi-ld.keyValues": "ngsi-ld",
    "ngsi-ld.normalized": "ngsi-ld",
    "ngsi-ld.temporalValues": "ecocounters-hourly",
    "ndjson-broken": "ecocounters-daily",
    "ogc.sensorthings.1.1.Observation": "sensorthings",
    "hubeau.hydrometrie.observations_tr": "hubeau",
    "hubeau.hydrometrie.obs_elab": "hubeau",
    "vigicrues.observations.json": "vigicrues",
    "opendatasoft.records": "opendatasoft",
    "senml+json": "senml",
    "actility.thingpark.DevEUI_uplink": "thingpark",
    "loriot.rx": "loriot",
}
"""The formats of the program by those of the samples; "plain.mqtt" is not here, each of its messages has a topic."""

FIELDS = frozenset(
    {
        *(
            "temperature",
            "humidity",
            "co2",
            "pressure",
            "tvoc",
            "light_level",
            "pulse",
            "moisture",
            "ec",
            "water_level",
        ),
        *("distance", "light", "vdd", "soundPeak", "soundAvg", "decibel", "luminosity", "battery", "battery_voltage"),
        *("line_1_total_in", "line_1_total_out", "line_4_total_in", "line_4_total_out"),
        *("bytes.temperature", "bytes.humidity", "bytes.co2", "Temperature", "Humidity", "Pressure"),
        *("air_temperature", "air_humidity", "barometric_pressure", "co2_concentration", "illuminance"),
        *("wind_speed", "precipitation", "cumulative_precipitation", "lightning_strike_count", "relative_humidity"),
        *("rainfall_total", "temp_SOIL", "water_SOIL", "conduct_SOIL"),
        *("no2", "co", "so2", "relativeHumidity", "windSpeed", "peopleCount", "intensity", "soilMoistureVwc"),
        *("soilTemperature", "allergenRisk", "atmosphericPressure", "waterConsumption", "voltage", "current", "v"),
        *("counts", "level", "t"),
    }
)
"""What a catalogue of device models would allow; the samples say a great deal more."""

SOURCE = Source("test", fields=FIELDS)
PARIS = Source("test", fields=FIELDS, zone="Europe/Paris")

SOURCES = {
    "opendatasoft-ecocompteur-records": Source("test", fields=FIELDS, device_field="name", time_field="date"),
    "ngsi-ld-airquality-keyvalues": Source("test", fields=FIELDS, zone="Europe/Madrid"),
    "ngsi-ld-airquality-notification": Source("test", fields=FIELDS, zone="Europe/Madrid"),
    "ngsi-ld-indoor-environment": Source("test", fields=FIELDS, zone="Europe/Rome"),
}


class Sample(NamedTuple):
    """One file; `bodies` are its messages."""

    name: str
    format: str
    source: Source
    bodies: list[bytes]
    expected: dict[str, Any]


def read_sample(name: str) -> Sample:
    """Read one file. ChirpStack's and The Things Stack's lists hold one message each; other lists are messages."""
    said = json.loads((FOLDER / f"{name}.json").read_bytes())
    apart = isinstance(said.get("payload"), list) and said["format"].startswith(("chirpstack", "tts"))
    bodies = said["payload"] if apart else [said.get("payload")]
    raw = [said["raw"].encode()] if "raw" in said else [json.dumps(body).encode() for body in bodies]
    return Sample(name, FORMATS[said["format"]], SOURCES.get(name, SOURCE), raw, said.get("expected", {}))


NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
SAMPLES = {name: read_sample(name) for name in NAMES if not name.startswith("plain-mqtt")}


def parsed(
    name: str, *, source: Source | None = None, received_at: datetime = RECEIVED_AT, late: timedelta = timedelta()
) -> list[Parsed]:
    """Every message of a file, read as its source was agreed."""
    sample = SAMPLES[name]
    return [
        read_message(sample.format, Message(body, received_at + late), source or sample.source)
        for body in sample.bodies
    ]
