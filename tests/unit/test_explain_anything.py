"""Whatever the facts, an explanation ends in the verdict of `decide`, and nobody is recognised in it."""

from datetime import date, timedelta
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from domain.access.answer import compose
from domain.access.decide import decide
from domain.access.explain import explain
from domain.access.facts import NOWHERE, Direction, Evidence, Facts, Presence, Standing
from domain.access.reasons import Reason
from domain.circumstances import CircumstanceKind
from domain.conditions import Conditions
from domain.limits import ONE, Measure
from domain.passes import MediumStatus, PassStatus
from domain.periods import FOREVER
from domain.places import Passback
from domain.products import Grace
from domain.services import BY_CODE
from tests.facts import (
    MINUTE,
    NEIGHBOUR,
    OTHER_ZONE,
    TODAY,
    ZONE,
    balance,
    doorway,
    last_seen,
    medium,
    on_terms,
    question,
    right,
)
from tests.unit.test_explain import A_MONTH, BAND, ELSEWHERE, HERE, IN_TIME, LATE, RESIDENTS

MEDIA = st.builds(
    medium,
    st.sampled_from(MediumStatus),
    pass_status=st.sampled_from(PassStatus),
    valid_from=st.sampled_from([date(2026, 1, 1), TODAY + timedelta(days=1)]),
    valid_until=st.sampled_from([TODAY, date(2031, 1, 1)]),
    authority_id=st.sampled_from([UUID(int=1), NEIGHBOUR]),
    born_on=st.sampled_from([date(1980, 5, 17), date(2020, 1, 1)]),
)
RIGHTS = st.lists(
    st.builds(
        right,
        st.builds(balance, st.integers(1, 3), st.integers(0, 4), unit=st.sampled_from(Measure)),
        number=st.integers(30, 40),
        valid_from=st.sampled_from([date(2026, 1, 1), TODAY + timedelta(days=1)]),
        valid_until=st.sampled_from([TODAY, date(2027, 1, 1)]),
    )
    | st.builds(right, number=st.integers(41, 50)),
    max_size=3,
).map(tuple)
PRESENCES: st.SearchStrategy[Presence] = st.just(NOWHERE) | st.builds(
    last_seen, st.integers(0, 600).map(lambda minutes: minutes * MINUTE), zone=st.sampled_from([ZONE, OTHER_ZONE, None])
)


@st.composite
def many_facts(draw: st.DrawFn) -> Facts:
    return question(
        doorway=doorway(
            draw(st.sampled_from(sorted(BY_CODE))),
            capacity=draw(st.sampled_from([None, 5])),
            passback=draw(st.sampled_from(Passback)),
            minutes=60,
        ),
        direction=draw(st.sampled_from(Direction)),
        evidence=draw(
            st.just(Evidence(77, 1, None, "ville"))
            | st.builds(
                Evidence,
                st.sampled_from([77, None]),
                flaw=st.sampled_from([None, "code_expired", "bad_signature"]),
                issuer=st.sampled_from([None, "ville", "voisine"]),
            )
        ),
        medium=draw(st.just(medium()) | MEDIA | st.none()),
        hours=draw(st.sampled_from([((0, 1440),), (), ((540, 700),)])),
        rights=draw(RIGHTS),
        presence=draw(PRESENCES),
        seen_today=draw(st.booleans()),
        crowd=draw(st.integers(0, 6)),
        asked=draw(st.sampled_from([{Measure.VISIT: ONE}, {Measure.VISIT: ONE, Measure.M3: 500}])),
    )


@given(many_facts())
def test_whatever_the_facts_the_explanation_ends_in_the_verdict_of_decide(facts: Facts) -> None:
    found, verdict = explain(facts), decide(facts)
    assert found.verdict == verdict
    objecting = {step.rule: step.reason for step in found.steps if step.reason is not None}
    if found.decisive is not None:
        assert objecting[found.decisive] is verdict.reason
        assert min(objecting.values(), key=list(Reason).index) is verdict.reason
    elif facts.direction is Direction.ENTRY:
        assert objecting == {}
        assert verdict.opens
    assert (found.right is None) is (verdict.right is None or not verdict.seen)
    assert len(found.spent) == len(verdict.charges)


@given(many_facts())
def test_nobody_is_recognised_in_an_explanation(facts: Facts) -> None:
    found = explain(facts)
    said = msgspec.json.encode((found.steps, found.why, found.right, found.spent)).decode()
    assert "{" + "below_age" not in said
    if facts.medium is not None:
        born_on = facts.medium.born_on
        telling = (str(facts.medium.pass_id), born_on.isoformat(), f"{born_on:%d/%m/%Y}", '"77"')
        assert not any(word in said for word in telling)


@given(
    conditions=st.sampled_from([RESIDENTS, BAND, Conditions(statuses=("disability",)), Conditions(age_from=18)]),
    standings=st.lists(
        st.sampled_from([HERE, ELSEWHERE, IN_TIME, LATE, Standing(CircumstanceKind.STATUS, "disability", FOREVER)])
    ),
    grace=st.sampled_from([None, A_MONTH]),
)
def test_no_explanation_tells_where_somebody_lives_what_they_earn_or_what_they_are(
    conditions: Conditions, standings: list[Standing], grace: Grace | None
) -> None:
    facts = question(rights=(on_terms(right(), *standings, conditions=conditions, grace=grace),))
    found = explain(facts)
    told = msgspec.json.encode(
        (found.steps, found.why, found.right, found.spent, compose(facts, found.verdict))
    ).decode()
    for secret in ("59350", "59009", "75056", "QF2", "disability", "1980", "17/05", "05-17"):
        assert secret not in told
