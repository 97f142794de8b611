"""Table 2.1 of the domain study: waste centres. Each row is a real place, written as data.

About something else, so tested elsewhere: the household as the subject of a quota, one card each, and moves
(`tests/contract`, households), the yearly allowance and the notice of derogations (`test_grants.py`), media and
opening calendars (`test_passes_lifecycle.py`, `test_calendars.py`), the ticket with the last ten visits, fees for
replaced cards and the load of a site (not this engine's subject).
"""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from domain.access.answer import Price, compose
from domain.access.decide import decide
from domain.access.facts import Direction
from domain.access.reasons import REASONS, Reason
from domain.circumstances import CircumstanceKind
from domain.conditions import Conditions, Lift, Vehicle, VehicleClass
from domain.limits import ONE, Limit, Measure, Window
from domain.people import Subject
from domain.places import Passback, VehicleLimits
from domain.products import Grace, Product
from tests.facts import balance, doorway, question, right
from tests.visits import Held, Row, at_gate, by_kind, circumstance, limit, litres, place, play, product, row, tap

WELCOME, LAST, LOW = Reason.WELCOME, Reason.LAST_VISIT, Reason.LOW_BALANCE
OVERAGE, SPENT, DEPOSITED = Reason.OVERAGE, Reason.QUOTA_SPENT, Reason.DEPOSITED
VISIT, POINT, M3, LITRE = Measure.VISIT, Measure.POINT, Measure.M3, Measure.LITRE
DAY, WEEK, MONTH, YEAR, WHOLE = Window.DAY, Window.WEEK, Window.MONTH, Window.YEAR, Window.WHOLE
CAR, VAN, ON_FOOT = (Vehicle(kind) for kind in (VehicleClass.CAR, VehicleClass.VAN, VehicleClass.FOOT))
LOADED_TRAILER = Vehicle(VehicleClass.CAR_TRAILER)
HIGH_VAN = Vehicle(VehicleClass.VAN, height_cm=215, weight_kg=3_300)

CENTRE = place("waste-centre")
EST_ENSEMBLE = place(
    "waste-centre",
    vehicles=VehicleLimits(max_height_cm=190, max_weight_kg=3_500),
    accepts=("bulky", "green", "rubble", "wood", "metal", "paint"),
)


def waste(code: str, *limits: Any, subject: Subject = Subject.HOUSEHOLD, **terms: Any) -> Product:  # noqa: ANN401 - as `product`
    return product(code, "waste-centre", *limits, subject=subject, **terms)


def in_march(first: int, last: int) -> list[str]:
    return [f"2026-03-{day:02} 10:00" for day in range(first, last + 1)]


def brings(amount: float) -> dict[str, Any]:
    return {"asked": {VISIT: ONE, M3: round(amount * ONE)}}


