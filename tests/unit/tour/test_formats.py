"""What each format says beside the samples: the other events, the other shapes, and what is refused."""

import json
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from tests.uplinks_said import FOLDER, PARIS, RECEIVED_AT, SAMPLES, SOURCE
from tour.ingest import FORMATS, UnknownFormat, format_of, hubeau, read_message
from tour.ingest.sources import Message, Source
from tour.measures import EventKind, Malformed, Parsed


def read(format_code: str, said: object, *, address: str = "", source: Source = SOURCE) -> Parsed:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return read_message(format_code, Message(body, RECEIVED_AT, address), source)


def told(one: Parsed) -> list[tuple[EventKind, str, float | None]]:
    return [(event.kind, event.detail, event.battery_percent) for event in one.events]


def values(one: Parsed) -> dict[str, float | str | None]:
    return {measure.name: measure.text or measure.value for measure in one.measures}


def refusal(format_code: str, said: object, **more: Any) -> str:  # noqa: ANN401 (those of `read`)
    with pytest.raises(Malformed) as refused:
        read(format_code, said, **more)
    return refused.value.code


def test_every_format_has_a_code_of_its_own() -> None:
    assert len({one.code for one in FORMATS}) == len(FORMATS)
    assert format_of("senml").code == "senml"
    with pytest.raises(UnknownFormat):
        format_of("sigfox")


# --- LoRaWAN ----------------------------------------------------------------------------------------

DEVICE = {"deviceInfo": {"devEui": "1000000000000001"}, "time": "2026-11-21T08:00:00Z"}


@pytest.mark.parametrize(
    ("event", "members", "expected"),
    [
        ("join", {"devAddr": "20000001"}, (EventKind.JOIN, "", None)),
        ("status", {"margin": 7, "batteryLevel": 75.5}, (EventKind.STATUS, "", 75.5)),
        ("status", {"margin": 7, "externalPowerSource": True, "batteryLevel": 0}, (EventKind.STATUS, "", None)),
        ("status", {"margin": 7, "batteryLevelUnavailable": True}, (EventKind.STATUS, "", None)),
        ("log", {"level": "WARNING", "code": "UPLINK_F_CNT_RESET"}, (EventKind.LOG, "UPLINK_F_CNT_RESET", None)),
        ("ack", {"acknowledged": True}, (EventKind.NETWORK, "ack", None)),
    ],
)
def test_other_events_of_chirpstack_are_no_readings(
    event: str, members: dict[str, object], expected: tuple[EventKind, str, float | None]
) -> None:
    for address in (f"/hooks/city?event={event}", f"application/1/device/2/event/{event}"):
        one = read("chirpstack", {**DEVICE, **members}, address=address)
        assert (one.measures, told(one)) == ((), [expected])


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ({"devAddr": "20000001"}, EventKind.JOIN),
        ({"margin": 7, "batteryLevel": 75.5}, EventKind.STATUS),
        ({"level": "ERROR", "code": "UPLINK_MIC"}, EventKind.LOG),
        ({"fPort": 1, "data": "AQ=="}, EventKind.DECODER_MISSING),
    ],
)
def test_an_event_of_chirpstack_without_its_name_is_known_by_its_members(
    members: dict[str, object], kind: EventKind
) -> None:
    assert [event.kind for event in read("chirpstack", {**DEVICE, **members}).events] == [kind]


IDS = {"end_device_ids": {"device_id": "dev1", "dev_eui": "0004A30B001C0530"}}


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ("join_accept", (EventKind.JOIN, "", None)),
        ("downlink_failed", (EventKind.NETWORK, "downlink_failed", None)),
        ("location_solved", (EventKind.NETWORK, "location_solved", None)),
    ],
)
def test_other_messages_of_the_things_stack_are_no_readings(
    member: str, expected: tuple[EventKind, str, float | None]
) -> None:
    one = read("the-things-stack", {**IDS, member: {}})
    assert (one.measures, told(one)) == ((), [expected])


def test_the_things_stack_says_how_full_a_battery_is() -> None:
    uplink = {"frm_payload": "AQ==", "decoded_payload": {}, "last_battery_percentage": {"value": 61.5}}
    one = read("the-things-stack", {**IDS, "received_at": "2026-11-21T08:00:00Z", "uplink_message": uplink})
    assert told(one) == [(EventKind.STATUS, "", 61.5)]


