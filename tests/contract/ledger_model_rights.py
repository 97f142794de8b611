"""The model's view of rights: what each could do for a tap, and which of them is spent."""

from datetime import timedelta

from msgspec import Struct, field

from domain.access.facts import Direction
from domain.conditions import VehicleClass
from domain.limits import ONE, Limit, Measure, Settlement, Window
from domain.products import Attendance
from store.ledger import Scan
from tests.contract.ledger_books import PARIS, CounterKey, Party
from tests.contract.ledger_model_state import Right, State, label, window_ends
from tests.contract.ledger_model_world import CENTS, DAILY, ENTRY_MINUTES, STARTS, SUPPLEMENTS

SERVICES = {"waste": "waste-centre", "launch": "waste-centre", "bus": "transport", "room": "library"}
FURTHEST = (
    "service_suspended",
    "right_expired",
    "right_not_started",
    "vehicle_not_allowed",
    "quota_spent",
    "quantity_needed",
    "payment_due",
)
"""What is in the way of a right: the later, the more the person can do about it."""


class Prospect(Struct):
    """What one right could do: in its way, to pay at the gate, to pay in all, to count, and by grace or not."""

    right: Right
    objection: str | None = None
    due: int = 0
    cost: int = 0
    needs: list[tuple[Limit, CounterKey, int]] = field(default_factory=list)
    graced: bool = False
    pays_for: int = 0


