"""Every message of tests/uplinks, read: what it says, what is left out, and what is refused with which code."""

import re
from datetime import datetime

import pytest

from tests.uplinks_said import FOLDER, RECEIVED_AT, SAMPLES, parsed
from tour.measures import EventKind, Judgement, Malformed, Measure, Parsed

Said = dict[str, float | str]

NOON_IN_2023 = "2023-05-22T07:47:05.404859+00:00"
NOVEMBER = "2026-11-21T08:00:00+00:00"

VALUES: dict[str, Said] = {
    "chirpstack-future-clock": {},
    "chirpstack-v4-am307-history-impossible": {
        "battery": 85,
        "temperature": 23.8,
        "humidity": 62,
        "co2": 936,
        "pressure": 1008.6,
    },
    "chirpstack-v4-am307-no-object": {},
    "chirpstack-v4-em500-smtc-soil": {"battery": 100, "temperature": 28.1, "moisture": 57, "ec": 240},
    "chirpstack-v4-em500-swl-water-level": {"battery": 100, "water_level": 2},
    "chirpstack-v4-em500-udl-distance": {"battery": 100, "distance": 30},
    "chirpstack-v4-ers2-sound": {
        "temperature": 22.6,
        "humidity": 41,
        "light": 39,
        "vdd": 3426,
        "soundPeak": 7,
        "soundAvg": 16,
    },
    "chirpstack-v4-first-uplink-no-fcnt": {},
    "chirpstack-v4-log-doc": {},
    "chirpstack-v4-up-doc-no-object": {},
    "chirpstack-v4-up-flooded-with-nulls": {},
    "chirpstack-v4-vs133-people-lines": {
        "line_1_total_in": 72,
        "line_1_total_out": 200,
        "line_4_total_in": 5300,
        "line_4_total_out": 6797,
    },
    "hubeau-observations-tr-doubled": {"Q": 9439},
    "hubeau-outlier-501-m3s": {"QmnJ": 501847},
    "hubeau-two-values-same-time": {"H": 904},
    "loriot-am307": {},
    "montpellier-ecocounter-entities": {},
    "ngsi-ld-airquality-keyvalues": {
        "co": 500,
        "no2": 69,
        "so2": 11,
        "precipitation": 0,
        "relativeHumidity": 0.54,
        "temperature": 12.2,
        "windSpeed": 0.64,
    },
    "ngsi-ld-airquality-notification": {
        "co": 500,
        "no2": 69,
        "so2": 11,
        "precipitation": 0,
        "relativeHumidity": 0.54,
        "temperature": 12.2,
        "windSpeed": 0.64,
        "pressure": 1.1,
    },
    "ngsi-ld-crowdflow-normalized": {"peopleCount": 100},
    "ngsi-ld-devicemeasurement-outlier": {"humidity": 55.2},
    "ngsi-ld-greenspace-garden": {"soilMoistureVwc": 0.87, "soilTemperature": 13},
    "ngsi-ld-indoor-environment": {
        "illuminance": 1000,
        "peopleCount": 10,
        "relativeHumidity": 0.54,
        "temperature": 12.2,
    },
    "ngsi-ld-itemflow-nice": {"intensity": 12},
    "ngsi-ld-pollen": {"allergenRisk": "moderate"},
    "ngsi-ld-trafficflow": {"intensity": 197},
    "ngsi-ld-waterconsumption": {"waterConsumption": 191051},
    "ngsi-ld-weather": {
        "atmosphericPressure": 938.9,
        "illuminance": 1000,
        "precipitation": 0,
        "relativeHumidity": 1,
        "temperature": 3.3,
        "windSpeed": 2,
    },
    "senml-rfc8428-multiple": {"voltage": 120.1, "current": 1.2},
    "senml-rfc8428-single": {"v": 23.1},
    "thingpark-decentlab-atm41": {},
    "ttn-browan-sound-255": {"battery": 3.6, "temperature": 20, "decibel": 255},
    "ttn-codec-am307-co2-high": {"co2": 1255, "tvoc": 7, "pressure": 1004.7},
    "ttn-codec-decentlab-atm41-weather": {
        "air_temperature": 23.1,
        "barometric_pressure": 97.29,
        "battery_voltage": 2.78,
        "precipitation": 0,
        "cumulative_precipitation": 70,
        "lightning_strike_count": 0,
        "relative_humidity": 47,
        "wind_speed": 0.52,
    },
    "ttn-codec-decentlab-battery-only": {"battery_voltage": 3.109},
    "ttn-codec-decentlab-iam-co2": {
        "air_humidity": 36.438544289311054,
        "air_temperature": 27.67833981841764,
        "barometric_pressure": 96412,
        "battery_voltage": 2.962,
        "co2_concentration": 455,
        "illuminance": 678.76512,
    },
    "ttn-codec-decentlab-pr36-level-bar": {
        "battery_voltage": 3.115,
        "pressure": 0.0125732421875,
        "temperature": 23.50390625,
    },
    "ttn-codec-ldds75-no-sensor": {"distance": "No Sensor"},
    "ttn-codec-lse01-strings-for-numbers": {"conduct_SOIL": 28200, "temp_SOIL": 24.59, "water_SOIL": 19.57},
    "ttn-codec-wts506-weather": {
        "battery": 100,
        "humidity": 56.5,
        "pressure": 1015.4,
        "temperature": 27.2,
        "wind_speed": 40.2,
        "rainfall_total": 50.6,
    },
    "tts-v3-first-f_cnt-missing": {"Humidity": 50.24, "Pressure": 76.1, "Temperature": 26.3, "battery": 3.649},
    "tts-v3-uplink-doc": {"temperature": 1, "luminosity": 0.64},
    "tts-v3-uplink-mqtt-doc-text-payload": {},
}
"""What each message of one device and one moment says, name by name. Impossible values are said
too: they are judged later."""

