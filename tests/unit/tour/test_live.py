"""What a stream says now: the one answer behind pages, API and questions."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from msgspec.structs import replace

from domain.devices import Device, DeviceKind, Sight, Stream, Summary
from domain.readings import NEVER, Last, Newest, Quality
from tests.tour_streams import AIR, CO2, NOON
from tour.explain import Usual
from tour.freshness import State
from tour.live import Live, live, span_of
from tour.terms import Span, Tone

NOW = NOON.astimezone(ZoneInfo("Europe/Paris"))
RIVER = replace(AIR, kind=DeviceKind.WATER_LEVEL, model="hubeau-hydrometry")
LEVEL = replace(CO2, quantity="water_level", unit="m", period_seconds=300)


def newest(value: float, *, minutes_ago: int = 4, lasted: timedelta | None = None, quality: int = 1) -> Newest:
    """A value that came as soon as it was taken."""
    at = NOON - timedelta(minutes=minutes_ago)
    until = at + lasted if lasted is not None else None
    return Newest(CO2.id, at, until, until or at, value, Quality(quality), at)


def said(value: float, *, device: Device = AIR, stream: Stream = CO2, usual: Usual | None = None, **more: Any) -> Live:  # noqa: ANN401 - of `newest`
    return live(device, stream, Last(newest(value, **more)), NOW, usual=usual)


def test_a_fresh_value_is_said_with_its_band_age_quality_and_licence() -> None:
    told = said(640.0)
    assert (told.state, told.value, told.unit, told.age_seconds, told.quality) == (State.DIRECT, 640, "[ppm]", 240, 1)
    assert told.band is not None
    assert (told.band.code, told.band.tone) == ("well-renewed", Tone.GOOD)
    assert told.sentence.fr.endswith("En direct, il y a 4\u00a0minutes.")
    assert (told.source, told.licence) == ("Milesight AM307", "etalab-2.0")


def test_what_was_never_heard_is_missing_and_has_no_age() -> None:
    told = live(AIR, CO2, NEVER, NOW)
    assert (told.state, told.value, told.observed_at, told.since) == (State.SILENT, None, None, None)
    assert told.headline.en == "CO2: no value for now"


def test_a_silent_stream_says_since_when_and_no_value() -> None:
    told = said(640.0, minutes_ago=3 * 24 * 60)
    assert (told.state, told.value, told.reading, told.band, told.quality) == (State.SILENT, None, None, None, None)
    assert told.observed_at == NOON - timedelta(days=3)
    assert told.sentence.en == "CO2: the sensor is silent. Last measured on Sunday 15 November at\u00a013:00."


def test_a_probe_that_gives_nothing_hides_the_value_before() -> None:
    missing = replace(newest(0.0, minutes_ago=1), quality=Quality.MISSING)
    assert live(AIR, CO2, Last(newest(640.0), missing), NOW).value is None


@pytest.mark.parametrize(
    ("device", "level"), [(DeviceKind.HOME_METER, 3), (DeviceKind.CAMERA, 4)], ids=["a home", "a person"]
)
def test_of_one_home_or_person_nothing_is_said_not_even_when(device: DeviceKind, level: int) -> None:
    private = replace(AIR, kind=device, sight=Sight.IMAGES if device is DeviceKind.CAMERA else Sight.NONE)
    assert private.protection_level == level
    told = said(640.0, device=private)
    facts = (told.value, told.reading, told.band, told.quality, told.observed_at, told.until, told.age_seconds)
    assert facts == (None,) * 7
    assert "640" not in msgspec.json.encode(told).decode()


def test_a_limit_for_a_day_is_not_held_against_a_moment_without_a_word() -> None:
    dust = replace(CO2, quantity="pm25", unit="ug/m3")
    told = said(60.0, stream=dust)
    assert told.band is None
    assert told.caveat is not None
    assert "journée entière" in told.caveat.fr


def test_of_few_people_no_number_is_given_anywhere() -> None:
    walkers = replace(CO2, quantity="person_flow", unit="{person}/h")
    told = said(3.0, stream=walkers, lasted=timedelta(hours=1), minutes_ago=70)
    assert told.value is None
    assert told.reading is not None
    assert told.reading.en == "fewer than 5 people an hour"


def test_a_river_is_old_before_a_room_is() -> None:
    room = replace(LEVEL, quantity="co2", unit="[ppm]")
    assert said(640.0, stream=room, minutes_ago=14).state is State.RECENT
    assert said(1.2, device=RIVER, stream=LEVEL, minutes_ago=14).state is State.OLD


def test_no_flood_level_is_ever_read_from_a_value() -> None:
    told = said(9.8, device=RIVER, stream=LEVEL, minutes_ago=2)
    assert told.band is None
    assert told.action is not None
    assert "Vigicrues" in told.action.fr


def test_the_usual_of_an_hour_gives_the_word() -> None:
    bikes = replace(CO2, quantity="bicycle_flow", unit="{bicycle}/h", summary=Summary.MEAN, period_seconds=3600)
    told = said(400.0, stream=bikes, lasted=timedelta(hours=1), minutes_ago=65, usual=Usual(10, 20, 60, 120, 8))
    assert told.usual is not None
    assert told.usual.en.startswith("That is far more than usual")


@pytest.mark.parametrize(
    ("minutes", "span"),
    [
        (None, Span.INSTANT),
        (10, Span.INSTANT),
        (15, Span.QUARTER),
        (45, Span.QUARTER),
        (60, Span.HOUR),
        (1380, Span.DAY),
    ],
)
def test_a_value_is_of_the_longest_span_that_it_fills(minutes: int | None, span: Span) -> None:
    assert span_of(newest(1.0, lasted=timedelta(minutes=minutes) if minutes is not None else None)) is span


def test_it_travels_as_it_is_said() -> None:
    body = msgspec.json.decode(msgspec.json.encode(said(640.0)))
    assert {"observedAt", "ageSeconds", "sentence", "licence"} <= body.keys()
    assert body["band"]["label"].keys() == {"fr", "en", "easy"}
    assert datetime.fromisoformat(body["observedAt"]).tzinfo is not None
