"""What the measures of real messages mean for the streams of a device, and what becomes of each."""

from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from domain.devices import Device, Stream
from domain.readings import Quality, Reading
from tests.tour_streams import AIR, CO2
from tests.uplinks_said import RECEIVED_AT, SAMPLES, parsed
from tour.catalogue import model, quantity
from tour.ingest.judging import Doubt, Heard, judge
from tour.ingest.meaning import meaning_of
from tour.measures import Judgement, Measure
from tour.quality import Fault

AT = RECEIVED_AT - timedelta(minutes=1)


def device_of(code: str, channels: tuple[str, ...] = ("",)) -> tuple[Device, dict[str, Stream]]:
    """A device of a model, with a stream for each of its fields, known for long."""
    device = replace(AIR, model=code, installed_on=AIR.installed_on.replace(year=2015))
    streams = {}
    for field in model(code).fields.values():
        measured = quantity(field.quantity)
        for channel in (field.channel,) if field.channel else channels:
            streams[f"{field.quantity} {channel}".rstrip()] = replace(
                CO2,
                id=uuid4(),
                quantity=field.quantity,
                channel=channel,
                unit=measured.unit,
                summary=measured.summary,
                low=measured.physical[0],
                high=measured.physical[1],
            )
    return device, streams


def judged(
    code: str, measures: list[Measure], received_at: datetime = RECEIVED_AT
) -> tuple[dict[str, list[Reading]], list[Doubt]]:
    """The readings by stream, in the order of time, and what was doubted."""
    device, streams = device_of(code)
    meaning = meaning_of(device, streams.values())
    heard = [Heard(device, meant, b"m" * 32) for meant in meaning.of(measures, received_at)]
    readings, doubts = judge(heard, {})
    names: dict[UUID, str] = {stream.id: name for name, stream in streams.items()}
    told: dict[str, list[Reading]] = {}
    for one in readings:
        told.setdefault(names[one.stream_id], []).append(one)
    return told, doubts


def sample(name: str, code: str) -> tuple[dict[str, list[Reading]], list[Doubt]]:
    """A real message, heard a second after it was measured."""
    (said,) = parsed(name, source=replace(SAMPLES[name].source, fields=model(code).names))
    return judged(code, list(said.measures), max(one.observed_at for one in said.measures) + timedelta(seconds=1))


def measure(name: str, value: float | None, at: datetime = AT, **more: object) -> Measure:
    plain = Measure(source_key="x", name=name, observed_at=at, until=None, value=value, unit=None, counter=None)
    return replace(plain, **more)


def values(told: dict[str, list[Reading]]) -> dict[str, list[float]]:
    return {name: [round(one.value, 3) for one in readings] for name, readings in told.items()}


def test_a_level_in_centimetres_is_stored_in_metres() -> None:
    told, _ = sample("chirpstack-v4-em500-swl-water-level", "milesight-em500-swl")
    assert values(told)["water_level"] == [0.02]


def test_samples_of_one_frame_lie_a_period_apart() -> None:
    """Adeunis, newest first; the stream's period is a quarter of an hour."""
    told, _ = sample("ttn-codec-adeunis-comfort-co2-series", "adeunis-comfort-co2")
    times = [one.observed_at for one in told["co2"]]
    assert len(times) > 1
    assert {later - earlier for earlier, later in pairwise(times)} == {timedelta(minutes=15)}


def test_a_mast_that_leans_measures_neither_rain_nor_wind() -> None:
    told, doubts = sample("ttn-codec-decentlab-atm41-weather", "decentlab-atm41")
    assert told["air_temperature"][0].quality.shown
    assert {told[name][0].quality for name in ("rain_total", "wind_speed", "wind_direction")} == {Quality.MISSING}
    assert {(one.fault, one.stream) for one in doubts} >= {(Fault.SENTINEL, "wind_speed")}


def test_a_deaf_microphone_is_no_noise() -> None:
    told, _ = sample("ttn-browan-sound-255", "browan-sound")
    assert [one.quality for one in told["sound_level"]] == [Quality.MISSING]


def test_a_word_that_the_model_knows_is_no_value() -> None:
    told, _ = judged("dragino-ldds75", [measure("distance", None, text="No Sensor")])
    assert [(one.value, one.quality) for one in told["distance"]] == [(0, Quality.MISSING)]


