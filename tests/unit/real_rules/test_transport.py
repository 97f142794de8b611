"""Table 2.4 of the domain study: transport. Each row is a real network, written as data.

About something else: one pass per person, enrolment periods and what a late one costs, and who pays what belong to
requests and offers (`test_prices.py`); what a duplicate costs to fees (`test_replacements.py`). Rights hang on no card,
so there is nothing to load from afar. The three kilometres are measured where the request is decided, and stand in the
register as a status of the school year, never as an address.
"""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from domain.access.reasons import COLOURS, Colour, Reason
from domain.calendars import Calendar, Session
from domain.circumstances import CircumstanceKind
from domain.conditions import Conditions
from domain.limits import Measure, Window
from domain.places import Passback
from domain.products import Grace, Product, Term
from tests.visits import NAME, Held, Row, circumstance, hours, limit, place, play, product, row, tap

WELCOME, NO_RIGHT = Reason.WELCOME, Reason.NO_RIGHT
VISIT = Measure.VISIT
ONE_TRIP = {"passback": Passback.SOFT, "passback_minutes": 60}
BUS = place("transport", zone=ONE_TRIP)
LINE_12 = place("transport", zone=ONE_TRIP, code="line-12")

TERMS_OF_2026 = ((date(2026, 9, 1), date(2026, 10, 17)), (date(2026, 11, 2), date(2026, 12, 19)))
SCHOOL_BUS = place(
    "transport",
    Calendar(
        hours(),
        sessions=tuple(
            Session("term", NAME, weekday, 360, 1_200, first, last, reserved=False)
            for first, last in TERMS_OF_2026
            for weekday in range(5)
        ),
    ),
)


def rides(code: str, *limits: Any, **terms: Any) -> Product:  # noqa: ANN401 - as `product`
    return product(code, "transport", *limits, **terms)


def bought(day: date, window: Window, **more: Any) -> Held:  # noqa: ANN401 - of a term
    made = rides("subscription", term=Term(window, **more))
    assert made.terms.term is not None
    return Held(made, *made.terms.term.period(day))


PUPIL = rides(
    "pupil", limit(2, VISIT, Window.DAY), conditions=Conditions(age_below=21, sessions=("term",), bank_holidays=False)
)


CSB = replace(PUPIL, terms=replace(PUPIL.terms, conditions=replace(PUPIL.terms.conditions, statuses=("school_far",))))
FAR_FROM_SCHOOL = circumstance(CircumstanceKind.STATUS, "school_far", since=date(2026, 9, 1), ends=date(2026, 11, 10))


