"""What really happens on the way from a sensor, each case with its rule. Sources: the provenance of tests/uplinks."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from tests.uplinks_said import PARIS, RECEIVED_AT, SAMPLES, SOURCE, parsed
from tour.ingest import read_message
from tour.ingest.frames import Progress, follow, frame_id, has_restarted, restart
from tour.ingest.sources import Message, Source
from tour.measures import Event, EventKind, Frame, Malformed, Parsed

UPLINK = json.loads(SAMPLES["chirpstack-v4-em500-udl-distance"].bodies[0])
THINGS = json.loads(SAMPLES["ttn-codec-am307-co2-high"].bodies[0])


def read(format_code: str, said: object, *, source: Source = SOURCE, address: str = "") -> Parsed:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return read_message(format_code, Message(body, RECEIVED_AT, address), source)


def chirpstack(**members: object) -> Parsed:
    return read("chirpstack", {**UPLINK, **members}, address="/hooks?event=up")


def decoded(**values: object) -> dict[str, float | str | None]:
    return {measure.name: measure.text or measure.value for measure in chirpstack(object=values).measures}


def entity(**attributes: object) -> Parsed:
    said = {"id": "urn:ngsi-ld:X:1", "type": "X", "dateObserved": "2026-11-21T07:00:00Z", **attributes}
    return read("ngsi-ld", said)


def kinds(one: Parsed) -> list[EventKind]:
    return [event.kind for event in one.events]


# --- the payload ------------------------------------------------------------------------------------


def test_object_absent_is_an_alert_and_no_reading() -> None:
    one = chirpstack(object=None)
    assert (one.measures, kinds(one)) == ((), [EventKind.DECODER_MISSING])


def test_empty_payload_gives_no_reading_whatever_its_decoder_says() -> None:
    """lorawan-devices #421: a decoder that is fed nothing says -32 °C and 0 %."""
    first, second = parsed("tts-v3-empty-frm_payload-garbage-decode")
    assert {measure.name: measure.value for measure in first.measures} == {
        "battery": 3.6,
        "humidity": 84,
        "temperature": 12,
    }
    assert (second.measures, kinds(second)) == ((), [EventKind.EMPTY_PAYLOAD])
    assert kinds(chirpstack(data="")) == kinds(chirpstack(data=None)) == [EventKind.EMPTY_PAYLOAD]


def test_null_is_no_reading_and_zero_is_one() -> None:
    assert decoded(distance=None, co2=0, level="") == {"co2": 0}
    assert decoded() == {}


def test_members_of_other_events_are_no_readings() -> None:
    """Issue #349 of chirpstack: one object with the members of every event, filled with null and 0."""
    (one,) = parsed("chirpstack-v4-up-flooded-with-nulls")
    assert (one.measures, one.events) == ((), ())


# --- numbers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "value", "unit"),
    [
        ("24.1", 24.1, None),
        (" 24.1 ", 24.1, None),
        ("-0.5", -0.5, None),
        ("+3", 3, None),
        ("1e3", 1000, None),
        ("30.11 °C", 30.11, "°C"),
        ("30.11°C", 30.11, "°C"),
        ("30.11\u00a0°C", 30.11, "°C"),
        ("936 ppm", 936, "ppm"),
        (True, 1, None),
        (False, 0, None),
    ],
)
def test_a_number_is_read_with_the_unit_that_follows_it(written: object, value: float, unit: str | None) -> None:
    (measure,) = chirpstack(object={"t": written}).measures
    assert (measure.value, measure.unit, measure.text) == (value, unit, "")


@pytest.mark.parametrize(
    "written",
    ["1,", "936,5", "3h < 6h", "12.4.1", "NaN", "inf", "-Infinity", "1e999", "0x1F", "1_000", "٣", "No Sensor"],
)
def test_what_is_no_number_stays_a_word(written: str) -> None:
    (measure,) = chirpstack(object={"t": written}).measures
    assert (measure.value, measure.text) == (None, written)


def test_a_decimal_comma_is_read_where_the_source_writes_one() -> None:
    comma = structs.replace(SOURCE, decimal_comma=True, topics=("city/{device}/{name}",))
    body = Message(b"936,5", RECEIVED_AT, "city/a/co2")
    assert read_message("plain-mqtt", body, comma).measures[0].value == 936.5
    assert read_message("plain-mqtt", body, structs.replace(comma, decimal_comma=False)).measures[0].text == "936,5"


