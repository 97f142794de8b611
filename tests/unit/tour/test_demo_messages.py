"""The devices of the demonstration: what they say is read back by the real parsers, and means what was measured."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from cli.demo.tour.feeder import due, newest
from cli.demo.tour.messages import Post, posts
from cli.demo.tour.mishaps import BROKEN_PROBE, SILENT, Fate, fate
from cli.demo.tour.plan import HOUR, PLACES, ZONE, Simulated, register_file, simulated
from cli.demo.tour.sources import ASKED, FORMAT_OF, draw_tokens, sources_file
from cli.demo.tour.systems import CURVES
from tour.catalogue import model, quantity
from tour.cooling import GAIN
from tour.device_file import read
from tour.ingest import read_message
from tour.ingest.arrivals import Agreement
from tour.ingest.source_file import read_sources
from tour.ingest.sources import Message
from tour.known import from_catalogue
from tour.measures import Parsed
from tour.units import convert, per_hour

NOON = datetime(2026, 6, 18, 10, 3, tzinfo=UTC)
"""A Thursday in term."""
TOKENS = dict.fromkeys(draw_tokens(), "token")
HERE = "http://127.0.0.1:1"


def agreed(broker_port: int | None) -> dict[str, Agreement]:
    return read_sources(
        sources_file("val-clair", TOKENS, HERE, portal=HERE, broker_port=broker_port), lambda code: model(code).names
    )


SOURCES, BY_HTTP = agreed(1883), agreed(None)


def device(code: str) -> Simulated:
    return next(one for one in simulated() if one.code == code)


def read_back(post: Post, now: datetime = NOON) -> Parsed:
    agreement = SOURCES[post.source] if post.topic else BY_HTTP[post.source]
    address = post.topic or f"/hooks/{post.source}{post.below}"
    return read_message(agreement.format, Message(post.body, now, address), agreement.source)


def sent_of(one: Simulated, wanted: Fate, since: datetime = NOON - timedelta(days=30)) -> datetime:
    return next(at for at in one.instants(since, NOON) if fate(one, at) is wanted)


def test_every_stream_of_the_register_has_a_curve_and_every_curve_a_stream() -> None:
    lines = read(register_file(), from_catalogue())
    assert [line.faults for line in lines if line.faults] == []
    streams = {(line.device.code, line.stream.quantity) for line in lines if line.device.source != PLACES}
    gains = {one for one in streams if one[1] == GAIN}
    assert streams - gains == CURVES.keys()
    assert {line.stream.channel for line in lines if line.stream.quantity == GAIN} == {"meteo-rue-marche"}
    assert {line.device.source for line in lines} == {*FORMAT_OF, PLACES} == SOURCES.keys()


@pytest.mark.parametrize("one", simulated(), ids=lambda one: one.code)
def test_what_a_device_says_is_read_as_what_was_measured(one: Simulated) -> None:
    ways = (True, False) if one.device.source == "jardin" else (True,)
    instants = one.instants(NOON - timedelta(days=2), NOON)
    told = [post for by_broker in ways for at in instants for post in posts(one, at, by_broker=by_broker)]
    assert bool(told) is (one.code not in SILENT)
    for post in told:
        parsed = read_back(post)
        assert parsed.dropped == ()
        assert parsed.measures
        for measure in parsed.measures:
            (part,) = [part for part in one.parts if part.name == measure.name]
            measured = quantity(part.field.quantity)
            assert measure.source_key == one.device.source_key
            if (one.code, measured.code) in BROKEN_PROBE:
                assert part.field.is_sentinel(measure.value or 0)
                continue
            assert measure.value is not None
            value = convert(measure.value, part.field.unit, measured)
            if part.field.of_interval:
                value = per_hour(measure.value, measure.observed_at, measure.until)
            assert value == pytest.approx(part.curve(measure.observed_at.astimezone(ZONE)), rel=0.02, abs=0.2)
            low, high = measured.physical
            assert low <= value <= high
            assert (measure.until or measure.observed_at) - measure.observed_at == one.over


def test_the_same_moment_gives_the_same_messages() -> None:
    assert newest(NOON, by_broker=True) == newest(NOON, by_broker=True)
    assert newest(NOON, by_broker=True) != newest(NOON + timedelta(hours=1), by_broker=True)


def test_messages_that_fall_due_minute_by_minute_are_those_of_the_hour() -> None:
    minutes = [NOON + timedelta(minutes=minute) for minute in range(61)]
    assert [post for since, until in pairwise(minutes) for post in due(since, until, by_broker=True)] == due(
        NOON, NOON + HOUR, by_broker=True
    )


def test_a_frame_that_arrives_twice_is_one_frame() -> None:
    one = device("meteo-gare")
    first, second = posts(one, sent_of(one, Fate.TWICE), by_broker=True)
    assert read_back(first).frame == read_back(second).frame
    chirping = device("pelouse-parc-ourle")
    first, second = posts(chirping, sent_of(chirping, Fate.TWICE), by_broker=True)
    assert first.body != second.body
    assert read_back(first).frame == read_back(second).frame


def test_what_a_device_kept_comes_in_one_block_with_its_own_times() -> None:
    one = device("ecole-tilleuls-salle-4")
    at = sent_of(one, Fate.WITH_OTHERS)
    times = sorted({measure.observed_at for measure in read_back(posts(one, at, by_broker=True)[0]).measures})
    assert len(times) == 4
    assert all(later - earlier == one.period for earlier, later in pairwise(times))
    assert [fate(one, at - place * one.period) for place in (1, 2, 3)] == [Fate.LOST] * 3


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 24), (date(2026, 6, 17), 24)])
def test_the_bicycle_counter_sends_yesterday_by_the_clock_of_the_place(day: date, hours: int) -> None:
    one = device("velos-quai-ourle")
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(days=1)
    (at,) = one.instants(midnight, midnight + timedelta(hours=12))
    (post,) = posts(one, at, by_broker=True)
    assert f"{day}T00:00:00Z".encode() in post.body
    parsed = read_back(post, at.astimezone(UTC))
    assert len(parsed.measures) == hours
    assert parsed.measures[0].observed_at == datetime(day.year, day.month, day.day, tzinfo=ZONE)


def test_each_source_has_a_way_and_a_token_of_its_own() -> None:
    assert len(set(draw_tokens().values())) == len(FORMAT_OF) - len(ASKED)
    ways = {
        code: (bool(one.token_sha256), one.broker is not None, one.poll is not None) for code, one in SOURCES.items()
    }
    assert {ways.pop("jardin"), *(ways.pop(one) for one in (*ASKED, PLACES))} == {
        (False, True, False),
        (False, False, True),
    }
    assert set(ways.values()) == {(True, False, False)}
    assert (BY_HTTP["jardin"].format, BY_HTTP["jardin"].broker) == ("senml", None)
