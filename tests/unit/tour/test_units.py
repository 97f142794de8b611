"""From the unit of a message to the canonical one: what is exchanged, and what is refused."""

from datetime import UTC, datetime, timedelta
from math import inf, nan

import pytest

from tour.catalogue import CATALOGUE, quantity
from tour.terms import Quantity
from tour.units import ALLOWED, SPELLINGS, NotConvertible, convert, per_hour

NINE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "value", "unit", "canonical"),
    [
        ("water_level", 4120, "mm", 4.12),
        ("water_level", 412, "cm", 4.12),
        ("water_level", 4.12, "MTR", 4.12),
        ("water_pressure", 0.0125732421875, "bar", 1.25732421875),
        ("relative_humidity", 0.54, "1", 54),
        ("relative_humidity", 0.54, "C62", 54),
        ("relative_humidity", 54, "P1", 54),
        ("air_pressure", 96412, "Pa", 964.12),
        ("air_pressure", 97.29, "kPa", 972.9),
        ("air_pressure", 1015.4, "A97", 1015.4),
        ("air_temperature", 296.25, "K", 23.1),
        ("air_temperature", 50, "[degF]", 10),
        ("air_temperature", -40, "°F", -40),
        ("cool_gain", 1.5, "Cel", 1.5),
        ("cool_gain", 9, "[degF]", 5),
        ("no2", 69, "GQ", 69),
        ("no2", 0.069, "GP", 69),
        ("pm25", 12, "\u03bcg/m3", 12),
        ("co", 500, "ug/m3", 0.5),
        ("wind_speed", 36, "km/h", 10),
        ("wind_speed", 0.52, "m⋅s⁻¹", 0.52),
        ("water_flow", 9439, "L/s", 9.439),
        ("soil_tension", 35, "kPa", 35),
        ("rain", 4.2, "L/m2", 4.2),
        ("tvoc", 0.273, "ppm", 273),
        ("sound_level", 61, "dB(A)", 61),
        ("water_use", 3.5, "m3/d", 3500),
        ("energy", 1200, "Wh", 1.2),
        ("battery_voltage", 3426, "mV", 3.426),
        ("soil_ec", 0.24, "mS/cm", 240),
    ],
)
def test_a_value_comes_to_the_unit_of_its_quantity(code: str, value: float, unit: str, canonical: float) -> None:
    assert convert(value, unit, quantity(code)) == pytest.approx(canonical)


@pytest.mark.parametrize(
    ("code", "unit"),
    [
        ("water_level", "bar"),  # a pressure: its probe's depth would be needed
        ("air_pressure", "m"),
        ("co2", "%"),
        ("no2", "ppb"),  # would take a temperature and a pressure
        ("soil_tension", "%"),  # the other family of soil probes
        ("relative_humidity", "g/m3"),
        ("uv_index", "%"),
        ("air_temperature", ""),
        ("air_temperature", "UDT0000016"),
        ("air_temperature", "cel"),
        ("bicycle_flow", "1"),
        ("bicycle_flow", "{person}/h"),
    ],
)
def test_a_unit_of_something_else_is_refused(code: str, unit: str) -> None:
    with pytest.raises(NotConvertible, match=code):
        convert(1.0, unit, quantity(code))


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(NotConvertible, match="no number"):
        convert(value, "Cel", quantity("air_temperature"))


def test_the_carbon_monoxide_of_the_official_example_ends_outside_what_is_possible() -> None:
    """The AirQualityObserved example says 500 with the code of mg/m3, and means micrograms."""
    carbon_monoxide = quantity("co")
    assert convert(500, "GP", carbon_monoxide) > carbon_monoxide.physical[1]


@pytest.mark.parametrize("measured", CATALOGUE.quantities.values(), ids=lambda each: each.code)
def test_the_three_codes_of_a_quantity_name_one_unit(measured: Quantity) -> None:
    counted = measured.unit.startswith("{")
    for code in (measured.unit, measured.qudt, measured.uncefact):
        if code and not (counted and code != measured.unit):
            assert convert(1.0, code, measured) == 1.0, code


def test_no_spelling_is_a_unit_of_its_own() -> None:
    canonical = ALLOWED.keys() | {unit for others in ALLOWED.values() for unit in others}
    assert SPELLINGS.keys() & canonical == set()


def test_a_count_of_five_minutes_is_twelve_times_as_much_an_hour() -> None:
    assert per_hour(197, NINE, NINE + timedelta(minutes=5)) == 2364


def test_a_count_of_a_day_is_a_twenty_fourth_an_hour() -> None:
    assert per_hour(2400, NINE, NINE + timedelta(days=1)) == 100


@pytest.mark.parametrize("end", [None, NINE, NINE - timedelta(hours=1)])
def test_a_count_without_its_interval_is_no_flow(end: datetime | None) -> None:
    with pytest.raises(NotConvertible, match="interval"):
        per_hour(12, NINE, end)
