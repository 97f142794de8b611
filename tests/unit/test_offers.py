"""What a till is told: each price of the study with its place, and what is in the way where there is none."""

from datetime import date, timedelta
from itertools import count
from uuid import UUID

import pytest
from msgspec.structs import replace

from cli.demo.products import (
    BUS_30_DAYS,
    BUS_MONTH,
    BUS_SCHOOL,
    CARNET,
    LIBRARY_QUARTER,
    LIBRARY_YEAR,
    POOL_ENTRY,
    POOL_YEAR,
    city_products,
)
from domain.access.facts import Evidence, Standing
from domain.access.reasons import Reason
from domain.buyers import Buyer
from domain.circumstances import CircumstanceKind
from domain.conditions import NO_CONDITIONS, Conditions, VehicleClass
from domain.limits import ONE, Measure, Settlement, Window
from domain.offers import Offer, Offers, offers
from domain.passes import MediumStatus
from domain.people import Subject
from domain.periods import FOREVER
from domain.places import Passback
from domain.products import Grace, Price, Product, Term, Terms
from domain.tariff_names import STATUSES, tariff_name
from domain.text import Text
from tests.facts import AUTHORITY, NEIGHBOUR, TODAY, balance, doorway, medium, question, right

HERE, ELSEWHERE = "00103", "33000"
ADULT = date(1986, 5, 17)


class _Counted:
    """Ids one after the other."""

    def __init__(self) -> None:
        self._numbers = count(1_000)

    def row(self) -> UUID:
        return UUID(int=next(self._numbers))

    def medium(self) -> int:
        return next(self._numbers)

    def below(self, bound: int) -> int:
        return next(self._numbers) % bound


CATALOGUE = city_products(_Counted(), AUTHORITY)


def buyer(*standings: Standing, commune: str = HERE, subject: Subject = Subject.PERSON, number: int = 1) -> Buyer:
    lives = Standing(CircumstanceKind.COMMUNE, commune, FOREVER)
    return Buyer(subject, UUID(int=500 + number), number + 1, date(2040, 1, 1), (lives, *standings))


def status(value: str, ends: date = FOREVER) -> Standing:
    return Standing(CircumstanceKind.STATUS, value, ends)


def band(value: str, ends: date = FOREVER) -> Standing:
    return Standing(CircumstanceKind.QUOTIENT, value, ends)


def aged(years: int) -> date:
    """A birthday of somebody who completed so many years half a year ago."""
    return date(TODAY.year - years, 5, 17)


def asked(who: Buyer, *, born_on: date = ADULT, service: str = "pool", **facts: object) -> Offers:
    at = question(**{"doorway": doorway(service), "medium": medium(born_on=born_on), "rights": (), **facts})
    return offers(at, (who,), CATALOGUE)


def offer_of(code: str, said: Offers) -> Offer:
    (found,) = [one for one in said.on_sale if one.product.code == code]
    return found


# --- the prices of the study ------------------------------------------------------------------------

PRICES = [
    ("Bassens 2021, adult, resident", POOL_ENTRY, buyer(), 40, 270, "habitant"),
    ("Bassens 2021, adult, from elsewhere", POOL_ENTRY, buyer(commune=ELSEWHERE), 40, 360, "plein tarif"),
    ("Bassens 2021, child, resident", POOL_ENTRY, buyer(), 10, 180, "habitant, moins de 18 ans"),
    ("Bassens 2021, child, from elsewhere", POOL_ENTRY, buyer(commune=ELSEWHERE), 10, 210, "moins de 18 ans"),
    ("Bassens 2021, job seeker, resident", POOL_ENTRY, buyer(status("job_seeker")), 40, 180, "habitant, situation"),
    ("Bassens 2021, student, from elsewhere", POOL_ENTRY, buyer(status("student"), commune=ELSEWHERE), 20, 210, ""),
    ("Bassens, ten entries at nine times one", CARNET, buyer(), 40, 2430, "habitant"),
    ("Bassens, ten entries, from elsewhere", CARNET, buyer(commune=ELSEWHERE), 40, 3240, "plein tarif"),
    ("Bassens 2021, year, resident", POOL_YEAR, buyer(), 40, 23_000, "habitant"),
    ("Bassens 2021, year, from elsewhere", POOL_YEAR, buyer(commune=ELSEWHERE), 40, 25_000, "plein tarif"),
    ("Saint-Étienne, library, adult", LIBRARY_YEAR, buyer(), 25, 2_000, "plein tarif"),
    ("Saint-Étienne, library, below 25", LIBRARY_YEAR, buyer(), 24, 0, "moins de 25 ans"),
    ("Saint-Étienne, library, social case", LIBRARY_YEAR, buyer(status("social_minimum")), 40, 0, ""),
    ("La Domitienne, temporary card", LIBRARY_QUARTER, buyer(commune=ELSEWHERE), 40, 500, "plein tarif"),
    ("the demonstration's bus, quotient A", BUS_MONTH, buyer(band("A")), 40, 900, "quotient familial A"),
    ("the demonstration's bus, quotient B", BUS_MONTH, buyer(band("B")), 40, 3_500, "plein tarif"),
    ("the demonstration's bus, below 26", BUS_30_DAYS, buyer(), 25, 1_850, "moins de 26 ans"),
    ("Île-de-France, school bus, below 21", BUS_SCHOOL, buyer(), 20, 6_000, "habitant"),
]
_SERVICES = {product.code: product.service_code for product in CATALOGUE}