def test_decoded_objects_of_thingpark_and_loriot_are_read() -> None:
    thingpark = json.loads(SAMPLES["thingpark-decentlab-atm41"].bodies[0])
    thingpark["DevEUI_uplink"]["payload"] = {"temperature": {"value": 12.5, "unit": "°C"}}
    assert values(read("thingpark", thingpark)) == {"temperature": 12.5}
    loriot = json.loads(SAMPLES["loriot-am307"].bodies[0])
    one = read("loriot", {**loriot, "decoded": {"co2": 936}})
    assert [(measure.name, measure.value, measure.counter) for measure in one.measures] == [("co2", 936, 2)]
    assert one.measures[0].observed_at.isoformat() == "2023-05-19T06:46:41.936000+00:00"


def test_a_frame_that_loriot_repeats_with_its_gateways_is_one_message() -> None:
    loriot = json.loads(SAMPLES["loriot-am307"].bodies[0])
    again = {**loriot, "cmd": "gw", "gws": [{"rssi": -21}]}
    assert read("loriot", loriot).message_id == read("loriot", again).message_id


@pytest.mark.parametrize(
    ("format_code", "said", "code"),
    [
        ("chirpstack", {"deviceInfo": {}}, "device-missing"),
        ("chirpstack", {}, "malformed-message"),
        ("chirpstack", {**DEVICE, "fCnt": -1}, "malformed-message"),
        ("chirpstack", {**DEVICE, "time": "soon"}, "time-unreadable"),
        ("the-things-stack", IDS, "malformed-message"),
        ("the-things-stack", {"end_device_ids": {}, "join_accept": {}}, "device-missing"),
        ("thingpark", {}, "malformed-message"),
        ("loriot", {"cmd": "rx"}, "device-missing"),
    ],
)
def test_what_no_network_server_sends_is_refused(format_code: str, said: object, code: str) -> None:
    assert refusal(format_code, said) == code


# --- NGSI-LD ----------------------------------------------------------------------------------------


def test_an_attribute_has_its_own_time_and_channel() -> None:
    several = [
        {"type": "Property", "value": 1, "observedAt": "2026-11-21T07:00:00Z", "datasetId": "urn:ngsi-ld:probe:1"},
        {"type": "Property", "value": 2, "observedAt": "2026-11-21T07:05:00Z", "datasetId": "urn:ngsi-ld:probe:2"},
    ]
    one = read("ngsi-ld", {"id": "urn:ngsi-ld:X:1", "type": "X", "temperature": several})
    assert [(measure.value, measure.observed_at.minute, measure.channel) for measure in one.measures] == [
        (1, 0, "urn:ngsi-ld:probe:1"),
        (2, 5, "urn:ngsi-ld:probe:2"),
    ]
    assert one.events == ()


def test_a_geojson_notification_is_read() -> None:
    feature = {
        "type": "Feature",
        "id": "urn:ngsi-ld:X:1",
        "geometry": {"type": "Point", "coordinates": [3.8, 43.6]},
        "properties": {"type": "X", "co2": {"type": "Property", "value": 936, "observedAt": "2026-11-21T07:00:00Z"}},
    }
    said = {"type": "Notification", "data": {"type": "FeatureCollection", "features": [feature]}}
    assert [(measure.source_key, measure.value) for measure in read("ngsi-ld", said).measures] == [
        ("urn:ngsi-ld:X:1", 936)
    ]


def test_an_attribute_whose_time_is_none_is_left_out_alone() -> None:
    bad = {"type": "Property", "value": 1, "observedAt": "soon"}
    good = {"type": "Property", "value": 2, "observedAt": "2026-11-21T07:00:00Z"}
    one = read("ngsi-ld", {"id": "urn:ngsi-ld:X:1", "type": "X", "temperature": bad, "co2": good})
    assert (values(one), told(one)) == ({"co2": 2}, [(EventKind.FALSE_TIME, "", None)])


# --- SensorThings -----------------------------------------------------------------------------------


