"""Pools of the domain study and what they sell, as the rows of its table speak of them."""

from datetime import date
from typing import Any

from domain.access.facts import Direction
from domain.access.reasons import Reason
from domain.calendars import Calendar, Session
from domain.limits import Measure, Window
from domain.places import Passback
from domain.products import Attendance, Product, Term
from tests.visits import FAR_OFF, LONG_AGO, NAME, Held, hours, limit, place, product

WELCOME, LAST, EMPTY = Reason.WELCOME, Reason.LAST_VISIT, Reason.CARNET_EMPTY
VISIT, MINUTE = Measure.VISIT, Measure.MINUTE
DAY, MONTH, WHOLE = Window.DAY, Window.MONTH, Window.WHOLE
IN, OUT = Direction.ENTRY, Direction.EXIT

POOL = place("pool")
NINE_TO_SEVEN = (9 * 60, 19 * 60)


def closing(last_entry_minutes: int) -> Any:  # noqa: ANN401 - a doorway
    """A pool from nine to seven whose till closes so long before."""
    return place("pool", Calendar(hours(*NINE_TO_SEVEN), last_entry_minutes=last_entry_minutes))


def a_zone_of(pool_: Any, code: str) -> Any:  # noqa: ANN401 - doorways
    """Another zone of this pool, which asks for a supplement."""
    return place("pool", pool_.site.calendar, zone={"code": code, "supplement_cents": 300})


def swims(code: str, *limits: Any, **terms: Any) -> Product:  # noqa: ANN401 - as `product`
    return product(code, "pool", *limits, **terms)


def session(code: str, weekday: int, opens: int, closes: int, *, reserved: bool) -> Session:
    return Session(code, NAME, weekday, opens, closes, LONG_AGO, FAR_OFF, reserved=reserved)


CARNET = swims("carnet", limit(10, VISIT, WHOLE), term=Term(Window.ROLLING_DAYS, days=365))
SEASON_PASS = swims("year", term=Term(Window.ROLLING_DAYS, days=365))
SPECTATOR = swims("spectator", attends=Attendance.OTHERS)
HOURS = swims("ten-hours", limit(600, MINUTE, WHOLE))
PREPAID_HOUR = swims("ten-hours-prepaid", limit(600, MINUTE, WHOLE), entry_minutes=60)
WELLNESS = swims("wellness", zones=("sauna",))
HAGONDANGE = place("pool", zone={"capacity": 1_247, "capacity_others": 150})
A_DAY_OF_2_000 = place("pool", zone={"capacity": 1_247, "daily_capacity": 2_000, "passback": Passback.HARD})
BUSY = place(
    "pool",
    Calendar(
        hours(),
        sessions=(
            session("school", 1, 540, 630, reserved=True),
            session("club", 2, 1_110, 1_200, reserved=True),
            session("lesson", 2, 600, 645, reserved=False),
            session("aquafitness", 3, 720, 765, reserved=False),
        ),
    ),
)
BASIN = place("pool", zone={"code": "basin", "passback": Passback.HARD})
FITNESS = place("pool", zone={"code": "fitness", "passback": Passback.HARD, "supplement_cents": 300})
SAUNA = place("pool", zone={"code": "sauna", "passback": Passback.HARD, "supplement_cents": 500})


def bought(made: Product, day: date) -> Held:
    """A product as the till sells it: it lives as long as its term says."""
    term = made.terms.term
    assert term is not None
    return Held(made, *term.period(day))
