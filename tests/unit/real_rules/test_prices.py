"""What the tables 2.3 and 2.4 of the domain study charge at the desk, as prices of products.

Prices of pools and of the other libraries and networks are in `test_offers.py`.
"""

from datetime import date

import pytest
from msgspec.structs import replace

from domain.access.reasons import Reason
from domain.buyers import Buyer
from domain.conditions import Conditions
from domain.limits import Window
from domain.offers import Offer, offers
from domain.people import Subject
from domain.periods import FOREVER
from domain.product_checks import check_product
from domain.products import Price, Product, Term
from tests.facts import doorway, medium, question
from tests.unit.test_offers import ELSEWHERE, HERE, buyer, status
from tests.visits import product

YEAR = Term(Window.ROLLING_DAYS, days=365)
SINCE = date(2026, 1, 1)
LA_GARDE = Conditions(communes=(HERE,))
REASONED = Conditions(statuses=("late_for_a_reason",))


def sold(code: str, service: str, term: Term, *prices: Price) -> Product:
    made = replace(product(code, service, term=term), prices=prices)
    check_product(made)
    return made


def price(position: int, cents: int, conditions: Conditions, since: date = SINCE, until: date = FOREVER) -> Price:
    return Price(position, cents, since, until, conditions)


ANYBODY = Conditions()
DOMITIENNE = sold(
    "domitienne",
    "library",
    YEAR,
    price(0, 1_000, ANYBODY),
    price(1, 0, Conditions(age_below=26)),
    price(2, 0, Conditions(statuses=("rsa",))),
)
GARDE = sold(
    "garde",
    "library",
    YEAR,
    price(0, 2_000, ANYBODY),
    price(1, 0, LA_GARDE),
    price(2, 0, Conditions(statuses=("local_pupil",))),
    price(3, 1_050, Conditions(age_below=18)),
)
ENROLS, IN_TIME = date(2026, 6, 11), date(2026, 7, 16)
ALEOP = sold(
    "aleop",
    "transport",
    Term(Window.SCHOOL_YEAR),
    price(0, 11_000, ANYBODY, ENROLS, IN_TIME),
    price(1, 16_000, ANYBODY, IN_TIME, date(2027, 6, 11)),
    price(2, 11_000, REASONED, IN_TIME, date(2027, 6, 11)),
)


def cents_of(made: Product, who: Buyer, *, age: int = 40, day: date = date(2026, 11, 18)) -> int | Reason | None:
    """What it costs somebody on a day; why it is not for them; None where it is not sold that day."""
    facts = question(
        doorway=doorway(made.service_code), medium=medium(born_on=date(day.year - age, 1, 1)), rights=(), day=day
    )
    said = offers(facts, (who,), (made,))
    found: list[Offer] = list(said.on_sale)
    return found[0].price.amount_cents if found else next((one.reason for one in said.unavailable), None)


@pytest.mark.parametrize(
    ("made", "who", "age", "cents"),
    [
        (DOMITIENNE, buyer(), 40, 1_000),
        (DOMITIENNE, buyer(), 25, 0),
        (DOMITIENNE, buyer(), 26, 1_000),
        (DOMITIENNE, buyer(status("rsa")), 40, 0),
        (GARDE, buyer(), 40, 0),
        (GARDE, buyer(status("local_pupil"), commune=ELSEWHERE), 16, 0),
        (GARDE, buyer(commune=ELSEWHERE), 16, 1_050),
        (GARDE, buyer(commune=ELSEWHERE), 40, 2_000),
    ],
)
def test_libraries_charge_by_age_residence_and_status(made: Product, who: Buyer, age: int, cents: int) -> None:
    """La Domitienne: free to 25 and on RSA, 10 euros; La Garde: free for residents and local pupils, 10.50 or 20."""
    assert cents_of(made, who, age=age) == cents


@pytest.mark.parametrize(
    ("day", "who", "cents"),
    [
        (date(2026, 6, 10), buyer(), None),
        (date(2026, 6, 11), buyer(), 11_000),
        (date(2026, 7, 15), buyer(), 11_000),
        (date(2026, 7, 16), buyer(), 16_000),
        (date(2026, 9, 3), buyer(status("late_for_a_reason")), 11_000),
    ],
)
def test_a_late_enrolment_costs_fifty_euros_more_unless_there_is_a_reason(
    day: date, who: Buyer, cents: int | None
) -> None:
    """Aléop: from 11 June to 15 July, then 50 euros more, unless for a listed reason, recorded as a status."""
    assert cents_of(ALEOP, who, age=15, day=day) == cents


def test_a_couple_shares_one_registration() -> None:
    """La Domitienne: 15 euros for a couple. The product is for the household, and each of the two holds a pass."""
    couple = replace(DOMITIENNE, subject=Subject.HOUSEHOLD, prices=(price(0, 1_500, ANYBODY),))
    check_product(couple)
    assert cents_of(couple, buyer(subject=Subject.HOUSEHOLD)) == 1_500
    assert cents_of(couple, buyer()) is None
