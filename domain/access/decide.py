"""One question, one verdict.

`decide` runs the rules of the service, picks the objection that comes first in `Reason`, and says what the ledger
has to write. It reads nothing, changes nothing and knows no clock.
"""

from datetime import timedelta
from uuid import UUID

from msgspec import Struct

from domain.access.facts import Charge, Direction, Facts, Prospect, Right
from domain.access.prospects import CONDITIONS, LIFE, QUOTA, attends, best
from domain.access.reasons import RANK, REASONS, Outcome, Reason
from domain.access.rules import ALWAYS, Rule, authentic, proved_enough, warnings
from domain.limits import ONE, Measure
from domain.products import Attendance
from domain.services import BY_CODE

OPENS = frozenset({Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING})

EXCUSED = LIFE | CONDITIONS | QUOTA | {Reason.NO_RIGHT, Reason.TICKET_NEEDED, Reason.CARNET_EMPTY, Reason.PAYMENT_DUE}
"""What a white period looks over: everything that hangs on rights, nothing that hangs on the place."""

GENUINE = frozenset({Reason.CODE_EXPIRED, Reason.CODE_STALE})
"""Objections to a code whose signature holds: somebody who is inside goes out with it."""

_OVERRIDABLE = frozenset(reason for reason, meaning in REASONS.items() if meaning.overridable)

_WEAK = frozenset({Reason.PROOF_TOO_WEAK})

_MINUTE = timedelta(minutes=1)


class Verdict(Struct, frozen=True, gc=False):
    """What the gate answers and what follows from it.

    `charges` are empty unless `right` is spent; `due_cents` are paid at the gate, `billed_cents` later. `seen` marks a
    passage that moves the pass's last state; `enters` adds so many persons to the gate's zone, counted as `attends`,
    `leaves` takes those of the last entry from the zone it names: going on to another zone does both. `newcomers` count
    for the zone's maximum of the day, and for `pays_for` persons its supplement is paid.
    """

    outcome: Outcome
    reason: Reason
    warnings: tuple[Reason, ...] = ()
    right: Right | None = None
    charges: tuple[Charge, ...] = ()
    seen: bool = False
    enters: int = 0
    leaves: UUID | None = None
    attends: Attendance = Attendance.USERS
    due_cents: int = 0
    billed_cents: int = 0
    newcomers: int = 0
    pays_for: int = 0

    @property
    def opens(self) -> bool:
        """Whether somebody goes through."""
        return self.outcome in OPENS


def decide(facts: Facts) -> Verdict:
    """Judge one passage."""
    if facts.direction is Direction.ENTRY:
        return _entry(facts)
    return _exit(facts) if facts.direction is Direction.EXIT else _deposit(facts)


def overridable(facts: Facts, reason: Reason) -> bool:
    """Tell whether an agent may let the person in against this reason.

    A weak proof is one where the service's file says so, and where it names a medium: what proves nothing is no proof.
    """
    if reason is Reason.PROOF_TOO_WEAK:
        known = facts.medium is not None and facts.evidence.flaw is None
        return known and BY_CODE[facts.doorway.site.service_code].weak_proof_overridable
    return reason in _OVERRIDABLE


def _entry(facts: Facts) -> Verdict:
    lifted = _WEAK if facts.override and overridable(facts, Reason.PROOF_TOO_WEAK) else frozenset()
    objection = _first_objection(ALWAYS, facts, but=lifted)
    if objection is not None:
        # Nothing is proved yet, so nothing of the person's rights is told.
        return Verdict(REASONS[objection].outcome, objection)
    if facts.read_twice:
        return Verdict(Outcome.GRANTED, Reason.DOUBLE_READ, right=_remembered(facts))
    rules = BY_CODE[facts.doorway.site.service_code].rules
    prospect = best(facts)
    if _in_white_period(facts):
        objection = _first_objection(rules, facts, but=EXCUSED)
        return _let_in(facts, Reason.WHITE_PERIOD) if objection is None else _refused(objection, prospect)
    objection = _first_objection(rules, facts)
    if objection is None:
        too_weak = lifted and proved_enough(facts) is not None
        return _let_in(facts, Reason.OVERRIDDEN, prospect) if too_weak else _granted(facts, prospect)
    if facts.override:
        # What may be overridden hides what may not: a full pool is full for whoever has no right, too.
        objection = _first_objection(rules, facts, but=_OVERRIDABLE)
        if objection is None:
            return _let_in(facts, Reason.OVERRIDDEN, prospect)
    return _refused(objection, prospect)


def _in_white_period(facts: Facts) -> bool:
    """Tell whether the barrier is so new that everybody comes in, and nothing is counted."""
    white_until = facts.doorway.site.white_until
    return white_until is not None and facts.day < white_until


def _refused(objection: Reason, prospect: Prospect | None) -> Verdict:
    """Refuse, showing what is left of the right that came nearest.

    A second tap of one trip comes through here too: its outcome opens the door, and nothing is spent nor counted.
    """
    outcome = REASONS[objection].outcome
    shown = prospect if prospect is not None and prospect.objection not in LIFE else None
    return Verdict(
        outcome,
        objection,
        warnings=(objection,) if outcome in OPENS else (),
        right=shown.right if shown is not None else None,
        due_cents=shown.due_cents if shown is not None and objection is Reason.PAYMENT_DUE else 0,
    )


