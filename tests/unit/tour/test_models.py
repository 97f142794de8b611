"""What real messages mean by the models of their devices: quantity, channel, canonical value."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tour.catalogue import model, quantity
from tour.terms import DeviceModel, Field
from tour.units import convert, per_hour

UPLINKS = Path(__file__).parents[2] / "uplinks"


def payload(sample: str) -> dict[str, Any]:
    """What a decoder made of the radio frame; an entity of NGSI-LD is that itself."""
    message: dict[str, Any] = json.loads((UPLINKS / f"{sample}.json").read_text(encoding="utf-8"))["payload"]
    decoded = message.get("object") or message.get("uplink_message", {}).get("decoded_payload") or message
    assert isinstance(decoded, dict)
    return decoded


def said(of: dict[str, Any], group: str = "") -> dict[str, Any]:
    """Values by name, in the shapes decoders use; of several samples the newest."""
    found: dict[str, Any] = {}
    for name, value in of.items():
        if isinstance(value, dict) and "value" in value:
            found[group + name] = value["value"]
        elif isinstance(value, dict) and "values" in value:
            found[group + name] = value["values"][0]
        elif isinstance(value, dict):
            found |= said(value, f"{group}{name}.")
        else:
            found[group + name] = value
    return found


def believed(field: Field, raw: float | str, beside: dict[str, Any]) -> bool:
    return not field.is_sentinel(raw) and all(
        each.field not in beside or each.low <= beside[each.field] <= each.high for each in field.requires
    )


def readings(of: DeviceModel, sample: str) -> Iterator[tuple[str, float]]:
    """Quantity with its channel, and the canonical value to two decimals."""
    names = said(payload(sample))
    for name, field in of.fields.items():
        if name in names and not field.of_interval and believed(field, names[name], names):
            value = convert(float(names[name]), field.unit, quantity(field.quantity))
            yield field.quantity + field.channel, round(value, 2)


@pytest.mark.parametrize(
    ("code", "sample", "meant"),
    [
        (
            "decentlab-iam",
            "ttn-codec-decentlab-iam-co2",
            {
                "air_temperature": 27.68,
                "relative_humidity": 36.44,
                "air_pressure": 964.12,
                "illuminance": 678.77,
                "co2": 455,
                "tvoc": 273,
                "battery_voltage": 2.96,
            },
        ),
        (
            "milesight-em500-smtc",
            "chirpstack-v4-em500-smtc-soil",
            {"soil_temperature": 28.1, "soil_moisture_vwc": 57, "soil_ec": 240, "battery_level": 100},
        ),
        ("milesight-em500-swl", "chirpstack-v4-em500-swl-water-level", {"water_level": 0.02, "battery_level": 100}),
        (
            "adeunis-comfort-co2",
            "ttn-codec-adeunis-comfort-co2-series",
            {"air_temperature": 43.5, "relative_humidity": 62, "co2": 420},
        ),
        ("browan-sound", "ttn-browan-sound-255", {"air_temperature": 20, "battery_voltage": 3.6}),
        ("dragino-ldds75", "ttn-codec-ldds75-no-sensor", {}),
        (
            "milesight-vs133",
            "chirpstack-v4-vs133-people-lines",
            {
                "people_in_total1": 72,
                "people_out_total1": 200,
                "people_in_total2": 0,
                "people_out_total2": 0,
                "people_in_total3": 0,
                "people_out_total3": 0,
                "people_in_total4": 5300,
                "people_out_total4": 6797,
            },
        ),
        (
            "ngsi-weather-observed",
            "ngsi-ld-weather",
            {
                "air_temperature": 3.3,
                "relative_humidity": 100,
                "air_pressure": 938.9,
                "wind_speed": 2,
                "wind_direction": 135,
                "rain": 0,
                "illuminance": 1000,
                "uv_index": 1,
            },
        ),
    ],
)
def test_a_real_message_means(code: str, sample: str, meant: dict[str, float]) -> None:
    assert dict(readings(model(code), sample)) == meant


def test_a_mast_that_lies_on_the_ground_measures_temperature_and_neither_rain_nor_wind() -> None:
    """The sample's mast leans by 45.7 degrees."""
    found = dict(readings(model("decentlab-atm41"), "ttn-codec-decentlab-atm41-weather"))
    assert found["air_temperature"] == 23.1
    assert found["air_pressure"] == 972.9
    assert {"rain_total", "wind_speed", "wind_direction"} & found.keys() == set()


def test_the_vehicles_of_five_minutes_are_a_flow() -> None:
    entity = payload("ngsi-ld-trafficflow")
    assert model("ngsi-traffic-flow-observed").fields["intensity"].of_interval
    begin, end = (datetime.fromisoformat(entity[name]) for name in ("dateObservedFrom", "dateObservedTo"))
    assert per_hour(entity["intensity"], begin, end) == 2364
