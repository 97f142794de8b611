"""The world of the state machine: a pool with a sauna, two waste centres (one with a white period), a bus and a reading
room, for three people.
"""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from msgspec import Struct

from adapters.keyring import KeyRing
from domain import people
from domain.conditions import VehicleClass
from domain.limits import ONE, Limit, Measure, Settlement, Window
from domain.people import Subject
from domain.places import Passback
from domain.products import Attendance, Grace, Product, Terms
from domain.rates import Rate
from store.database import Database
from tests.city import City, TestPass, resident, small_city
from tests.contract.ledger_world import add_place, add_product, add_zone, give

STARTS, ENDS = date(2026, 1, 1), date(2029, 1, 1)
VISIT, M3, MINUTE = Measure.VISIT, Measure.M3, Measure.MINUTE
CEILINGS = {"bath": (2, 1), "sauna": (2, 1)}
"""Users and others at once: three people come, sometimes by two."""
SUPPLEMENTS = {"sauna": 300}
DAILY = {"sauna": 3}
"""Persons who may come in on one day."""
WHITE_UNTIL = {"launch": date(2026, 12, 1)}
TIMED_MINUTES, SOFT_MINUTES = 10, 60
ENTRY_MINUTES = 30


class Door(Struct, frozen=True):
    gate_id: UUID
    zone_id: UUID
    site: str
    zone: str


class Given(Struct, frozen=True):
    """A right that is there from the beginning."""

    id: UUID
    product: str
    subject: UUID
    ends: date


class World(Struct, frozen=True):
    """What every example starts from."""

    city: City
    doors: tuple[Door, ...]
    products: dict[str, Product]
    people: tuple[TestPass, ...]
    rights: tuple[Given, ...]
    fresh: Callable[[], str]
    """Makes a database that is a copy of this world and returns its URL."""


def _of(amount: int, window: Window, unit: Measure = VISIT, **more: object) -> Limit:
    return Limit(0, unit, amount * ONE, window, **more)  # type: ignore[arg-type]


CENTS = {"car with rubble": 1_000, "car": 1_500, "van": 2_000}
"""What a visit beyond the points costs."""

LIMITS: dict[str, tuple[str, tuple[Limit, ...], Terms]] = {
    "carnet": ("pool", (_of(3, Window.WHOLE),), Terms(grace=Grace(days=5, entries=1))),
    "daily": ("pool", (_of(2, Window.DAY), _of(4, Window.WEEK), _of(5, Window.ROLLING_DAYS, days=10)), Terms()),
    "month": (
        "pool",
        (_of(4, Window.MONTH, free=2 * ONE, price_cents=500, settlement=Settlement.AT_GATE),),
        Terms(zones=("sauna",)),
    ),
    "years": (
        "pool",
        (
            _of(7, Window.YEAR),
            _of(6, Window.SCHOOL_YEAR),
            _of(5, Window.SHIFTED_YEAR, starts=(2, 29)),
        ),
        Terms(zones=("sauna",)),
    ),
    "winter": ("pool", (_of(4, Window.SEASON, starts=(11, 1), ends=(2, 29)),), Terms(zones=("sauna",))),
    "visitor": ("pool", (_of(3, Window.DAY),), Terms(attends=Attendance.OTHERS)),
    "household": (
        "waste-centre",
        (
            _of(6, Window.YEAR, free=3 * ONE, price_cents=2_000),
            _of(2, Window.MONTH, M3, kind="rubble"),
            _of(3, Window.WEEK, M3, kind="green", free=ONE, price_cents=900),
        ),
        Terms(),
    ),
    "points": (
        "waste-centre",
        (_of(4, Window.MONTH, Measure.POINT),),
        Terms(points={VehicleClass.FOOT: 0, VehicleClass.CAR: 500, VehicleClass.VAN: 1_500}),
    ),
    "beyond": (
        "waste-centre",
        (
            _of(
                3,
                Window.MONTH,
                free=0,
                settlement=Settlement.AT_GATE,
                rates=(
                    Rate(CENTS["car with rubble"], (VehicleClass.CAR,), ("rubble",)),
                    Rate(CENTS["car"], (VehicleClass.CAR,)),
                    Rate(CENTS["van"], (VehicleClass.VAN,)),
                ),
            ),
        ),
        Terms(),
    ),
    "bus": ("transport", (), Terms()),
    "hours": ("library", (_of(120, Window.MONTH, MINUTE),), Terms(entry_minutes=ENTRY_MINUTES)),
}
"""Service, limits and terms of each product: every window, measure, free part and settlement is among them."""

_RIGHTS = (
    (0, "carnet", date(2026, 11, 23)),
    (0, "winter", date(2028, 12, 28)),
    (0, "household", date(2028, 12, 29)),
    (0, "bus", date(2027, 1, 5)),
    (0, "hours", date(2028, 12, 27)),
    (1, "daily", date(2027, 1, 3)),
    (1, "years", date(2028, 12, 26)),
    (1, "hours", date(2028, 12, 24)),
    (2, "visitor", date(2027, 9, 9)),
    (2, "month", date(2028, 12, 25)),
    (2, "household", date(2026, 12, 31)),
    (1, "points", date(2028, 12, 23)),
    (1, "beyond", date(2028, 12, 22)),
)


async def build_world(url: str, keyring: KeyRing, fresh: Callable[[], str]) -> World:
    """Build it in an empty, migrated database."""
    database = Database(url, patience=30)
    city = await small_city(database, keyring)
    users, others = CEILINGS["bath"]
    bath = await add_place(
        database, city, "bath", doors=2, capacity=users, capacity_others=others, passback=Passback.HARD
    )
    users, others = CEILINGS["sauna"]
    sauna = await add_zone(
        database,
        city,
        bath[0],
        "sauna",
        capacity=users,
        capacity_others=others,
        supplement_cents=SUPPLEMENTS["sauna"],
        daily_capacity=DAILY["sauna"],
    )
    (room,) = await add_place(database, city, "room", service="library")
    (launch,) = await add_place(database, city, "launch", service="waste-centre", white_until=WHITE_UNTIL["launch"])
    products = {
        code: await add_product(
            database,
            city,
            code,
            *limits,
            service=service,
            subject=Subject.HOUSEHOLD if code == "household" else Subject.PERSON,
            terms=terms,
        )
        for code, (service, limits, terms) in LIMITS.items()
    }
    found = tuple([await resident(database, keyring, city, f"R{number}") for number in range(3)])
    async with database.begin() as unit:
        await people.join(unit, found[1].holder, found[0].household.id, since=date(2020, 1, 1))
    rights = []
    for number, product, ends in _RIGHTS:
        subject = found[number].household.id if product == "household" else found[number].holder.id
        right = await give(database, products[product], subject, starts=STARTS, ends=ends)
        rights.append(Given(right.id, product, subject, ends))
    await database.close()
    doors = (
        *(Door(gate.id, gate.zone_id, "bath", "bath") for gate in bath),
        Door(sauna.id, sauna.zone_id, "bath", "sauna"),
        Door(room.id, room.zone_id, "room", "room"),
        Door(launch.id, launch.zone_id, "launch", "launch"),
        *(Door(city.gates[site].id, city.gates[site].zone_id, site, site) for site in ("free", "waste", "bus")),
    )
    return World(city, doors, products, found, tuple(rights), fresh)
