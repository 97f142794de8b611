"""How much cooler a place is than the reference street: only of one time, only of what may be shown, only once."""

from datetime import timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.devices import Device, Stream
from domain.readings import Last, Newest, Quality
from tests.tour_streams import AIR, CO2, NOON
from tour.cooling import GAIN, WARMTH, gains

PARK = replace(AIR, id=UUID(int=61), code="park")
STREET = replace(AIR, id=UUID(int=62), code="street")
IN_PARK = replace(CO2, id=UUID(int=71), device_id=PARK.id, quantity=WARMTH, unit="Cel")
IN_STREET = replace(CO2, id=UUID(int=72), device_id=STREET.id, quantity=WARMTH, unit="Cel")
COOLER = replace(CO2, id=UUID(int=73), device_id=PARK.id, quantity=GAIN, channel="street", unit="K")
STREAMS: list[tuple[Device, Stream]] = [(PARK, IN_PARK), (STREET, IN_STREET), (PARK, COOLER)]
PERIOD = timedelta(seconds=CO2.period_seconds)


def newest(stream: Stream, value: float, ago: timedelta = timedelta()) -> Newest:
    return Newest(stream.id, NOON - ago, None, NOON - ago, value, Quality.PROBABLY_GOOD, NOON - ago)


def said(stream: Stream, value: float, ago: timedelta = timedelta()) -> Last:
    return Last(shown=newest(stream, value, ago))


def test_a_place_is_cooler_by_the_difference_of_two_thermometers() -> None:
    (told,) = gains(STREAMS, {IN_PARK.id: said(IN_PARK, 27.4), IN_STREET.id: said(IN_STREET, 31.0)}, NOON)
    assert (told.stream_id, told.value, told.observed_at) == (COOLER.id, 3.6, NOON)


@pytest.mark.parametrize(("apart", "compared"), [(PERIOD, 1), (PERIOD + timedelta(seconds=1), 0)])
def test_values_of_two_times_are_not_compared(apart: timedelta, compared: int) -> None:
    for here, there in ((timedelta(), apart), (apart, timedelta())):
        lasts = {IN_PARK.id: said(IN_PARK, 27.4, here), IN_STREET.id: said(IN_STREET, 31.0, there)}
        assert len(gains(STREAMS, lasts, NOON)) == compared


def test_a_value_is_compared_once() -> None:
    lasts = {IN_PARK.id: said(IN_PARK, 27.4), IN_STREET.id: said(IN_STREET, 31.0)}
    (told,) = gains(STREAMS, lasts, NOON)
    assert gains(STREAMS, {**lasts, COOLER.id: said(COOLER, told.value)}, NOON) == []
    assert len(gains(STREAMS, {**lasts, COOLER.id: said(COOLER, told.value, PERIOD)}, NOON)) == 1


def test_what_is_hidden_or_not_there_compares_with_nothing() -> None:
    doubted = Last(hidden=replace(newest(IN_STREET, 85.0), quality=Quality.BAD))
    assert gains(STREAMS, {IN_PARK.id: said(IN_PARK, 27.4), IN_STREET.id: doubted}, NOON) == []
    assert gains(STREAMS, {IN_PARK.id: said(IN_PARK, 27.4)}, NOON) == []
    elsewhere = [(PARK, IN_PARK), (PARK, replace(COOLER, channel="nowhere"))]
    assert gains(elsewhere, {IN_PARK.id: said(IN_PARK, 27.4)}, NOON) == []
