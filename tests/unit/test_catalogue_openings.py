"""What is new, what is copied and what ends, each as a content that says so in plain words."""

from datetime import date

import pytest
from msgspec.structs import replace

from adapters.catalogue_text import read_one, written
from domain.calendars import Calendar, Hours
from domain.catalogue.contents import ProductContent, SiteContent, ZoneContent
from domain.catalogue.differences import lines
from domain.catalogue.edits import closed, closed_for_good, for_whom, tariff, withdrawn
from domain.catalogue.effects import days_that_change
from domain.catalogue.openings import (
    Named,
    ProductKind,
    copy_of_product,
    copy_of_site,
    doors,
    keeping_doors,
    new_product,
    new_site,
    with_doors,
    with_zone,
)
from domain.conditions import Conditions
from domain.errors.places import DoorTaken
from domain.limits import ONE, Window
from domain.people import Subject
from domain.periods import FOREVER
from domain.products import Price, Term
from domain.text import Text

NAME = Text(fr="Bassin", en="Pool")
DAY = date(2027, 1, 1)
DAILY = tuple(Hours(date(2026, 1, 1), FOREVER, weekday, 540, 1080) for weekday in range(7))


def a_product(kind: ProductKind) -> ProductContent:
    return new_product(
        Named("bassin", NAME),
        kind,
        service="pool",
        subject=Subject.PERSON,
        amount=10 * ONE,
        window=Window.MONTH,
        term=Term(Window.YEAR),
        price=Price(0, 3_000, DAY, FOREVER),
    )


def a_site(code: str = "pool-east") -> SiteContent:
    zone = ZoneContent(code, capacity=80, gates=doors(code, [NAME, NAME]))
    return new_site(Named(code, NAME), service="pool", commune="00101", hours=DAILY, zone=zone)


def said(content: ProductContent | SiteContent, key: str) -> str:
    return next(line.said.en for line in lines(content) if line.key == key)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (ProductKind.CARNET, "10 visits in all"),
        (ProductKind.HOURS, "600 minutes in all"),
        (ProductKind.QUOTA, "10 visits a month"),
        (ProductKind.VOLUME, "10 m³ a month"),
    ],
)
def test_a_product_of_a_usual_kind_counts_what_people_mean(kind: ProductKind, words: str) -> None:
    assert said(a_product(kind), "limit-0") == words


def test_a_subscription_counts_nothing() -> None:
    assert said(a_product(ProductKind.SUBSCRIPTION), "limit") == "as often as one likes"


def test_a_copy_of_a_withdrawn_product_is_offered() -> None:
    over = withdrawn(a_product(ProductKind.CARNET), DAY)
    assert said(over, "offered") == "until 31 December 2026"
    copy = copy_of_product(over, Named("other", NAME))
    assert copy == replace(a_product(ProductKind.CARNET), code="other")
    assert withdrawn(over, None) == a_product(ProductKind.CARNET)


def test_other_people_may_have_a_product_on_the_days_and_at_the_sites_of_before() -> None:
    weekdays = for_whom(a_product(ProductKind.CARNET), Conditions(age_below=18))
    asked = replace(weekdays.terms.conditions, weekdays=(0, 1), sites=("pool-east",))
    known = replace(weekdays, terms=replace(weekdays.terms, conditions=asked))
    assert for_whom(known, Conditions(age_from=65)).terms.conditions == Conditions(
        age_from=65, weekdays=(0, 1), sites=("pool-east",)
    )


def test_a_tariff_stands_beside_those_that_are_there() -> None:
    more = tariff(a_product(ProductKind.CARNET), 1_500, DAY, Conditions(age_below=18))
    assert [(one.position, one.amount_cents) for one in more.prices] == [(0, 3_000), (1, 1_500)]


def test_a_copied_site_has_doors_of_its_own_and_no_closure_of_the_other() -> None:
    lane = ZoneContent("lane-2", gates=doors("lane-2", [NAME]))
    sauna = ZoneContent("pool-east-sauna", gates=doors("pool-east-sauna", [NAME]))
    like = closed_for_good(with_zone(with_zone(a_site(), sauna), lane), DAY, NAME)
    copy = copy_of_site(like, Named("pool-west", NAME), "00102")
    assert copy.closures == ()
    assert [(zone.code, [door.code for door in zone.gates]) for zone in copy.zones] == [
        ("pool-west", ["pool-west-1", "pool-west-2"]),
        ("pool-west-lane-2", ["pool-west-lane-2-1"]),
        ("pool-west-sauna", ["pool-west-sauna-1"]),
    ]


def test_gates_are_numbered_on_and_a_zone_has_one_code() -> None:
    more = with_doors(a_site(), "pool-east", [NAME])
    assert [door.code for door in more.zones[0].gates] == ["pool-east-1", "pool-east-2", "pool-east-3"]
    with pytest.raises(DoorTaken):
        with_zone(a_site(), ZoneContent("pool-east"))


def test_zones_and_gates_that_are_there_stay_whatever_a_text_leaves_out() -> None:
    there = with_zone(with_doors(a_site(), "pool-east", [NAME]), ZoneContent("sauna"))
    kept = keeping_doors(there, replace(a_site(), last_entry_minutes=30))
    assert kept == replace(there, last_entry_minutes=30)


def test_a_site_that_closes_for_good_says_so_opens_never_again_and_survives_its_text() -> None:
    later = replace(a_site(), closures=closed(a_site(), closed_for_good(a_site(), FOREVER, NAME).closures[0]).closures)
    gone = closed_for_good(later, DAY, Text(fr="Démoli", en="Pulled down"))
    assert said(gone, f"closure-{DAY}") == "from 1 January 2027 on: Pulled down"
    calendar = Calendar(gone.hours, gone.closures)
    assert [calendar.ended_on(day) for day in (date(2026, 12, 31), DAY, date(2090, 1, 1))] == [False, True, True]
    assert days_that_change(Calendar(gone.hours), calendar, date(2026, 12, 31)).first == DAY
    assert read_one(written(gone)) == gone
    assert read_one(written(withdrawn(a_product(ProductKind.CARNET), DAY))).code == "bassin"
