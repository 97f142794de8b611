"""What a batch writes to PostgreSQL, as the arrays of `ledger_write_4`: each group sorted by its key."""

from collections.abc import Sequence
from typing import Any

from store.ledger.rows import Detail, EventRow, PresenceRow, Working, admissions_text


def columns(rows: list[tuple[Any, ...]], width: int) -> Sequence[Sequence[Any]]:
    """Turn rows into columns, as arrays of parameters; no rows make empty arrays."""
    return list(zip(*rows, strict=True)) if rows else [()] * width


def parameters(working: Working) -> list[Sequence[Any]]:
    """The arrays of `ledger_write_4`, each group sorted by its key."""
    counters = [
        (c.entitlement_id, c.ends_before, c.position, c.starts_on, c.authority_id, c.used, c.version, c.keep_until)
        for _, c in sorted(working.counters.items())
    ]
    presences = [_presence(row) for _, row in sorted(working.presences.items())]
    crowds = [
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
    hours = [(h.zone_id, h.day, h.hour, h.authority_id, h.entries, h.most) for _, h in sorted(working.hours.items())]
    uses = [
        (medium_id, u.authority_id, u.mark, u.spent, u.version, u.keep_until)
        for medium_id, u in sorted(working.uses.items())
    ]
    events = [_event(event) for event in working.events]
    details = [
        _detail(place, event.detail) for place, event in enumerate(working.events, 1) if event.detail is not None
    ]
    return [
        *columns(counters, 8),
        *columns(presences, 15),
        *columns(crowds, 11),
        *columns(hours, 6),
        *columns(uses, 6),
        *columns(events, 18),
        *columns(details, 11),
    ]


def facts(working: Working) -> list[Any]:
    """How many events there are, and the arrays of the facts among them, each with its place."""
    rows = [
        (place, f.happened_at, f.flags, f.judged_outcome, f.judged_reason, f.sequence, f.bundle, f.drift_seconds)
        for place, event in enumerate(working.events, 1)
        for f in (event.fact,)
        if f is not None
    ]
    kept = [
        (event.doorway.gate.authority_id, event.scan.terminal_id, event.keep_until)
        for event in working.events
        if event.fact is not None
    ]
    return [len(working.events), *columns(rows, 8), *columns(kept, 3)]


def _presence(row: PresenceRow) -> tuple[Any, ...]:
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


def _event(event: EventRow) -> tuple[Any, ...]:
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


def _detail(place: int, detail: Detail) -> tuple[Any, ...]:
    return (
        place,
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
    )
