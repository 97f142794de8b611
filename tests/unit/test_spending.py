"""What a passage spends: which right, how much of it, who is counted, and what the person is warned of."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from domain.access.answer import compose
from domain.access.decide import decide
from domain.access.facts import Charge, Evidence, Facts, Right
from domain.access.prospects import best
from domain.access.reasons import Outcome, Reason
from domain.limits import ONE, Measure, Window
from domain.passes import MediumStatus, PassStatus
from domain.places import Passback
from tests.facts import (
    INSIDE,
    MINUTE,
    NEIGHBOUR,
    OTHER_ZONE,
    TODAY,
    balance,
    doorway,
    last_seen,
    leaving,
    medium,
    question,
    right,
)
from tests.unit.test_decide import situations

OPENS = {Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING}


def best_right(facts: Facts) -> Right | None:
    """The right that would be spent."""
    prospect = best(facts)
    return prospect.right if prospect is not None and prospect.objection is None else None


def test_what_is_brought_is_charged_to_every_limit_that_counts_it() -> None:
    held = right(
        balance(2, unit=Measure.M3, window=Window.DAY),
        balance(4, window=Window.MONTH, position=1),
        balance(30, position=2),
        balance(20, unit=Measure.LITRE, position=3),
    )
    verdict = decide(question(rights=(held,), asked={Measure.VISIT: ONE, Measure.M3: 1500}))
    assert verdict.charges == (Charge(0, 1500), Charge(1, ONE), Charge(2, ONE))


def test_only_a_granted_entry_spends_or_counts() -> None:
    for _, facts in situations():
        verdict = decide(facts)
        spends = verdict.charges or verdict.seen or verdict.enters or verdict.leaves is not None
        assert not spends or (verdict.opens and verdict.reason is not Reason.SAME_TRIP), verdict


def test_a_charge_never_exceeds_what_remains() -> None:
    for _, facts in situations():
        verdict = decide(facts)
        for charge in verdict.charges:
            assert verdict.right is not None
            assert charge.amount <= verdict.right.balances[charge.balance].left


def test_a_second_tap_of_one_trip_opens_and_spends_nothing() -> None:
    """2.4 validation answer, orange."""
    again = question(
        doorway=doorway("transport", passback=Passback.SOFT, minutes=60), rights=(right(balance(10, 10)),), **INSIDE
    )
    verdict = decide(again)
    assert (verdict.outcome, verdict.reason) == (Outcome.GRANTED_WITH_WARNING, Reason.SAME_TRIP)
    assert verdict.charges == ()
    assert verdict.warnings == (Reason.SAME_TRIP,)
    assert not verdict.seen


def test_going_on_to_another_zone_frees_the_first_place_and_takes_the_next() -> None:
    verdict = decide(question(presence=last_seen(MINUTE, zone=OTHER_ZONE), seen_today=True))
    assert verdict.enters
    assert verdict.leaves == OTHER_ZONE


def test_leaving_by_the_gate_of_another_zone_frees_the_place_that_was_taken() -> None:
    verdict = decide(leaving(presence=last_seen(MINUTE, zone=OTHER_ZONE), seen_today=True))
    assert verdict.leaves == OTHER_ZONE


def test_yesterdays_open_entry_frees_no_place_of_today() -> None:
    verdict = decide(question(presence=last_seen(timedelta(hours=13), zone=OTHER_ZONE), seen_today=False))
    assert verdict.enters
    assert verdict.leaves is None


def test_somebody_already_counted_is_not_counted_again() -> None:
    verdict = decide(question(**INSIDE))
    assert verdict.opens
    assert verdict.seen
    assert not verdict.enters


def test_a_right_without_limits_is_spent_before_a_carnet() -> None:
    carnet, year = right(balance(10), number=30), right(number=31, valid_until=date(2030, 1, 1))
    assert best_right(question(rights=(carnet, year))) == year
    assert best_right(question(rights=(year, carnet))) == year


def test_of_two_carnets_the_one_that_ends_first_is_spent() -> None:
    soon, late = right(balance(10), valid_until=date(2026, 12, 1)), right(balance(10), number=31)
    assert best_right(question(rights=(late, soon))) == soon


def test_a_carnet_without_room_or_out_of_its_days_is_passed_over() -> None:
    empty = right(balance(10, 10), valid_until=date(2026, 12, 1))
    over, full = right(valid_until=TODAY, number=31), right(balance(10), number=32)
    assert best_right(question(rights=(empty, over, full))) == full
    assert best_right(question(rights=(empty, over))) is None


def test_the_order_in_which_rights_were_read_does_not_choose_between_them() -> None:
    one, other = right(balance(10), number=30), right(balance(10), number=31)
    assert best_right(question(rights=(one, other))) == best_right(question(rights=(other, one)))


def test_a_used_up_right_is_shown_with_the_refusal() -> None:
    """2.1 user display: what remains, on screen."""
    facts = question(rights=(right(balance(24, 24)),), doorway=doorway("waste-centre"))
    (left,) = compose(facts, decide(facts)).remaining
    assert (left.left, left.of) == (0, 24)


@pytest.mark.parametrize(
    "different",
    [
        {"medium": medium(MediumStatus.LOST)},
        {"medium": medium(authority_id=NEIGHBOUR)},
        {"medium": medium(pass_status=PassStatus.SUSPENDED)},
        {"evidence": Evidence(medium_id=77, flaw="code_expired")},
        {"evidence": Evidence(medium_id=77, flaw="code_stale")},
    ],
)
def test_before_the_pass_is_proved_nothing_is_told_of_its_rights(different: dict[str, Any]) -> None:
    """Whoever found a card learns nothing from it; neither does a neighbour's gate."""
    facts = question(rights=(right(balance(24, 3)),), **different)
    answer = compose(facts, decide(facts))
    assert answer.remaining == ()
    assert answer.pass_valid_until is msgspec.UNSET


# --- warnings ------------------------------------------------------------------------------------


def test_a_warning_colours_the_answer_and_the_gate_opens_all_the_same() -> None:
    facts = question(rights=(right(balance(24, 23)),))
    verdict = decide(facts)
    assert (verdict.outcome, verdict.reason) == (Outcome.GRANTED_WITH_WARNING, Reason.LAST_VISIT)
    assert verdict.charges == (Charge(0, ONE),)
    assert compose(facts, verdict).remaining[0].left == 0


def test_every_warning_is_told() -> None:
    ends_soon = right(balance(24, 23), valid_until=TODAY + timedelta(days=3))
    assert decide(question(rights=(ends_soon,))).warnings == (Reason.LAST_VISIT, Reason.EXPIRES_SOON)


def test_a_refusal_carries_no_warning() -> None:
    facts = question(rights=(right(balance(24, 23)),), hours=())
    assert decide(facts).warnings == ()