@pytest.mark.parametrize(
    "row",
    [
        row("Navigo: without a subscription the pass opens nothing", BUS, (), tap("2026-03-14 08:00", NO_RIGHT)),
        row(
            "A calendar month, to its last day",
            BUS,
            (bought(date(2026, 2, 10), Window.MONTH),),
            tap("2026-02-28 08:00", WELCOME),
            tap("2026-03-01 08:00", Reason.RIGHT_EXPIRED),
        ),
        row(
            "Thirty rolling days from the day of the sale",
            BUS,
            (bought(date(2026, 2, 10), Window.ROLLING_DAYS, days=30),),
            tap("2026-03-11 08:00", Reason.EXPIRES_SOON),
            tap("2026-03-12 08:00", Reason.RIGHT_EXPIRED),
        ),
        row(
            "The school year, bought late, ends with it",
            BUS,
            (bought(date(2026, 11, 3), Window.SCHOOL_YEAR),),
            tap("2026-11-02 08:00", Reason.RIGHT_NOT_STARTED),
            tap("2027-06-30 08:00", WELCOME),
            tap("2027-09-01 08:00", Reason.RIGHT_EXPIRED),
        ),
        row(
            "A summer season, bought before it begins",
            BUS,
            (bought(date(2026, 5, 2), Window.SEASON, starts=(6, 15), ends=(9, 16)),),
            tap("2026-06-14 08:00", Reason.RIGHT_NOT_STARTED),
            tap("2026-06-15 08:00", WELCOME),
            tap("2026-09-16 08:00", Reason.RIGHT_EXPIRED),
        ),
        row(
            "Rotterdampas: a year from 1 March",
            BUS,
            (bought(date(2026, 5, 2), Window.SHIFTED_YEAR, starts=(3, 1)),),
            tap("2027-01-28 08:00", WELCOME),
            tap("2027-02-28 08:00", Reason.EXPIRES_SOON),
            tap("2027-03-01 08:00", Reason.RIGHT_EXPIRED),
        ),
        row(
            "Île-de-France, CSB: one return trip a day, in term only, younger than 21",
            SCHOOL_BUS,
            (Held(PUPIL),),
            tap("2026-09-01 07:30", WELCOME, "1 visit"),
            tap("2026-09-01 16:30", WELCOME, "1 visit"),
            tap("2026-09-01 18:00", Reason.QUOTA_SPENT),
            tap("2026-09-05 07:30", Reason.SESSION_NEEDED),
            tap("2026-10-20 07:30", Reason.SESSION_NEEDED),
            tap("2026-11-02 07:30", WELCOME, "1 visit"),
            tap("2026-11-11 07:30", Reason.DAY_NOT_INCLUDED, bank_holiday=True),
            tap("2026-12-15 07:30", Reason.AGE_NOT_INCLUDED),
            born_on=date(2005, 12, 15),
        ),
        row(
            "Île-de-France, CSB: at three kilometres from school or more; whoever moves nearer rides no longer",
            SCHOOL_BUS,
            (Held(CSB, standings=(FAR_FROM_SCHOOL,)),),
            tap("2026-09-01 07:30", WELCOME, "1 visit"),
            tap("2026-09-01 16:30", WELCOME, "1 visit"),
            tap("2026-09-01 18:00", Reason.QUOTA_SPENT),
            tap("2026-11-09 07:30", WELCOME, "1 visit"),
            tap("2026-11-10 07:30", Reason.TARIFF_ENDED),
            born_on=date(2012, 12, 15),
        ),
        row(
            "Île-de-France, CSB: nearer than that",
            SCHOOL_BUS,
            (Held(CSB),),
            tap("2026-09-01 07:30", Reason.TARIFF_ENDED),
            born_on=date(2012, 12, 15),
        ),
        row(
            "Rémi: the second tap of one trip, and the right card in the wrong coach",
            BUS,
            (Held(rides("line-12", limit(40, VISIT, Window.MONTH), conditions=Conditions(sites=("line-12",)))),),
            tap("2026-03-02 07:30", Reason.SITE_NOT_INCLUDED),
            tap("2026-03-02 07:40", WELCOME, "1 visit", doorway=LINE_12),
            tap("2026-03-02 08:10", Reason.SAME_TRIP, doorway=LINE_12),
            tap("2026-03-02 08:40", WELCOME, "1 visit", doorway=LINE_12),
        ),
        row(
            "GART/DINUM: a fare by family quotient, and a month of grace for who renews late",
            BUS,
            (
                Held(
                    rides("social", conditions=Conditions(bands=("A", "B")), grace=Grace(days=31)),
                    standings=(circumstance(CircumstanceKind.QUOTIENT, "B", ends=date(2026, 2, 1)),),
                ),
            ),
            tap("2026-01-31 08:00", WELCOME),
            tap("2026-02-01 08:00", Reason.GRACE),
            tap("2026-03-03 08:00", Reason.GRACE),
            tap("2026-03-04 08:00", Reason.TARIFF_ENDED),
        ),
    ],
)
def test_the_validator_does_what_the_rule_of_a_real_network_says(row: Row) -> None:
    play(row)


def test_the_validator_has_three_colours() -> None:
    """Rémi: green in order, orange for the wrong coach or a second tap, red for who is not registered."""
    held = (Held(rides("line-12", conditions=Conditions(sites=("line-12",)))),)
    taps = (
        tap("2026-03-02 07:30", WELCOME, doorway=LINE_12),
        tap("2026-03-02 07:35", Reason.SAME_TRIP, doorway=LINE_12),
        tap("2026-03-02 07:40", Reason.SITE_NOT_INCLUDED),
    )
    found = [*play(Row(BUS, held, taps)), *play(Row(BUS, (), (tap("2026-03-02 07:30", NO_RIGHT),)))]
    colours = [COLOURS[verdict.outcome] for verdict in found]
    assert colours == [Colour.GREEN, Colour.ORANGE, Colour.ORANGE, Colour.RED]


def test_a_suspension_from_the_library_is_nothing_to_the_bus() -> None:
    """Block signals are service-level only: what the bus is told of is its own suspensions."""
    held = Held(rides("year"), suspended=(date(2026, 3, 1), date(2026, 4, 1)))
    play(Row(BUS, (held,), (tap("2026-03-02 08:00", Reason.SERVICE_SUSPENDED),)))
    play(Row(BUS, (replace(held, suspended=None),), (tap("2026-03-02 08:00", WELCOME),)))