def _first_objection(rules: tuple[Rule, ...], facts: Facts, *, but: frozenset[Reason] = frozenset()) -> Reason | None:
    """Let every rule look, and return the objection that comes first in `Reason`, leaving out what is excused."""
    first: Reason | None = None
    for rule in rules:
        found = rule(facts)
        if found is not None and (first is None or RANK[found] < RANK[first]) and found not in but:
            first = found
    return first


def _granted(facts: Facts, prospect: Prospect | None) -> Verdict:
    heard = warnings(facts, prospect)
    inside = facts.inside_here
    return Verdict(
        Outcome.GRANTED_WITH_WARNING if heard else Outcome.GRANTED,
        heard[0] if heard else Reason.WELCOME,
        warnings=heard,
        right=prospect.right if prospect is not None else None,
        charges=prospect.charges if prospect is not None else (),
        seen=True,
        enters=0 if inside else facts.persons,
        leaves=None if inside else facts.zone_now,
        attends=attends(facts),
        due_cents=prospect.due_cents if prospect is not None else 0,
        billed_cents=prospect.billed_cents if prospect is not None else 0,
        newcomers=0 if facts.doorway.zone.daily_capacity is None else facts.newcomers,
        pays_for=prospect.pays_for if prospect is not None else 0,
    )


def _let_in(facts: Facts, heard: Reason, prospect: Prospect | None = None) -> Verdict:
    """Let somebody in whatever the rules said; what an unhindered right can pay for is counted all the same."""
    spendable = prospect if prospect is not None and prospect.objection is None else None
    inside = facts.inside_here
    return Verdict(
        Outcome.GRANTED_WITH_WARNING,
        heard,
        warnings=(heard,),
        right=spendable.right if spendable is not None else None,
        charges=spendable.charges if spendable is not None else (),
        seen=True,
        enters=0 if inside else facts.persons,
        leaves=None if inside else facts.zone_now,
        attends=attends(facts),
        billed_cents=spendable.billed_cents if spendable is not None else 0,
        newcomers=0 if facts.doorway.zone.daily_capacity is None else facts.newcomers,
        pays_for=spendable.pays_for if spendable is not None else 0,
    )


def _exit(facts: Facts) -> Verdict:
    """Nobody is kept in: whoever shows a pass that we know goes out, whatever became of it meanwhile."""
    objection = authentic(facts)
    if objection is not None and not (objection in GENUINE and facts.medium is not None):
        return Verdict(Outcome.DENIED, objection)
    if facts.read_twice:
        return Verdict(Outcome.GRANTED, Reason.DOUBLE_READ)
    if facts.zone_now is None:
        heard = Reason.EXIT_WITHOUT_ENTRY
        return Verdict(Outcome.GRANTED_WITH_WARNING, heard, warnings=(heard,))
    right, charges, overrun = _stay(facts)
    return Verdict(
        Outcome.GRANTED_WITH_WARNING if overrun else Outcome.GRANTED,
        Reason.TIME_OVERRUN if overrun else Reason.GOODBYE,
        warnings=(Reason.TIME_OVERRUN,) if overrun else (),
        right=right,
        charges=charges,
        seen=True,
        leaves=facts.zone_now,
    )


def _stay(facts: Facts) -> tuple[Right | None, tuple[Charge, ...], bool]:
    """Charge the begun minutes since the entry against the credit of time it was made on, as far as it goes."""
    right, came_at = _remembered(facts), facts.presence.came_at
    if right is None or came_at is None:
        return None, (), False
    minutes = -((came_at - facts.at) // _MINUTE) - right.product.terms.entry_minutes
    need = max(0, minutes) * ONE
    counting = [
        (place, balance) for place, balance in enumerate(right.balances) if balance.limit.unit is Measure.MINUTE
    ]
    if not counting or not need:
        return None, (), False
    left = min(max(0, balance.limit.amount - balance.used) for _, balance in counting)
    spent = min(need, left)
    return right, tuple(Charge(place, spent) for place, _ in counting) if spent else (), need > left


def _remembered(facts: Facts) -> Right | None:
    """Return the right on which the pass came in, if it is still there."""
    entitlement_id = facts.presence.entitlement_id
    return next((right for right in facts.rights if right.entitlement_id == entitlement_id), None)


def _deposit(facts: Facts) -> Verdict:
    """Judge what somebody hands over after the entry: it is counted by kind, and moves nobody."""
    objection = _first_objection(ALWAYS, facts)
    if objection is not None:
        return Verdict(REASONS[objection].outcome, objection)
    rules = BY_CODE[facts.doorway.site.service_code].deposit_rules
    prospect = best(facts)
    if _in_white_period(facts):
        objection = _first_objection(rules, facts, but=EXCUSED)
        return _uncounted(Reason.WHITE_PERIOD) if objection is None else _refused(objection, prospect)
    objection = _first_objection(rules, facts, but=_OVERRIDABLE if facts.override else frozenset())
    if objection is not None:
        return _refused(objection, prospect)
    if prospect is None or prospect.objection is not None:
        return _uncounted(Reason.OVERRIDDEN)
    warned = warnings(facts, prospect)
    return Verdict(
        Outcome.GRANTED_WITH_WARNING if warned else Outcome.GRANTED,
        warned[0] if warned else Reason.DEPOSITED,
        warnings=warned,
        right=prospect.right,
        charges=prospect.charges,
        due_cents=prospect.due_cents,
        billed_cents=prospect.billed_cents,
    )


def _uncounted(heard: Reason) -> Verdict:
    """Take what is handed over, and count it on no right."""
    return Verdict(Outcome.GRANTED_WITH_WARNING, heard, warnings=(heard,))
