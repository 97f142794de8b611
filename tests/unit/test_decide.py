"""One question, one verdict: what comes first, and what never happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.access.decide import decide
from domain.access.facts import NOWHERE, Evidence, Facts
from domain.access.reasons import REASONS, Outcome, Reason
from domain.limits import ONE, Measure
from domain.passes import MediumStatus, PassStatus
from domain.people import Subject
from domain.places import Passback
from domain.services import BY_CODE, Service
from domain.text import Text
from tests.facts import MINUTE, TODAY, balance, doorway, last_seen, medium, question, right

OPENS = {Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING}
ORDER = {reason: place for place, reason in enumerate(Reason)}


def test_the_ordinary_passage_is_welcome() -> None:
    verdict = decide(question())
    assert (verdict.outcome, verdict.reason) == (Outcome.GRANTED, Reason.WELCOME)
    assert verdict.opens
    assert verdict.seen
    assert verdict.enters
    assert verdict.leaves is None


# --- precedence ----------------------------------------------------------------------------------

# What can be wrong at once at a waste centre: one choice from each row, None being all right.
_TROUBLES: tuple[dict[Reason | None, dict[str, Any]], ...] = (
    {None: {}, Reason.OTHER_AUTHORITY: {"issuer": "voisine"}},
    {
        None: {},
        Reason.MEDIUM_LOST: {"status": MediumStatus.STOLEN},
        Reason.MEDIUM_BLOCKED: {"status": MediumStatus.REVOKED},
        Reason.MEDIUM_SUSPENDED: {"status": MediumStatus.SUSPENDED},
        Reason.MEDIUM_REPLACED: {"status": MediumStatus.REPLACED},
        Reason.MEDIUM_NOT_ACTIVE: {"status": MediumStatus.SHIPPED},
    },
    {
        None: {},
        Reason.CODE_EXPIRED: {"flaw": "code_expired"},
        Reason.CODE_STALE: {"flaw": "code_stale"},
    },
    {
        None: {},
        Reason.PASS_ENDED: {"pass_status": PassStatus.ENDED},
        Reason.PASS_SUSPENDED: {"pass_status": PassStatus.SUSPENDED},
        Reason.PASS_NOT_STARTED: {"valid_from": TODAY + timedelta(days=1)},
    },
    {None: {}, Reason.SITE_CLOSED: {"hours": ()}},
    {
        None: {},
        Reason.ALREADY_INSIDE: {"passback": Passback.HARD},
        Reason.TOO_SOON: {"passback": Passback.TIMED},
        Reason.SAME_TRIP: {"passback": Passback.SOFT},
    },
    {
        None: {},
        Reason.NO_RIGHT: {"rights": ()},
        Reason.RIGHT_NOT_STARTED: {"rights": (right(valid_from=TODAY + timedelta(days=1)),)},
        Reason.RIGHT_EXPIRED: {"rights": (right(valid_until=TODAY),)},
        Reason.QUOTA_SPENT: {"rights": (right(balance(24, 24)),)},
    },
    {None: {}, Reason.SITE_FULL: {"capacity": 40}},
)


def _situation(chosen: dict[str, Any]) -> Facts:
    came_before = "passback" in chosen
    door = doorway(
        "waste-centre",
        capacity=chosen.get("capacity"),
        passback=chosen.get("passback", Passback.NONE),
        minutes=60,
    )
    return question(
        doorway=door,
        evidence=Evidence(77, 1, chosen.get("flaw"), chosen.get("issuer")),
        medium=medium(
            chosen.get("status", MediumStatus.ACTIVE),
            pass_status=chosen.get("pass_status", PassStatus.ACTIVE),
            valid_from=chosen.get("valid_from", date(2026, 1, 1)),
        ),
        hours=chosen.get("hours", ((0, 1440),)),
        rights=chosen.get("rights", (right(balance(24, 3)),)),
        presence=last_seen(MINUTE) if came_before else NOWHERE,
        seen_today=came_before,
        crowd=40,
    )


def situations() -> Iterator[tuple[set[Reason], Facts]]:
    """Every combination of what can be wrong at once."""
    for combination in product(*(row.items() for row in _TROUBLES)):
        chosen = {name: value for _, change in combination for name, value in change.items()}
        yield {reason for reason, _ in combination if reason is not None}, _situation(chosen)


def test_whatever_is_wrong_at_once_the_person_hears_what_stands_first_in_the_list_of_reasons() -> None:
    checked = 0
    for wrong, facts in situations():
        expected = min(wrong, key=ORDER.__getitem__, default=Reason.WELCOME)
        # Whoever counts as inside takes no new place: a full site is nothing to them.
        assert decide(facts).reason is expected, wrong
        checked += 1
    assert checked == 2 * 6 * 3 * 4 * 2 * 4 * 5 * 2


@contextmanager
def a_service(*rules: Reason) -> Iterator[Facts]:
    """The ordinary question at a service whose rules object with these reasons, in this order."""

    def always(reason: Reason) -> Any:  # noqa: ANN401 - a rule
        return lambda _facts: reason

    BY_CODE["trial"] = Service(
        "trial", Text(fr="Essai", en="Trial"), "trial", Subject.PERSON, tuple(always(r) for r in rules), 1
    )
    try:
        yield question(doorway=doorway("trial"))
    finally:
        del BY_CODE["trial"]


@given(st.lists(st.sampled_from(Reason), min_size=1, max_size=12))
def test_the_order_in_which_a_service_lists_its_rules_changes_nothing(objections: list[Reason]) -> None:
    with a_service(*objections) as facts:
        verdict = decide(facts)
    assert verdict.reason is min(objections, key=ORDER.__getitem__)
    assert verdict.outcome is REASONS[verdict.reason].outcome
    assert verdict.charges == ()


@pytest.mark.parametrize(
    ("first", "then"),
    [
        # 2.7: the medium comes before the pass, the pass before the place, the place before the right, ...
        (Reason.BAD_SIGNATURE, Reason.UNKNOWN_MEDIUM),
        (Reason.MEDIUM_LOST, Reason.PASS_SUSPENDED),
        (Reason.PASS_SUSPENDED, Reason.SITE_CLOSED),
        (Reason.SITE_CLOSED, Reason.NO_RIGHT),
        (Reason.RIGHT_EXPIRED, Reason.QUOTA_SPENT),
        (Reason.QUOTA_SPENT, Reason.SITE_FULL),
        (Reason.SITE_FULL, Reason.TICKET_NEEDED),
        # ... and what the house decided otherwise: a second tap is told as such, not as a spent quota (ADR 0005).
        (Reason.ALREADY_INSIDE, Reason.QUOTA_SPENT),
        (Reason.TOO_SOON, Reason.NO_RIGHT),
        (Reason.SAME_TRIP, Reason.QUOTA_SPENT),
        # A refusal that cannot be helped comes before one that money or an agent helps.
        (Reason.QUOTA_SPENT, Reason.CARNET_EMPTY),
        (Reason.TICKET_NEEDED, Reason.CHILD_WITH_ADULT),
    ],
)
def test_the_list_of_reasons_keeps_its_promises(first: Reason, then: Reason) -> None:
    assert ORDER[first] < ORDER[then]


@pytest.mark.parametrize(
    ("different", "outcome", "reason"),
    [
        ({"rights": ()}, Outcome.PAYMENT_REQUIRED, Reason.TICKET_NEEDED),
        ({"rights": (right(balance(10, 10)),)}, Outcome.PAYMENT_REQUIRED, Reason.CARNET_EMPTY),
        ({"medium": medium(born_on=date(2020, 1, 1))}, Outcome.MANUAL_CHECK, Reason.CHILD_WITH_ADULT),
        ({"medium": medium(born_on=date(2020, 1, 1)), "hours": ()}, Outcome.DENIED, Reason.SITE_CLOSED),
        ({"medium": medium(born_on=date(2020, 1, 1)), "rights": ()}, Outcome.PAYMENT_REQUIRED, Reason.TICKET_NEEDED),
    ],
)
def test_a_pool_sends_to_the_till_or_asks_the_agent_to_look(
    different: dict[str, Any], outcome: Outcome, reason: Reason
) -> None:
    """2.2 children and products; 2.7 outcomes."""
    verdict = decide(question(**different))
    assert (verdict.outcome, verdict.reason) == (outcome, reason)
    assert not verdict.opens


# --- what a decision is --------------------------------------------------------------------------


def test_the_same_facts_give_the_same_verdict_and_stay_as_they_were() -> None:
    for _, facts in situations():
        before = msgspec.msgpack.encode(facts)
        assert decide(facts) == decide(facts)
        assert msgspec.msgpack.encode(replace(facts)) == before  # without what was weighed on the way


def test_facts_cannot_be_changed_in_place() -> None:
    with pytest.raises(AttributeError):
        question().crowd = 3  # type: ignore[misc]


@given(
    used=st.integers(0, 60_000),
    amount=st.integers(1, 50_000),
    need=st.integers(1, 5_000),
)
def test_a_limit_is_never_passed_whatever_was_counted_before(used: int, amount: int, need: int) -> None:
    spent = balance(amount / ONE)
    held = right(replace(spent, used=used, limit=replace(spent.limit, amount=amount)))
    verdict = decide(question(rights=(held,), asked={Measure.VISIT: need}, doorway=doorway("waste-centre")))
    assert verdict.opens is (used + need <= amount)
    assert sum(charge.amount for charge in verdict.charges) == (need if verdict.opens else 0)
