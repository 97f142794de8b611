"""What is left of a right, as people say it."""

from datetime import date

import pytest
from msgspec.structs import replace

from domain.access.answer import Remaining
from domain.access.facts_in_words import quantity
from domain.access.left_in_words import left, unlimited
from domain.limits import Limit, Measure, Window
from domain.periods import FOREVER
from domain.rates import Rate
from domain.text import Text

NEW_YEAR = date(2027, 1, 1)
COUNTED = Limit(0, Measure.VISIT, 34_000, Window.YEAR)
GRACE = replace(COUNTED, free=24_000)
PAID = replace(GRACE, price_cents=2_000)
RATED = replace(GRACE, rates=(Rate(500),))


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (
            Remaining("p", Measure.VISIT, 7, 10, NEW_YEAR),
            Text(
                "Il reste 7 passages sur 10, jusqu’au 31 décembre 2026.", "7 visits of 10 left, until 31 December 2026."
            ),
        ),
        (
            Remaining("p", Measure.VISIT, 1, 24, NEW_YEAR),
            Text(
                "Il reste 1 passage sur 24, jusqu’au 31 décembre 2026.", "1 visit of 24 left, until 31 December 2026."
            ),
        ),
        (
            Remaining("p", Measure.M3, 1.5, 3, NEW_YEAR, "rubble"),
            Text(
                "Il reste 1,5 m³ sur 3 (gravats), jusqu’au 31 décembre 2026.",
                "1.5 m³ of 3 left (rubble), until 31 December 2026.",
            ),
        ),
        (
            Remaining("p", Measure.VISIT, 0, 24, FOREVER),
            Text("Tout est utilisé : 24 passages.", "All used: 24 visits."),
        ),
    ],
)
def test_what_is_left_is_said_with_its_last_day(limit: Remaining, said: Text) -> None:
    assert left(limit, COUNTED) == said


@pytest.mark.parametrize(
    ("free_left", "rule", "said"),
    [
        (2, PAID, "12 passages sur 34, jusqu’au 31 décembre 2026. Sans payer : 2 passages, puis 20 € par passage."),
        (1, PAID, "12 passages sur 34, jusqu’au 31 décembre 2026. Sans payer : 1 passage, puis 20 € par passage."),
        (0, PAID, "12 passages sur 34, jusqu’au 31 décembre 2026. La part gratuite est utilisée : 20 € par passage."),
        (
            0,
            RATED,
            "12 passages sur 34, jusqu’au 31 décembre 2026. La part gratuite est utilisée : un prix selon le véhicule.",
        ),
        (0, GRACE, "12 passages sur 34, jusqu’au 31 décembre 2026."),
    ],
    ids=["two free", "one free", "none free", "by vehicle", "grace costs nothing"],
)
def test_what_has_to_be_paid_is_said_before_anybody_sets_out(free_left: float, rule: Limit, said: str) -> None:
    told = left(Remaining("p", Measure.VISIT, 12, 34, NEW_YEAR, free_left=free_left), rule)
    assert told.fr == f"Il reste {said}"


def test_a_price_is_said_in_english_too() -> None:
    odd = Limit(0, Measure.VISIT, 34_000, Window.YEAR, free=24_000, price_cents=250)
    told = left(Remaining("p", Measure.VISIT, 12, 34, NEW_YEAR, free_left=2), odd)
    assert told.en.endswith("until 31 December 2026. Free of charge: 2 visits, then €2.50 for each visit.")


def test_a_right_that_counts_nothing_says_so() -> None:
    assert unlimited(NEW_YEAR).fr == "Sans limite, jusqu’au 31 décembre 2026."
    assert unlimited(FOREVER) == Text("Sans limite.", "Without limit.")


def test_french_has_its_plural_from_two_on_and_english_for_all_but_one() -> None:
    said = [quantity(amount, Measure.VISIT) for amount in (0, 1, 1.5, 2)]
    assert [one.fr for one in said] == ["0 passage", "1 passage", "1,5 passage", "2 passages"]
    assert [one.en for one in said] == ["0 visits", "1 visit", "1.5 visits", "2 visits"]