ORDINARY_CARS = Conditions(vehicles=(VehicleClass.FOOT, VehicleClass.BIKE, VehicleClass.CAR, VehicleClass.CAR_TRAILER))
HOUSEHOLD = waste(
    "household",
    limit(2, M3, DAY),
    limit(4, VISIT, MONTH),
    limit(30, VISIT, YEAR),
    limit(1, M3, DAY, kind="rubble"),
    limit(50, LITRE, DAY, kind="paint"),
    conditions=ORDINARY_CARS,
)
DEROGATION = waste(
    "derogation",
    limit(1, VISIT, WHOLE),
    limit(5, M3, WHOLE),
    limit(1, M3, WHOLE, kind="rubble"),
    limit(50, LITRE, WHOLE, kind="paint"),
    lifts=(Lift.VEHICLE,),
    yearly=4,
    notice_days=3,
)
ASSOCIATION = waste(
    "association",
    limit(4, M3, DAY),
    limit(18, M3, YEAR),
    limit(200, LITRE, DAY, kind="paint"),
    limit(4_000, LITRE, YEAR, kind="paint"),
    limit(20, LITRE, DAY, kind="oil"),
    subject=Subject.ORGANISATION,
    conditions=Conditions(weekdays=(0, 1, 2, 3, 4)),
)
PROFESSIONAL = waste(
    "professional",
    *(limit(12, M3, WEEK, kind=kind, free=0, price_cents=1_500) for kind in ("plaster", "green", "wood", "rubble")),
    limit(12, M3, WEEK, kind="bulky", free=0, price_cents=2_500),
    *(limit(12, M3, WEEK, kind=kind) for kind in ("metal", "cardboard")),
    subject=Subject.ORGANISATION,
)
MUNICIPAL = waste(
    "municipal",
    *(limit(12, M3, WEEK, kind=kind) for kind in ("plaster", "green", "wood", "rubble", "bulky", "metal")),
    subject=Subject.ORGANISATION,
)
LOMBRIC = waste(
    "points",
    limit(18, POINT, YEAR),
    points={
        VehicleClass.FOOT: 0,
        VehicleClass.CAR: 500,
        VehicleClass.CAR_TRAILER: 1_000,
        VehicleClass.VAN: 1_500,
    },
)
DEROGATION_DAY = Held(DEROGATION, date(2026, 3, 12), date(2026, 3, 13))
RESIDENT = circumstance(CircumstanceKind.COMMUNE, "72071", ends=date(2026, 6, 15))


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
            "Est Ensemble, Mulhouse: professionals are barred, having no right",
            CENTRE,
            (),
            tap("2026-03-02 10:00", Reason.NO_RIGHT),
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
            "Béthune-Bruay: professionals, 12 m3 a week and kind at 15 or 25 euros, metal free",
            CENTRE,
            (Held(PROFESSIONAL),),
            tap("2026-03-02 08:00", Reason.QUANTITY_NEEDED),
            tap("2026-03-02 08:01", OVERAGE, "2.5 m3 of rubble", billed=3_750, kinds=by_kind(rubble=2.5)),
            tap(
                "2026-03-02 09:00",
                OVERAGE,
                "1 m3 of plaster + 1 m3 of bulky",
                billed=4_000,
                kinds=by_kind(plaster=1, bulky=1),
            ),
            tap("2026-03-03 08:00", WELCOME, "8 m3 of metal", kinds=by_kind(metal=8)),
            tap("2026-03-04 08:00", OVERAGE, "9.5 m3 of rubble", billed=14_250, kinds=by_kind(rubble=9.5)),
            tap("2026-03-05 08:00", SPENT, kinds=by_kind(rubble=0.1)),
            tap("2026-03-09 08:00", OVERAGE, "0.1 m3 of rubble", billed=150, kinds=by_kind(rubble=0.1)),
        ),
        row(
            "Vexin: a badge for cardboard only",
            CENTRE,
            (
                Held(
                    waste(
                        "cardboard",
                        limit(12, M3, WEEK),
                        subject=Subject.ORGANISATION,
                        conditions=Conditions(kinds=("cardboard",)),
                    )
                ),
            ),
            tap("2026-03-02 08:00", WELCOME, "3 m3", kinds=by_kind(cardboard=3)),
            tap("2026-03-02 09:00", Reason.WASTE_NOT_ACCEPTED, kinds=by_kind(cardboard=1, wood=1)),
        ),
        row(
            "SMITOM Nord 77: associations, 4 m3 a day and 18 a year, paint, oil, no weekends",
            CENTRE,
            (Held(ASSOCIATION),),
            tap("2026-03-06 10:00", WELCOME, "4 m3", kinds=by_kind(bulky=4)),
            tap("2026-03-06 11:00", SPENT, kinds=by_kind(bulky=0.5)),
            tap("2026-03-07 10:00", Reason.DAY_NOT_INCLUDED, kinds=by_kind(bulky=1)),
            tap("2026-03-08 10:00", Reason.DAY_NOT_INCLUDED, kinds=by_kind(bulky=1)),
            tap("2026-03-09 10:00", SPENT, kinds=litres(paint=201)),
            tap("2026-03-09 10:05", WELCOME, "200 litre of paint", kinds=litres(paint=200)),
            tap("2026-03-09 10:10", SPENT, kinds=litres(oil=21)),
            *(tap(f"2026-03-{day} 10:00", WELCOME, "4 m3", kinds=by_kind(bulky=4)) for day in (10, 11, 12)),
            tap("2026-03-13 10:00", SPENT, kinds=by_kind(bulky=3)),
            tap("2026-03-13 10:05", LOW, "2 m3", kinds=by_kind(bulky=2)),
        ),
        row(
            "Béthune-Bruay: municipal services free, 12 m3 a week and kind",
            CENTRE,
            (Held(MUNICIPAL),),
            tap("2026-03-02 08:00", WELCOME, "11 m3 of green", kinds=by_kind(green=11)),
            tap("2026-03-03 08:00", SPENT, kinds=by_kind(green=2)),
            tap("2026-03-03 08:05", WELCOME, "6 m3 of wood", kinds=by_kind(wood=6)),
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
            "Decoset: the white period, site by site; then the right counts from nothing",
            place("waste-centre", white_until=date(2026, 4, 1)),
            (Held(waste("v1", limit(1, VISIT, YEAR))),),
            *(tap(when, Reason.WHITE_PERIOD) for when in in_march(1, 31)),
            tap("2026-04-01 10:00", LAST, "1 visit"),
            tap("2026-04-02 10:00", SPENT),
        ),
        row(
            "Decoset: in the white period somebody without any right is let in too",
            place("waste-centre", white_until=date(2026, 4, 1)),
            (),
            tap("2026-03-31 10:00", Reason.WHITE_PERIOD),
            tap("2026-04-01 10:00", Reason.NO_RIGHT),
        ),
        row(
            "Saint-Étienne: two entries against the plate number, before the pass comes",
            CENTRE,
            (Held(waste("plate", limit(2, VISIT, WHOLE))),),
            tap("2026-03-02 10:00", WELCOME, "1 visit"),
            tap("2026-03-09 10:00", LAST, "1 visit"),
            tap("2026-03-16 10:00", SPENT),
        ),
        row(
            "Launch of a new year: two entries of grace within thirty days, then the right is over",
            CENTRE,
            (Held(waste("graced", limit(18, VISIT, YEAR), grace=Grace(days=30, entries=2)), until=date(2026, 3, 1)),),
            tap("2026-02-28 10:00", Reason.EXPIRES_SOON, "1 visit"),
            tap("2026-03-02 10:00", Reason.GRACE, "1 visit"),
            tap("2026-03-03 10:00", Reason.GRACE, "1 visit"),
            tap("2026-03-04 10:00", SPENT),
            tap("2026-03-31 10:00", Reason.RIGHT_EXPIRED),
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