REFUSED = {
    "sensorthings-timestamp-without-zone": "time-without-zone",
    "tts-v3-uplink-doc-malformed": "malformed-message",
}

SEVERAL = {
    "chirpstack-duplicate-fcnt-48s-later",
    "chirpstack-v4-em300-di-pulse-history",
    "hubeau-unit-switch-mid-series",
    "montpellier-ecocounter-daily-glued-json",
    "montpellier-ecocounter-hourly-temporalvalues",
    "opendatasoft-ecocompteur-records",
    "plain-mqtt-edge-set",
    "ttn-codec-adeunis-comfort-co2-series",
    "tts-v3-empty-frm_payload-garbage-decode",
    "vigicrues-observations-json",
}
"""Several messages, moments or devices in one file: each has a test of its own."""


def only(name: str) -> Parsed:
    (one,) = parsed(name)
    return one


def said(measures: tuple[Measure, ...]) -> Said:
    values = {measure.name: measure.text or measure.value for measure in measures}
    assert len(values) == len(measures)
    return {name: value for name, value in values.items() if value is not None}


def kinds(one: Parsed) -> list[EventKind]:
    return [event.kind for event in one.events]


def test_every_sample_has_its_expected_result() -> None:
    names = {path.stem for path in FOLDER.glob("*.json")}
    assert VALUES.keys() | REFUSED.keys() | SEVERAL == names


