"""One message or two, and when it was measured, on the way from a sensor. Sources: the provenance of tests/uplinks."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from tests.unit.tour.messages import UPLINK, chirpstack, entity, kinds, read
from tests.uplinks_said import PARIS, SOURCE, parsed
from tour.ingest.frames import Progress, follow, frame_id, has_restarted, restart
from tour.measures import Event, EventKind, Frame, Malformed

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
