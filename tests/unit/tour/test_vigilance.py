"""The colours of Vigicrues: which are read, what is none, how long one holds, and what it is never compared with."""

import json
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from domain.devices import Device, DeviceKind, Stream
from domain.readings import Last, Newest, Quality
from tests.tour_streams import AIR, CO2, NOON
from tests.uplinks_said import RECEIVED_AT
from tour.explain import Usual
from tour.ingest import read_message
from tour.ingest.sources import Message, Source
from tour.live import Live, live
from tour.measures import EventKind, Judgement, Malformed, Parsed


def map_of(*stretches: dict[str, Any], at: object = "2026-11-20T10:00:00+01:00") -> dict[str, Any]:
    """The shape of InfoVigiCru.geojson, as its users read it (Licence Ouverte); codes of ours, lines left out."""
    features = [
        {"type": "Feature", "geometry": None, "properties": {"lbentcru": "Rivière", **one}} for one in stretches
    ]
    return {"type": "FeatureCollection", "RefInfoVigiCru": "20112026_10", "DtHrInfoVigiCru": at, "features": features}


RIVER = Source("vigilance", fields=frozenset({"OU12"}))


def read(said: object) -> Parsed:
    return read_message("vigicrues-vigilance", Message(json.dumps(said).encode(), RECEIVED_AT), RIVER)


@pytest.mark.parametrize(("level", "value"), [(1, 1.0), (4, 4.0), ("3", 3.0)])
def test_of_the_map_of_the_country_the_stretches_are_read_that_were_agreed(level: object, value: float) -> None:
    said = map_of({"CdEntCru": "LO25", "NivInfViCr": 2}, {"CdEntCru": "OU12", "NivInfViCr": level})
    (measure,) = read(said).measures
    assert (measure.source_key, measure.name, measure.value) == ("OU12", "NivInfViCr", value)
    assert measure.observed_at.isoformat() == "2026-11-20T09:00:00+00:00"


@pytest.mark.parametrize("stretch", [{"CdEntCru": "OU12", "NivInfViCr": None}, {"NivInfViCr": 2}, {}])
def test_a_stretch_without_a_code_or_a_colour_says_nothing(stretch: dict[str, Any]) -> None:
    assert read(map_of(stretch)).measures == ()


@pytest.mark.parametrize("level", [0, 5, 2.5, -1, True, "vert", "2,5", [3], {"a": 1}])
def test_what_is_no_colour_is_kept_as_doubtful_and_never_as_one_of_the_four(level: object) -> None:
    """A half would be rounded to a colour, and a truth is 1 elsewhere: green, when nobody knows."""
    said = map_of({"CdEntCru": "OU12", "NivInfViCr": level}, {"CdEntCru": "LO25", "NivInfViCr": 2})
    assert [one.judged for one in read(said).measures] in (
        [Judgement.DOUBTFUL],
        [],
    )


def test_a_stretch_that_is_written_strangely_takes_no_colour_from_the_others() -> None:
    said = map_of({"CdEntCru": "LO25", "NivInfViCr": {"no": "colour"}}, {"CdEntCru": "OU12", "NivInfViCr": 2.0})
    assert [one.value for one in read(said).measures] == [2.0]


@pytest.mark.parametrize("levels", [(1, 4), ("4", 1), (None, 4), (7, 4)])
def test_a_stretch_that_stands_there_twice_has_the_graver_colour(levels: tuple[object, object]) -> None:
    said = map_of(*({"CdEntCru": "OU12", "NivInfViCr": level} for level in levels))
    (measure,) = read(said).measures
    assert (measure.value, measure.judged) == (4.0, Judgement.NONE)


def test_a_map_without_a_time_that_can_be_read_gives_no_colour() -> None:
    false = read(map_of({"CdEntCru": "OU12", "NivInfViCr": 4}, at="soon"))
    assert (false.measures, [event.kind for event in false.events]) == ((), [EventKind.FALSE_TIME])
    with pytest.raises(Malformed):
        read({"features": []})


STRETCH: Device = replace(AIR, kind=DeviceKind.WATER_LEVEL, model="vigicrues-vigilance")
COLOUR: Stream = replace(CO2, quantity="flood_vigilance", unit="1", period_seconds=12 * 3600, low=None, high=None)


def said_after(hours: float, level: float = 3.0) -> Live:
    newest = Newest(COLOUR.id, NOON, None, NOON, level, Quality.PROBABLY_GOOD, NOON)
    usual = Usual(p10=1, p25=1, p75=1, p90=1, weeks=8)
    return live(STRETCH, COLOUR, Last(newest, None), NOON + timedelta(hours=hours), usual=usual)


@pytest.mark.parametrize(("hours", "band"), [(0.5, "orange"), (23.9, "orange"), (25, None), (200, None)])
def test_a_colour_is_said_for_the_day_that_it_was_given_for_and_no_longer(hours: float, band: str | None) -> None:
    """tour.md, section 4: vigilance is for 24 hours."""
    told = said_after(hours).band
    assert (told.code if told is not None else None) == band


def test_a_colour_is_never_compared_with_the_usual_nor_said_to_be_the_citys_alert() -> None:
    told = said_after(1)
    assert told.usual is None
    assert told.meaning is not None
    assert "ce n’est pas l’alerte de la ville" in told.meaning.fr
