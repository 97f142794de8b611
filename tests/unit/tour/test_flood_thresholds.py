"""Which metres can be meant."""

from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.errors.floods import ImpossibleThresholds
from domain.flood_thresholds import Thresholds, ThresholdsStatus, Witness, check_thresholds
from tests.tour_streams import CO2, NOON

GAUGE = replace(CO2, id=UUID(int=51), quantity="water_level", unit="m")
MEANT = Thresholds(
    id=UUID(int=70),
    authority_id=GAUGE.authority_id,
    stream_id=GAUGE.id,
    level_1_m=2.0,
    level_2_m=3.0,
    level_3_m=4.0,
    hysteresis_m=0.2,
    witnesses=(Witness(UUID(int=61), 1.5),),
    status=ThresholdsStatus.PROPOSED,
    proposed_by=UUID(int=2),
    proposed_at=NOON,
)


@pytest.mark.parametrize(
    "wrong",
    [
        {"level_2_m": 2.0},
        {"level_3_m": 300.0},
        {"level_1_m": float("nan")},
        {"level_3_m": float("inf")},
        {"hysteresis_m": 0.0},
        {"hysteresis_m": float("nan")},
        {"hysteresis_m": 1.0},
        {"witnesses": (Witness(GAUGE.id, 1.0),)},
        {"witnesses": (Witness(UUID(int=61), 1.0), Witness(UUID(int=61), 2.0))},
        {"witnesses": tuple(Witness(UUID(int=number), 1.0) for number in range(60, 64))},
    ],
)
def test_thresholds_that_cannot_be_meant_are_refused(wrong: dict[str, Any]) -> None:
    check_thresholds(MEANT, GAUGE)
    with pytest.raises(ImpossibleThresholds):
        check_thresholds(replace(MEANT, **wrong), GAUGE)


def test_only_the_level_of_water_has_flood_levels() -> None:
    with pytest.raises(ImpossibleThresholds):
        check_thresholds(MEANT, CO2)
