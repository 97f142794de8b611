"""The maximum of a whole day, and supplements that are paid once a day: nobody counts or pays twice."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from domain.access import rules
from domain.access.admissions import Admission
from domain.access.decide import decide
from domain.access.explain import explain
from domain.access.facts import Direction, Facts, Presence
from domain.access.reasons import RANK, REASONS, Reason
from domain.limits import ONE, Measure
from tests.facts import INSIDE, NOON, OTHER_ZONE, TODAY, ZONE, balance, doorway, question, right

BEFORE = NOON - timedelta(hours=1)


def at_the_door(*been: Admission, inside: UUID | None = None, **different: Any) -> Facts:  # noqa: ANN401 - facts
    """At a zone with a maximum of 100 a day and a supplement of 5 euros, where somebody may have been today."""
    door = doorway()
    zone = replace(door.zone, daily_capacity=100, supplement_cents=500)
    presence = Presence(inside, BEFORE, 3, admissions=been) if been or inside else Presence(None, None, 0)
    said: dict[str, Any] = {"doorway": replace(door, zone=zone), "presence": presence, "seen_today": bool(been)}
    return question(**{**said, **different})


def been(persons: int = 1, paid: int = 1, *, zone: UUID = ZONE, day: date = TODAY) -> Admission:
    return Admission(zone, day, BEFORE, persons, paid)


PAID: dict[str, Any] = {"paid_cents": 500}


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        (at_the_door(admitted=99, **PAID), Reason.WELCOME),
        (at_the_door(admitted=100, **PAID), Reason.DAY_FULL),
        (at_the_door(admitted=98, asked={Measure.VISIT: 3 * ONE}, paid_cents=1_500), Reason.DAY_FULL),
        # who was there this morning counts already, and so do two of three
        (at_the_door(been(), admitted=100), Reason.WELCOME),
        (at_the_door(been(2, 2), admitted=99, asked={Measure.VISIT: 3 * ONE}, **PAID), Reason.WELCOME),
        (at_the_door(been(2, 2), admitted=100, asked={Measure.VISIT: 3 * ONE}, **PAID), Reason.DAY_FULL),
        # yesterday, or in another zone, is not here and today
        (at_the_door(been(day=TODAY - timedelta(days=1)), admitted=100), Reason.DAY_FULL),
        (at_the_door(been(zone=OTHER_ZONE), admitted=100), Reason.DAY_FULL),
        # more than the maximum came by late taps: those who are in go on
        (at_the_door(been(), admitted=104), Reason.WELCOME),
    ],
)
def test_the_day_has_a_maximum_and_who_was_let_in_today_counts_once(facts: Facts, says: Reason) -> None:
    """CSP D.1332-7: the operator sets a daily maximum beside the one at a moment."""
    assert decide(facts).reason is says


def test_a_full_day_is_said_before_a_full_moment_and_nobody_may_override_it() -> None:
    door = doorway(capacity=10)
    full = question(doorway=replace(door, zone=replace(door.zone, daily_capacity=10)), crowd=10, admitted=10)
    assert rules.below_capacity(full) is Reason.DAY_FULL
    assert RANK[Reason.DAY_FULL] < RANK[Reason.SITE_FULL]
    assert not REASONS[Reason.DAY_FULL].overridable
    assert decide(replace(full, override=True)).reason is Reason.DAY_FULL


def test_in_a_white_period_a_full_day_stays_full() -> None:
    full = at_the_door(admitted=100, **PAID)
    door = full.doorway
    white = replace(full, doorway=replace(door, site=replace(door.site, white_until=TODAY + timedelta(days=1))))
    assert decide(white).reason is Reason.DAY_FULL
    assert decide(replace(white, admitted=99)).newcomers == 1


def test_an_entry_says_how_many_count_anew() -> None:
    assert decide(at_the_door(**PAID)).newcomers == 1
    assert decide(at_the_door(been())).newcomers == 0
    assert decide(replace(at_the_door(), **INSIDE)).newcomers == 0
    assert decide(question()).newcomers == 0, "a zone without a maximum counts nobody"


@pytest.mark.parametrize(
    ("facts", "due", "pays_for"),
    [
        (at_the_door(), 500, 1),
        (at_the_door(been()), 0, 0),
        (at_the_door(been(paid=0)), 500, 1),  # an agent had let them in
        (at_the_door(been(2, 2), asked={Measure.VISIT: 3 * ONE}), 500, 1),
        (at_the_door(been(day=TODAY - timedelta(days=1))), 500, 1),
        (at_the_door(been(zone=OTHER_ZONE), inside=OTHER_ZONE), 500, 1),
        (at_the_door(been(), been(zone=OTHER_ZONE), inside=OTHER_ZONE), 0, 0),  # from the basin back to the sauna
    ],
)
def test_a_supplement_is_paid_once_a_day_for_each_person(facts: Facts, due: int, pays_for: int) -> None:
    """CC des Étangs: who has paid the sauna today goes back in without paying again."""
    refused = decide(facts)
    assert refused.due_cents == due
    assert refused.reason is (Reason.PAYMENT_DUE if due else Reason.WELCOME)
    granted = decide(replace(facts, paid_cents=due))
    assert (granted.reason, granted.pays_for) == (Reason.WELCOME, pays_for)


def test_a_right_that_includes_the_zone_pays_for_nobody() -> None:
    facts = at_the_door()
    held = right(balance(10))
    terms = replace(held.product.terms, zones=("zone",))
    verdict = decide(replace(facts, rights=(replace(held, product=replace(held.product, terms=terms)),)))
    assert (verdict.reason, verdict.due_cents, verdict.pays_for) == (Reason.WELCOME, 0, 0)


def test_going_out_counts_and_pays_nothing() -> None:
    verdict = decide(replace(at_the_door(been(), inside=ZONE), direction=Direction.EXIT))
    assert (verdict.reason, verdict.newcomers, verdict.pays_for) == (Reason.GOODBYE, 0, 0)


def test_an_agent_reads_how_many_came_in_today() -> None:
    told = explain(at_the_door(admitted=100))
    (step,) = [step for step in told.steps if step.rule == "below_capacity"]
    values = [looked.value for looked in step.facts if looked.fact == "admitted"]
    assert [(value.fr, value.en) for value in values] == [("100 sur 100", "100 of 100")]
    plain = explain(question())
    assert not [one for step in plain.steps for one in step.facts if one.fact == "admitted"]