def test_create_observations_is_read() -> None:
    """OGC 18-088, 10.4: a data array per Datastream. Written for these tests."""
    said = [
        {
            "Datastream": {"@iot.id": 1},
            "components": ["phenomenonTime", "result", "FeatureOfInterest/id"],
            "dataArray@iot.count": 2,
            "dataArray": [["2026-11-21T07:00:00Z", 20, 1], ["2026-11-21T07:15:00Z", 21.5, 1]],
        },
        {
            "Datastream": {"@iot.id": "level"},
            "components": ["result", "phenomenonTime"],
            "dataArray": [[65, "2026-11-21T07:00:00Z/2026-11-21T07:15:00Z"]],
        },
    ]
    one = read("sensorthings", said, address="/hooks/city/v1.1/CreateObservations")
    assert [(measure.source_key, measure.value, bool(measure.until)) for measure in one.measures] == [
        ("1", 20, False),
        ("1", 21.5, False),
        ("level", 65, True),
    ]


@pytest.mark.parametrize("address", ["v1.1/Datastreams(42)/Observations", "/hooks/x/Datastreams('42')/Observations"])
def test_the_address_may_name_the_datastream(address: str) -> None:
    one = read("sensorthings", {"result": 12.4}, address=address)
    assert [(measure.source_key, measure.observed_at) for measure in one.measures] == [("42", RECEIVED_AT)]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"result": 1}, "device-missing"),
        ({"Datastream": {"@iot.id": 1}}, "malformed-message"),
        ([{"Datastream": {"@iot.id": 1}, "dataArray": [[1]]}], "malformed-message"),
        ([{"Datastream": {"@iot.id": 1}, "components": ["result"], "dataArray": [[1, 2]]}], "malformed-message"),
        (
            {"Datastream": {"@iot.id": 1}, "result": 1, "phenomenonTime": "2026-11-21T08:00:00Z/2026-11-21T07:00:00Z"},
            "time-unreadable",
        ),
    ],
)
def test_what_is_no_observation_is_refused(said: object, code: str) -> None:
    assert refusal("sensorthings", said) == code


# --- SenML ------------------------------------------------------------------------------------------


def test_base_values_and_relative_times_are_resolved() -> None:
    """RFC 8428, 4.1 and 4.5.3."""
    said = [
        {"bn": "urn:dev:mac:1:", "bt": 1763712000, "bu": "Cel", "bv": 20, "n": "t", "v": 1.5},
        {"n": "t", "t": -60, "v": 1.0},
        {"n": "level", "u": "m", "vs": "dry"},
        {"n": "co2", "bt": 0, "bv": 0, "t": -5, "v": 3, "u": "ppm"},
    ]
    one = read("senml", said, source=structs.replace(SOURCE, fields=frozenset({"t", "level", "co2"})))
    assert [(measure.name, measure.text or measure.value, measure.unit) for measure in one.measures] == [
        ("t", 21.5, "Cel"),
        ("t", 21.0, "Cel"),
        ("level", "dry", "m"),
        ("co2", 3, "ppm"),
    ]
    assert one.measures[0].observed_at - one.measures[1].observed_at == timedelta(minutes=1)
    assert RECEIVED_AT - one.measures[3].observed_at == timedelta(seconds=5)


@pytest.mark.parametrize(
    "said", [[{"n": "a", "v": 1, "must_": 1}], [{"bver": 11, "n": "a", "v": 1}], {"n": "a", "v": 1}, [{"n": 1, "v": 1}]]
)
def test_a_pack_that_must_not_be_guessed_is_refused(said: object) -> None:
    assert refusal("senml", said) == "malformed-message"


# --- plain MQTT -------------------------------------------------------------------------------------

CITY = structs.replace(PARIS, topics=("city/{device}/{device}/{name}", "city/lez/+", "city/{device}/{device}"))
LEZ = structs.replace(PARIS, topics=("city/{device}/level",))
EDGE_SET = json.loads((FOLDER / "plain-mqtt-edge-set.json").read_bytes())["payload"]

OUTCOMES: list[object] = [
    {"co2": 936.0},
    {"co2": "936,5"},
    {"co2": 936.0, "t": 23.8},
    {},
    "malformed-message",
    "malformed-message",
    {},
    {"level": 4.12},
    {"level": 412.0},
    "device-missing",
]


