"""From a value to a sentence: what is said, what is hidden, and what nothing may ever make it say."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from tests.unit.tour.explained import NOW, PARIS, USUAL, band, plain, told
from tour.catalogue import scale
from tour.explain import Arrow, Usual
from tour.terms import Span

# --- whole sentences -----------------------------------------------------------------------------------


def test_the_air_of_a_classroom() -> None:
    french, english, easy = plain(told("co2", 640).sentence)
    assert french == (
        "L’air se renouvelle bien : 640 ppm de CO2. Le CO2 vient de notre respiration : il monte quand l’air ne se "
        "renouvelle pas. Rien à faire. En direct, il y a 4 minutes."
    )
    assert english == (
        "The air is well renewed: 640 ppm of CO2. CO2 comes from our breath: it rises when the air is not renewed. "
        "Nothing to do. Live, 4 minutes ago."
    )
    assert easy == (
        "L’air est bon : 640 ppm de CO2. Nous rejetons du CO2 quand nous respirons. Vous n’avez rien à faire. "
        "Mesure faite il y a 4 minutes."
    )


def test_fine_particles_over_a_day() -> None:
    explanation = told("pm25", 30.4, span=Span.DAY)
    assert band(explanation) == "poor"
    assert plain(explanation.sentence)[0].startswith(
        "Particules fines PM2,5, le niveau est mauvais : 30 µg/m³ en moyenne sur la journée."
    )


def test_a_value_without_bands_says_what_it_is_and_what_to_do() -> None:
    explanation = told("air_temperature", -2.35)
    assert explanation.band is None
    assert plain(explanation.sentence)[0] == (
        "Température de l’air : −2,4 °C. C’est la température de l’air à l’ombre, pas celle que l’on ressent. "
        "En cas de forte chaleur, suivez la vigilance de Météo-France. En direct, il y a 4 minutes."
    )


def test_the_bikes_of_yesterday() -> None:
    at = datetime(2026, 11, 23, 14, 0, tzinfo=PARIS)
    explanation = told(
        "bicycle_flow",
        130,
        span=Span.HOUR,
        usual=USUAL,
        freshness="delayed",
        observed_at=at,
        until=at + timedelta(hours=1),
    )
    assert plain(explanation.sentence)[1] == (
        "It is exceptionally busy for a Monday at 14:00: 130 bikes an hour. The device counts what passes and "
        "recognises nobody. Share the space with care. These figures come late: measured yesterday at 15:00."
    )


def test_a_full_container_names_another_one_where_it_knows_one() -> None:
    assert plain(told("fill_level", 95).action)[0].startswith("Ne laissez rien au pied")
    elsewhere = told("fill_level", 95, elsewhere="place du Marché")
    assert plain(elsewhere.action)[0] == "Un autre point a de la place : place du Marché."
    assert plain(told("fill_level", 60, elsewhere="place du Marché").action)[0] == "Vous pouvez y déposer votre verre."


@pytest.mark.parametrize(
    ("code", "value", "french", "english"),
    [
        ("free_places", 0, "0 place", "0 places"),
        ("free_places", 1, "1 place", "1 place"),
        ("free_places", 2, "2 places", "2 places"),
        ("free_places", 1240, "1\u202f240 places", "1,240 places"),
        ("uv_index", 7, "indice UV de 7", "UV index of 7"),
        ("pollen", 3, "niveau 3 sur 6", "level 3 of 6"),
        ("relative_humidity", 54, "54 % d’humidité", "54% humidity"),
        ("wind_direction", 90, "90°", "90°"),
        ("water_level", 1.234, "1,23 m", "1.23 m"),
        ("sound_level", 58.5, "59 décibels", "59 decibels"),
    ],
)
def test_a_value_with_its_unit(code: str, value: float, french: str, english: str) -> None:
    assert plain(told(code, value).value)[:2] == (french, english)


def test_an_interpolated_value_is_about() -> None:
    assert plain(told("co2", 640, quality=8).value) == (
        "environ 640 ppm de CO2",
        "about 640 ppm of CO2",
        "environ 640 ppm de CO2",
    )


def test_rain_is_told_with_its_time() -> None:
    assert plain(told("rain", 3.2, span=Span.HOUR).value)[0] == "3,2 mm de pluie en une heure"
    assert plain(told("rain", 3.2, span=Span.DAY).value)[1] == "3.2 mm of rain over the day"


# --- bands, and the time they are for ------------------------------------------------------------------


def test_the_band_is_that_of_the_number_shown() -> None:
    explanation = told("co2", 799.6)
    assert explanation.number == 800
    assert band(explanation) == "air-the-room"
    assert band(told("co2", 799.4)) == "well-renewed"


@pytest.mark.parametrize("span", [Span.INSTANT, Span.QUARTER, Span.HOUR])
def test_a_daily_threshold_is_never_applied_to_less_without_saying_so(span: Span) -> None:
    explanation = told("pm25", 30, span=span)
    assert explanation.band is None
    assert plain(explanation.caveat) == (
        "Les repères valent pour une journée entière : si cela durait, ce serait « mauvais ».",
        "The markers are for a whole day: if this lasted, it would be “poor”.",
        "Il faut une journée pour bien juger.",
    )
    assert plain(explanation.caveat)[0] in plain(explanation.sentence)[0]
    assert plain(explanation.state)[0] == "Particules fines PM2,5"


def test_an_hourly_threshold_on_an_instant_says_so_and_on_a_day_is_silent() -> None:
    assert plain(told("no2", 100).caveat)[1] == "The markers are for an hour: if this lasted, it would be “moderate”."
    assert band(told("no2", 100, span=Span.HOUR)) == "moderate"
    day = told("no2", 100, span=Span.DAY)
    assert (day.band, day.caveat) == (None, None)


def test_a_part_of_an_hours_rain_foretells_nothing() -> None:
    part = told("rain", 2.0, span=Span.QUARTER)
    assert (part.band, part.caveat) == (None, None)


def test_the_mean_of_a_day_has_no_band_on_a_scale_of_the_moment() -> None:
    assert band(told("co2", 500, span=Span.HOUR)) == "well-renewed"
    assert band(told("co2", 500, span=Span.DAY)) is None


@pytest.mark.parametrize(("hour", "word"), [(5, None), (6, "lively"), (21, "lively"), (22, None)])
def test_noise_has_words_by_day_only(hour: int, word: str | None) -> None:
    at = NOW.replace(hour=hour, minute=30)
    assert band(told("sound_level", 58, observed_at=at, now=at + timedelta(minutes=4))) == word


def test_the_hours_of_noise_are_those_of_the_place() -> None:
    """Half past four in Greenwich is half past six in a French summer."""
    at = datetime(2026, 7, 1, 4, 30, tzinfo=UTC)
    now = (at + timedelta(minutes=4)).astimezone(PARIS)
    assert band(told("sound_level", 58, observed_at=at, now=now)) == "lively"


def test_a_scale_that_nobody_checked_is_not_shown() -> None:
    unchecked = structs.replace(scale("no2-european"), checked=None)
    explanation = told("no2", 100, span=Span.HOUR, scale=unchecked)
    assert (explanation.band, explanation.caveat) == (None, None)


def test_a_city_that_goes_by_the_european_index_says_so_with_its_bands() -> None:
    assert band(told("no2", 100, span=Span.HOUR, scale=scale("no2-european"))) == "poor"
    assert band(told("no2", 100, span=Span.HOUR)) == "moderate"


def test_a_flood_level_never_comes_from_a_value_alone() -> None:
    lez = scale("river").at((1.5, 2.5, 3.5))
    for bands in (scale("river"), lez):
        explanation = told("water_level", 4.0, scale=bands, earlier=3.0)
        assert explanation.band is None
        assert "suivez Vigicrues" in explanation.sentence.fr
        assert explanation.arrow is Arrow.RISING


def test_a_silent_river_gauge_says_where_to_look() -> None:
    explanation = told("water_level", 4.0, freshness="silent", observed_at=NOW - timedelta(days=2))
    assert plain(explanation.sentence)[0] == (
        "Hauteur de l’eau : le capteur est silencieux. Pour votre sécurité, suivez Vigicrues et les messages de la "
        "ville. Dernière mesure dimanche 22 novembre à 14 h 04."
    )


# --- the usual and the trend ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (9, "very-quiet"),
        (10, "quiet"),
        (19, "quiet"),
        (20, "usual"),
        (60, "usual"),
        (61, "busy"),
        (120, "busy"),
        (121, "exceptional"),
    ],
)
def test_a_flow_is_compared_with_the_same_weekday_and_hour(value: float, word: str) -> None:
    assert band(told("bicycle_flow", value, span=Span.HOUR, usual=USUAL)) == word


def test_fewer_than_six_weeks_give_no_word() -> None:
    five, six = (Usual(p10=10, p25=20, p75=60, p90=120, weeks=weeks) for weeks in (5, 6))
    assert band(told("bicycle_flow", 40, span=Span.HOUR, usual=six)) == "usual"
    for unknown in (five, None):
        explanation = told("bicycle_flow", 40, span=Span.HOUR, usual=unknown)
        assert (explanation.band, explanation.usual) == (None, None)


def test_a_quarter_of_an_hour_is_not_compared_with_whole_hours() -> None:
    assert band(told("bicycle_flow", 40, span=Span.QUARTER, usual=USUAL)) is None


def test_a_street_where_nobody_passes_at_night_is_as_usual() -> None:
    nobody = Usual(p10=0, p25=0, p75=0, p90=2, weeks=8)
    assert band(told("bicycle_flow", 0, span=Span.HOUR, usual=nobody)) == "usual"


def test_any_value_may_be_compared_with_the_usual() -> None:
    usual = Usual(p10=400, p25=500, p75=600, p90=700, weeks=8)
    assert plain(told("co2", 651, usual=usual).usual) == (
        "C’est un peu plus que d’habitude pour un mardi à 14 h.",
        "That is a little more than usual for a Tuesday at 14:00.",
        "C’est plus que d’habitude.",
    )


def test_what_is_no_change_within_an_hour_is_none_from_week_to_week() -> None:
    night = Usual(p10=424, p25=425, p75=427, p90=428, weeks=8)
    said = plain(told("co2", 419, usual=night).usual)
    assert said[1] == "That is as usual for a Tuesday at 14:00."
    assert "far less" in plain(told("co2", 370, usual=night).usual)[1]


@pytest.mark.parametrize(
    ("earlier", "arrow", "french"),
    [
        (1016.0, Arrow.FALLING, "En baisse depuis 3 heures."),
        (1014.0, Arrow.STEADY, "Stable depuis 3 heures."),
        (1012.0, Arrow.STEADY, "Stable depuis 3 heures."),
        (1011.0, Arrow.RISING, "En hausse depuis 3 heures."),
    ],
)
def test_pressure_is_a_value_and_a_trend_of_three_hours(earlier: float, arrow: Arrow, french: str) -> None:
    explanation = told("air_pressure", 1013.0, earlier=earlier)
    assert (explanation.arrow, plain(explanation.trend)[0]) == (arrow, french)
    assert explanation.band is None


def test_a_whole_day_has_no_hour_to_be_compared_with() -> None:
    assert told("co2", 640, usual=USUAL, span=Span.HOUR).usual is not None
    assert told("co2", 640, usual=USUAL, span=Span.DAY).usual is None


@pytest.mark.parametrize("earlier", [-5.0, 1e308, float("nan"), float("-inf")])
def test_nothing_rises_from_a_value_that_cannot_have_been(earlier: float) -> None:
    explanation = told("co2", 640, earlier=earlier)
    assert (explanation.arrow, explanation.trend) == (None, None)


def test_an_old_value_keeps_its_number_and_loses_its_word_and_trend() -> None:
    explanation = told("co2", 2000, freshness="old", observed_at=NOW - timedelta(hours=20), earlier=400, usual=USUAL)
    assert explanation.number == 2000
    assert (explanation.band, explanation.trend, explanation.usual) == (None, None, None)
    assert plain(explanation.since)[0] == "Dernière mesure hier à 18 h 04."


def test_what_was_gathered_over_an_hour_is_measured_and_not_live() -> None:
    assert plain(told("no2", 30, span=Span.HOUR).since)[0] == "Mesuré il y a 4 minutes."
