"""What a batch writes to PostgreSQL: the rows of `ledger_write_5`, each group sorted by its key."""

from datetime import date, datetime
from uuid import UUID

from store.ledger.rows import Detail, EventRow, FactRow, PresenceRow, Working, admissions_text

Row = tuple[UUID | datetime | date | str | bytes | int | None, ...]


def rows(working: Working) -> list[list[Row]]:
    """The arguments of `ledger_write_5`, each group sorted by its key."""
    counters: list[Row] = [
        (c.entitlement_id, c.ends_before, c.position, c.starts_on, c.authority_id, c.used, c.version, c.keep_until)
        for _, c in sorted(working.counters.items())
    ]
    presences = [_presence(row) for _, row in sorted(working.presences.items())]
    crowds: list[Row] = [
        (
            c.zone_id,
            c.day,
            c.authority_id,
            c.change,
            c.change_others,
            c.entries,
            c.ceiling + c.beyond if c.ceiling is not None else None,
            c.ceiling_others + c.beyond_others if c.ceiling_others is not None else None,
            c.known,
            c.admitted,
            c.daily_ceiling + c.beyond_admitted if c.daily_ceiling is not None else None,
        )
        for _, c in sorted(working.crowds.items())
    ]
    hours: list[Row] = [
        (h.zone_id, h.day, h.hour, h.authority_id, h.entries, h.most) for _, h in sorted(working.hours.items())
    ]
    uses: list[Row] = [
        (medium_id, u.authority_id, u.mark, u.spent, u.version, u.keep_until)
        for medium_id, u in sorted(working.uses.items())
    ]
    events = [_event(event) for event in working.events]
    details = [
        _detail(place, event, event.detail) for place, event in enumerate(working.events, 1) if event.detail is not None
    ]
    facts = [_fact(place, event, event.fact) for place, event in enumerate(working.events, 1) if event.fact is not None]
    return [counters, presences, uses, crowds, hours, events, details, facts]


def _presence(row: PresenceRow) -> Row:
    return (
        row.pass_id,
        row.site_id,
        row.authority_id,
        row.zone_id,
        row.since,
        row.day,
        row.version,
        row.keep_until,
        row.gate_id,
        row.medium_id,
        row.came_at,
        row.entitlement_id,
        row.persons,
        row.attends,
        admissions_text(row.admissions),
    )


def _event(event: EventRow) -> Row:
    scan, doorway = event.scan, event.doorway
    return (
        doorway.gate.authority_id,
        scan.at,
        scan.terminal_at,
        scan.terminal_id,
        doorway.gate.id,
        doorway.site.id,
        doorway.site.service_code,
        scan.direction,
        scan.evidence.medium_id,
        event.pass_id,
        event.entitlement_id,
        event.outcome,
        event.reason,
        event.charges,
        event.keep_until,
        scan.key,
        scan.fingerprint,
        event.answer,
    )


def _detail(place: int, event: EventRow, detail: Detail) -> Row:
    return (
        place,
        event.doorway.gate.authority_id,
        detail.billed_cents,
        detail.paid_cents,
        detail.payment,
        detail.agent_id,
        detail.motive,
        detail.cancels,
        detail.deposits,
        detail.persons,
        detail.left_zone_id,
        detail.left_since,
        event.keep_until,
    )


def _fact(place: int, event: EventRow, fact: FactRow) -> Row:
    return (
        place,
        event.doorway.gate.authority_id,
        event.scan.terminal_id,
        fact.happened_at,
        fact.flags,
        fact.judged_outcome,
        fact.judged_reason,
        fact.sequence,
        fact.bundle,
        fact.drift_seconds,
        event.keep_until,
    )
