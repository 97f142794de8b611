"""Table 2.2 of the domain study: pools that are left and entered again, and the zones within them."""

import pytest

from domain.access.reasons import Reason
from domain.places import Passback
from tests.unit.real_rules.pools import (
    BASIN,
    CARNET,
    FITNESS,
    OUT,
    SAUNA,
    SEASON_PASS,
    WELCOME,
    WELLNESS,
)
from tests.visits import Held, Row, place, play, row, tap


@pytest.mark.parametrize(
    "row",
    [
        row(
            "Re-entry: a season pass comes back in only after an exit",
            place("pool", zone={"passback": Passback.HARD}),
            (Held(SEASON_PASS),),
            tap("2026-03-14 10:00", WELCOME),
            tap("2026-03-14 10:30", Reason.ALREADY_INSIDE),
            tap("2026-03-14 11:00", Reason.GOODBYE, direction=OUT),
            tap("2026-03-14 11:05", WELCOME),
        ),
        row(
            "Re-entry: or after a delay, where there is no exit gate",
            place("pool", zone={"passback": Passback.TIMED, "passback_minutes": 30}),
            (Held(SEASON_PASS),),
            tap("2026-03-14 10:00", WELCOME),
            tap("2026-03-14 10:29", Reason.TOO_SOON),
            tap("2026-03-14 10:30", WELCOME),
        ),
        row(
            "Re-entry: or with a word only, and nothing counted",
            place("pool", zone={"passback": Passback.SOFT, "passback_minutes": 30}),
            (Held(CARNET),),
            tap("2026-03-14 10:00", WELCOME, "1 visit"),
            tap("2026-03-14 10:29", Reason.SAME_TRIP),
            tap("2026-03-14 10:30", WELCOME, "1 visit"),
        ),
        row(
            "Re-entry: a forgotten exit is forgotten overnight",
            place("pool", zone={"passback": Passback.HARD}),
            (Held(SEASON_PASS),),
            tap("2026-03-14 10:00", WELCOME),
            tap("2026-03-14 23:59", Reason.ALREADY_INSIDE),
            tap("2026-03-15 00:00", WELCOME),
        ),
        row(
            "CC des Étangs: basin, fitness, sauna: one visit, a supplement for each further zone",
            BASIN,
            (Held(CARNET),),
            tap("2026-03-14 10:00", WELCOME, "1 visit"),
            tap("2026-03-14 11:00", Reason.PAYMENT_DUE, due=300, doorway=FITNESS),
            tap("2026-03-14 11:01", WELCOME, due=300, doorway=FITNESS, paid_cents=300),
            tap("2026-03-14 11:10", Reason.ALREADY_INSIDE, doorway=FITNESS),
            tap("2026-03-14 12:00", WELCOME, due=500, doorway=SAUNA, paid_cents=500),
            tap("2026-03-14 13:00", Reason.GOODBYE, direction=OUT, doorway=SAUNA),
        ),
        row(
            "CC des Étangs: who has paid the sauna today goes back in without paying again",
            BASIN,
            (Held(SEASON_PASS),),
            tap("2026-03-14 10:00", WELCOME),
            tap("2026-03-14 11:00", WELCOME, due=500, doorway=SAUNA, paid_cents=500),
            tap("2026-03-14 12:00", WELCOME),
            tap("2026-03-14 13:00", WELCOME, doorway=SAUNA),
            tap("2026-03-14 14:00", Reason.GOODBYE, direction=OUT, doorway=SAUNA),
            tap("2026-03-14 17:00", WELCOME, doorway=SAUNA),
            tap("2026-03-15 11:00", Reason.PAYMENT_DUE, due=500, doorway=SAUNA),
        ),
        row(
            "CC des Étangs: a subscription with the sauna in it pays no supplement there",
            BASIN,
            (Held(WELLNESS),),
            tap("2026-03-14 10:00", WELCOME),
            tap("2026-03-14 11:00", WELCOME, doorway=SAUNA),
            tap("2026-03-14 12:00", Reason.PAYMENT_DUE, due=300, doorway=FITNESS),
        ),
        row(
            "CC des Étangs: straight through the accessible gate into the sauna: the visit and its supplement",
            SAUNA,
            (Held(CARNET),),
            tap("2026-03-14 10:00", Reason.PAYMENT_DUE, due=500),
            tap("2026-03-14 10:01", WELCOME, "1 visit", due=500, paid_cents=500),
        ),
    ],
)
def test_the_gate_does_what_a_real_pool_says_of_its_zones_and_of_coming_back(row: Row) -> None:
    play(row)
