"""One question, one verdict.

`decide` runs the rules of the service, picks the objection that comes first in `Reason`, and says what the ledger
has to write. It reads nothing, changes nothing and knows no clock.
"""

from uuid import UUID

from msgspec import Struct

from domain.access.facts import Direction, Facts, Right
from domain.access.reasons import RANK, REASONS, Outcome, Reason
from domain.access.rules import ALWAYS, Rule, authentic, has_room, warnings
from domain.services import BY_CODE

_OPENS = frozenset({Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING})


class Charge(Struct, frozen=True, gc=False):
    """Count `amount` thousandths against one limit of a right; `balance` is its place in the right's balances."""

    balance: int
    amount: int


class Verdict(Struct, frozen=True, gc=False):
    """What the gate answers and what follows from it.

    `charges` are empty unless `right` is spent. `seen` marks a passage that moves the pass's last state; `enters` adds
    one to the gate's zone, `leaves` takes one from the zone it names: going on to another zone does both.
    """

    outcome: Outcome
    reason: Reason
    warnings: tuple[Reason, ...] = ()
    right: Right | None = None
    charges: tuple[Charge, ...] = ()
    seen: bool = False
    enters: bool = False
    leaves: UUID | None = None

    @property
    def opens(self) -> bool:
        """Whether somebody goes through."""
        return self.outcome in _OPENS


def decide(facts: Facts) -> Verdict:
    """Judge one passage."""
    return _entry(facts) if facts.direction is Direction.ENTRY else _exit(facts)


def _entry(facts: Facts) -> Verdict:
    objection = _first_objection(ALWAYS, facts)
    if objection is not None:
        # Nothing is proved yet, so nothing of the person's rights is told.
        return Verdict(REASONS[objection].outcome, objection)
    objection = _first_objection(BY_CODE[facts.doorway.site.service_code].rules, facts)
    right = best_right(facts)
    if objection is None:
        return _granted(facts, right)
    if right is None:
        # Nothing can be spent: show at least what is used up.
        right = next((covering for covering in facts.rights if covering.covers(facts.day)), None)
    outcome = REASONS[objection].outcome
    # A second tap of one trip comes through here too: its outcome opens the door, and nothing is spent nor counted.
    return Verdict(outcome, objection, warnings=(objection,) if outcome in _OPENS else (), right=right)


def _first_objection(rules: tuple[Rule, ...], facts: Facts) -> Reason | None:
    """Let every rule look, and return the objection that comes first in `Reason`."""
    first: Reason | None = None
    for rule in rules:
        found = rule(facts)
        if found is not None and (first is None or RANK[found] < RANK[first]):
            first = found
    return first


def _granted(facts: Facts, right: Right | None) -> Verdict:
    charges = (
        tuple(
            Charge(place, need)
            for place, balance in enumerate(right.balances)
            if (need := facts.asked.get(balance.limit.unit, 0))
        )
        if right is not None
        else ()
    )
    heard = warnings(facts, right)
    return Verdict(
        Outcome.GRANTED_WITH_WARNING if heard else Outcome.GRANTED,
        heard[0] if heard else Reason.WELCOME,
        warnings=heard,
        right=right,
        charges=charges,
        seen=True,
        enters=not facts.inside_here,
        leaves=facts.zone_now if not facts.inside_here else None,
    )


def _exit(facts: Facts) -> Verdict:
    """Nobody is kept in: whoever shows a pass that we know goes out, whatever became of it meanwhile."""
    objection = authentic(facts)
    if objection is not None and not (objection is Reason.CODE_EXPIRED and facts.medium is not None):
        return Verdict(Outcome.DENIED, objection)
    if facts.zone_now is None:
        heard = Reason.EXIT_WITHOUT_ENTRY
        return Verdict(Outcome.GRANTED_WITH_WARNING, heard, warnings=(heard,))
    return Verdict(Outcome.GRANTED, Reason.GOODBYE, seen=True, leaves=facts.zone_now)


def best_right(facts: Facts) -> Right | None:
    """Return the right to spend: one without limits first, then the one that ends soonest, then the older one.

    The order is complete, so that two workers, or a gate and the server, never charge different rights.
    """
    usable = [right for right in facts.rights if right.covers(facts.day) and has_room(right, facts.asked)]
    if len(usable) > 1:
        return min(usable, key=lambda right: (bool(right.balances), right.valid_until, right.entitlement_id))
    return usable[0] if usable else None
