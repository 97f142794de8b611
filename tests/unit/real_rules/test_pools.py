"""Table 2.2 of the domain study: pools. Each row is a real place, written as data.

About something else: the theoretical maximum by square metres is checked where a zone is opened
(`tests/unit/test_places.py`); prices for residents, reduced tariffs and packs are offers at the till (`test_offers.py`,
`tests/tariffs.py`); activity slots that are booked, waiting lists and cancellation delays belong to bookings.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from domain.access.reasons import Reason
from domain.access.rules import child_accompanied
from domain.circumstances import CircumstanceKind
from domain.conditions import Conditions
from domain.limits import ONE, Window
from domain.places import Passback
from domain.products import Grace, Term
from domain.services import BY_CODE, pool
from tests.unit.real_rules.pools import (
    A_DAY_OF_2_000,
    BUSY,
    CARNET,
    EMPTY,
    HAGONDANGE,
    HOURS,
    LAST,
    OUT,
    POOL,
    PREPAID_HOUR,
    SEASON_PASS,
    SPECTATOR,
    VISIT,
    WELCOME,
    WHOLE,
    a_zone_of,
    bought,
    closing,
    swims,
)
from tests.visits import Held, Row, circumstance, limit, place, play, product, row, tap


@pytest.mark.parametrize(
    "row",
    [
        row(
            "Hagondange: at 1,247 swimmers entry stops, and resumes one for one",
            HAGONDANGE,
            (Held(SEASON_PASS),),
            tap("2026-07-14 15:00", Reason.SITE_FULL, crowd=1_247),
            tap("2026-07-14 15:01", WELCOME, crowd=1_246),
        ),
        row(
            "D.1332-7: the day has a maximum too; who came this morning counts once, and comes back",
            A_DAY_OF_2_000,
            (Held(SEASON_PASS),),
            tap("2026-07-14 10:00", WELCOME, admitted=1_999),
            tap("2026-07-14 12:00", Reason.GOODBYE, direction=OUT),
            tap("2026-07-14 15:00", WELCOME, admitted=2_000),
            tap("2026-07-15 15:00", Reason.DAY_FULL, admitted=2_000),
            tap("2026-07-16 15:00", WELCOME, admitted=0),
        ),
        row(
            "D.1332-7: those who only watch are counted apart, each against a maximum of their own",
            HAGONDANGE,
            (Held(SPECTATOR),),
            tap("2026-07-14 15:00", WELCOME, crowd=1_247, others=149),
            tap("2026-07-15 15:00", Reason.SITE_FULL, crowd=0, others=150),
        ),
        row(
            "D.1332-7: a family of four needs four places",
            HAGONDANGE,
            (Held(swims("family", limit(20, VISIT, WHOLE))),),
            tap("2026-07-14 15:00", Reason.SITE_FULL, crowd=1_244, asked={VISIT: 4 * ONE}),
            tap("2026-07-14 15:01", WELCOME, "4 visit", crowd=1_243, asked={VISIT: 4 * ONE}),
        ),
        row(
            "Val-Maubuée: younger than eight, with an adult, whom the agent looks for",
            POOL,
            (Held(SEASON_PASS),),
            tap("2026-03-14 15:00", Reason.CHILD_WITH_ADULT),
            tap("2026-03-14 15:01", Reason.OVERRIDDEN, override=True),
            tap("2026-03-15 15:00", WELCOME),
            born_on=date(2018, 3, 15),
        ),
        *(
            row(
                f"{town}: no entry in the last {minutes} minutes",
                closing(minutes),
                (Held(SEASON_PASS),),
                tap(f"2026-03-14 18:{59 - minutes:02}", WELCOME),
                tap(f"2026-03-14 18:{60 - minutes:02}", Reason.LAST_ENTRY_PASSED),
                tap("2026-03-14 19:00", Reason.SITE_CLOSED),
                tap("2026-03-14 19:10", Reason.GOODBYE, direction=OUT),
            )
            for town, minutes in (("Sanary", 20), ("Pessac, Val-Maubuée", 30), ("Villers-Bocage", 45))
        ),
        *(
            row(
                f"The water is cleared {minutes} minutes before closing: from the fitness room nobody goes back in, "
                "and out one always goes",
                closing(minutes),
                (Held(swims("all-zones", zones=("fitness",))),),
                tap("2026-03-14 17:00", WELCOME),
                tap("2026-03-14 18:00", WELCOME, doorway=a_zone_of(closing(minutes), "fitness")),
                tap(f"2026-03-14 18:{59 - minutes:02}", WELCOME),
                tap(f"2026-03-14 18:{60 - minutes:02}", Reason.GOODBYE, direction=OUT),
                tap("2026-03-14 18:50", Reason.LAST_ENTRY_PASSED),
                tap("2026-03-14 18:50", Reason.LAST_ENTRY_PASSED, doorway=a_zone_of(closing(minutes), "fitness")),
            )
            for minutes in (15, 30)
        ),
        row(
            "Villers-Bocage: a carnet of ten, unused entries lost after 365 days",
            POOL,
            (bought(CARNET, date(2026, 3, 1)),),
            *(tap(f"2026-05-{day:02} 15:00", WELCOME, "1 visit") for day in range(1, 9)),
            tap("2027-02-28 15:00", Reason.EXPIRES_SOON, "1 visit"),
            tap("2027-03-01 15:00", Reason.TICKET_NEEDED),
        ),
        row(
            "Villers-Bocage: a carnet bought on 29 February",
            POOL,
            (bought(CARNET, date(2028, 2, 29)),),
            tap("2028-02-28 15:00", Reason.TICKET_NEEDED),
            tap("2028-02-29 15:00", WELCOME, "1 visit"),
            tap("2029-02-27 15:00", Reason.EXPIRES_SOON, "1 visit"),
            tap("2029-02-28 15:00", Reason.TICKET_NEEDED),
        ),
        row(
            "Bassens: the tenth entry is announced, the eleventh is topped up at the till",
            POOL,
            (bought(CARNET, date(2026, 3, 1)),),
            *(tap(f"2026-05-{day:02} 15:00", WELCOME, "1 visit") for day in range(1, 10)),
            tap("2026-05-10 15:00", LAST, "1 visit"),
            tap("2026-05-11 15:00", EMPTY),
        ),
        row(
            "Bassens, Val-Maubuée: a resident's carnet needs no proof of address at the door, and stops with a move",
            POOL,
            (
                Held(
                    replace(CARNET, terms=replace(CARNET.terms, conditions=Conditions(communes=("33032", "33096")))),
                    standings=(
                        circumstance(CircumstanceKind.COMMUNE, "33032", ends=date(2026, 6, 1)),
                        circumstance(CircumstanceKind.COMMUNE, "75056", since=date(2026, 6, 1)),
                    ),
                ),
            ),
            tap("2026-05-31 15:00", WELCOME, "1 visit"),
            tap("2026-06-01 15:00", Reason.NOT_RESIDENT),
        ),
        row(
            "Reduced tariffs: a student's subscription, until the card runs out and two weeks of grace",
            POOL,
            (
                Held(
                    swims("student", conditions=Conditions(statuses=("student", "job_seeker")), grace=Grace(days=14)),
                    standings=(circumstance(CircumstanceKind.STATUS, "student", ends=date(2026, 9, 1)),),
                ),
            ),
            tap("2026-08-31 15:00", WELCOME),
            tap("2026-09-01 15:00", Reason.GRACE),
            tap("2026-09-14 15:00", Reason.GRACE),
            tap("2026-09-15 15:00", Reason.TARIFF_ENDED),
        ),
        row(
            "Reduced tariffs: a family-quotient band that ends, and the grace that goes with it",
            POOL,
            (
                Held(
                    swims("band-a", limit(10, VISIT, WHOLE), conditions=Conditions(bands=("A",)), grace=Grace(days=30)),
                    standings=(
                        circumstance(CircumstanceKind.QUOTIENT, "A", ends=date(2026, 2, 1)),
                        circumstance(CircumstanceKind.QUOTIENT, "C", since=date(2026, 2, 1)),
                    ),
                ),
            ),
            tap("2026-01-31 15:00", WELCOME, "1 visit"),
            tap("2026-02-01 15:00", Reason.GRACE, "1 visit"),
            tap("2026-03-02 15:00", Reason.GRACE, "1 visit"),
            tap("2026-03-03 15:00", Reason.TARIFF_ENDED),
        ),
        row(
            "Products: a single entry is burnt by the entry; exit is final",
            place("pool", zone={"passback": Passback.HARD}),
            (Held(swims("single", limit(1, VISIT, WHOLE))),),
            tap("2026-03-14 15:00", LAST, "1 visit"),
            tap("2026-03-14 16:00", Reason.GOODBYE, direction=OUT),
            tap("2026-03-14 16:05", EMPTY),
        ),
        row(
            "Products: a month's subscription",
            POOL,
            (bought(swims("month", term=Term(Window.MONTH)), date(2026, 3, 10)),),
            tap("2026-03-31 15:00", WELCOME),
            tap("2026-04-01 15:00", Reason.TICKET_NEEDED),
        ),
        row(
            "Products: an hour credit pays the minutes between entry and exit",
            POOL,
            (Held(HOURS),),
            tap("2026-03-14 15:00", WELCOME),
            tap("2026-03-14 16:30", Reason.GOODBYE, "90 minute", direction=OUT),
            tap("2026-03-15 10:00", WELCOME),
            tap("2026-03-15 18:20", Reason.GOODBYE, "500 minute", direction=OUT),
            tap("2026-03-16 10:00", WELCOME),
            tap("2026-03-16 10:30", Reason.TIME_OVERRUN, "10 minute", direction=OUT),
            tap("2026-03-17 10:00", EMPTY),
        ),
        row(
            "Products: an hour is taken at the entry, and only the time beyond it at the exit",
            POOL,
            (Held(PREPAID_HOUR),),
            tap("2026-03-14 15:00", WELCOME, "60 minute"),
            tap("2026-03-14 15:45", Reason.GOODBYE, direction=OUT),
            tap("2026-03-15 15:00", WELCOME, "60 minute"),
            tap("2026-03-15 16:30", Reason.GOODBYE, "30 minute", direction=OUT),
        ),
        row(
            "Products: a school class has the pool on Tuesdays at nine, nobody else",
            BUSY,
            (Held(SEASON_PASS),),
            tap("2026-03-10 09:30", Reason.SESSION_RESERVED),
            tap("2026-03-10 10:30", WELCOME),
        ),
        row(
            "Products: the club's members, while the club swims, and not at other times",
            BUSY,
            (Held(swims("club", conditions=Conditions(sessions=("club",)))),),
            tap("2026-03-11 18:30", WELCOME),
            tap("2026-03-11 17:00", Reason.SESSION_NEEDED),
            tap("2026-03-10 09:30", Reason.SESSION_RESERVED),
        ),
        row(
            "Products: in the club's hour a member spends the club's right, not their own carnet",
            BUSY,
            (
                Held(CARNET, until=date(2026, 6, 1)),
                Held(swims("club", limit(40, VISIT, WHOLE), conditions=Conditions(sessions=("club",)))),
            ),
            tap("2026-03-11 18:30", WELCOME, "1 visit"),
            tap("2026-03-12 18:30", WELCOME, "1 visit"),
        ),
        row(
            "Products: ten lessons, each in its hour",
            BUSY,
            (Held(swims("lessons", limit(10, VISIT, WHOLE), conditions=Conditions(sessions=("lesson",)))),),
            tap("2026-03-11 10:05", WELCOME, "1 visit"),
            tap("2026-03-11 11:05", Reason.SESSION_NEEDED),
        ),
        row(
            "Children: aqua-fitness from sixteen, from the birthday on",
            BUSY,
            (Held(swims("aqua", conditions=Conditions(age_from=16, sessions=("aquafitness",)))),),
            tap("2026-03-12 12:10", Reason.AGE_NOT_INCLUDED),
            tap("2026-03-19 12:10", WELCOME),
            born_on=date(2010, 3, 19),
        ),
        row(
            "One city, several pools: a subscription for one of them only",
            POOL,
            (Held(swims("lido-only", conditions=Conditions(sites=("lido",)))),),
            tap("2026-03-14 10:00", Reason.SITE_NOT_INCLUDED),
            tap("2026-03-14 10:01", WELCOME, doorway=replace(POOL, site=replace(POOL.site, code="lido"))),
        ),
        row(
            "Without any right one buys an entry at the till",
            POOL,
            (),
            tap("2026-03-14 10:00", Reason.TICKET_NEEDED),
        ),
    ],
)
def test_the_gate_does_what_the_rule_of_a_real_pool_says(row: Row) -> None:
    play(row)


@contextmanager
def a_city_whose_file_says(code: str, *, below_age: int) -> Iterator[Any]:
    """A service in one small file: the pool's rules, with another age."""
    rules = tuple(rule for rule in pool.SERVICE.rules if not rule.__qualname__.startswith("child_accompanied"))
    BY_CODE[code] = replace(pool.SERVICE, code=code, rules=(*rules, child_accompanied(below_age=below_age)))
    try:
        yield place(code)
    finally:
        del BY_CODE[code]


