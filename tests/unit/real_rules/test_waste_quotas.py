"""Table 2.1 of the domain study: what a household may bring to a waste centre, and what goes beyond it."""

import pytest
from msgspec.structs import replace

from domain.access.answer import Price, compose
from domain.access.decide import decide
from domain.access.reasons import Reason
from domain.conditions import Conditions, Vehicle, VehicleClass
from domain.limits import ONE, Limit, Measure, Settlement
from domain.rates import Rate
from tests.facts import balance, doorway, question, right
from tests.unit.real_rules.waste import (
    CAR,
    CENTRE,
    DAY,
    EST_ENSEMBLE,
    HOUSEHOLD,
    LAST,
    LITRE,
    LOADED_TRAILER,
    LOMBRIC,
    LOW,
    M3,
    ON_FOOT,
    OVERAGE,
    POINT,
    SPENT,
    VAN,
    VISIT,
    WEEK,
    WELCOME,
    YEAR,
    brings,
    in_march,
    waste,
)
from tests.visits import Held, Row, at_gate, by_kind, limit, litres, play, row, tap


@pytest.mark.parametrize(
    "row",
    [
        row(
            "Sud-Est Manceau: 18 visits a year",
            CENTRE,
            (Held(waste("v18", limit(18, VISIT, YEAR))),),
            *(tap(when, WELCOME, "1 visit") for when in in_march(1, 17)),
            tap("2026-03-18 10:00", LAST, "1 visit"),
            tap("2026-03-19 10:00", SPENT),
            tap("2026-12-01 10:00", SPENT),
        ),
        row(
            "Pau: 24 free, ten more at 20 euros billed later, refused after 34",
            CENTRE,
            (Held(waste("pau", limit(34, VISIT, YEAR, free=24, price_cents=2_000), warn_below=3)),),
            *(tap(when, WELCOME, "1 visit") for when in in_march(1, 20)),
            *(tap(when, LOW, "1 visit") for when in in_march(21, 23)),
            tap("2026-03-24 10:00", LAST, "1 visit"),
            *(tap(f"2026-04-{day:02} 10:00", OVERAGE, "1 visit", billed=2_000) for day in range(1, 11)),
            tap("2026-04-11 10:00", SPENT),
        ),
        row(
            "Mulhouse: as often as one likes",
            CENTRE,
            (Held(waste("mulhouse")),),
            *(tap(when, WELCOME) for when in in_march(1, 31)),
        ),
        row(
            "Lombric: 18 points a year, 36 visits by saloon",
            CENTRE,
            (Held(LOMBRIC),),
            *(tap(when, WELCOME, "0.5 point", vehicle=CAR) for when in in_march(1, 31)),
            *(tap(f"2026-04-0{day} 10:00", WELCOME, "0.5 point", vehicle=CAR) for day in range(1, 5)),
            tap("2026-04-05 10:00", LOW, "0.5 point", vehicle=CAR),
            tap("2026-04-06 10:00", SPENT, vehicle=CAR),
            tap("2026-04-06 10:05", WELCOME, vehicle=ON_FOOT),
        ),
        row(
            "Lombric: a bigger vehicle weighs more, an empty trailer nothing",
            CENTRE,
            (Held(LOMBRIC),),
            tap("2026-03-02 10:00", WELCOME, "1.5 point", vehicle=VAN),
            tap("2026-03-03 10:00", WELCOME, "1 point", vehicle=LOADED_TRAILER),
            tap("2026-03-04 10:00", WELCOME, "0.5 point", vehicle=CAR),
            tap("2026-03-05 10:00", Reason.VEHICLE_NOT_ALLOWED, vehicle=Vehicle(VehicleClass.TRUCK)),
            tap("2026-03-06 10:00", Reason.QUANTITY_NEEDED),
            tap("2026-03-06 10:01", WELCOME, "0.5 point", asked={VISIT: ONE, POINT: 500}),
        ),
        row(
            "Elsewhere: 50 points a year",
            CENTRE,
            (Held(waste("p50", limit(50, POINT, YEAR), points={VehicleClass.CAR: 1_000})),),
            tap("2026-03-02 10:00", WELCOME, "1 point", vehicle=CAR),
        ),
        row(
            "Est Ensemble: 2 m3 a day, 4 visits a month, 30 a year, all at once",
            EST_ENSEMBLE,
            (Held(HOUSEHOLD),),
            tap("2026-03-02 10:00", WELCOME, "1.5 m3 + 1 visit", **brings(1.5)),
            tap("2026-03-02 15:00", SPENT, **brings(1)),
            tap("2026-03-02 15:05", WELCOME, "0.5 m3 + 1 visit", **brings(0.5)),
            tap("2026-03-03 10:00", WELCOME, "2 m3 + 1 visit", **brings(2)),
            tap("2026-03-31 10:00", LAST, "1 visit"),
            tap("2026-03-31 11:00", SPENT),
            *(
                tap(f"2026-{month:02}-{day:02} 10:00", WELCOME if day < 4 else LAST, "1 visit")
                for month in range(4, 10)
                for day in range(1, 5)
            ),
            tap("2026-10-01 10:00", WELCOME, "1 visit"),
            tap("2026-10-02 10:00", LAST, "1 visit"),
            tap("2026-10-03 10:00", SPENT),
        ),
        row(
            "Est Ensemble: rubble 1 m3, paint 50 litres, asbestos by appointment",
            EST_ENSEMBLE,
            (Held(HOUSEHOLD),),
            tap("2026-03-02 10:00", SPENT, kinds=by_kind(rubble=1.2)),
            tap("2026-03-02 10:05", WELCOME, "2 m3 + 1 visit + 1 m3 of rubble", kinds=by_kind(rubble=1, wood=1)),
            tap("2026-03-03 10:00", SPENT, kinds=litres(paint=60)),
            tap("2026-03-03 10:05", WELCOME, "1 visit + 50 litre of paint", kinds=litres(paint=50)),
            tap("2026-03-04 10:00", Reason.WASTE_NOT_ACCEPTED, kinds=by_kind(asbestos=0.1)),
            tap("2026-03-04 10:05", Reason.OVERRIDDEN, kinds=by_kind(asbestos=0.1), override=True),
        ),
        row(
            "Béthune-Bruay: 5 m3, 20 litres of liquids and 5 tyres a week",
            CENTRE,
            (
                Held(
                    waste(
                        "weekly", limit(5, M3, WEEK), limit(20, LITRE, WEEK), limit(5, Measure.PIECE, WEEK, kind="tyre")
                    )
                ),
            ),
            tap("2026-03-02 10:00", WELCOME, "4 m3", kinds=by_kind(green=3, wood=1)),
            tap("2026-03-08 10:00", SPENT, kinds=by_kind(green=1.5)),
            tap("2026-03-08 10:05", LOW, "20 litre", kinds=litres(paint=12, oil=8)),
            tap("2026-03-08 10:10", SPENT, kinds=litres(solvent=1)),
            tap("2026-03-08 10:15", SPENT, kinds={"tyre": {Measure.PIECE: 6 * ONE}}),
            tap(
                "2026-03-09 10:00",
                WELCOME,
                "4 m3 + 4 piece of tyre",
                kinds={**by_kind(green=4), "tyre": {Measure.PIECE: 4_000}},
            ),
        ),
        row(
            "Lombric: 4 m3 a day; the agent may let a later load in",
            CENTRE,
            (Held(waste("four", limit(4, M3, DAY))),),
            tap("2026-03-07 10:00", WELCOME, "4 m3", **brings(4)),
            tap("2026-03-07 15:00", SPENT, **brings(1)),
            tap("2026-03-07 15:01", Reason.OVERRIDDEN, **brings(1), override=True),
        ),
        row(
            "Lombric: overage by vehicle, paid by card before the barrier opens",
            CENTRE,
            (
                Held(waste("few", limit(1, POINT, YEAR), points={VehicleClass.CAR: 500, VehicleClass.VAN: 1_500})),
                Held(waste("pays-car", at_gate(600, 10, YEAR), conditions=Conditions(vehicles=(VehicleClass.CAR,)))),
                Held(waste("pays-van", at_gate(2_500, 10, YEAR), conditions=Conditions(vehicles=(VehicleClass.VAN,)))),
            ),
            tap("2026-03-02 10:00", WELCOME, "0.5 point", vehicle=CAR),
            tap("2026-03-03 10:00", LOW, "0.5 point", vehicle=CAR),
            tap("2026-03-04 10:00", Reason.PAYMENT_DUE, due=600, vehicle=CAR),
            tap("2026-03-04 10:01", WELCOME, "1 visit", due=600, vehicle=CAR, paid_cents=600),
            tap("2026-03-05 10:00", Reason.PAYMENT_DUE, due=2_500, vehicle=VAN, paid_cents=600),
        ),
        row(
            "Lombric: overage by vehicle and by rubble, green or mixed load, paid by card before the barrier opens",
            CENTRE,
            (
                Held(waste("few", limit(1, POINT, YEAR), points={VehicleClass.CAR: 500, VehicleClass.VAN: 1_500})),
                Held(
                    waste(
                        "beyond",
                        limit(
                            20,
                            VISIT,
                            YEAR,
                            free=0,
                            settlement=Settlement.AT_GATE,
                            rates=(
                                Rate(1_000, (VehicleClass.CAR,), ("rubble",)),
                                Rate(400, (VehicleClass.CAR,), ("green",)),
                                Rate(1_200, (VehicleClass.CAR,)),
                                Rate(3_000, (VehicleClass.VAN,), ("rubble",)),
                                Rate(2_500, (VehicleClass.VAN,)),
                            ),
                        ),
                    )
                ),
            ),
            tap("2026-03-02 10:00", WELCOME, "0.5 point", vehicle=CAR),
            tap("2026-03-03 10:00", LOW, "0.5 point", vehicle=CAR, kinds=by_kind(rubble=1)),
            tap("2026-03-04 10:00", Reason.QUANTITY_NEEDED, vehicle=CAR),
            tap("2026-03-04 10:01", Reason.PAYMENT_DUE, due=1_000, vehicle=CAR, kinds=by_kind(rubble=1)),
            tap("2026-03-04 10:02", Reason.PAYMENT_DUE, due=400, vehicle=CAR, kinds=by_kind(green=1)),
            tap("2026-03-04 10:03", Reason.PAYMENT_DUE, due=1_200, vehicle=CAR, kinds=by_kind(green=1, rubble=0.5)),
            tap("2026-03-04 10:04", WELCOME, "1 visit", due=400, vehicle=CAR, kinds=by_kind(green=1), paid_cents=400),
            tap("2026-03-05 10:00", Reason.PAYMENT_DUE, due=3_000, vehicle=VAN, kinds=by_kind(rubble=2)),
            tap("2026-03-05 10:01", Reason.PAYMENT_DUE, due=2_500, vehicle=VAN, kinds=by_kind(bulky=2)),
            tap("2026-03-05 10:02", SPENT, vehicle=ON_FOOT, kinds=by_kind(green=0.1)),
        ),
    ],
)
def test_the_gate_does_what_the_rule_of_a_real_waste_centre_says(row: Row) -> None:
    play(row)


def test_what_remains_is_on_the_screen_at_the_entrance() -> None:
    """Pau: remaining visits on screen, here with what is left of the free ones."""
    paying = Limit(0, VISIT, 34 * ONE, YEAR, free=24 * ONE, price_cents=2_000)
    held = right(replace(balance(34, 22), limit=paying), service="waste-centre")
    facts = question(doorway=doorway("waste-centre"), rights=(held,))
    (left,) = compose(facts, decide(facts)).remaining
    assert (left.left, left.of, left.free_left) == (11, 34, 1)


def test_what_a_visit_will_cost_is_on_the_screen_too() -> None:
    paying = Limit(0, VISIT, 34 * ONE, YEAR, free=24 * ONE, price_cents=2_000)
    held = right(replace(balance(34, 24), limit=paying), service="waste-centre")
    facts = question(doorway=doorway("waste-centre"), rights=(held,))
    price = compose(facts, decide(facts)).price
    assert price == Price(due_cents=0, billed_cents=2_000)