class AtTheDoor:
    """Somebody known at a gate, with all that their rights allow."""

    def __init__(self, model: State, tap: Scan, number: int) -> None:
        self.model, self.tap, self.number = model, tap, number
        self.person, self.door = model.people[number], model.doors[tap.gate_id]
        self.day = tap.at.astimezone(PARIS).date()
        self.seen = model.seen.get((number, self.door.site))
        seen = self.seen
        self.zone_now = seen.zone if seen is not None and seen.day == self.day else None
        self.here = self.zone_now == self.door.zone
        self.transfer = self.zone_now is not None and not self.here
        self.late = seen is not None and tap.at < seen.since
        been = model.been.get((number, self.door.site), [])
        self.been = [one for one in been if one.day == self.day]
        self.prospect = self._best()

    def _best(self) -> Prospect | None:
        found = [self._prospect(right) for right in self._rights()]
        return min(found, key=_order, default=None)

    def _rights(self) -> list[Right]:
        service = SERVICES.get(self.door.site, "pool")
        return [
            right
            for right in self.model.rights
            if right.subject in self.person.subjects
            and self.model.world.products[right.product].service_code == service
            and right.ends > self.day - timedelta(days=90)
        ]

    def _prospect(self, right: Right) -> Prospect:
        product = self.model.world.products[right.product]
        grace = product.terms.grace
        graced = grace is not None and right.ends <= self.day < right.ends + timedelta(days=grace.days)
        shut = self._shut(right, graced=graced)
        if shut is not None:
            return Prospect(right, shut)
        windows = self.windows(right)
        needs = [(limit, key, need) for limit, key in windows if (need := self._need(limit)) is not None]
        if any(self._breaks(limit, key, need) for limit, key, need in needs):
            return Prospect(right, "quota_spent", needs=needs, graced=graced)
        moves_on = self.transfer or self.tap.direction is Direction.DEPOSIT
        if not needs and windows and not moves_on:
            return Prospect(right, "quantity_needed", graced=graced)
        price = dict.fromkeys(Settlement, 0)
        for limit, key, need in needs:
            used, free = self.model.used.get(key, 0), limit.amount if limit.free is None else limit.free
            over = max(0, used + need - free) - max(0, used - free)
            cents = self._cents() if limit.rates else limit.price_cents
            if over and isinstance(cents, str):
                return Prospect(right, cents, graced=graced)
            price[limit.settlement] += -(-over * int(cents) // ONE) if over else 0
        due, billed = price[Settlement.AT_GATE], price[Settlement.BILLED]
        entering = self.tap.direction is Direction.ENTRY and not self.here
        pays_for = 0
        if entering and self.door.zone in SUPPLEMENTS and self.door.zone not in product.terms.zones:
            paid_for = sum(one.paid for one in self.been if one.zone == self.door.zone)
            pays_for = max(0, self.party(product.terms.attends).persons - paid_for)
            due += SUPPLEMENTS[self.door.zone] * pays_for
        paid = self.tap.payment.amount_cents if self.tap.payment is not None else 0
        return Prospect(right, "payment_due" if due > paid else None, due, due + billed, needs, graced, pays_for)

    def _shut(self, right: Right, *, graced: bool) -> str | None:
        """Return what keeps a right from serving at all, whatever is left of it."""
        product = self.model.world.products[right.product]
        if self._is_kept(right, product.service_code):
            return "service_suspended"
        if not graced:
            shut = [limit for limit in product.limits if limit.window is Window.SEASON and self._out(limit)]
            if self.day < right.starts or (shut and self._comes_back(shut[0], right)):
                return "right_not_started"
            if shut or self.day >= right.ends:
                return "right_expired"
        fits = self.vehicle is None or not product.terms.points or self.vehicle in product.terms.points
        return None if fits else "vehicle_not_allowed"

    @property
    def vehicle(self) -> VehicleClass | None:
        return self.tap.vehicle.kind if self.tap.vehicle is not None else None

    def _cents(self) -> int | str:
        """Return what a visit beyond the points costs, or what is in the way of saying so."""
        if self.vehicle is None or (self.vehicle is VehicleClass.CAR and not self.tap.kinds):
            return "quantity_needed"
        if self.vehicle is VehicleClass.FOOT:
            return "quota_spent"
        if self.vehicle is VehicleClass.VAN:
            return CENTS["van"]
        return CENTS["car with rubble" if set(self.tap.kinds) == {"rubble"} else "car"]

    def _is_kept(self, right: Right, service: str) -> bool:
        return any(
            (one.subject, one.service) == (right.subject, service) and one.starts <= self.day < one.ends
            for one in self.model.kept
        )

    def newcomers(self) -> int:
        """Return how many count for the zone's maximum of the day, who did not yet."""
        came_later = self.here and self.late and self.seen is not None and self.tap.at < self.seen.came_at
        if self.door.zone not in DAILY or (self.here and not came_later):
            return 0
        persons = self.tap.asked[Measure.VISIT] // ONE if came_later else self.party().persons
        return max(0, persons - sum(one.persons for one in self.been if one.zone == self.door.zone))

    def windows(self, right: Right) -> list[tuple[Limit, CounterKey]]:
        """Return what counts a right on the day of the tap."""
        product = self.model.world.products[right.product]
        grace = product.terms.grace
        if grace is not None and self.day >= right.ends:
            entries = Limit(-1, Measure.VISIT, (grace.entries or 0) * ONE, Window.WHOLE)
            return [(entries, (right.id, right.ends + timedelta(days=grace.days), -1))]
        found = []
        for limit in product.limits:
            whole = limit.window is Window.WHOLE
            ends = right.ends if whole else window_ends(limit, self.day, right.starts)
            found.append((limit, (right.id, ends, limit.position)))
        return found

    def _out(self, limit: Limit) -> bool:
        return label(limit, self.day, STARTS) is None

    def _comes_back(self, limit: Limit, right: Right) -> bool:
        return window_ends(limit, self.day, right.starts) < right.ends

    def _need(self, limit: Limit) -> int | None:
        if limit.kind is not None:
            return self.tap.kinds[limit.kind].get(limit.unit, 0) if limit.kind in self.tap.kinds else None
        if self.tap.direction is Direction.DEPOSIT or self.transfer:
            return None
        if limit.unit is Measure.POINT:
            points = self.model.world.products["points"].terms.points
            return points[self.vehicle] if self.vehicle is not None else None
        return ENTRY_MINUTES * ONE if limit.unit is Measure.MINUTE else self.tap.asked[limit.unit]

    def _breaks(self, limit: Limit, key: CounterKey, need: int) -> bool:
        return need > 0 and self.model.used.get(key, 0) + need > limit.amount

    def party(self, attends: Attendance | None = None) -> Party:
        """Return who comes: those who came in, or those who are at the gate."""
        if self.zone_now is not None and self.seen is not None:
            return self.seen.party
        if attends is None:
            best = self.prospect
            attends = self.model.world.products[best.right.product].terms.attends if best else Attendance.USERS
        return Party(self.tap.asked.get(Measure.VISIT, ONE) // ONE, attends)


def _order(prospect: Prospect) -> tuple[object, ...]:
    objection = prospect.objection
    return (
        0 if objection is None else len(FURTHEST) - FURTHEST.index(objection),
        prospect.cost,
        prospect.graced,
        prospect.right.product != "bus",
        prospect.right.ends,
    )
