"""What is written of a passage that a terminal settled alone: nothing becomes a refusal, everything is flagged."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.access.facts import Charge, Direction, Evidence, LastUse, Presence
from domain.access.merge import TOLERANCE, Flag, Merged, Said, happened_at, merge
from domain.access.reasons import Outcome, Reason
from domain.limits import ONE
from domain.passes import MediumStatus, PassStatus
from domain.places import Passback
from tests.facts import NOON, TODAY, ZONE, balance, doorway, medium, question, right

WELCOME = Said(Outcome.GRANTED, Reason.WELCOME)
SPENT = right(balance(2, 2))
HARD = doorway(passback=Passback.HARD)
HALF_AN_HOUR = doorway(passback=Passback.TIMED, minutes=30)


def merged(said: Said = WELCOME, **differs: Any) -> Merged:  # noqa: ANN401 - fields of Facts
    return merge(question(**differs), said)


def seen(minutes: int, *, inside: bool = True) -> dict[str, Any]:
    since = NOON + timedelta(minutes=minutes)
    return {"presence": Presence(ZONE if inside else None, since, 1), "seen_today": True}


def test_an_ordinary_passage_is_what_the_server_would_have_said() -> None:
    found = merged(rights=(right(balance(10)),))
    assert (found.flags, found.verdict.charges, found.judged.reason) == ((), (Charge(0, ONE),), Reason.WELCOME)


def test_a_visit_beyond_the_quota_is_counted_and_flagged() -> None:
    found = merged(rights=(SPENT,))
    assert (found.verdict.outcome, found.verdict.reason) == (Outcome.GRANTED, Reason.WELCOME)
    assert (found.flags, found.verdict.charges) == ((Flag.OVER_QUOTA,), (Charge(0, ONE),))
    assert (found.judged.outcome, found.judged.reason) == (Outcome.PAYMENT_REQUIRED, Reason.CARNET_EMPTY)


def test_a_right_that_still_serves_is_spent_before_a_quota_is_broken() -> None:
    found = merged(rights=(SPENT, right(balance(5), number=31)))
    assert (found.flags, found.verdict.right) == ((), right(balance(5), number=31))


@pytest.mark.parametrize("outcome", [Outcome.DENIED, Outcome.MANUAL_CHECK, Outcome.PAYMENT_REQUIRED])
def test_a_refusal_counts_nothing_whatever_the_server_would_have_said(outcome: Outcome) -> None:
    found = merged(Said(outcome, Reason.NO_RIGHT), rights=(right(balance(10)),))
    assert (found.verdict.outcome, found.verdict.charges, found.verdict.seen) == (outcome, (), False)
    assert (found.flags, found.judged.reason) == ((), Reason.WELCOME)


@pytest.mark.parametrize("reason", [Reason.DOUBLE_READ, Reason.SAME_TRIP])
def test_a_second_reading_that_the_terminal_knew_for_one_counts_nothing(reason: Reason) -> None:
    found = merged(Said(Outcome.GRANTED, reason), rights=(right(balance(10)),), doorway=HARD, **seen(-1))
    assert (found.verdict.charges, found.verdict.seen, found.flags) == ((), False, ())
    assert merged(Said(Outcome.GRANTED, reason), rights=(SPENT,)).flags == (), "nothing more is spent"


@pytest.mark.parametrize(
    ("differs", "flag"),
    [
        ({"medium": medium(MediumStatus.LOST)}, Flag.REVOKED_AT_THE_TIME),
        ({"medium": medium(pass_status=PassStatus.SUSPENDED)}, Flag.REVOKED_AT_THE_TIME),
        ({"medium": medium(valid_until=TODAY)}, Flag.REVOKED_AT_THE_TIME),
        ({"rights": ()}, Flag.NOT_ENTITLED),
        ({"rights": (right(valid_until=TODAY),)}, Flag.NOT_ENTITLED),
        ({"medium": None, "evidence": Evidence()}, Flag.NOT_ENTITLED),
        ({"evidence": Evidence(flaw="bad_signature")}, Flag.NOT_ENTITLED),
        ({"evidence": Evidence(flaw="withdrawn_key")}, Flag.REVOKED_AT_THE_TIME),
        ({"evidence": Evidence(77, 2, flaw="code_stale", issuer="ville")}, Flag.REPLAY_SUSPECT),
        ({"evidence": Evidence(77, 2, iat=9), "last_use": LastUse(9, spent=True, version=1)}, Flag.REPLAY_SUSPECT),
        ({"doorway": HARD, **seen(-10)}, Flag.PASSBACK),
        ({"doorway": HARD, **seen(10)}, Flag.PASSBACK),
        ({"doorway": HALF_AN_HOUR, **seen(-29)}, Flag.PASSBACK),
        ({"doorway": HALF_AN_HOUR, **seen(29)}, Flag.PASSBACK),
    ],
)
def test_what_the_server_would_have_objected_to_is_flagged(differs: dict[str, Any], flag: Flag) -> None:
    found = merged(**differs)
    assert found.flags == (flag,)
    assert found.verdict.outcome is Outcome.GRANTED


@pytest.mark.parametrize(
    "differs",
    [
        {"doorway": HARD, **seen(-10, inside=False)},
        {"doorway": HALF_AN_HOUR, **seen(-30)},
        {"doorway": HALF_AN_HOUR, **seen(30)},
        {"evidence": Evidence(77, 2, iat=8), "last_use": LastUse(9, spent=True, version=1)},
        {"evidence": Evidence(77, 2, iat=9), "last_use": LastUse(9, spent=False, version=1)},
    ],
)
def test_what_only_arrives_late_is_not(differs: dict[str, Any]) -> None:
    assert merged(rights=(right(balance(10)),), **differs).flags == ()


def test_what_was_forged_spends_nobodys_rights() -> None:
    found = merged(evidence=Evidence(77, 2, flaw="bad_signature", issuer="ville"), rights=(right(balance(10)),))
    assert (found.verdict.charges, found.verdict.seen) == ((), False)


def test_a_passage_that_something_later_has_overtaken_moves_nobody_and_counts_all_the_same() -> None:
    late = merged(rights=(right(balance(10)),), **seen(10))
    assert (late.verdict.enters, late.verdict.leaves, late.verdict.charges) == (0, None, (Charge(0, ONE),))
    assert late.judged.reason is Reason.WELCOME, "what came later says nothing of that moment"
    left = merged(Said(Outcome.GRANTED, Reason.GOODBYE), direction=Direction.EXIT, **seen(10))
    assert left.verdict.leaves is None


def test_in_a_white_period_nothing_is_counted_or_flagged() -> None:
    door = doorway()
    white = replace(door, site=replace(door.site, white_until=TODAY + timedelta(days=1)))
    found = merged(Said(Outcome.GRANTED_WITH_WARNING, Reason.WHITE_PERIOD), doorway=white, rights=(SPENT,))
    assert (found.flags, found.verdict.charges, found.verdict.seen) == ((), (), True)


def test_means_that_are_in_doubt_are_flagged_too() -> None:
    doubt = Said(Outcome.GRANTED, Reason.WELCOME, stale_bundle=True, clock_suspect=True)
    assert merged(doubt).flags == (Flag.STALE_BUNDLE, Flag.CLOCK_SUSPECT)
    refused = replace(doubt, outcome=Outcome.DENIED, reason=Reason.MEDIUM_LOST)
    assert merged(refused).flags == (Flag.CLOCK_SUSPECT,)


@given(st.timedeltas(timedelta(days=-60), timedelta(days=60)), st.timedeltas(timedelta(0), timedelta(days=30)))
def test_server_time_wins_and_nothing_happens_in_the_future(drift: timedelta, ago: timedelta) -> None:
    """T1: a clock that is wrong by any amount, the same since the passage, is put right to within two minutes."""
    at, suspect = happened_at(NOON - ago - drift, drift=drift, now=NOON)
    assert abs(at - (NOON - ago)) <= TOLERANCE
    assert at <= NOON
    assert suspect is (abs(drift) > TOLERANCE)