def test_no_sample_is_under_a_licence_that_binds_us() -> None:
    """Test data of Orion-LD (AGPL) and of FROST (LGPL) stays out: what we need of it is written anew."""
    binding = re.compile(r'"licence": "[^"]*GPL|"repository": "[^"]*(Orion-LD|FROST-Server/)', re.IGNORECASE)
    assert [path.name for path in FOLDER.glob("*.json") if binding.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("name", VALUES)
def test_a_message_says_its_values_and_nothing_else(name: str) -> None:
    assert said(only(name).measures) == VALUES[name]


@pytest.mark.parametrize(("name", "code"), REFUSED.items())
def test_a_malformed_message_is_refused_with_its_code(name: str, code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parsed(name)
    assert refusal.value.code == code


# --- what their collector expected ------------------------------------------------------------------

FACTORS = {("mm", "m"): 0.001, ("Pa", "hPa"): 0.01, ("kPa", "hPa"): 10, (None, "%"): 100}
"""Between the unit of a message and the canonical one, where they differ. The catalogue does this for good."""

EXPECTED = [
    (name, reading)
    for name, sample in SAMPLES.items()
    if isinstance(sample.expected.get("readings"), list)
    for reading in sample.expected["readings"]
    if name not in REFUSED
]


@pytest.mark.parametrize(
    ("name", "reading"), EXPECTED, ids=[f"{name}-{reading['quantity']}" for name, reading in EXPECTED]
)
def test_a_reading_that_its_collector_expected_is_there(name: str, reading: dict[str, object]) -> None:
    value, time = float(str(reading["value"])), str(reading["time"])
    decimals = len(str(reading["value"]).partition(".")[2])
    measures = [measure for one in parsed(name) for measure in one.measures if measure.value is not None]
    found = [
        measure.observed_at
        for measure in measures
        for factor in (1, FACTORS.get((measure.unit, str(reading["unit"])), 1))
        if round((measure.value or 0) * factor, decimals) == value
    ]
    if time.endswith("?"):  # its collector did not know the zone; the source of the test declares one
        assert found
    elif time == "receive time":
        assert RECEIVED_AT in found
    else:
        assert datetime.fromisoformat(time) in found


# --- several of something ---------------------------------------------------------------------------


def test_a_history_record_stands_at_its_own_time() -> None:
    measures = only("chirpstack-v4-em300-di-pulse-history").measures
    live = [measure for measure in measures if measure.observed_at == datetime.fromisoformat(NOON_IN_2023)]
    history = [measure for measure in measures if measure not in live]
    assert said(tuple(live)) == {"battery": 92, "temperature": 30.8, "humidity": 50}
    assert said(tuple(history)) == {"temperature": 27.2, "humidity": 46.5, "pulse": 256}
    assert {measure.observed_at.isoformat() for measure in history} == {"2022-10-12T08:02:38+00:00"}


def test_samples_of_one_frame_count_back_in_periods() -> None:
    measures = only("ttn-codec-adeunis-comfort-co2-series").measures
    assert [(measure.name, measure.value, measure.unit, measure.periods_ago) for measure in measures] == [
        ("bytes.temperature", 43.5, "°C", 0),
        ("bytes.temperature", 43.6, "°C", 1),
        ("bytes.humidity", 62, "%", 0),
        ("bytes.humidity", 63, "%", 1),
        ("bytes.co2", 420, "ppm", 0),
        ("bytes.co2", 421, "ppm", 1),
    ]
    assert {measure.observed_at.isoformat() for measure in measures} == {NOVEMBER}


def test_hourly_counts_are_local_time_whatever_their_z_says() -> None:
    measures = only("montpellier-ecocounter-hourly-temporalvalues").measures
    first = measures[0]
    assert (first.value, first.observed_at.isoformat(), first.until and first.until.isoformat()) == (
        *(2, "2026-09-21T22:00:00+00:00", "2026-09-21T23:00:00+00:00"),
    )
    of_day = [measure.value or 0 for measure in measures if measure.source_key.endswith("X2H19070220")]
    assert sum(of_day) == 1761
    assert len(measures) == 24 + 5


def test_a_glued_file_gives_a_count_a_day_and_no_stray() -> None:
    measures = only("montpellier-ecocounter-daily-glued-json").measures
    assert [(measure.observed_at.isoformat(), measure.value, measure.channel) for measure in measures] == [
        ("2026-09-09T22:00:00+00:00", 3157, "day"),
        ("2026-09-10T22:00:00+00:00", 2902, "day"),
        ("2026-09-15T22:00:00+00:00", 3205, "day"),
    ]
    assert {measure.source_key for measure in measures} == {"urn:ngsi-ld:EcoCounter:XTH19101158"}


def test_both_feeds_of_a_counter_name_the_same_device() -> None:
    hourly = {measure.source_key for measure in only("montpellier-ecocounter-hourly-temporalvalues").measures}
    daily = {measure.source_key for measure in only("montpellier-ecocounter-daily-glued-json").measures}
    assert daily <= hourly


def test_a_series_that_switches_its_unit_is_said_as_it_is() -> None:
    """Which of the two is wrong is judged where the series is known: a step of more than a hundredfold."""
    measures = only("hubeau-unit-switch-mid-series").measures
    assert [measure.value for measure in measures] == [5020, 6580, 6980, 4880, 4, 3, 3, 2]
    assert {measure.unit for measure in measures} == {"L/s"}


def test_a_portal_without_ids_is_keyed_by_its_names() -> None:
    measures = only("opendatasoft-ecocompteur-records").measures
    assert [(measure.source_key, measure.value) for measure in measures] == [
        ("Savonniéres", 1),
        ("Pont d'Arcole #1", 18),
        ("Pont de Fil", 133),
        ("Savonniéres", 48),
    ]


def test_a_height_in_metres_says_so() -> None:
    measures = only("vigicrues-observations-json").measures
    assert [measure.value for measure in measures] == [1.95, 1.94, 1.9, 1.89, 1.86, 1.84, 1.82]
    assert {(measure.source_key, measure.name, measure.unit) for measure in measures} == {("W102000102", "H", "m")}


# --- what they tell beside their values -------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "detail"),
    [
        ("chirpstack-future-clock", EventKind.FALSE_TIME, ""),
        ("chirpstack-v4-am307-history-impossible", EventKind.FALSE_TIME, ""),
        ("chirpstack-v4-am307-no-object", EventKind.DECODER_MISSING, ""),
        ("chirpstack-v4-log-doc", EventKind.LOG, "UPLINK_MIC"),
        ("loriot-am307", EventKind.DECODER_MISSING, ""),
        ("thingpark-decentlab-atm41", EventKind.DECODER_MISSING, ""),
        ("ngsi-ld-waterconsumption", EventKind.TIME_MISSING, ""),
    ],
)
def test_agents_are_told(name: str, kind: EventKind, detail: str) -> None:
    assert [(event.kind, event.detail) for event in only(name).events] == [(kind, detail)]


@pytest.mark.parametrize("name", ["hubeau-outlier-501-m3s", "ngsi-ld-devicemeasurement-outlier"])
def test_a_value_that_its_source_doubts_says_so(name: str) -> None:
    assert {measure.judged for measure in only(name).measures} == {Judgement.DOUBTFUL}


@pytest.mark.parametrize(
    ("name", "until"),
    [
        ("ngsi-ld-crowdflow-normalized", "2018-08-07T11:15:00+00:00"),
        ("ngsi-ld-trafficflow", "2016-12-07T11:15:00+00:00"),
        ("ngsi-ld-indoor-environment", "2016-03-15T11:00:00+00:00"),
        ("ngsi-ld-itemflow-nice", "2020-03-20T22:30:00+00:00"),
        ("hubeau-outlier-501-m3s", "2025-06-18T00:00:00+00:00"),
    ],
)
def test_a_count_or_mean_keeps_its_interval(name: str, until: str) -> None:
    assert {measure.until for measure in only(name).measures} == {datetime.fromisoformat(until)}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("chirpstack-v4-em500-udl-distance", "1000000000000001"),
        ("tts-v3-uplink-doc", "0004a30b001c0530"),
        ("ttn-browan-sound-255", "browan-sound"),
        ("hubeau-two-values-same-time", "Y351400501"),
        ("ngsi-ld-airquality-notification", "urn:ngsi-ld:AirQualityObserved:Madrid-AmbientObserved-28079004"),
        ("ngsi-ld-devicemeasurement-outlier", "urn:ngsi-ld:MEASUREMENT:refDevice:ZMHH:32871158"),
        ("senml-rfc8428-multiple", "urn:dev:ow:10e2073a01080063"),
        ("senml-rfc8428-single", "urn:dev:ow:10e2073a01080063"),
    ],
)
def test_the_device_is_the_one_that_measured(name: str, key: str) -> None:
    assert {measure.source_key for measure in only(name).measures} == {key}


def test_units_are_said_as_the_message_declares_them() -> None:
    units = {measure.name: measure.unit for measure in only("ngsi-ld-airquality-notification").measures}
    assert (units["co"], units["no2"], units["relativeHumidity"]) == ("GP", "GQ", None)
    weather = {measure.name: measure.unit for measure in only("ttn-codec-decentlab-atm41-weather").measures}
    assert (weather["barometric_pressure"], weather["lightning_strike_count"]) == ("kPa", None)
