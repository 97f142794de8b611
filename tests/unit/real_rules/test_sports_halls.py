"""Section 2.5 of the domain study: sports halls, slots and the key-holders of associations."""

from datetime import date

import pytest

from domain.access.reasons import Reason
from domain.calendars import Calendar, Session
from domain.conditions import Conditions
from domain.limits import Measure, Window
from domain.people import Subject
from tests.visits import FAR_OFF, LONG_AGO, NAME, Held, Row, hours, limit, place, play, product, row, tap

WELCOME = Reason.WELCOME
MONDAY, TUESDAY = 0, 1


def slot(code: str, weekday: int, opens: int) -> Session:
    return Session(code, NAME, weekday, opens, opens + 120, LONG_AGO, FAR_OFF, reserved=True)


HALL = place(
    "sports-hall",
    Calendar(hours(480, 1_320), sessions=(slot("judo", MONDAY, 1_080), slot("basket", TUESDAY, 1_080))),
    zone={"capacity": 80},
)
JUDO = product(
    "judo-club", "sports-hall", subject=Subject.ORGANISATION, conditions=Conditions(sessions=("judo",), weekdays=(0,))
)
PUBLIC = product("public", "sports-hall", limit(2, Measure.VISIT, Window.WEEK))


@pytest.mark.parametrize(
    "row",
    [
        row(
            "A key-holder opens in the hour of the club, and at no other time",
            HALL,
            (Held(JUDO),),
            tap("2026-03-09 17:59", Reason.SESSION_NEEDED),
            tap("2026-03-09 18:00", WELCOME),
            tap("2026-03-09 20:00", Reason.SESSION_NEEDED),
            tap("2026-03-10 18:00", Reason.SESSION_RESERVED),
        ),
        row(
            "Somebody of the public stays out of a club's hour, and comes in before it",
            HALL,
            (Held(PUBLIC),),
            tap("2026-03-09 18:30", Reason.SESSION_RESERVED),
            tap("2026-03-09 17:00", WELCOME, "1 visit"),
        ),
        row(
            "A child comes with an adult, whom the key-holder or an agent looks for",
            HALL,
            (Held(PUBLIC),),
            tap("2026-03-13 17:00", Reason.CHILD_WITH_ADULT),
            tap("2026-03-14 17:00", WELCOME, "1 visit"),
            born_on=date(2012, 3, 14),
        ),
        row("Without a right of one's own or of a club", HALL, (), tap("2026-03-09 17:00", Reason.NO_RIGHT)),
    ],
)
def test_the_hall_opens_for_whoever_has_the_slot(row: Row) -> None:
    play(row)
