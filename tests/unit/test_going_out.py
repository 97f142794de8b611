"""Going out: nobody is kept in, and every place that was taken is free again."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from domain.access.decide import decide
from domain.access.facts import NOWHERE, Evidence, Presence
from domain.access.reasons import Outcome, Reason
from domain.passes import MediumStatus, PassStatus
from domain.places import Passback
from domain.services import SERVICES
from tests.facts import INSIDE, MINUTE, NEIGHBOUR, TODAY, ZONE, balance, doorway, last_seen, leaving, medium, right

OPENS = {Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING}


def test_nobody_whose_pass_we_know_is_kept_in_whatever_became_of_it() -> None:
    cases = product(
        MediumStatus,
        PassStatus,
        [date(2026, 1, 1), TODAY + timedelta(days=1)],
        [TODAY, date(2031, 1, 1)],
        [None, "code_expired", "code_stale"],
        SERVICES,
        [NOWHERE, last_seen(MINUTE), last_seen(MINUTE, zone=None)],
    )
    for status, pass_status, valid_from, valid_until, flaw, service, presence in cases:
        facts = leaving(
            medium=medium(status, pass_status=pass_status, valid_from=valid_from, valid_until=valid_until),
            evidence=Evidence(medium_id=77, flaw=flaw),
            doorway=doorway(service.code, capacity=0, passback=Passback.HARD),
            hours=(),
            rights=(),
            presence=presence,
            seen_today=True,
        )
        verdict = decide(facts)
        assert verdict.opens, facts
        assert verdict.charges == ()
        assert verdict.leaves == presence.zone_id


def test_an_exit_after_an_entry_frees_the_place() -> None:
    """2.2 counting: one in for one out."""
    verdict = decide(leaving(**INSIDE))
    assert (verdict.outcome, verdict.reason) == (Outcome.GRANTED, Reason.GOODBYE)
    assert verdict.seen
    assert verdict.leaves == ZONE


@pytest.mark.parametrize(
    ("presence", "seen_today"),
    [(NOWHERE, False), (last_seen(MINUTE, zone=None), True), (last_seen(timedelta(hours=13)), False)],
    ids=["never seen", "left before", "entered yesterday"],
)
def test_an_exit_without_todays_entry_opens_and_leaves_the_count_alone(presence: Presence, *, seen_today: bool) -> None:
    verdict = decide(leaving(presence=presence, seen_today=seen_today))
    assert (verdict.outcome, verdict.reason) == (Outcome.GRANTED_WITH_WARNING, Reason.EXIT_WITHOUT_ENTRY)
    assert verdict.leaves is None
    assert not verdict.seen


@pytest.mark.parametrize(
    ("different", "reason"),
    [
        ({"evidence": Evidence(flaw="bad_signature"), "medium": None}, Reason.BAD_SIGNATURE),
        ({"medium": None}, Reason.UNKNOWN_MEDIUM),
        ({"medium": medium(authority_id=NEIGHBOUR)}, Reason.OTHER_AUTHORITY),
    ],
)
def test_an_exit_needs_a_pass_that_we_know(different: dict[str, Any], reason: Reason) -> None:
    verdict = decide(leaving(**different))
    assert (verdict.outcome, verdict.reason) == (Outcome.DENIED, reason)


def test_an_exit_spends_nothing_and_shows_no_right() -> None:
    verdict = decide(leaving(rights=(right(balance(24, 23)),), **INSIDE))
    assert verdict.right is None
    assert verdict.warnings == ()
