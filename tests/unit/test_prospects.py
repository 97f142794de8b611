"""Which of several rights is spent: the same one whatever the order they were read in, and the cheapest."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.access.decide import decide
from domain.access.facts import Direction, Right, Standing
from domain.access.prospects import best
from domain.access.reasons import Reason
from domain.circumstances import CircumstanceKind
from domain.conditions import Conditions, Lift
from domain.limits import ONE, Limit, Measure, Settlement, Window
from domain.places import Passback, Site
from domain.products import Attendance, Grace
from tests.facts import TODAY, balance, doorway, last_seen, on_terms, question, right

LATE = Standing(CircumstanceKind.STATUS, "student", TODAY - timedelta(days=3))


def priced(number: int, *, free: float, used: float, settlement: Settlement = Settlement.BILLED) -> Right:
    limit = Limit(
        0, Measure.VISIT, 34 * ONE, Window.YEAR, free=round(free * ONE), price_cents=2_000, settlement=settlement
    )
    return right(replace(balance(34, used), limit=limit), number=number)


FREE, CARNET = right(number=30), right(balance(10, 3), number=31)
SOON = right(balance(10), number=32, valid_until=date(2026, 12, 1))
EMPTY, OVER = right(balance(1, 1), number=33), right(number=34, valid_until=TODAY)
DEROGATION = on_terms(right(number=35), lifts=(Lift.VEHICLE,))
TOLERATED = on_terms(right(number=36), LATE, conditions=Conditions(statuses=("student",)), grace=Grace(days=30))
BILLED = priced(37, free=24, used=24)
AT_GATE = priced(38, free=0, used=0, settlement=Settlement.AT_GATE)
AWAY = on_terms(right(number=39), conditions=Conditions(communes=("59350",)))
IN_ORDER = (FREE, SOON, CARNET, TOLERATED, DEROGATION, BILLED, AT_GATE, EMPTY, AWAY, OVER)
"""From the one that is spent first to the one that says least."""


def chosen(rights: Sequence[Right]) -> Right:
    prospect = best(question(rights=tuple(rights)))
    assert prospect is not None
    return prospect.right


@pytest.mark.parametrize("length", [2, 3])
def test_of_several_rights_the_one_that_costs_least_is_spent(length: int) -> None:
    for some in permutations(range(len(IN_ORDER)), length):
        assert chosen([IN_ORDER[place] for place in some]) == IN_ORDER[min(some)]


@given(st.permutations(IN_ORDER), st.integers(1, len(IN_ORDER)))
def test_the_order_in_which_rights_were_read_changes_nothing(rights: list[Right], count: int) -> None:
    some = rights[:count]
    assert chosen(some) == min(some, key=IN_ORDER.index)


@pytest.mark.parametrize(
    ("rights", "heard"),
    [
        ((EMPTY, OVER), Reason.QUOTA_SPENT),
        ((AWAY, OVER), Reason.NOT_RESIDENT),
        ((EMPTY, AWAY), Reason.QUOTA_SPENT),
        ((EMPTY, AT_GATE), Reason.PAYMENT_DUE),
    ],
)
def test_where_none_serves_the_one_that_got_furthest_says_why(rights: tuple[Right, ...], heard: Reason) -> None:
    assert decide(question(doorway=doorway("waste-centre"), rights=rights)).reason is heard


def test_what_was_paid_at_the_gate_is_not_announced_as_billed() -> None:
    verdict = decide(question(rights=(AT_GATE,), paid_cents=2_000))
    assert (verdict.reason, verdict.due_cents, verdict.warnings) == (Reason.WELCOME, 2_000, ())


def test_a_right_that_has_ended_does_not_end_soon() -> None:
    graced = replace(on_terms(right(valid_until=TODAY), grace=Grace(days=30)), graced=True)
    assert decide(question(rights=(graced,))).warnings == (Reason.GRACE,)


def test_a_member_who_is_suspended_does_not_come_in_with_the_club() -> None:
    club = on_terms(right(number=30), conditions=Conditions(sessions=("club",)))
    at_the_clubs_hour = {"sessions": ("club",), "reserved": ("club",)}
    assert decide(question(rights=(club, CARNET), **at_the_clubs_hour)).right == club
    refused = decide(question(rights=(replace(club, suspended=True), CARNET), **at_the_clubs_hour))
    assert (refused.reason, refused.charges) == (Reason.SESSION_RESERVED, ())


def test_a_deposit_counts_no_second_visit_and_no_second_point() -> None:
    held = right(balance(18, 1), balance(9, 1, unit=Measure.POINT, position=1), balance(2, unit=Measure.M3, position=2))
    asked = {Measure.VISIT: ONE, Measure.POINT: ONE, Measure.M3: 500}
    inside = {"presence": last_seen(timedelta(minutes=5)), "seen_today": True, "doorway": doorway("waste-centre")}
    verdict = decide(question(rights=(held,), asked=asked, direction=Direction.DEPOSIT, **inside))
    assert [(charge.balance, charge.amount) for charge in verdict.charges] == [(2, 500)]


@pytest.mark.parametrize(
    ("asked", "kinds", "counted"),
    [
        ({}, {"wood": 500, "green": 700}, 1_200),
        ({Measure.M3: 2_000}, {"wood": 500}, 2_000),
        ({Measure.M3: 100}, {"wood": 500}, 500),
        ({Measure.M3: 300}, {}, 300),
    ],
)
def test_what_is_brought_by_kind_adds_up_by_itself(
    asked: dict[Measure, int], kinds: dict[str, int], counted: int
) -> None:
    held = right(balance(5, unit=Measure.M3))
    told = {kind: {Measure.M3: amount} for kind, amount in kinds.items()}
    verdict = decide(question(doorway=doorway("waste-centre"), rights=(held,), asked=asked, kinds=told))
    assert [charge.amount for charge in verdict.charges] == [counted]


@pytest.mark.parametrize("white_until", [None, TODAY + timedelta(days=1)])
def test_whoever_is_let_in_all_the_same_is_counted_as_what_they_are(white_until: date | None) -> None:
    """An agent's word, or a white period, makes no swimmer of a spectator."""
    spectator = on_terms(right(balance(1, 1)), attends=Attendance.OTHERS)
    door = doorway(passback=Passback.NONE)
    site: Site = replace(door.site, white_until=white_until)
    verdict = decide(question(rights=(spectator,), doorway=replace(door, site=site), override=True))
    assert verdict.reason is (Reason.OVERRIDDEN if white_until is None else Reason.WHITE_PERIOD)
    assert (verdict.attends, verdict.enters, verdict.charges) == (Attendance.OTHERS, 1, ())
