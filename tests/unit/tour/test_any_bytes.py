"""Whatever comes, a parser answers with measures that can be stored or with one declared error, and soon."""

import json
import math
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.uplinks_said import FIELDS, RECEIVED_AT, SAMPLES
from tour.ingest import FORMATS, Format, read_message
from tour.ingest.sources import Message, Source
from tour.ingest.times import AHEAD, EARLIEST
from tour.measures import DeviceMissing, Malformed, MessageTooLarge, Parsed, TimeUnreadable, TimeWithoutZone

DECLARED = (Malformed, MessageTooLarge, DeviceMissing, TimeUnreadable, TimeWithoutZone)
"""The refusals of docs/problems.md; a test of the house holds the page against the program."""

OPEN = Source(
    "test",
    fields=FIELDS | {"", "a", "b"},
    zone="Europe/Paris",
    topics=("{device}/{name}", "{device}"),
    device_field="id",
    time_field="time",
)
"""A source as lenient as one can be declared."""

ADDRESSES = st.sampled_from(["", "a/b", "a", "/hooks?event=up", "application/1/device/2/event/status"]) | st.text()

every_format = pytest.mark.parametrize("chosen", FORMATS, ids=lambda chosen: chosen.code)


def answer(chosen: Format, body: bytes, address: str = "a/b") -> Parsed | None:
    """What the parser says; None for a refusal with a declared code. Anything else it raises fails the test."""
    try:
        one = read_message(chosen.code, Message(body, RECEIVED_AT, address), OPEN)
    except DECLARED:
        return None
    check(one)
    return one


def check(one: Parsed) -> None:
    """What a database may be given: bounded, printable, finite, and at a time that can be."""
    assert len(one.message_id) == 32
    for measure in one.measures:
        assert 0 < len(measure.source_key) <= 200
        assert measure.source_key.isprintable()
        assert measure.value is None or math.isfinite(measure.value)
        assert (measure.value is None) == bool(measure.text)
        assert len(measure.text) <= 80
        assert measure.text.isprintable()
        assert EARLIEST <= measure.observed_at <= (measure.until or measure.observed_at) <= RECEIVED_AT + AHEAD
        assert measure.observed_at.tzinfo is UTC
        assert measure.counter is None or 0 <= measure.counter < 2**32
        assert measure.name in OPEN.fields or chosen_by_the_standard(measure.name)
        measure.source_key.encode()
    for name in one.dropped:
        assert len(name) <= 80
        assert name.isprintable()
    assert len(one.dropped) <= 50
    assert len(one.events) <= 50


def chosen_by_the_standard(name: str) -> bool:
    return name == "result" or name[:1] in {"H", "Q"}


# --- any bytes --------------------------------------------------------------------------------------

DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["2026-11-21T08:00:00Z", "2026-11-21", "1", "936,5", "Notification", "urn:x"]),
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("a", "b", "id", "type", "time", "ts", "value", "values", "unit", "data", "features", "n", "bn"),
                    *("object", "result", "Datastream", "@iot.id", "dataArray", "components", "records", "fields"),
                    *("uplink_message", "end_device_ids", "deviceInfo", "devEui", "dateObserved", "observedAt", "co2"),
                ]
            )
            | st.text(max_size=5),
            inside,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@every_format
@given(body=st.binary(max_size=400), address=ADDRESSES)
@settings(max_examples=30, deadline=None)
def test_any_bytes_give_measures_or_the_declared_error(chosen: Format, body: bytes, address: str) -> None:
    answer(chosen, body, address)


@every_format
@given(document=DOCUMENTS, address=ADDRESSES)
@settings(max_examples=50, deadline=None)
def test_any_json_gives_measures_or_the_declared_error(chosen: Format, document: object, address: str) -> None:
    answer(chosen, json.dumps(document).encode(), address)


# --- mutations of the samples -----------------------------------------------------------------------

BODIES = [(sample.format, body) for sample in SAMPLES.values() for body in sample.bodies]
BY_CODE = {chosen.code: chosen for chosen in FORMATS}

