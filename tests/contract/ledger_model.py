"""The ledger as plain dictionaries: what should be answered, counted and moved, one passage after another."""

from datetime import timedelta
from uuid import UUID

from msgspec import Struct, field

from domain.access.facts import Direction
from domain.limits import ONE
from domain.passes import MediumStatus, PassStatus
from domain.products import Attendance
from store.ledger import Scan
from store.ledger.scan import Passed
from tests.contract.ledger_books import OPENS, PARIS
from tests.contract.ledger_model_rights import FURTHEST, AtTheDoor, Prospect
from tests.contract.ledger_model_state import Been, Seen, State
from tests.contract.ledger_model_world import CEILINGS, DAILY, ENTRY_MINUTES, SOFT_MINUTES, TIMED_MINUTES, WHITE_UNTIL

TILL = {"right_expired": "ticket_needed", "right_not_started": "ticket_needed", "quota_spent": "carnet_empty"}
"""What it is called where there is a till."""
NEVER_OVERRIDDEN = frozenset({"day_full", "site_full", "same_trip"})
OF_RIGHTS = frozenset(FURTHEST) | {"no_right"}
"""What a white period looks over."""
GRANTED = frozenset({"welcome", "last_visit", "low_balance", "expires_soon", "overage", "grace"})
"""Which warning comes along is the business of the unit tests."""


class Expected(Struct):
    outcomes: frozenset[str]
    reasons: frozenset[str]
    left: dict[str, list[float]] = field(default_factory=dict)


class Model(State):
    """What should happen."""

    def judge(self, tap: Scan) -> Expected:
        """Say what the answer must be, and move on to the state after it."""
        self.events += 1
        if tap.cancels is not None:
            return self._cancel(tap, tap.cancels)
        number = self.person_of(tap.evidence.medium_id)
        if number is None:
            return _refused("unknown_medium")
        return Passage(self, tap, number).judge()

    def _cancel(self, tap: Scan, passed: Passed) -> Expected:
        if passed.number in self.cancelled:
            return _refused("cancelled_already")
        if tap.act is None and tap.at - passed.recorded_at > timedelta(minutes=10):
            return _refused("cancelled_too_late")
        self.cancelled.add(passed.number)
        for position, _, ends_before, amount in passed.charges:
            assert passed.entitlement_id is not None
            self.used[passed.entitlement_id, ends_before, position] -= amount
        number, door = self.person_of(passed.medium_id), self.doors[tap.gate_id]
        assert number is not None
        seen = self.seen.get((number, door.site))
        if passed.direction is Direction.ENTRY:
            been = self.been.get((number, door.site), [])
            for one in [one for one in been if (one.zone, one.at) == (door.zone, passed.recorded_at)]:
                self.admitted[one.zone, one.day] -= one.persons
                been.remove(one)
        day = passed.recorded_at.astimezone(PARIS).date()
        last = (seen.since, seen.zone, seen.day) if seen is not None else None
        if seen is not None and passed.direction is Direction.ENTRY and last == (passed.recorded_at, door.zone, day):
            self.count(door.zone, day, seen.party, -1)
            seen.gate, (seen.zone, seen.since) = tap.gate_id, self.left.get(passed.number, (None, tap.at))
            if seen.zone is not None:
                self.count(seen.zone, day, seen.party, 1)
            else:
                seen.medium = 0  # nobody has read it on the way out: an exit now is none that was read before
        return Expected(frozenset({"granted"}), frozenset({"cancelled"}))