@pytest.mark.parametrize(("place", "code", "who", "age", "cents", "name"), PRICES, ids=[row[0] for row in PRICES])
def test_everybody_hears_the_lowest_price_that_is_theirs(  # noqa: PLR0917 - one row of the table
    place: str, code: str, who: Buyer, age: int, cents: int, name: str
) -> None:
    offer = offer_of(code, asked(who, born_on=aged(age), service=_SERVICES[code]))
    assert offer.price.amount_cents == cents, place
    assert tariff_name(offer.price.conditions).fr.startswith(name), place


TERMS = [
    ("ten entries last 365 days (Villers-Bocage)", CARNET, TODAY, date(2027, 11, 18)),
    ("a single entry is for the day", POOL_ENTRY, TODAY, date(2026, 11, 19)),
    ("a calendar month ends with the month", BUS_MONTH, TODAY, date(2026, 12, 1)),
    ("thirty rolling days", BUS_30_DAYS, TODAY, date(2026, 12, 18)),
    ("a school year ends on 31 August", BUS_SCHOOL, TODAY, date(2027, 9, 1)),
    ("a temporary card lasts three months (La Domitienne)", LIBRARY_QUARTER, TODAY, date(2027, 2, 18)),
]


@pytest.mark.parametrize(("said", "code", "first", "end"), TERMS, ids=[row[0] for row in TERMS])
def test_a_right_that_is_bought_today_lasts_as_its_product_says(said: str, code: str, first: date, end: date) -> None:
    offer = offer_of(code, asked(buyer(), born_on=aged(19), service=_SERVICES[code]))
    assert (offer.valid_from, offer.valid_until) == (first, end), said


# --- until when a price holds -----------------------------------------------------------------------


def test_a_birthday_changes_the_price_by_itself_and_the_till_hears_when() -> None:
    born_on = date(2001, 11, 20)
    before = offer_of(LIBRARY_YEAR, asked(buyer(), born_on=born_on, service="library"))
    assert (before.price.amount_cents, before.price_until) == (0, date(2026, 11, 20))
    after = offer_of(LIBRARY_YEAR, asked(buyer(), born_on=born_on, service="library", day=date(2026, 11, 20)))
    assert (after.price.amount_cents, after.price_until) == (2_000, date(2041, 1, 1))


def test_a_price_ends_with_the_paper_it_rests_on() -> None:
    who = buyer(status("student", date(2027, 9, 1)))
    assert offer_of(POOL_ENTRY, asked(who)).price_until == date(2027, 9, 1)


def test_a_move_that_is_known_ends_the_residents_price() -> None:
    moving = Buyer(
        Subject.PERSON,
        UUID(int=9),
        1,
        date(2040, 1, 1),
        (Standing(CircumstanceKind.COMMUNE, HERE, date(2026, 12, 1)),),
    )
    assert offer_of(POOL_ENTRY, asked(moving)).price_until == date(2026, 12, 1)


def test_somebody_who_lives_in_two_communes_is_a_resident_of_either() -> None:
    who = buyer(Standing(CircumstanceKind.COMMUNE, HERE, FOREVER), commune=ELSEWHERE)
    assert offer_of(POOL_ENTRY, asked(who)).price.amount_cents == 270


def test_a_tariff_that_has_ended_sells_nothing_by_grace() -> None:
    """Grace is for rights that somebody has already."""
    product = _sold(Conditions(statuses=("student",)), terms=Terms(grace=Grace(days=30), term=Term(Window.MONTH)))
    late = buyer(status("student", TODAY - timedelta(days=1)))
    said = offers(question(rights=()), (late,), [product])
    assert said.on_sale == ()
    assert said.unavailable[0].reason is Reason.TARIFF_ENDED


# --- what cannot be bought, and why -----------------------------------------------------------------


def _sold(*conditions: Conditions, terms: Terms | None = None, **more: object) -> Product:
    prices = tuple(
        Price(place, 1_000 * place, date(2026, 1, 1), date(2027, 1, 1), one) for place, one in enumerate(conditions, 1)
    )
    product = Product(
        UUID(int=900),
        AUTHORITY,
        "thing",
        "pool",
        Subject.PERSON,
        Text(fr="Chose", en="Thing"),
        terms=terms or Terms(term=Term(Window.MONTH)),
        prices=prices,
    )
    return replace(product, **more)


