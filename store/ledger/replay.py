"""Real passages decided once more, by a catalogue that is not in force: what a modification would change.

Counters are taken back to where they stood before each passage; who was inside is left out, for it is not known any
more. One read for all of them, on a connection that cannot write.
"""

import asyncio
from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import func, select

from domain.access.catalogue import Catalogue
from domain.access.decide import Verdict, decide
from domain.access.facts import NOWHERE, Direction, Evidence, Facts
from domain.catalogue.effects import Replayed, compared
from domain.limits import ONE, Measure
from domain.waste import together
from store.database import Database
from store.ledger.judge import facts_of
from store.ledger.rows import Known
from store.ledger.scan import Payment, Scan
from store.ledger.what_if import look
from store.tables.ledger import ledger_head, passage_detail, passage_fact, validation

MOST = 2_000
"""Passages of one replay."""

LOOKED_AT = 20_000
"""The newest events among which they are sought: the cost does not grow with the ledger."""

SECONDS = 20.0
"""How long the database may take."""

_Charges = list[tuple[int, str, str, int]]


class _Passed(Struct, frozen=True):
    scan: Scan
    entitlement_id: UUID | None
    charges: _Charges


async def replay(
    database: Database, now: Catalogue, then: Catalogue, *, services: set[str], authority_id: UUID, since: datetime
) -> Replayed | None:
    """Decide the newest passages of some services as they were decided, and as they would be.

    `now` is what is in force, `then` the same with a modification. None if the catalogue has moved meanwhile.
    """
    passages = await _passages(database, authority_id, services, since)
    if not passages:
        return Replayed(0, {}, 0)
    asking = replace(now, conditional=now.conditional | then.conditional)
    known = await look(database, [one.scan for one in passages], asking, seconds=SECONDS)
    if known is None:
        return None
    # Beside the loop: gates go on while two thousand passages are decided twice.
    return compared(await asyncio.to_thread(_verdicts, passages, known, now, then))


def _verdicts(passages: list[_Passed], known: Known, now: Catalogue, then: Catalogue) -> list[tuple[Verdict, Verdict]]:
    found = []
    for one in passages:
        _take_back(one, known)
        found.append((_again(one.scan, known, now), _again(one.scan, known, then)))
    return found


def _again(scan: Scan, known: Known, catalogue: Catalogue) -> Verdict:
    facts = facts_of(scan, known, catalogue)
    paid = scan.payment.amount_cents if scan.payment is not None else 0
    return decide(_as_if_nobody_were_there(replace(facts, paid_cents=paid)))


def _as_if_nobody_were_there(facts: Facts) -> Facts:
    return replace(facts, presence=NOWHERE, seen_today=False, crowd=0, others=0, admitted=0)


def _take_back(passed: _Passed, known: Known) -> None:
    """Take back what a passage counted: from the newest on, each finds its counters as it met them."""
    if passed.entitlement_id is None:
        return
    for position, _, ends_before, amount in passed.charges:
        key = (passed.entitlement_id.int, date.fromisoformat(ends_before), position)
        if key in known.counters:
            used, version = known.counters[key]
            known.counters[key] = (max(used - amount, 0), version)


async def _passages(database: Database, authority_id: UUID, services: set[str], since: datetime) -> list[_Passed]:
    """Read the newest passages that gates decided by themselves and nobody took back, the newest first."""
    v, d = validation.c, passage_detail.c
    cancelling = passage_detail.alias("cancelling")
    query = (
        select(validation, d.paid_cents, d.deposits, d.persons)
        .outerjoin(passage_detail, d.number == v.number)
        .outerjoin(passage_fact, passage_fact.c.number == v.number)
        .outerjoin(cancelling, cancelling.c.cancels == v.number)
        .where(
            v.number > select(func.max(ledger_head.c.number)).scalar_subquery() - LOOKED_AT,
            v.authority_id == authority_id,
            v.service_code.in_(sorted(services)),
            v.recorded_at >= since,
            v.medium_id.is_not(None),
            v.direction.in_((Direction.ENTRY.value, Direction.DEPOSIT.value)),
            d.agent_id.is_(None),
            d.cancels.is_(None),
            passage_fact.c.number.is_(None),
            cancelling.c.number.is_(None),
        )
        .order_by(v.number.desc())
        .limit(MOST)
    )
    async with database.read() as connection:
        found = (await connection.execute(query)).all()
    return [
        _Passed(
            scan=Scan(
                terminal_id=row.terminal_id,
                key="",
                fingerprint=b"",
                gate_id=row.gate_id,
                direction=Direction(row.direction),
                evidence=Evidence(medium_id=row.medium_id, assurance=3),
                asked=_asked(row.deposits, row.persons),
                at=row.recorded_at,
                kinds=_kinds(row.deposits),
                payment=Payment(row.paid_cents, "") if row.paid_cents else None,
            ),
            entitlement_id=row.entitlement_id,
            charges=msgspec.json.decode(row.charges),
        )
        for row in found
    ]


def _kinds(deposits: str | None) -> dict[str, dict[Measure, int]]:
    return msgspec.json.decode(deposits, type=dict[str, dict[Measure, int]]) if deposits else {}


def _asked(deposits: str | None, persons: int | None) -> dict[Measure, int]:
    return together(_kinds(deposits)) if deposits else {Measure.VISIT: ONE * (persons or 1)}
