"""Why the gate would say so: every rule with its finding and what it looked at, then the verdict of `decide` itself.

Nothing here decides. The rules are the same functions in the same order, the verdict is `decide(facts)`; this module
only runs them one by one and puts words beside them. It is for agents, never on a gate's path, and it says nothing of
who somebody is: a birthday becomes "younger than eight: no".
"""

from datetime import date
from enum import StrEnum
from inspect import getclosurevars

from msgspec import Struct

from domain.access.decide import Verdict, decide
from domain.access.facts import Direction, Facts, Right
from domain.access.facts_in_words import shown
from domain.access.reasons import RANK, REASONS, Reason
from domain.access.rule_words import SAY, WORDS, Fact, fill, name_of
from domain.access.rules import ALWAYS, Rule, authentic
from domain.limits import ONE, Measure
from domain.services import BY_CODE
from domain.text import Text

_ABOVE_RULES = frozenset({Reason.DOUBLE_READ, Reason.WHITE_PERIOD, Reason.OVERRIDDEN})
"""What opens the gate whatever the rules find."""


class Finding(StrEnum):
    """What became of a rule. One that is `not_asked` has no say: the pass is not recognised, or somebody leaves."""

    FINE = "fine"
    OBJECTS = "objects"
    NOT_ASKED = "not_asked"


class Looked(Struct, frozen=True, rename="camel"):
    """One fact in words. Several rights or counters are several facts of one name."""

    fact: Fact
    label: Text
    value: Text


class Step(Struct, frozen=True, rename="camel"):
    """One rule: what it asks, what it found, what it looked at. `reason` is there where it objects."""

    rule: str
    asks: Text
    finding: Finding
    reason: Reason | None
    facts: tuple[Looked, ...]


class Spent(Struct, frozen=True, rename="camel"):
    """What the passage would count against one limit, in whole units. Its window ends before `until`."""

    unit: Measure
    amount: float
    until: date


class Explanation(Struct, frozen=True):
    """Every rule in order, the verdict, and why this one.

    `decisive` names the rule whose objection is the verdict; None where no objection is. `right` is the code of the
    product that is used, `spent` what is counted against its limits: nothing where it has none.
    """

    steps: tuple[Step, ...]
    verdict: Verdict
    decisive: str | None
    why: Text
    right: str | None
    spent: tuple[Spent, ...]


def explain(facts: Facts) -> Explanation:
    """Run the rules one by one and say what each found; the verdict is `decide`'s own."""
    verdict = decide(facts)
    service = BY_CODE[facts.doorway.site.service_code]
    asked = service.deposit_rules if facts.direction is Direction.DEPOSIT else service.rules
    if facts.direction is not Direction.EXIT:
        proved = all(rule(facts) is None for rule in ALWAYS)
        steps = (*(_step(rule, facts) for rule in ALWAYS), *(_step(rule, facts, asked=proved) for rule in asked))
    else:
        proved = True
        steps = tuple(_step(rule, facts, asked=rule is authentic) for rule in (*ALWAYS, *asked))
    objecting = sorted(
        ((step.reason, step.rule) for step in steps if step.reason is not None), key=lambda one: RANK[one[0]]
    )
    decisive = next((rule for reason, rule in objecting if reason is verdict.reason), None)
    used = verdict.right if verdict.seen else None
    return Explanation(
        steps=steps,
        verdict=verdict,
        decisive=decisive,
        why=REASONS[verdict.reason].next_step
        if verdict.reason in _ABOVE_RULES
        else _why(objecting, leaves=facts.direction is Direction.EXIT and decisive is None, proved=proved),
        right=used.product.code if used is not None else None,
        spent=_spent(used, verdict) if used is not None else (),
    )


def _step(rule: Rule, facts: Facts, *, asked: bool = True) -> Step:
    name = name_of(rule)
    words = WORDS.rules[name]
    # A rule that a function made keeps its arguments in its closure: its sentence names them.
    given = getclosurevars(rule).nonlocals
    asks = fill(words.asks, **given)
    if not asked:
        return Step(name, asks, Finding.NOT_ASKED, None, ())
    reason = rule(facts)
    looked = tuple(
        Looked(fact, fill(WORDS.facts[fact], **given), value)
        for fact in words.looks_at
        for value in shown(fact, facts, given)
    )
    return Step(name, asks, Finding.FINE if reason is None else Finding.OBJECTS, reason, looked)


def _why(objecting: list[tuple[Reason, str]], *, leaves: bool, proved: bool) -> Text:
    if leaves:
        return SAY.nobody_kept_in
    if not objecting:
        return SAY.all_fine
    (reason, rule), *others = objecting
    if others:
        behind = ", ".join(dict.fromkeys(other for other, _ in others))
        said = fill(SAY.first_wins, count=len(objecting), rule=rule, reason=reason, behind=behind)
    else:
        said = fill(SAY.one_objects, rule=rule, reason=reason)
    return said if proved else Text(f"{said.fr} {SAY.unproved.fr}", f"{said.en} {SAY.unproved.en}")


def _spent(right: Right, verdict: Verdict) -> tuple[Spent, ...]:
    return tuple(
        Spent(unit=balance.limit.unit, amount=charge.amount / ONE, until=balance.ends_before)
        for charge in verdict.charges
        for balance in (right.balances[charge.balance],)
    )