def test_two_units_that_differ_make_no_number() -> None:
    (measure,) = chirpstack(object={"t": {"value": "30.11 °C", "unit": "°F"}}).measures
    assert (measure.value, measure.text, measure.unit) == (None, "30.11 °C", "°F")


@pytest.mark.parametrize("constant", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"9" * 5000])
def test_nan_and_numbers_without_end_are_no_json(constant: bytes) -> None:
    body = json.dumps({**UPLINK, "object": {"co2": "?"}}).encode().replace(b'"?"', constant)
    with pytest.raises(Malformed) as refusal:
        read("chirpstack", body)
    assert refusal.value.code == "malformed-message"


def test_a_number_beyond_all_measures_is_no_reading() -> None:
    assert chirpstack(object={"co2": 10**400}).measures == ()


def test_a_sentinel_is_said_as_it_is() -> None:
    """255 dB, "No Sensor", 0 °C unplugged: which of them is a sentinel, the model of the device knows."""
    assert decoded(distance="No Sensor", t=0.0, level=255) == {"distance": "No Sensor", "t": 0, "level": 255}


# --- one message, twice -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["chirpstack-v4-first-uplink-no-fcnt", "tts-v3-first-f_cnt-missing"])
def test_fcnt_absent_is_zero(name: str) -> None:
    (one,) = parsed(name)
    assert one.frame is not None
    assert one.frame.counter == 0
    assert {measure.counter for measure in one.measures} <= {0}


def test_fcnt_absent_and_fcnt_zero_are_one_message() -> None:
    absent = {member: value for member, value in UPLINK.items() if member != "fCnt"}
    assert read("chirpstack", absent).message_id == chirpstack(fCnt=0).message_id == chirpstack(fCnt=None).message_id


def test_same_fcnt_48_s_apart_is_one_message() -> None:
    """chirpstack-application-server #460: another deduplication id, another time, another rssi."""
    first, second = parsed("chirpstack-duplicate-fcnt-48s-later")
    assert first.message_id == second.message_id
    assert len(first.message_id) == 32


def test_same_fcnt_with_other_bytes_is_another_message() -> None:
    assert chirpstack(data="AXVkA4IeAA==").message_id != chirpstack(data="AXVkA4IfAA==").message_id
    assert chirpstack().message_id != chirpstack(deviceInfo={"devEui": "1000000000000002"}).message_id


AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
COUNTED = Progress(epoch=3, session="s", counter=40, observed_at=AT)


def frame(counter: int, *, minutes: float, session: str = "s") -> Frame:
    return Frame("d", session, counter, AT + timedelta(minutes=minutes), b"the same bytes")


@pytest.mark.parametrize(
    ("counter", "minutes", "session", "epoch"),
    [
        (41, 15, "s", 3),
        (900, 1500, "s", 3),
        (40, 0.8, "s", 3),
        (39, -15, "s", 3),
        (39, 2, "s", 3),
        (0, 15, "s", 4),
        (40, 15, "s", 4),
        (0, 1, "joined", 4),
        (39, -15, "before", 3),
    ],
    ids=[
        "the next one",
        "after a gap",
        "a repetition",
        "out of order",
        "overtaken",
        "a restart",
        "a restart at the same counter",
        "a join",
        "late, of the session before",
    ],
)
def test_fcnt_back_to_zero_begins_an_epoch(counter: int, minutes: float, session: str, epoch: int) -> None:
    assert follow(COUNTED, frame(counter, minutes=minutes, session=session)).epoch == epoch


def test_a_restarted_device_may_say_the_same_again() -> None:
    first = frame(0, minutes=0)
    start = follow(None, first)
    again = frame(0, minutes=60 * 24)
    assert frame_id(first, epoch=start.epoch) != frame_id(again, epoch=follow(start, again).epoch)


@pytest.mark.parametrize(
    ("kind", "detail", "announces"),
    [
        (EventKind.JOIN, "", True),
        (EventKind.LOG, "UPLINK_F_CNT_RESET", True),
        (EventKind.LOG, "UPLINK_MIC", False),
        (EventKind.STATUS, "", False),
    ],
)
def test_a_join_and_a_counter_reset_announce_an_epoch(kind: EventKind, detail: str, announces: bool) -> None:  # noqa: FBT001 (a case of the table)
    assert has_restarted(Event(kind, "d", AT, detail)) is announces


def test_an_announced_epoch_is_the_one_of_its_first_frames() -> None:
    fresh = restart(COUNTED, AT)
    assert follow(fresh, frame(0, minutes=1)).epoch == fresh.epoch == 4