def _told(product: Product, who: Buyer | None = None, **facts: object) -> Offers:
    return offers(question(**{"rights": (), **facts}), (who or buyer(),), [product])


@pytest.mark.parametrize(
    ("conditions", "reason"),
    [
        ((Conditions(age_below=18),), Reason.AGE_NOT_INCLUDED),
        ((Conditions(communes=(ELSEWHERE,)),), Reason.NOT_RESIDENT),
        ((Conditions(statuses=("student",)),), Reason.TARIFF_ENDED),
        ((Conditions(weekdays=(6,)),), Reason.DAY_NOT_INCLUDED),
        ((Conditions(sessions=("aquagym",)),), Reason.SESSION_NEEDED),
        # Of two prices, the one that came nearest: an age cannot be changed, a paper can be brought.
        ((Conditions(age_below=18), Conditions(statuses=("student",))), Reason.TARIFF_ENDED),
    ],
    ids=["age", "residence", "status", "weekday", "session", "the nearest of two"],
)
def test_a_product_without_a_price_for_this_person_says_why(conditions: tuple[Conditions, ...], reason: Reason) -> None:
    (refused,) = _told(_sold(*conditions)).unavailable
    assert refused.reason is reason


def test_a_product_that_would_not_serve_the_person_is_not_sold_to_them() -> None:
    product = _sold(NO_CONDITIONS, terms=Terms(conditions=Conditions(age_from=65), term=Term(Window.MONTH)))
    assert _told(product).unavailable[0].reason is Reason.AGE_NOT_INCLUDED


def test_a_subscription_for_weekdays_is_sold_on_a_bank_holiday_too() -> None:
    conditions = Conditions(weekdays=(0,), bank_holidays=False, sessions=("aquagym",), vehicles=(VehicleClass.CAR,))
    product = _sold(NO_CONDITIONS, terms=Terms(conditions=conditions, term=Term(Window.MONTH)))
    assert len(_told(product, bank_holiday=True).on_sale) == 1


def test_a_price_of_the_day_is_promised_for_the_day() -> None:
    (offer,) = _told(_sold(Conditions(weekdays=(TODAY.weekday(),)))).on_sale
    assert offer.price_until == TODAY + timedelta(days=1)


def test_who_is_kept_from_a_service_buys_nothing_of_it() -> None:
    who = buyer(Standing(CircumstanceKind.SUSPENDED, "pool", FOREVER))
    assert _told(_sold(NO_CONDITIONS), who).unavailable[0].reason is Reason.SERVICE_SUSPENDED
    elsewhere = buyer(Standing(CircumstanceKind.SUSPENDED, "library", FOREVER))
    assert len(_told(_sold(NO_CONDITIONS), elsewhere).on_sale) == 1


@pytest.mark.parametrize(
    "product",
    [
        _sold(),
        _sold(NO_CONDITIONS, service_code="library"),
        _sold(NO_CONDITIONS, authority_id=NEIGHBOUR),
        _sold(NO_CONDITIONS, terms=Terms(notice_days=3, term=Term(Window.DAY))),
        _sold(NO_CONDITIONS, terms=Terms(term=Term(Window.DAY), offered_until=TODAY)),
        _sold(prices=(Price(1, 100, date(2025, 1, 1), TODAY),)),
        _sold(prices=(Price(1, 100, TODAY + timedelta(days=1), date(2040, 1, 1)),)),
    ],
    ids=[
        "granted only",
        "another service",
        "another authority",
        "asked days before",
        "withdrawn",
        "no longer",
        "not yet",
    ],
)
def test_what_is_not_on_sale_here_today_is_not_mentioned(product: Product) -> None:
    said = _told(product)
    assert (said.on_sale, said.unavailable, said.without_buyer) == ((), (), ())


def test_a_household_product_is_offered_to_each_household_and_to_no_person() -> None:
    product = _sold(NO_CONDITIONS, Conditions(communes=(HERE,)), subject=Subject.HOUSEHOLD)
    product = replace(product, prices=(product.prices[0], replace(product.prices[1], amount_cents=400)))
    homes = tuple(
        buyer(subject=Subject.HOUSEHOLD, commune=commune, number=number)
        for number, commune in enumerate((HERE, ELSEWHERE))
    )
    said = offers(question(rights=()), (buyer(number=7), *homes), [product])
    assert [(one.buyer.place, one.price.amount_cents) for one in said.on_sale] == [(1, 400), (2, 1_000)]
    alone = offers(question(rights=()), (buyer(),), [product])
    assert (alone.on_sale, alone.without_buyer) == ((), ("thing",))


# --- what can be used -------------------------------------------------------------------------------


