"""What was counted, billed and given back: counters and money follow from the events."""

from collections import Counter
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, select

from domain.limits import ONE, Limit, Measure, Settlement, Window
from store.tables.ledger import counter
from store.tables.products import entitlement, product, product_limit
from tests.contract.ledger_books import OPENS, Books, CounterKey, charges_of

LimitKey = tuple[UUID, int]
"""Entitlement and position."""

GRACE = -1
"""Position under which the entries of a product's grace are counted."""

COUNT_NOTHING = frozenset({"white_period", "double_read", "same_trip", "exit_without_entry"})
"""Reasons under which a gate opens and nothing is spent."""

_COUNTERS = select(counter)
_LIMITS = select(entitlement.c.id.label("entitlement_id"), product_limit).join(
    product_limit, product_limit.c.product_id == entitlement.c.product_id
)
_TERMS = select(entitlement.c.id, product.c.terms).join(product, product.c.id == entitlement.c.product_id)


def check_counts(connection: Connection, books: Books) -> None:
    """Replay charges in order: no limit is passed at any moment, and counters say what remains of it (Q1, Q2)."""
    limits = _limits(connection)
    spent: Counter[CounterKey] = Counter()
    cancelled: set[int] = set()
    for event in books.events:
        _check_act(event)
        if event.cancels is not None:
            _check_cancellation(event, books, cancelled)
        billed = due = 0
        for position, _, ends_before, amount in charges_of(event):
            limit, key = limits[event.entitlement_id, position], (event.entitlement_id, ends_before, position)
            _check_measure(event, limit, amount)
            price = _price(limit, spent[key], amount)
            billed += price if limit.settlement is Settlement.BILLED else 0
            due += price if limit.settlement is Settlement.AT_GATE else 0
            spent[key] += amount
            assert 0 <= spent[key] <= limit.amount, f"Q1: {spent[key]} of {limit.amount} spent by event {event.number}"
        if event.cancels is None:
            assert (event.billed_cents or 0) == billed, f"event {event.number} bills another price than its charges"
            assert (event.paid_cents or 0) >= due, f"event {event.number} opened before it was paid"
    books.used = {
        (row.entitlement_id, row.ends_before, row.position): row.used for row in connection.execute(_COUNTERS)
    }
    assert books.used == dict(spent), "Q2: counters differ from what events charged"


def _limits(connection: Connection) -> dict[LimitKey, Limit]:
    found = {
        (row.entitlement_id, row.position): msgspec.convert(row, Limit, from_attributes=True, strict=False)
        for row in connection.execute(_LIMITS)
    }
    for row in connection.execute(_TERMS):
        entries = (row.terms.get("grace") or {}).get("entries")
        if entries is not None:
            found[row.id, GRACE] = Limit(GRACE, Measure.VISIT, entries * ONE, Window.WHOLE)
    return found


def _price(limit: Limit, used: int, amount: int) -> int:
    """Return the cents for what lies beyond the free part, begun units counting whole; given back, it has none.

    An event does not tell with which vehicle somebody came: prices by vehicle and load are the model's to check.
    """
    if limit.free is None or amount < 0 or limit.rates:
        return 0
    beyond = max(0, used + amount - limit.free) - max(0, used - limit.free)
    return -(-beyond * limit.price_cents // ONE)


def _check_act(event: Any) -> None:  # noqa: ANN401 - a row of `validation` and its detail
    charged = charges_of(event)
    assert not charged or event.outcome in OPENS, f"Q2: a refusal was charged, event {event.number}"
    assert not charged or event.reason not in COUNT_NOTHING, f"Q2: {event.reason} was charged, event {event.number}"
    assert (event.reason == "cancelled") == (event.cancels is not None), f"event {event.number} cancels nothing"
    if event.reason == "overridden":
        assert event.agent_id is not None, f"event {event.number} was overridden by nobody"
        assert event.motive, f"event {event.number} was overridden without a motive"


def _check_cancellation(event: Any, books: Books, cancelled: set[int]) -> None:  # noqa: ANN401 - as above
    assert event.cancels not in cancelled, f"passage {event.cancels} was given back twice"
    cancelled.add(event.cancels)
    passed = books.event(event.cancels)
    back = [(position, since, until, -amount) for position, since, until, amount in charges_of(passed)]
    assert charges_of(event) == back, f"Q2: event {event.number} gives back another quantity than was spent"
    assert event.pass_id == passed.pass_id
    assert not back or event.entitlement_id == passed.entitlement_id
    assert event.billed_cents == -(passed.billed_cents or 0), f"event {event.number} gives back another price"


def _check_measure(event: Any, limit: Limit, amount: int) -> None:  # noqa: ANN401 - as above
    if event.direction == "exit":
        assert limit.unit is Measure.MINUTE, f"event {event.number} charges {limit.unit} for going out"
    if limit.kind is not None:
        handed_over = msgspec.json.decode(event.deposits or "{}") if event.cancels is None else None
        assert handed_over is None or handed_over[limit.kind][limit.unit] == amount, (
            f"event {event.number} charges another volume of {limit.kind} than was left"
        )