def test_out_of_order_keeps_its_own_time() -> None:
    early = chirpstack(fCnt=3, time="2023-05-22T07:00:00Z").measures[0]
    assert (early.counter, early.observed_at) == (3, datetime(2023, 5, 22, 7, tzinfo=UTC))


def test_a_body_with_times_is_the_same_message_whenever_it_comes() -> None:
    (first,) = parsed("vigicrues-observations-json")
    (again,) = parsed("vigicrues-observations-json", late=timedelta(hours=1))
    assert first.message_id == again.message_id


def test_a_body_without_times_is_another_message_each_time() -> None:
    (first,) = parsed("senml-rfc8428-single")
    (again,) = parsed("senml-rfc8428-single", late=timedelta(minutes=15))
    assert first.message_id != again.message_id


# --- times ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("time", ["1976-10-19T13:08:53Z", "1999-12-31T23:59:59Z", "2031-01-01T00:00:00Z"])
def test_a_time_in_1976_or_2031_gives_no_reading(time: str) -> None:
    one = chirpstack(time=time)
    assert (one.measures, kinds(one)) == ((), [EventKind.FALSE_TIME])


def test_a_clock_may_run_five_minutes_ahead() -> None:
    assert chirpstack(time="2026-11-21T08:05:30Z").measures
    assert not chirpstack(time="2026-11-21T08:05:31Z").measures


def test_an_interval_may_not_end_in_the_future() -> None:
    one = entity(temperature=1, dateObservedFrom="2026-11-21T07:00:00Z", dateObservedTo="2026-11-21T13:00:00Z")
    assert (one.measures, kinds(one)) == ((), [EventKind.FALSE_TIME])


@pytest.mark.parametrize("name", ["sensorthings-timestamp-without-zone", "ngsi-ld-indoor-environment"])
def test_a_time_without_zone_is_refused_until_the_source_declares_one(name: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parsed(name, source=SOURCE)
    assert refusal.value.code == "time-without-zone"
    assert parsed(name, source=PARIS)[0].measures


def test_a_declared_zone_knows_summer_and_winter() -> None:
    def hour(time: str) -> int:
        observation = {"phenomenonTime": time, "result": 1, "Datastream": {"@iot.id": 1}}
        return read("sensorthings", observation, source=PARIS).measures[0].observed_at.hour

    assert hour("2026-07-01T12:00:00") == 10
    assert hour("2026-02-01T12:00:00") == 11
    assert hour("2026-10-25T02:30:00") == 0, "of the two, the first"
    assert hour("2026-02-01T12:00:00Z") == 12, "an offset that is written counts"


def test_a_false_z_is_local_time() -> None:
    false = structs.replace(PARIS, false_utc=True)
    observation = {"phenomenonTime": "2026-09-22T00:00:00Z", "result": 1, "Datastream": {"@iot.id": 1}}
    (measure,) = read("sensorthings", observation, source=false).measures
    assert measure.observed_at == datetime(2026, 9, 21, 22, tzinfo=UTC)


def test_an_hour_that_summer_time_leaves_out_gives_no_reading() -> None:
    hours = [[1, "2026-03-29T01:00:00Z"], [0, "2026-03-29T02:00:00Z"], [3, "2026-03-29T03:00:00Z"]]
    said = {"id": "urn:ngsi-ld:EcoCounter:A", "type": "EcoCounter", "intensity": {"type": "Property", "values": hours}}
    one = read("ecocounters-hourly", said)
    assert [(measure.value, measure.observed_at.hour) for measure in one.measures] == [(1, 0), (3, 1)]
    assert kinds(one) == [EventKind.FALSE_TIME]


@pytest.mark.parametrize(("ts", "hour"), [(1732176000, 8), (1732176000000, 8), (1732176000.5, 8)])
def test_seconds_and_milliseconds_are_told_apart(ts: float, hour: int) -> None:
    source = structs.replace(SOURCE, topics=("city/{device}",))
    (measure,) = read("plain-mqtt", {"co2": 936, "ts": ts}, source=source, address="city/a").measures
    assert (measure.observed_at.year, measure.observed_at.hour) == (2024, hour)


@pytest.mark.parametrize(
    "time", ["yesterday", "2026-13-01T00:00:00Z", "2026-11-21T25:00:00Z", "2026-11-21T08:00:00+99:00", "", 1e300, -1e18]
)
def test_a_time_that_is_none_is_refused(time: object) -> None:
    with pytest.raises(Malformed) as refusal:
        read("sensorthings", {"phenomenonTime": time, "result": 1, "Datastream": {"@iot.id": 1}})
    assert refusal.value.code == "time-unreadable"


@pytest.mark.parametrize(
    "time", ["2022-07-18T09:34:15.775023242+00:00", "2022-07-18T11:34:15.775023+0200", "2022-07-18 09:34:15,775023Z"]
)
def test_fractions_beyond_microseconds_are_cut(time: str) -> None:
    assert chirpstack(time=time).measures[0].observed_at == datetime(2022, 7, 18, 9, 34, 15, 775023, tzinfo=UTC)


# --- what may be kept -------------------------------------------------------------------------------


def test_personal_attributes_are_dropped_and_named() -> None:
    one = entity(
        intensity=12,
        license_plate="AB-123-CD",
        refPerson={"type": "Relationship", "object": "urn:ngsi-ld:Person:ada"},
        consumerId={"type": "Property", "value": 4711},
        owner=["urn:ngsi-ld:Person:ada"],
    )
    assert [measure.name for measure in one.measures] == ["intensity"]
    assert one.dropped == ("license_plate", "refPerson", "consumerId", "owner")
    assert not {"AB-123-CD", "ada", "4711"} & set(repr(one).replace("'", " ").replace(":", " ").split())


def test_a_relation_to_a_person_is_no_measure_even_if_its_name_is_allowed() -> None:
    one = entity(co2={"type": "Relationship", "object": "urn:ngsi-ld:Person:ada"})
    assert (one.measures, one.dropped) == ((), ("co2",))


def test_an_attribute_added_by_a_supplier_is_dropped_until_it_is_allowed() -> None:
    body = {"co2": 936, "badge_of_teacher": 77}
    assert decoded(**body) == {"co2": 936}
    assert chirpstack(object=body).dropped == ("badge_of_teacher",)


def test_a_long_text_is_no_word_of_a_sensor() -> None:
    one = chirpstack(object={"t": "a" * 81, "co2": "line\nbreak"})
    assert (one.measures, one.dropped) == ((), ("t", "co2"))


def test_nothing_of_the_envelope_is_kept() -> None:
    """A gateway's position, a customer's number, the names that people gave: the parsers do not read them."""
    for name in ("chirpstack-v4-first-uplink-no-fcnt", "thingpark-decentlab-atm41"):
        kept = repr(parsed(name))
        assert not [word for word in ("110.77", "RS485", "100045194", "RainGauge", "32.59") if word in kept]


def test_swapped_coordinates_are_ignored() -> None:
    swapped = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [43.66, 7.19]}}
    assert entity(intensity=12, location=swapped).measures == entity(intensity=12).measures
    assert entity(intensity=12, location=swapped).dropped == ()


