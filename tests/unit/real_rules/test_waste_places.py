"""Table 2.1 of the domain study: vehicles, derogations, residence and the platform of a waste centre."""

from datetime import date

import pytest

from domain.access.facts import Direction
from domain.access.reasons import REASONS, Reason
from domain.calendars import BankHolidays, Calendar, Closure, Hours
from domain.circumstances import CircumstanceKind
from domain.conditions import Conditions, Vehicle, VehicleClass
from domain.places import Passback
from domain.text import Text
from store.bank_days import BankDays
from tests.unit.real_rules.waste import (
    APPOINTMENT_DAY,
    CAR,
    CENTRE,
    DEPOSITED,
    DEROGATION_DAY,
    EST_ENSEMBLE,
    HIGH_VAN,
    HOUSEHOLD,
    LAST,
    RESIDENT,
    SPENT,
    VAN,
    VISIT,
    WELCOME,
    YEAR,
    brings,
    in_march,
    waste,
)
from tests.visits import Held, Row, by_kind, circumstance, limit, litres, place, play, row, tap


@pytest.mark.parametrize(
    "row",
    [
        row(
            "Est Ensemble: height 1.90 m and 3.5 t; a van, hired or not, needs a derogation",
            EST_ENSEMBLE,
            (Held(HOUSEHOLD),),
            tap("2026-03-02 10:00", Reason.VEHICLE_TOO_HIGH, vehicle=Vehicle(VehicleClass.CAR, height_cm=191)),
            tap("2026-03-02 10:01", Reason.VEHICLE_TOO_HEAVY, vehicle=Vehicle(VehicleClass.CAR, weight_kg=3_501)),
            tap("2026-03-02 10:02", Reason.VEHICLE_NOT_ALLOWED, vehicle=VAN),
            tap("2026-03-02 10:03", WELCOME, "1 visit", vehicle=Vehicle(VehicleClass.CAR, 190, 3_500)),
        ),
        row(
            "Est Ensemble: the day of a derogation, 5 m3 in a van, used once",
            EST_ENSEMBLE,
            (Held(HOUSEHOLD), DEROGATION_DAY),
            tap("2026-03-11 10:00", Reason.VEHICLE_NOT_ALLOWED, vehicle=HIGH_VAN),
            tap("2026-03-12 09:00", WELCOME, "2 m3 + 1 visit", vehicle=CAR, **brings(2)),
            tap("2026-03-12 10:00", SPENT, vehicle=HIGH_VAN, **brings(5.5)),
            tap("2026-03-12 10:01", SPENT, vehicle=HIGH_VAN, kinds=litres(paint=60)),
            tap("2026-03-12 10:02", LAST, "1 visit + 5 m3", vehicle=HIGH_VAN, **brings(5)),
            tap("2026-03-12 11:00", SPENT, vehicle=HIGH_VAN),
            tap("2026-03-13 10:00", Reason.VEHICLE_NOT_ALLOWED, vehicle=HIGH_VAN),
        ),
        row(
            "Terre des 2 Caps: by appointment, on its day and once",
            CENTRE,
            (APPOINTMENT_DAY,),
            tap("2026-03-11 10:00", Reason.RIGHT_NOT_STARTED),
            tap("2026-03-12 10:00", LAST, "1 visit"),
            tap("2026-03-12 16:00", SPENT),
            tap("2026-03-13 10:00", Reason.RIGHT_EXPIRED),
        ),
        row(
            "Residence: communes of the body; a move outside ends the right, the year's count is kept",
            CENTRE,
            (
                Held(
                    waste("resident", limit(18, VISIT, YEAR), conditions=Conditions(communes=("72071", "72003"))),
                    standings=(RESIDENT, circumstance(CircumstanceKind.COMMUNE, "72003", since=date(2026, 9, 1))),
                ),
            ),
            *(tap(when, WELCOME, "1 visit") for when in in_march(1, 16)),
            tap("2026-06-14 10:00", WELCOME, "1 visit"),
            tap("2026-06-15 10:00", Reason.NOT_RESIDENT),
            tap("2026-09-01 10:00", LAST, "1 visit"),
            tap("2026-09-02 10:00", SPENT),
        ),
        row(
            "AQTA: second homes, once their property-tax notice was seen",
            CENTRE,
            (
                Held(
                    waste("second", conditions=Conditions(statuses=("second_home",))),
                    standings=(circumstance(CircumstanceKind.STATUS, "second_home", ends=date(2026, 10, 1)),),
                ),
            ),
            tap("2026-08-02 10:00", WELCOME),
            tap("2026-10-01 10:00", Reason.TARIFF_ENDED),
        ),
        row(
            "Sud-Est Manceau, Piémont Cévenol: the barrier waits while the platform is full",
            place("waste-centre", zone={"capacity": 6}),
            (Held(waste("v18", limit(18, VISIT, YEAR))),),
            tap("2026-03-02 10:00", Reason.SITE_FULL, crowd=6),
            tap("2026-03-02 10:02", WELCOME, "1 visit", crowd=5),
        ),
        row(
            "Plateau Picard: a queue on Saturday; a code that stays before the reader is one scan",
            place("waste-centre", zone={"passback": Passback.TIMED, "passback_minutes": 10}),
            (Held(waste("v18", limit(18, VISIT, YEAR))),),
            tap("2026-03-07 10:00:00", WELCOME, "1 visit"),
            tap("2026-03-07 10:00:02", Reason.DOUBLE_READ),
            tap("2026-03-07 10:09:59", Reason.TOO_SOON),
            tap("2026-03-07 10:10:00", WELCOME, "1 visit"),
        ),
        row(
            "One visit, many kinds: what is handed over at the quay counts, the visit does not again",
            EST_ENSEMBLE,
            (Held(HOUSEHOLD),),
            tap("2026-03-02 10:00", Reason.NOT_INSIDE, kinds=by_kind(wood=1), direction=Direction.DEPOSIT),
            tap("2026-03-02 10:01", WELCOME, "1 visit", vehicle=CAR),
            tap("2026-03-02 10:05", DEPOSITED, "1 m3", vehicle=CAR, kinds=by_kind(wood=1), direction=Direction.DEPOSIT),
            tap(
                "2026-03-02 10:06",
                DEPOSITED,
                "0.5 m3 + 0.5 m3 of rubble + 10 litre of paint",
                kinds={**by_kind(rubble=0.5), **litres(paint=10)},
                direction=Direction.DEPOSIT,
            ),
            tap("2026-03-02 10:07", SPENT, kinds=by_kind(green=1), direction=Direction.DEPOSIT),
            tap("2026-03-02 10:30", Reason.GOODBYE, direction=Direction.EXIT),
        ),
        row(
            "Opening: winter and summer hours, bank holidays, and a day shut for the wind",
            place(
                "waste-centre",
                Calendar(
                    hours=(
                        *(Hours(date(2026, 1, 1), date(2026, 4, 1), weekday, 540, 720) for weekday in range(6)),
                        *(Hours(date(2026, 4, 1), date(2026, 10, 1), weekday, 540, 1_140) for weekday in range(6)),
                    ),
                    closures=(Closure(date(2026, 3, 12), date(2026, 3, 12), Text(fr="Vent fort", en="Strong wind")),),
                    bank_holidays=BankHolidays.CLOSED,
                    bank_days=BankDays(),
                ),
            ),
            (Held(waste("mulhouse")),),
            tap("2026-03-11 14:00", Reason.SITE_CLOSED),
            tap("2026-03-12 10:00", Reason.SITE_CLOSED),
            tap("2026-03-13 10:00", WELCOME),
            tap("2026-04-01 14:00", WELCOME),
            tap("2026-05-01 10:00", Reason.SITE_CLOSED),
            tap("2026-05-03 10:00", Reason.SITE_CLOSED),
            tap("2026-05-04 18:59", WELCOME),
        ),
    ],
)
def test_the_gate_does_what_the_rule_of_a_real_waste_centre_says(row: Row) -> None:
    play(row)


def test_a_household_without_a_derogation_hears_what_would_help() -> None:
    """Est Ensemble: the answer to a van names the derogation, not the quota behind it."""
    (verdict,) = play(
        Row(
            EST_ENSEMBLE,
            (Held(HOUSEHOLD),),
            (tap("2026-03-02 10:00", Reason.VEHICLE_TOO_HIGH, vehicle=Vehicle(None, 215)),),
        )
    )
    assert "dérogation" in REASONS[verdict.reason].next_step.fr
    assert REASONS[verdict.reason].overridable
