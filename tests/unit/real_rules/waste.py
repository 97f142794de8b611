"""Products and places of the waste centres of table 2.1, shared by its tests.

About something else, so tested elsewhere: the household as the subject of a quota, one card each, and moves
(`tests/contract`, households), the yearly allowance and the notice of derogations (`test_grants.py`), media and
opening calendars (`test_passes_lifecycle.py`, `test_calendars.py`), the ticket with the last ten visits and one
reference for a fiscal number (`tests/contract/test_real_rows.py`), fees for replaced cards (`test_replacements.py`).
The load of a site is a figure, not a rule.
"""

from datetime import date
from typing import Any

from domain.access.reasons import Reason
from domain.circumstances import CircumstanceKind
from domain.conditions import Conditions, Lift, Vehicle, VehicleClass
from domain.limits import ONE, Measure, Window
from domain.people import Subject
from domain.places import VehicleLimits
from domain.products import Product
from tests.visits import Held, circumstance, limit, place, product

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
APPOINTMENT = waste("appointment", limit(1, VISIT, WHOLE), yearly=24)
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
APPOINTMENT_DAY = Held(APPOINTMENT, date(2026, 3, 12), date(2026, 3, 13))
DEROGATION_DAY = Held(DEROGATION, date(2026, 3, 12), date(2026, 3, 13))
RESIDENT = circumstance(CircumstanceKind.COMMUNE, "72071", ends=date(2026, 6, 15))