def test_a_word_that_nobody_knows_is_nothing_to_store() -> None:
    told, doubts = judged("milesight-am307", [measure("co2", None, text="hello")])
    assert told == {}
    assert [one.fault for one in doubts] == [Fault.NOT_A_NUMBER]


def test_what_the_sensor_cannot_measure_is_not_believed_even_where_it_could_be() -> None:
    """The AM307 measures up to 5,000 ppm, the world up to 40,000."""
    told, doubts = judged("milesight-am307", [measure("co2", 5_001)])
    assert [one.quality for one in told["co2"]] == [Quality.BAD]
    assert [one.fault for one in doubts] == [Fault.OUT_OF_RANGE]


def test_a_mean_above_its_peak_is_doubted_with_it() -> None:
    told, doubts = judged("elsys-ers2-sound", [measure("soundAvg", 61), measure("soundPeak", 55)])
    assert {one.quality for readings in told.values() for one in readings} == {Quality.PROBABLY_BAD}
    assert {one.fault for one in doubts} == {Fault.CONTRADICTION}
    told, doubts = judged("elsys-ers2-sound", [measure("soundAvg", 55), measure("soundPeak", 61)])
    assert doubts == []


@pytest.mark.parametrize(("away", "quality"), [(50, Quality.UNQUALIFIED), (70, Quality.PROBABLY_BAD)])
def test_people_who_come_and_go_are_all_people(away: int, quality: Quality) -> None:
    until = AT + timedelta(minutes=5)
    names = {"peopleCount": 100, "peopleCountTowards": 50, "peopleCountAway": away}
    said = [measure(name, value, AT - timedelta(minutes=5), until=until) for name, value in names.items()]
    told, _ = judged("ngsi-crowd-flow-observed", said)
    assert [(one.value, one.quality) for one in told["person_flow"]] == [(600, quality)]


def test_a_count_without_its_interval_is_no_flow() -> None:
    told, doubts = judged("ngsi-crowd-flow-observed", [measure("peopleCount", 100)])
    assert told == {}
    assert [one.fault for one in doubts] == [Fault.NOT_A_NUMBER]


def test_what_the_source_doubts_is_doubted() -> None:
    told, _ = judged(
        "hubeau-hydrometry",
        [
            measure("H", 900, judged=Judgement.DOUBTFUL),
            measure("H", 901, AT + timedelta(seconds=1), judged=Judgement.GOOD),
        ],
    )
    assert [one.quality for one in told["water_level"]] == [Quality.PROBABLY_BAD, Quality.CORRECT]


def test_each_value_is_judged_by_the_one_before_it_of_the_same_group() -> None:
    """A river that becomes a hundred times as high has changed its unit, whatever came in which order."""
    said = [measure("H", 90_000, AT), measure("H", 850, AT - timedelta(minutes=5))]
    told, doubts = judged("hubeau-hydrometry", said)
    assert told["water_level"][0].quality is Quality.UNQUALIFIED
    assert [one.at for one in doubts] == [AT]


def test_a_field_that_no_stream_asks_for_is_left_alone() -> None:
    device, streams = device_of("milesight-am307")
    meaning = meaning_of(device, [streams["co2"]])
    meant = meaning.of([measure("co2", 600), measure("temperature", 20), measure("lies", 1)], RECEIVED_AT)
    assert [one.stream.quantity for one in meant] == ["co2"]


def test_a_channel_of_the_message_finds_its_own_stream() -> None:
    device, streams = device_of("hubeau-hydrometry", channels=("", "upstream"))
    meaning = meaning_of(device, streams.values())
    (meant,) = meaning.of([measure("H", 600, channel="upstream")], RECEIVED_AT)
    assert meant.stream.id == streams["water_level upstream"].id


def test_a_model_that_the_catalogue_no_longer_has_means_nothing() -> None:
    device, streams = device_of("milesight-am307")
    meaning = meaning_of(replace(device, model="gone"), streams.values())
    assert (meaning.model, meaning.of([measure("co2", 600)], RECEIVED_AT)) == (None, [])


@pytest.mark.parametrize(("said", "percent"), [(85.0, 85.0), (255.0, None), (None, None)])
def test_a_battery_is_told_in_percent_or_not_at_all(said: float | None, percent: float | None) -> None:
    device, _ = device_of("milesight-am307")
    assert meaning_of(device, []).battery_percent([measure("battery", said)]) == percent