class Passage(AtTheDoor):
    """One tap of somebody known, judged against the model."""

    def judge(self) -> Expected:
        if self.tap.direction is Direction.EXIT:
            return self._exit()
        stopped = self._medium_or_pass()
        if stopped is not None:
            return _refused(stopped)
        if self.tap.direction is Direction.ENTRY and self._read_twice(self.door.zone):
            return Expected(frozenset({"granted"}), frozenset({"double_read"}))
        found = self._objections()
        if self.day < WHITE_UNTIL.get(self.door.site, self.day):
            found = [reason for reason in found if reason not in OF_RIGHTS]
            return _refused(found[0]) if found else self._in_white_period()
        if self.tap.act is not None and found:
            found = [reason for reason in found if reason in NEVER_OVERRIDDEN]
            if not found:
                return self._let_in()
        if found:
            return _refused(found[0])
        return self._enter(GRANTED) if self.tap.direction is Direction.ENTRY else self._deposit()

    # --- what is in the way -----------------------------------------------------------------------

    def _medium_or_pass(self) -> str | None:
        status = dict(self.person.media)[self.tap.evidence.medium_id or 0]
        stopped = {
            MediumStatus.LOST: "medium_lost",
            MediumStatus.REVOKED: "medium_blocked",
            MediumStatus.SUSPENDED: "medium_suspended",
            MediumStatus.REPLACED: "medium_replaced",
        }.get(status)
        return stopped or ("pass_suspended" if self.person.status is PassStatus.SUSPENDED else None)

    def _objections(self) -> list[str]:
        """Return all that is in the way, the first thing to be heard first."""
        objection = self.prospect.objection if self.prospect is not None else "no_right"
        site, seen, entering = self.door.site, self.seen, self.tap.direction is Direction.ENTRY
        if site in {"bath", "free"}:
            objection = "ticket_needed" if objection == "no_right" else TILL.get(objection or "", objection)
        stays = seen is not None and seen.zone == self.door.zone
        ago = self.tap.at - seen.since if seen is not None else timedelta(days=999)
        if seen is not None and seen.day > self.day:
            ago = abs(ago)  # a tap of an earlier day, settled late
        ladder = (
            (objection == "service_suspended", objection),
            (entering and site == "bath" and self.here, "already_inside"),
            (entering and site == "waste" and stays and ago < timedelta(minutes=TIMED_MINUTES), "too_soon"),
            (not entering and self.zone_now is None, "not_inside"),
            (objection in {"no_right", "right_expired", "right_not_started"}, objection),
            (objection == "vehicle_not_allowed", objection),
            (entering and site == "bus" and stays and ago < timedelta(minutes=SOFT_MINUTES), "same_trip"),
            (objection == "quota_spent", objection),
            (entering and self._day_full(), "day_full"),
            (entering and self._full(), "site_full"),
            (objection in {"ticket_needed", "carnet_empty", "quantity_needed", "payment_due"}, objection),
        )
        return [reason for holds, reason in ladder if holds and reason is not None]

    def _full(self) -> bool:
        attends, ceilings = self.party().attends, CEILINGS.get(self.door.zone)
        if ceilings is None or self.here:
            return False
        crowd = self.model.heads[self.door.zone, self.day, attends]
        return crowd + self.party().persons > ceilings[attends is Attendance.OTHERS]

    def _day_full(self) -> bool:
        new = self.newcomers()
        return new > 0 and self.model.admitted[self.door.zone, self.day] + new > DAILY[self.door.zone]

    def _read_twice(self, zone: str | None) -> bool:
        seen = self.seen
        return (
            seen is not None
            and (seen.gate, seen.medium, seen.zone) == (self.tap.gate_id, self.tap.evidence.medium_id, zone)
            and timedelta(0) <= self.tap.at - seen.since <= timedelta(seconds=3)
        )

    # --- what follows -----------------------------------------------------------------------------

    def _in_white_period(self) -> Expected:
        """Everybody comes in, and nothing is counted."""
        self.prospect = self.prospect and Prospect(self.prospect.right, "not spent")
        heard = frozenset({"white_period"})
        if self.tap.direction is Direction.DEPOSIT:
            return Expected(frozenset({"granted_with_warning"}), heard)
        return self._enter(heard)

    def _let_in(self) -> Expected:
        """An agent's word opens; what an unhindered right can pay for is counted all the same."""
        spendable = self.prospect is not None and self.prospect.objection is None
        if self.tap.direction is Direction.DEPOSIT:
            return self._deposit() if spendable else _let_in()
        if not spendable:
            self.prospect = self.prospect and Prospect(self.prospect.right, "not spent")
        return self._enter(frozenset({"overridden"}))

    def _enter(self, heard: frozenset[str]) -> Expected:
        party = self.party()
        best, new = self.prospect, self.newcomers()
        left, right = self._spend()
        self.model.admitted[self.door.zone, self.day] += new
        pays_for = best.pays_for if best is not None and best.objection is None else 0
        been = [Been(self.door.zone, self.day, self.tap.at, new, pays_for)] if new or pays_for else []
        if self.seen is not None and self.late:
            if self.seen.day <= self.day:
                self.model.been.setdefault((self.number, self.door.site), []).extend(been)
        else:
            self.model.been[self.number, self.door.site] = self.been + been
            stay = self.seen if self.zone_now is not None else None
            if stay is not None and self.zone_now is not None and self.transfer:
                self.model.count(self.zone_now, self.day, party, -1)
                self.model.left[self.model.events] = self.zone_now, stay.since
            if not self.here:
                self.model.count(self.door.zone, self.day, party, 1)
            self.model.seen[self.number, self.door.site] = Seen(
                zone=self.door.zone,
                since=self.tap.at,
                day=self.day,
                gate=self.tap.gate_id,
                medium=self.tap.evidence.medium_id or 0,
                came_at=stay.came_at if stay is not None else self.tap.at,
                right=stay.right if stay is not None else right,
                party=party,
            )
        self.model.parties[self.tap.terminal_id, self.tap.key] = party
        return Expected(OPENS, heard, left)

    def _deposit(self) -> Expected:
        left, _ = self._spend()
        return Expected(OPENS, GRANTED - {"welcome"} | {"deposited"}, left)

    def _spend(self) -> tuple[dict[str, list[float]], UUID | None]:
        best, used = self.prospect, self.model.used
        if best is None or best.objection is not None:
            return {}, None
        for _, key, need in best.needs:
            if need:
                used[key] = used.get(key, 0) + need
        left = [(limit.amount - used.get(key, 0)) / ONE for limit, key in self.windows(best.right)]
        return {best.right.product: left}, best.right.id

    def _exit(self) -> Expected:
        if self._read_twice(None):
            return Expected(frozenset({"granted"}), frozenset({"double_read"}))
        seen = self.seen
        if self.zone_now is None or seen is None:
            return Expected(frozenset({"granted_with_warning"}), frozenset({"exit_without_entry"}))
        overrun = self._charge_the_stay(seen)
        if not self.late:
            self.model.been[self.number, self.door.site] = self.been
            self.model.count(self.zone_now, self.day, seen.party, -1)
            seen.zone, seen.since, seen.gate = None, self.tap.at, self.tap.gate_id
            seen.medium = self.tap.evidence.medium_id or 0
        if overrun:
            return Expected(frozenset({"granted_with_warning"}), frozenset({"time_overrun"}))
        return Expected(frozenset({"granted"}), frozenset({"goodbye"}))

    def _charge_the_stay(self, seen: Seen) -> bool:
        """Count the begun minutes beyond those that the entry counted; tell whether they are more than is left."""
        right = next((one for one in self._rights() if one.id == seen.right), None)
        begun = -((seen.came_at - self.tap.at) // timedelta(minutes=1)) - ENTRY_MINUTES
        if right is None or right.product != "hours" or begun <= 0:
            return False
        ((limit, key),) = self.windows(right)
        used = self.model.used.get(key, 0)
        spent = min(begun * ONE, limit.amount - used)
        if spent:
            self.model.used[key] = used + spent
        return spent < begun * ONE


def _let_in() -> Expected:
    return Expected(frozenset({"granted_with_warning"}), frozenset({"overridden"}))


def _refused(reason: str) -> Expected:
    outcome = {
        "ticket_needed": "payment_required",
        "carnet_empty": "payment_required",
        "payment_due": "payment_required",
        "same_trip": "granted_with_warning",
    }.get(reason)
    return Expected(frozenset({outcome} if outcome else {"denied", "manual_check"}), frozenset({reason}))
