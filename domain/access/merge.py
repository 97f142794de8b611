"""What a terminal decided alone, merged afterwards: facts in, what to write out. Pure, like `decide`.

Whoever was let in was let in. Nothing here turns that into a refusal: what was used is counted, beyond the quota too,
and what the server would have objected to becomes a flag for an agent to look at. Whether a passage counts is the
terminal's word; which right pays for it, and how much, is found by the same rules as at a gate with network. So the
same passages count the same in whatever order they arrive; only which of several surplus visits bears the flag
depends on it.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from domain.access.decide import EXCUSED, GENUINE, OPENS, Verdict, decide
from domain.access.facts import NOWHERE, Charge, Direction, Facts, Right
from domain.access.prospects import CONDITIONS, QUOTA, attends, best, wanted
from domain.access.reasons import Outcome, Reason
from domain.access.rules import ALWAYS, Rule, authentic
from domain.places import Passback
from domain.services import BY_CODE

TOLERANCE = timedelta(minutes=2)
"""How far a terminal's clock may be from the server's before its times are corrected and marked."""

OLDEST = timedelta(days=31)
"""No site lets a terminal decide by a bundle of weeks ago: what claims to be older has an unset clock."""


class Flag(StrEnum):
    """What an agent should look at. A closed list, in the order in which it is told."""

    OVER_QUOTA = "over_quota"
    REVOKED_AT_THE_TIME = "revoked_at_the_time"
    NOT_ENTITLED = "not_entitled"
    PASSBACK = "passback"
    REPLAY_SUSPECT = "replay_suspect"
    STALE_BUNDLE = "stale_bundle"
    CLOCK_SUSPECT = "clock_suspect"


class Said(Struct, frozen=True, gc=False):
    """What the terminal told the person, and what is known of the means by which it decided."""

    outcome: Outcome
    reason: Reason
    stale_bundle: bool = False
    clock_suspect: bool = False

    @property
    def opened(self) -> bool:
        """Whether somebody went through."""
        return self.outcome in OPENS


class Merged(Struct, frozen=True, gc=False):
    """What is written of a fact. `verdict` bears the terminal's answer, `judged` is what the server would have said."""

    verdict: Verdict
    flags: tuple[Flag, ...]
    judged: Verdict


_COUNTS_NOTHING = frozenset({Reason.DOUBLE_READ, Reason.SAME_TRIP})
"""Grants of a terminal that are no second passage."""

_REVOKED = frozenset(
    {
        Reason.WITHDRAWN_KEY,
        Reason.MEDIUM_LOST,
        Reason.MEDIUM_BLOCKED,
        Reason.MEDIUM_SUSPENDED,
        Reason.MEDIUM_REPLACED,
        Reason.MEDIUM_NOT_ACTIVE,
        Reason.CODE_EXPIRED,
        Reason.PASS_ENDED,
        Reason.PASS_SUSPENDED,
    }
)
_NOT_ENTITLED = CONDITIONS | {
    Reason.UNREADABLE,
    Reason.UNKNOWN_TYPE,
    Reason.UNKNOWN_KEY,
    Reason.BAD_SIGNATURE,
    Reason.OTHER_AUTHORITY,
    Reason.UNKNOWN_MEDIUM,
    Reason.CARD_TOO_LATE,
    Reason.OTHER_SERVICE,
    Reason.PROOF_TOO_WEAK,
    Reason.PASS_NOT_STARTED,
    Reason.SERVICE_SUSPENDED,
    Reason.NO_RIGHT,
    Reason.TICKET_NEEDED,
    Reason.RIGHT_EXPIRED,
    Reason.RIGHT_NOT_STARTED,
}
_FLAGS: dict[Reason, Flag] = {
    Reason.QUOTA_SPENT: Flag.OVER_QUOTA,
    Reason.CARNET_EMPTY: Flag.OVER_QUOTA,
    Reason.CODE_STALE: Flag.REPLAY_SUSPECT,
    **dict.fromkeys(_REVOKED, Flag.REVOKED_AT_THE_TIME),
    **dict.fromkeys(_NOT_ENTITLED, Flag.NOT_ENTITLED),
}
"""Objections that raise a flag. Anti-passback and replays are compared here instead: facts arrive in any order."""


def happened_at(terminal_time: datetime, *, drift: timedelta, now: datetime) -> tuple[datetime, bool]:
    """Return when a passage took place, and whether the terminal's clock is suspect.

    `drift` is the server's time less the terminal's, as it sends. Server time wins, and nothing happens in the future.
    """
    suspect = abs(drift) > TOLERANCE
    at = terminal_time + drift if suspect else terminal_time
    return min(at, now), suspect or at - now > TOLERANCE


