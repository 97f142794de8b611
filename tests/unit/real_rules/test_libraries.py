"""Table 2.3 of the domain study: libraries. Each row is a real place, written as data.

About something else: loans, their number and their weeks stay in the library's own software, and so does the talk with
it (SIP2); fees and who pays none are offers at the desk (`test_prices.py`); what a lost card costs is a fee
(`test_replacements.py`); the patron's barcode is the pseudonym of the library's sector.
"""

from datetime import date

import pytest
from msgspec.structs import replace

from domain.access.reasons import Reason
from domain.access.rules import child_accompanied
from domain.circumstances import CircumstanceKind
from domain.conditions import Conditions
from domain.limits import Window
from domain.products import Product, Term
from domain.services import BY_CODE, library
from tests.visits import Held, Row, circumstance, place, play, product, row, tap

WELCOME = Reason.WELCOME
LIBRARY = place("library")


def reader(code: str, age_from: int | None = None, age_below: int | None = None) -> Product:
    return product(code, "library", conditions=Conditions(age_from=age_from, age_below=age_below))


YEAR = product("reader", "library", term=Term(Window.ROLLING_DAYS, days=365))
THREE_MONTHS = product("temporary", "library", term=Term(Window.ROLLING_DAYS, days=92))
CLASSES = (reader("child", None, 12), reader("teen", 12, 16), reader("adult", 16))


MINOR = product("minor", "library", conditions=Conditions(age_below=18, statuses=("authorised",)))
ADULT = product("adult", "library", conditions=Conditions(age_from=18))
AUTHORISED = circumstance(CircumstanceKind.STATUS, "authorised", since=date(2026, 3, 14), ends=date(2028, 9, 1))


def registered(made: Product, day: date) -> Held:
    term = made.terms.term
    assert term is not None
    return Held(made, *term.period(day))


@pytest.mark.parametrize(
    "row",
    [
        row(
            "Everywhere: a year from the registration",
            LIBRARY,
            (registered(YEAR, date(2026, 3, 14)),),
            tap("2026-03-13 15:00", Reason.RIGHT_NOT_STARTED),
            tap("2026-03-14 15:00", WELCOME),
            tap("2027-02-20 15:00", WELCOME),
            tap("2027-03-13 15:00", Reason.EXPIRES_SOON),
        ),
        row(
            "La Domitienne: a temporary card for three months",
            LIBRARY,
            (registered(THREE_MONTHS, date(2026, 7, 1)),),
            tap("2026-07-01 15:00", WELCOME),
            tap("2026-09-30 15:00", Reason.EXPIRES_SOON),
            tap("2026-10-01 15:00", Reason.RIGHT_EXPIRED),
            tap("2026-12-30 15:00", Reason.NO_RIGHT),
        ),
        row(
            "Saint-Étienne: a class that is over does not serve, and says so",
            LIBRARY,
            (Held(CLASSES[0]),),
            tap("2026-03-13 15:00", WELCOME),
            tap("2026-03-14 15:00", Reason.AGE_NOT_INCLUDED),
            born_on=date(2014, 3, 14),
        ),
        row(
            "Saint-Étienne: born on 29 February, of the next class on 1 March",
            LIBRARY,
            (Held(CLASSES[0]),),
            tap("2024-02-28 15:00", Reason.RIGHT_NOT_STARTED),
            tap("2026-02-28 15:00", WELCOME),
            tap("2026-03-01 15:00", WELCOME),
            born_on=date(2016, 2, 29),
        ),
        row(
            "Link with the library's software: suspended there, from the library alone, for a time",
            LIBRARY,
            (Held(YEAR, suspended=(date(2026, 3, 10), date(2026, 4, 10))),),
            tap("2026-03-09 15:00", WELCOME),
            tap("2026-03-10 15:00", Reason.SERVICE_SUSPENDED),
            tap("2026-04-09 15:00", Reason.SERVICE_SUSPENDED),
            tap("2026-04-10 15:00", WELCOME),
        ),
        row(
            "Minors: with their legal representative's authorisation, until it is taken back",
            LIBRARY,
            (Held(MINOR, until=date(2029, 1, 1), standings=(AUTHORISED,)),),
            tap("2026-03-13 15:00", Reason.TARIFF_ENDED),
            tap("2026-03-14 15:00", WELCOME),
            tap("2028-08-31 15:00", WELCOME),
            tap("2028-09-01 15:00", Reason.TARIFF_ENDED),
            born_on=date(2012, 3, 14),
        ),
        row(
            "Minors: nobody's authorisation is asked from the eighteenth birthday on",
            LIBRARY,
            (Held(MINOR, until=date(2029, 1, 1)), Held(ADULT, until=date(2029, 1, 1))),
            tap("2026-03-13 15:00", Reason.TARIFF_ENDED),
            tap("2026-03-14 15:00", WELCOME),
            born_on=date(2008, 3, 14),
        ),
        row("Without a registration nothing is borrowed", LIBRARY, (), tap("2026-03-14 15:00", Reason.NO_RIGHT)),
    ],
)
def test_the_gate_does_what_the_rule_of_a_real_library_says(row: Row) -> None:
    play(row)


@pytest.mark.parametrize(
    ("birthday", "before", "after"), [(date(2014, 3, 14), "child", "teen"), (date(2010, 3, 14), "teen", "adult")]
)
def test_on_the_birthday_the_next_class_takes_over_by_itself(birthday: date, before: str, after: str) -> None:
    """Saint-Étienne, 0 to 11, 12 to 15, 16 and more: all three are held, the day chooses."""
    taps = (tap("2026-03-13 23:00", WELCOME), tap("2026-03-14 10:00", WELCOME))
    found = play(Row(LIBRARY, tuple(Held(made) for made in CLASSES), taps, born_on=birthday))
    assert [verdict.right.product.code for verdict in found if verdict.right is not None] == [before, after]


def test_where_a_parent_comes_along_under_twelve_the_services_file_says_so() -> None:
    """Minors: parent present under 12."""
    BY_CODE["childrens-library"] = replace(
        library.SERVICE, code="childrens-library", rules=(*library.SERVICE.rules, child_accompanied(below_age=12))
    )
    try:
        taps = (tap("2026-03-13 15:00", Reason.CHILD_WITH_ADULT), tap("2026-03-14 15:00", WELCOME))
        held = (Held(product("reader", "childrens-library")),)
        play(Row(place("childrens-library"), held, taps, born_on=date(2014, 3, 14)))
    finally:
        del BY_CODE["childrens-library"]