def test_the_right_that_the_gate_would_spend_comes_first() -> None:
    rights = (right(balance(10, 3), number=1), right(number=2), right(balance(10, 10), number=3))
    said = offers(question(rights=rights), (), ())
    assert [one.right.entitlement_id.int for one in said.usable] == [2, 1]
    assert [(one.right.entitlement_id.int, one.reason) for one in said.unusable] == [(3, Reason.QUOTA_SPENT)]


def test_what_goes_beyond_the_free_part_shows_its_price() -> None:
    """24 free visits, ten more at 20 euros (Pau), here paid at the gate."""
    counted = balance(34, 24)
    limit = replace(counted.limit, free=24 * ONE, price_cents=2_000, settlement=Settlement.AT_GATE)
    (usable,) = offers(question(rights=(right(replace(counted, limit=limit)),)), (), ()).usable
    assert (usable.objection, usable.due_cents) == (Reason.PAYMENT_DUE, 2_000)


def test_the_supplement_of_a_zone_is_shown_with_rights_and_with_offers() -> None:
    plain = doorway()
    sauna = replace(plain, zone=replace(plain.zone, supplement_cents=400))
    included = Terms(zones=("zone",), term=Term(Window.MONTH))
    products = [_sold(NO_CONDITIONS), _sold(NO_CONDITIONS, terms=included, code="with-sauna", id=UUID(int=901))]
    said = offers(question(doorway=sauna, rights=(right(),)), (buyer(),), products)
    assert [(one.product.code, one.supplement_cents) for one in said.on_sale] == [("thing", 400), ("with-sauna", 0)]
    assert [one.due_cents for one in said.usable] == [400]


def test_a_right_that_waits_for_a_quantity_is_usable() -> None:
    (usable,) = offers(question(rights=(right(balance(5, unit=Measure.M3)),)), (), ()).usable
    assert usable.objection is Reason.QUANTITY_NEEDED


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"medium": medium(MediumStatus.LOST)}, Reason.MEDIUM_LOST),
        ({"evidence": Evidence(medium_id=77, flaw="bad_signature")}, Reason.BAD_SIGNATURE),
        ({"medium": None}, Reason.UNKNOWN_MEDIUM),
        ({"medium": medium(authority_id=NEIGHBOUR)}, Reason.OTHER_AUTHORITY),
        ({"medium": medium(valid_until=TODAY)}, Reason.PASS_ENDED),
    ],
    ids=["lost", "forged", "unknown", "a neighbour's", "over"],
)
def test_a_pass_that_is_not_valid_hears_nothing_but_why(facts: dict[str, object], reason: Reason) -> None:
    said = offers(question(**facts), (buyer(),), CATALOGUE)
    assert said == Offers(refused=reason)


def test_the_place_and_the_right_have_their_say() -> None:
    shut = question(hours=(), rights=(right(balance(10, 9)),))
    assert offers(shut, (), ()).messages == (Reason.SITE_CLOSED, Reason.LAST_VISIT)
    full = question(doorway=doorway(capacity=5), crowd=5, rights=())
    assert offers(full, (), ()).messages == (Reason.SITE_FULL,)
    plain = doorway(passback=Passback.NONE)
    white = replace(plain, site=replace(plain.site, white_until=date(2026, 12, 1)))
    assert offers(question(doorway=white, rights=()), (), ()).messages == (Reason.WHITE_PERIOD,)


# --- names ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("conditions", "french", "english"),
    [
        (NO_CONDITIONS, "plein tarif", "full price"),
        (Conditions(communes=(HERE,), age_below=25), "habitant, moins de 25 ans", "resident, under 25"),
        (Conditions(age_from=65), "65 ans et plus", "65 and over"),
        (Conditions(age_from=12, age_below=16), "de 12 à 15 ans", "aged 12 to 15"),
        (Conditions(bands=("A", "B")), "quotient familial A, B", "family quotient A, B"),
        (Conditions(statuses=("student", "staff")), "étudiant ou personnel", "student or staff"),
        (Conditions(statuses=("stonemason",)), "stonemason", "stonemason"),
        (Conditions(weekdays=(0, 2)), "lundi ou mercredi", "Monday or Wednesday"),
        (Conditions(bank_holidays=False), "hors jours fériés", "not on bank holidays"),
        (Conditions(sessions=("aquagym",)), "séance aquagym", "session aquagym"),
        (Conditions(vehicles=(VehicleClass.VAN,)), "véhicule van", "vehicle van"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_price_is_named_by_its_conditions(conditions: Conditions, french: str, english: str) -> None:
    assert tariff_name(conditions) == Text(fr=french, en=english)


def test_the_known_statuses_have_words_in_both_languages() -> None:
    assert all(words.fr and words.en for words in STATUSES.values())
    assert all(code == code.lower() for code in STATUSES)