def merge(facts: Facts, said: Said) -> Merged:
    """Say what is written of a passage that a terminal settled: `facts` are those of the passage's own time."""
    late = overtaken(facts)
    # What was seen of the pass later says nothing of that moment.
    judged = decide(replace(facts, presence=NOWHERE, seen_today=False) if late else facts)
    flags = {Flag.CLOCK_SUSPECT} if said.clock_suspect else set()
    if not said.opened:
        return Merged(Verdict(said.outcome, said.reason), tuple(flags), judged)
    if said.stale_bundle:
        flags.add(Flag.STALE_BUNDLE)
    flags |= _objected(facts, said)
    verdict = _passed(facts, said, judged, late=late) if _genuine(facts) else Verdict(said.outcome, said.reason)
    return Merged(verdict, tuple(flag for flag in Flag if flag in flags), judged)


def overtaken(facts: Facts) -> bool:
    """Tell whether something later is known of the pass here: then this passage moves nothing.

    Of an entry and an exit at one instant the exit is the later, whichever arrives first.
    """
    since = facts.presence.since
    if since is None:
        return False
    return since >= facts.at if facts.direction is Direction.ENTRY else since > facts.at


def _genuine(facts: Facts) -> bool:
    """Tell whether the medium itself was there: what was forged spends nobody's rights."""
    objection = authentic(facts)
    return facts.medium is not None and (objection is None or objection in GENUINE)


def _passed(facts: Facts, said: Said, judged: Verdict, *, late: bool) -> Verdict:
    if said.reason in _COUNTS_NOTHING:
        return Verdict(said.outcome, said.reason)
    right, charges, billed_cents = _spent(facts, said, judged, late=late)
    entering = facts.direction is Direction.ENTRY
    stands = late or (entering and facts.inside_here)
    return Verdict(
        said.outcome,
        said.reason,
        right=right,
        charges=charges,
        seen=facts.direction is not Direction.DEPOSIT,
        enters=facts.persons if entering and not stands else 0,
        leaves=None if stands or facts.direction is Direction.DEPOSIT else facts.zone_now,
        attends=attends(facts),
        billed_cents=billed_cents,
        # Nobody asks for a supplement offline: one that is due stays due at the next entry.
        newcomers=facts.newcomers if entering and not facts.inside_here and _counts_the_day(facts) else 0,
    )


def _counts_the_day(facts: Facts) -> bool:
    return facts.doorway.zone.daily_capacity is not None


def _spent(facts: Facts, said: Said, judged: Verdict, *, late: bool) -> tuple[Right | None, tuple[Charge, ...], int]:
    """Return the right that pays, what it pays, and the cents to be billed: none of what lies beyond the last limit."""
    if facts.direction is Direction.EXIT:
        # A stay is charged when it ends, if one knows when it began.
        return (None, (), 0) if late else (judged.right, judged.charges, 0)
    prospect = best(facts)
    if prospect is None or _white(facts):
        return None, (), 0
    if prospect.objection in {None, Reason.PAYMENT_DUE}:
        return prospect.right, prospect.charges, prospect.billed_cents
    if prospect.objection in QUOTA and said.reason is not Reason.OVERRIDDEN:
        return prospect.right, wanted(prospect.right, facts), 0
    return None, (), 0


def _white(facts: Facts) -> bool:
    white_until = facts.doorway.site.white_until
    return facts.direction is Direction.ENTRY and white_until is not None and facts.day < white_until


def _objected(facts: Facts, said: Said) -> set[Flag]:
    """Let every rule look, and flag what each objects to: one passage may have several."""
    excused = EXCUSED if _white(facts) else frozenset()
    # A second reading spends nothing: what is left of a right is not asked.
    again = said.reason in _COUNTS_NOTHING
    found = {rule(facts) for rule in (ALWAYS if again else _rules(facts))} - excused
    flags = {_FLAGS[reason] for reason in found if reason in _FLAGS}
    if again:
        return flags
    if _shown_before(facts):
        flags.add(Flag.REPLAY_SUSPECT)
    if _twice(facts):
        flags.add(Flag.PASSBACK)
    return flags


def _rules(facts: Facts) -> tuple[Rule, ...]:
    service = BY_CODE[facts.doorway.site.service_code]
    if facts.direction is Direction.ENTRY:
        return (*ALWAYS, *service.rules)
    # Nobody is kept in: going out, only what proves nothing is of interest.
    return (*ALWAYS, *service.deposit_rules) if facts.direction is Direction.DEPOSIT else (authentic,)


def _shown_before(facts: Facts) -> bool:
    """Tell whether a gate has opened for this very showing. A smaller mark only arrives late."""
    mark, last = facts.evidence.mark, facts.last_use
    return mark is not None and last is not None and mark == last.mark and last.spent and not facts.read_twice


def _twice(facts: Facts) -> bool:
    """Tell whether the pass has entered this zone twice, whichever arrived first, with no exit known between."""
    zone, since = facts.doorway.zone, facts.presence.since
    entering = facts.direction is Direction.ENTRY
    if not entering or since is None or zone.passback is Passback.NONE or facts.presence.zone_id != zone.id:
        return False
    if zone.passback is Passback.HARD:
        return facts.seen_today
    return abs(facts.at - since) < timedelta(minutes=zone.passback_minutes)