WORDS: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(None, True, -1, 0, 2**31, 2**64, 1e308, 10**400, [], {}, [[]], [{}], {"@value": {}}),
        *("", "x" * 300, "\x00", "\ud800", "NaN", "1,", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00"),
        "2026-11-21T07:00:00/2026-11-21T06:00:00",
    ]
)


def places(document: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:  # noqa: ANN401 (any JSON)
    """Every place of a document."""
    inside: Any = enumerate(document) if isinstance(document, list) else ()
    if isinstance(document, dict):
        inside = document.items()
    return [path, *(place for member, value in inside for place in places(value, (*path, member)))]


def replaced(document: Any, path: tuple[str | int, ...], word: object) -> Any:  # noqa: ANN401 (any JSON)
    if not path:
        return word
    changed = document.copy()
    changed[path[0]] = replaced(document[path[0]], path[1:], word)
    return changed


@given(data=st.data(), word=WORDS)
@settings(max_examples=250, deadline=None)
def test_a_sample_with_any_value_replaced(data: st.DataObject, word: object) -> None:
    code, body = data.draw(st.sampled_from([pair for pair in BODIES if pair[1][:1] in b"{[" and is_json(pair[1])]))
    document = json.loads(body)
    path = data.draw(st.sampled_from(places(document)))
    answer(BY_CODE[code], json.dumps(replaced(document, path, word)).encode())


@given(data=st.data(), position=st.integers(0, 5000), length=st.integers(0, 40), inserted=st.binary(max_size=8))
@settings(max_examples=250, deadline=None)
def test_a_sample_with_any_bytes_replaced(data: st.DataObject, position: int, length: int, inserted: bytes) -> None:
    code, body = data.draw(st.sampled_from(BODIES))
    cut = position % (len(body) + 1)
    answer(BY_CODE[code], body[:cut] + inserted + body[cut + length :])


@given(body=st.sampled_from([body for _, body in BODIES]))
@settings(max_examples=30, deadline=None)
def test_a_sample_sent_to_every_other_format(body: bytes) -> None:
    for chosen in FORMATS:
        answer(chosen, body)


def is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


# --- bounded ----------------------------------------------------------------------------------------


@every_format
def test_a_body_beyond_its_format_is_refused_before_it_is_read(chosen: Format) -> None:
    with pytest.raises(MessageTooLarge):
        read_message(chosen.code, Message(b"[" * (chosen.max_bytes + 1), RECEIVED_AT), OPEN)


@every_format
@pytest.mark.parametrize("piece", [b"[", b'{"a":', b'[{"value":', b'{"type":"Notification","data":[', b"1", b" ", b'"'])
def test_depth_and_length_are_refused_in_time(chosen: Format, piece: bytes) -> None:
    began = time.process_time()
    answer(chosen, piece * (min(chosen.max_bytes, 400_000) // len(piece)))
    assert time.process_time() - began < 5


def test_as_many_measures_as_a_page_may_hold_and_not_one_more() -> None:
    def page(rows: int) -> bytes:
        row = {"a": 1, "id": "d", "time": "2026-11-21T08:00:00Z"}
        return json.dumps([row] * rows).encode()

    assert len(read_message("opendatasoft", Message(page(20_000), RECEIVED_AT), OPEN).measures) == 20_000
    with pytest.raises(MessageTooLarge):
        read_message("opendatasoft", Message(page(20_001), RECEIVED_AT), OPEN)


def test_a_number_with_a_long_tail_is_read_in_time() -> None:
    began = time.process_time()
    for tail in (" ", "1", "e1", "1 ", "+"):
        answer(BY_CODE["plain-mqtt"], b"1" + tail.encode() * 20_000)
    assert time.process_time() - began < 2


def test_times_at_the_ends_of_the_calendar() -> None:
    for moment in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        observation = {"phenomenonTime": moment.isoformat(), "result": 1, "Datastream": {"@iot.id": 1}}
        one = answer(BY_CODE["sensorthings"], json.dumps(observation).encode())
        assert one is None or not one.measures