# --- polls ------------------------------------------------------------------------------------------


def test_a_site_that_repeats_its_station_counts_once() -> None:
    (one,) = parsed("hubeau-observations-tr-doubled")
    assert [measure.source_key for measure in one.measures] == ["H010002001"]


def test_of_two_values_for_one_instant_the_further_validated_counts() -> None:
    (one,) = parsed("hubeau-two-values-same-time")
    assert [measure.value for measure in one.measures] == [904]


@pytest.mark.parametrize(
    ("format_code", "body"),
    [
        ("hubeau", b'{"data": [], "next": null}'),
        ("opendatasoft", b'{"results": []}'),
        ("ngsi-ld", b"[]"),
        ("sensorthings", b'{"value": []}'),
        ("ecocounters-daily", b""),
        ("ecocounters-daily", b" \n \n"),
    ],
)
def test_an_empty_page_is_no_error_and_no_reading(format_code: str, body: bytes) -> None:
    assert read(format_code, body) == Parsed((), (), read(format_code, body).message_id)


def test_a_file_that_is_cut_is_refused_whole() -> None:
    whole = SAMPLES["montpellier-ecocounter-daily-glued-json"].bodies[0]
    with pytest.raises(Malformed):
        read("ecocounters-daily", whole[:-40])


def test_the_example_of_the_documentation_is_no_json_and_says_so() -> None:
    with pytest.raises(Malformed) as refusal:
        parsed("tts-v3-uplink-doc-malformed")
    assert refusal.value.code == "malformed-message"


def test_a_truncated_message_is_refused() -> None:
    body = SAMPLES["tts-v3-uplink-doc"].bodies[0]
    with pytest.raises(Malformed):
        read("the-things-stack", body[: len(body) // 2])