def test_where_the_line_is_ten_the_services_file_says_ten() -> None:
    """Valparisis: children younger than ten with an adult."""
    with a_city_whose_file_says("lido", below_age=10) as lido:
        taps = (tap("2026-03-14 15:00", Reason.CHILD_WITH_ADULT), tap("2026-03-15 15:00", WELCOME))
        play(Row(lido, (Held(product("year", "lido")),), taps, born_on=date(2016, 3, 15)))


@pytest.mark.parametrize(
    ("born_on", "says"),
    [
        (date(2012, 3, 15), Reason.AGE_NOT_INCLUDED),
        (date(2012, 3, 14), Reason.CHILD_WITH_ADULT),
        (date(2010, 3, 15), Reason.CHILD_WITH_ADULT),
        (date(2010, 3, 14), WELCOME),
    ],
)
def test_a_spa_takes_them_at_fourteen_with_an_adult_and_alone_at_sixteen(born_on: date, says: Reason) -> None:
    """Valparisis, the spa: the younger ones have no right, the others are looked at."""
    with a_city_whose_file_says("spa", below_age=16) as spa:
        held = Held(product("spa", "spa", conditions=Conditions(age_from=14)))
        play(Row(spa, (held,), (tap("2026-03-14 15:00", says),), born_on=born_on))


def test_a_carnet_lives_365_days_whatever_the_year() -> None:
    term = CARNET.terms.term
    assert term is not None
    for day in (date(2027, 3, 1), date(2028, 2, 29), date(2028, 3, 1)):
        since, until = term.period(day)
        assert (since, until - since) == (day, timedelta(days=365))
