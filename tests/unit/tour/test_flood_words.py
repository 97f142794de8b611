"""What a flood sheet says, and what it never says."""

from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from domain.flood_thresholds import Station
from domain.floods import Level
from domain.readings import NEVER, advance
from tests.tour_streams import CO2, NOON, reading
from tour.flood_words import FloodSheet, flood_sheet
from tour.freshness import freshness

GAUGE = replace(CO2, quantity="water_level", unit="m", period_seconds=300)
LOCAL = NOON.astimezone(ZoneInfo("Europe/Paris"))
BEFORE = NOON - timedelta(hours=2)


def sheet(
    public: Level, *, measured: Level | None = None, minutes: float | None = 4, delay_seconds: int = 0
) -> FloodSheet:
    """The sheet of a gauge that spoke so many minutes ago, or never."""
    gauge = replace(GAUGE, delay_seconds=delay_seconds)
    station = Station(GAUGE.id, UUID(int=9), public if measured is None else measured, BEFORE, public, BEFORE)
    said = [] if minutes is None else [reading(2.43, NOON - timedelta(minutes=minutes), GAUGE)]
    last = advance(NEVER, said)
    return flood_sheet(station, last, freshness(gauge, last, NOON, flood=True), LOCAL)


def test_a_confirmed_level_says_what_to_do_and_since_when() -> None:
    told = sheet(Level.VEHICLES)
    assert told.sentence.fr == (
        "Niveau 1, la rivière monte et les véhicules doivent partir. Déplacez votre véhicule garé près de l’eau, "
        "maintenant. Niveau confirmé par la ville aujourd’hui à\u00a011\u00a0h. "
        "Pour votre sécurité, suivez Vigicrues et les messages de la ville."
    )
    assert told.sentence.en.startswith("Level 1, the river is rising and vehicles must leave. Move your vehicle")
    assert told.sentence.easy.startswith("La rivière monte. Déplacez votre voiture maintenant.")
    assert not told.loud


def test_a_normal_river_is_called_so_while_its_gauge_speaks() -> None:
    told = sheet(Level.NORMAL)
    assert told.sentence.fr.startswith("La rivière est à son niveau normal. Rien à faire.")
    assert told.band is not None


@pytest.mark.parametrize("minutes", [12.1, 60, 2_000, None])
def test_a_silent_gauge_reassures_nobody(minutes: float | None) -> None:
    """Two periods and two minutes: the feed fails when it is needed (Hub'Eau, issue 168)."""
    told = sheet(Level.NORMAL, minutes=minutes)
    assert (told.loud, told.band) == (True, None)
    assert told.sentence.fr.startswith("Attention\u00a0: ")
    assert "Nous ne savons pas où en est la rivière." in told.sentence.fr
    assert told.sentence.fr.endswith("suivez Vigicrues et les messages de la ville.")
    assert "normal" not in told.sentence.fr
    assert told.sentence.en.startswith("Warning: ")
    assert told.sentence.easy.startswith("Attention\u00a0: nous n’avons ")


def test_a_silent_gauge_takes_no_confirmed_level_back() -> None:
    told = sheet(Level.QUAY, minutes=60)
    assert told.loud
    assert told.band is not None
    assert told.sentence.fr.startswith("Attention\u00a0: nous ne recevons plus de mesures.")
    assert "Niveau 3, l’eau déborde sur le quai." in told.sentence.fr


def test_while_a_level_waits_for_somebody_nothing_is_said_of_it_and_nobody_reassured() -> None:
    told = sheet(Level.NORMAL, measured=Level.ROADS)
    assert (told.band, told.state, told.loud) == (None, None, False)
    assert told.sentence.fr == "Pour votre sécurité, suivez Vigicrues et les messages de la ville."


def test_a_source_that_is_always_late_neither_warns_nor_reassures() -> None:
    told = sheet(Level.NORMAL, minutes=30, delay_seconds=1_800)
    assert (told.loud, told.band) == (False, None)
    assert told.sentence.fr == (
        "Ces chiffres arrivent avec retard\u00a0: mesurés aujourd’hui à\u00a012\u00a0h\u00a030. "
        "Pour votre sécurité, suivez Vigicrues et les messages de la ville."
    )
    assert sheet(Level.NORMAL, minutes=120, delay_seconds=1_800).loud
    assert sheet(Level.ROADS, minutes=30, delay_seconds=1_800).band is not None


@pytest.mark.parametrize("level", list(Level))
def test_metres_are_never_said_in_a_level(level: Level) -> None:
    assert "2,43" not in sheet(level).sentence.fr
