"""What really happens on the way from a sensor, each case with its rule. Sources: the provenance of tests/uplinks."""

import json

import pytest
from msgspec import structs

from tests.unit.tour.messages import UPLINK, chirpstack, decoded, entity, kinds, read
from tests.uplinks_said import RECEIVED_AT, SAMPLES, SOURCE, parsed
from tour.ingest import read_message
from tour.ingest.sources import Message
from tour.measures import EventKind, Malformed, Parsed

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