@pytest.mark.parametrize(("said", "outcome"), list(zip(EDGE_SET, OUTCOMES, strict=True)))
def test_the_edge_set_of_plain_mqtt(said: dict[str, str], outcome: object) -> None:
    source = LEZ if said["topic"].endswith("level") else CITY
    body, topic = said["body"].encode(), said["topic"]
    if isinstance(outcome, str):
        assert refusal("plain-mqtt", body, address=topic, source=source) == outcome
        return
    one = read("plain-mqtt", body, address=topic, source=source)
    assert values(one) == outcome
    assert {measure.source_key for measure in one.measures} <= {"school-42/room-3", "lez"}


def test_the_same_level_in_two_units_keeps_both() -> None:
    metres, centimetres = (
        read("plain-mqtt", said["body"].encode(), address=said["topic"], source=LEZ).measures[0]
        for said in EDGE_SET
        if said["topic"] == "city/lez/level"
    )
    assert (metres.value, metres.unit, centimetres.value, centimetres.unit) == (4.12, "m", 412, "cm")
    assert metres.observed_at == centimetres.observed_at, "09:00 in Paris, with its offset and without"


def test_an_empty_body_clears_and_measures_nothing() -> None:
    assert told(read("plain-mqtt", b"", address="city/a/b", source=CITY)) == [(EventKind.CLEARED, "", None)]


@pytest.mark.parametrize("topic", ["../../etc/x/level", "city/../x/co2", "city/a/b/c/d", "city/#/b", "$SYS/a/b", ""])
def test_a_hostile_topic_names_no_device(topic: str) -> None:
    assert refusal("plain-mqtt", b"1", address=topic, source=CITY) == "device-missing"


# --- polls ------------------------------------------------------------------------------------------


def test_a_month_of_hubeau_ends_with_the_month() -> None:
    row = {"code_station": "A", "grandeur_hydro_elab": "QmM", "date_obs_elab": "2025-12-01", "resultat_obs_elab": 1}
    (measure,) = read("hubeau", {"data": [row]}).measures
    assert measure.until is not None
    assert measure.until.isoformat() == "2026-01-01T00:00:00+00:00"


def test_a_page_of_hubeau_names_the_next_one() -> None:
    assert hubeau.next_page(b'{"data": [], "next": "https://example.org/next"}') == "https://example.org/next"
    assert hubeau.next_page(b'{"data": []}') is None


@pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: {"results": rows}])
def test_tables_come_in_several_wrappings(wrap: Any) -> None:  # noqa: ANN401 (a lambda of the table)
    source = SAMPLES["opendatasoft-ecocompteur-records"].source
    row = {"name": "Pont", "date": "2026-11-20", "counts": 18}
    (measure,) = read("opendatasoft", wrap([row]), source=source).measures
    assert measure.until is not None
    assert (measure.value, measure.until - measure.observed_at) == (18, timedelta(days=1))
    first = {"records": [{"recordid": "x", "fields": row}]}
    assert read("opendatasoft", first, source=source).measures == (measure,)


def test_a_row_without_its_device_is_refused() -> None:
    assert refusal("opendatasoft", [{"counts": 1}]) == "device-missing"


def test_a_board_says_how_full_places_are_and_nothing_of_those_that_are_shut() -> None:
    def site(code: str, inside: int | None, capacity: int | None) -> dict[str, object]:
        return {"code": code, "name": {"fr": "x", "en": "x"}, "inside": inside, "capacity": capacity}

    sites = [site("plaine", 7, 14), site("shut", None, 6), site("uncounted", None, None), site("full", 5, 4)]
    one = read("city-places", {"authority": "val-clair", "asOf": "2026-11-18T11:59:00Z", "sites": sites})
    assert [(measure.source_key, measure.name, measure.value, measure.unit) for measure in one.measures] == [
        ("plaine", "occupancy", 50.0, "%"),
        ("full", "occupancy", 125.0, "%"),
    ]
    assert refusal("city-places", {"sites": []}) == "malformed-message"


def test_an_interval_that_begins_before_there_were_such_devices_is_a_false_time() -> None:
    entity = {"id": "urn:ngsi-ld:TrafficFlowObserved:1", "type": "TrafficFlowObserved", "intensity": 197}
    window = {"dateObservedFrom": -1, "dateObservedTo": "2016-12-07T11:15:00Z"}
    one = read("ngsi-ld", {**entity, **window})
    assert (one.measures, [event.kind for event in one.events]) == ((), [EventKind.FALSE_TIME])
