"""One question, one verdict: precedence, which right is spent, what follows, and what never happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.access.answer import compose, encode
from domain.access.decide import decide
from domain.access.facts import NOWHERE, Charge, Direction, Evidence, Facts, Presence, Right
from domain.access.prospects import best
from domain.access.reasons import COLOURS, REASONS, Outcome, Reason
from domain.limits import ONE, Measure, Window
from domain.offline_policy import OfflinePolicy
from domain.passes import MediumStatus, PassStatus
from domain.people import Subject
from domain.places import Passback
from domain.services import BY_CODE, SERVICES, Service
from domain.text import Text
from tests.facts import NEIGHBOUR, NOON, OTHER_ZONE, TODAY, ZONE, balance, doorway, last_seen, medium, question, right

OPENS = {Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING}
ORDER = {reason: place for place, reason in enumerate(Reason)}
MINUTE = timedelta(minutes=1)


def best_right(facts: Facts) -> Right | None:
    """The right that would be spent."""
    prospect = best(facts)
    return prospect.right if prospect is not None and prospect.objection is None else None


def leaving(**different: object) -> Facts:
    return question(direction=Direction.EXIT, **different)


INSIDE: dict[str, Any] = {"presence": last_seen(MINUTE), "seen_today": True}


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

    name, said = Text(fr="Essai", en="Trial"), tuple(always(reason) for reason in rules)
    BY_CODE["trial"] = Service("trial", name, "trial", Subject.PERSON, said, 1, OfflinePolicy())
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


# --- what is spent -------------------------------------------------------------------------------


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


# --- going out -----------------------------------------------------------------------------------


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


def test_every_reason_has_words_in_both_languages_that_fit_a_terminal() -> None:
    for reason in Reason:
        meaning = REASONS[reason]
        for text in (meaning.short, meaning.next_step):
            assert text.fr.strip()
            assert text.en.strip()
        assert len(meaning.short.fr) <= 20, reason
        assert len(meaning.short.en) <= 20, reason


def test_an_answer_that_opens_is_green_or_orange_and_no_other_is_green() -> None:
    for outcome in Outcome:
        assert (COLOURS[outcome] in {"green", "orange"}) >= (outcome in OPENS)
        assert (COLOURS[outcome] == "green") is (outcome is Outcome.GRANTED)


def test_the_bytes_of_an_answer_follow_from_the_question_alone() -> None:
    facts = question(rights=(right(balance(24, 3)),))
    assert encode(compose(facts, decide(facts))) == encode(compose(facts, decide(facts)))
    assert msgspec.json.decode(encode(compose(facts, decide(facts)))) == {
        "outcome": "granted",
        "reason": "welcome",
        "colour": "green",
        "text": {"fr": "Bonne visite", "en": "Welcome"},
        "nextStep": {"fr": "Entrez, tout est en ordre.", "en": "Come in, everything is in order."},
        "direction": "entry",
        "decidedAt": NOON.isoformat().replace("+00:00", "Z"),
        "remaining": [{"product": "p30", "unit": "visit", "left": 20, "of": 24, "until": "2027-01-01"}],
        "passValidUntil": "2031-01-01",
    }


def test_a_right_overspent_offline_shows_nothing_left_never_less() -> None:
    facts = question(rights=(right(balance(10, 12)),), doorway=doorway("waste-centre"))
    assert compose(facts, decide(facts)).remaining[0].left == 0
    assert decide(facts).reason is Reason.QUOTA_SPENT


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.code)
def test_every_service_asks_whether_it_is_open(service: Service) -> None:
    assert decide(question(doorway=doorway(service.code), hours=())).reason is Reason.SITE_CLOSED


def test_no_two_services_share_a_code() -> None:
    assert len(BY_CODE) == len(SERVICES)


def test_a_passage_stays_identified_for_the_days_of_its_service() -> None:
    """3.2 retention: 48 hours for transport, three months elsewhere."""
    days = {service.code: (service.keep_until(TODAY) - TODAY).days for service in SERVICES}
    assert days["transport"] == 2
    assert all(days[code] <= 92 for code in days)


def test_a_pass_id_never_reaches_the_terminal() -> None:
    facts = question(rights=(right(balance(24, 3)),))
    said = encode(compose(facts, decide(facts)))
    assert str(UUID(int=20)).encode() not in said
    assert b"1980" not in said
