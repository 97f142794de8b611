"""What a gate decides that can ask nobody: the same rules, then how far its site trusts it."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.access.decide import decide
from domain.access.facts import Direction, Evidence, Presence
from domain.access.offline import Outage, decide_offline, medium_of, right_of, site_of
from domain.access.reasons import Outcome, Reason
from domain.offline import Content, Fail, OfflinePolicy, OfflineSite
from domain.passes import MediumStatus
from domain.places import Passback
from domain.text import Text
from tests.facts import NOON, TODAY, ZONE, doorway, medium, question

MINUTE = timedelta(minutes=1)
POOL = doorway()


def outage(
    age: timedelta = MINUTE, *, covered: bool = True, sure: bool = True, entries: int = 0, **policy: object
) -> Outage:
    return Outage(OfflinePolicy(**policy), age, covered, sure, entries)  # type: ignore[arg-type]


def asked(**different: object):  # type: ignore[no-untyped-def]  # noqa: ANN201 - as `question`
    """The ordinary question as a gate without network has to ask it."""
    known = {
        "medium": medium_of(77, MediumStatus.ACTIVE, POOL),
        "rights": (right_of(POOL),),
        "crowd": None,
    }
    return question(**{**known, **different})


def test_a_good_pass_comes_in_by_a_fresh_bundle_as_it_would_online() -> None:
    verdict = decide_offline(asked(), outage())
    assert (verdict.outcome, verdict.reason, verdict.warnings) == (Outcome.GRANTED, Reason.WELCOME, ())


def test_a_site_that_fails_closed_lets_nobody_in_and_says_why() -> None:
    verdict = decide_offline(asked(), outage(fails=Fail.CLOSED))
    assert (verdict.outcome, verdict.reason) == (Outcome.DENIED, Reason.OFFLINE_CLOSED)
    assert not verdict.seen


def test_one_medium_is_let_in_as_often_as_the_site_allows() -> None:
    assert decide_offline(asked(), outage(entries=1)).reason is Reason.ALLOWANCE_SPENT
    assert decide_offline(asked(), replace(outage(entries=1), policy=OfflinePolicy(entries=2))).opens


@pytest.mark.parametrize(
    ("minutes", "assurance", "reason"),
    [
        (60, 1, Reason.WELCOME),
        (61, 1, Reason.BUNDLE_STALE),
        (24 * 60, 1, Reason.BUNDLE_STALE),
        (24 * 60 + 1, 1, Reason.PROOF_TOO_WEAK),
        (24 * 60 + 1, 2, Reason.BUNDLE_STALE),
        (72 * 60, 2, Reason.BUNDLE_STALE),
        (72 * 60 + 1, 3, Reason.BUNDLE_TOO_OLD),
    ],
)
def test_the_age_of_the_bundle_decides_how_much_it_is_worth(minutes: int, assurance: int, reason: Reason) -> None:
    """credentials.md 4: normal, marked stale, only what proves more than a picture, closed."""
    facts = asked(evidence=Evidence(medium_id=77, assurance=assurance))
    assert decide_offline(facts, outage(minutes * MINUTE)).reason is reason


def test_a_stale_passage_is_marked_beside_what_else_there_is_to_say() -> None:
    facts = asked(doorway=replace(POOL, site=replace(POOL.site, white_until=date(2027, 1, 1))))
    verdict = decide_offline(facts, outage(90 * MINUTE))
    assert verdict.reason is Reason.WHITE_PERIOD
    assert verdict.warnings == (Reason.WHITE_PERIOD, Reason.BUNDLE_STALE)


def test_a_clock_that_may_be_wrong_decides_nothing() -> None:
    verdict = decide_offline(asked(), outage(sure=False))
    assert (verdict.outcome, verdict.reason) == (Outcome.DENIED, Reason.CLOCK_UNSURE)
    stale = asked(evidence=Evidence(medium_id=77, flaw=Reason.CODE_EXPIRED))
    assert decide_offline(stale, outage(sure=False)).reason is Reason.CLOCK_UNSURE


def test_a_lost_card_is_told_as_such_whatever_the_network_does() -> None:
    facts = asked(medium=medium_of(77, MediumStatus.REVOKED, POOL))
    for state in (outage(sure=False), outage(fails=Fail.CLOSED), outage(timedelta(days=9))):
        assert decide_offline(facts, state).reason is Reason.MEDIUM_BLOCKED


def test_who_has_no_right_hears_that_and_not_that_the_site_fails_closed() -> None:
    facts = asked(rights=(), doorway=doorway("library"))
    assert decide_offline(facts, outage(fails=Fail.CLOSED)).reason is Reason.NO_RIGHT


def test_a_day_that_the_bundle_does_not_tell_of_is_not_taken_for_open() -> None:
    assert decide_offline(asked(), outage(covered=False)).reason is Reason.BUNDLE_TOO_OLD


@pytest.mark.parametrize("state", [outage(sure=False), outage(timedelta(days=9)), outage(fails=Fail.CLOSED)])
def test_nobody_is_kept_in(state: Outage) -> None:
    inside = Presence(zone_id=ZONE, since=NOON - timedelta(hours=1), version=1)
    verdict = decide_offline(asked(direction=Direction.EXIT, presence=inside, seen_today=True), state)
    assert (verdict.opens, verdict.reason) == (True, Reason.GOODBYE)


def test_a_second_reading_of_a_granted_passage_opens_though_the_allowance_is_spent() -> None:
    seen = Presence(ZONE, NOON - timedelta(seconds=1), 1, gate_id=POOL.gate.id, medium_id=77)
    verdict = decide_offline(asked(presence=seen, seen_today=True), outage(entries=1))
    assert verdict.reason is Reason.DOUBLE_READ


def test_a_second_tap_of_one_trip_takes_nothing_from_the_allowance() -> None:
    bus = doorway("transport", passback=Passback.SOFT, minutes=60)
    seen = Presence(ZONE, NOON - timedelta(minutes=9), 1, gate_id=UUID(int=99))
    facts = asked(doorway=bus, rights=(right_of(bus),), presence=seen, seen_today=True)
    verdict = decide_offline(facts, outage(entries=1))
    assert (verdict.opens, verdict.reason) == (True, Reason.SAME_TRIP)


def test_while_everybody_is_let_in_a_site_that_fails_closed_does_so_too() -> None:
    facts = asked(rights=(), doorway=replace(POOL, site=replace(POOL.site, white_until=date(2027, 1, 1))))
    assert decide_offline(facts, outage(fails=Fail.CLOSED, entries=0)).reason is Reason.WHITE_PERIOD


def test_where_nobody_counts_those_inside_nobody_is_turned_away_for_it() -> None:
    full = doorway(capacity=1)
    assert decide(asked(doorway=full, crowd=1)).reason is Reason.SITE_FULL
    assert decide_offline(asked(doorway=full), outage()).reason is Reason.WELCOME


def test_an_age_that_nobody_knows_keeps_no_adult_waiting() -> None:
    child = medium(born_on=date(2020, 1, 1))
    assert decide(asked(medium=child)).reason is Reason.CHILD_WITH_ADULT
    assert decide(asked()).reason is Reason.WELCOME


def test_a_supplement_that_nobody_can_know_of_is_not_asked_for() -> None:
    sauna = replace(POOL, zone=replace(POOL.zone, supplement_cents=500))
    assert decide_offline(asked(doorway=sauna, rights=(right_of(sauna),)), outage()).reason is Reason.WELCOME


@given(
    minutes=st.integers(0, 10_000),
    entries=st.integers(0, 3),
    fails=st.sampled_from(Fail),
    covered=st.booleans(),
    sure=st.booleans(),
    entitled=st.booleans(),
    status=st.sampled_from((MediumStatus.ACTIVE, MediumStatus.REVOKED, MediumStatus.SUSPENDED)),
    assurance=st.integers(0, 3),
    opened=st.booleans(),
)
def test_no_policy_opens_what_the_decision_keeps_shut(  # noqa: PLR0917 - what may differ
    minutes: int,
    entries: int,
    fails: Fail,
    covered: bool,  # noqa: FBT001 - drawn
    sure: bool,  # noqa: FBT001 - drawn
    entitled: bool,  # noqa: FBT001 - drawn
    status: MediumStatus,
    assurance: int,
    opened: bool,  # noqa: FBT001 - drawn
) -> None:
    facts = asked(
        rights=(right_of(POOL),) if entitled else (),
        medium=medium_of(77, status, POOL),
        evidence=Evidence(medium_id=77, assurance=assurance),
        hours=((0, 1440),) if opened else (),
    )
    state = outage(minutes * MINUTE, covered=covered, sure=sure, entries=entries, fails=fails)
    verdict, plain = decide_offline(facts, state), decide(facts)
    assert verdict.opens <= plain.opens
    if verdict.opens:
        assert (sure, covered, fails, entries) == (True, True, Fail.OPEN, 0)


def test_a_gate_is_found_with_its_zone_and_site() -> None:
    name = Text(fr="Essai", en="Trial")
    site = OfflineSite("site", name, OfflinePolicy(), (POOL.zone,), (POOL.gate,), {TODAY: None})  # type: ignore[dict-item]
    content = Content("ville", "pool", "Europe/Paris", (site,))
    found = site_of(content, "gate")
    assert found is not None
    assert found[1].site.id == POOL.site.id
    assert (found[1].authority_code, found[1].time_zone) == ("ville", "Europe/Paris")
    assert site_of(content, "elsewhere") is None
