"""Queries on passages that terminals settled alone: what they granted that would have been refused, where and why."""

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.access.facts import Direction
from domain.access.merge import Flag
from domain.access.reasons import Outcome, Reason
from store.rows import to_struct
from store.tables.ledger import passage_detail, passage_fact, scan_key, validation
from store.tables.passes import pass_
from store.tables.places import gate, site, terminal

_OPENED = (Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING)

SURPLUS = validation.c.outcome.in_(_OPENED) & passage_fact.c.judged_outcome.not_in(_OPENED)
"""Somebody was let in whom the server would not have let in."""


class Period(Struct, frozen=True):
    """Whose facts are looked at, and when they happened: `before` is excluded. `site` by its code; None: all."""

    authority_id: UUID
    since: datetime
    before: datetime
    site: str | None = None

    @property
    def condition(self) -> ColumnElement[bool]:
        """What the facts of this period fulfil."""
        within = (
            (passage_fact.c.authority_id == self.authority_id)
            & (passage_fact.c.happened_at >= self.since)
            & (passage_fact.c.happened_at < self.before)
        )
        return within if self.site is None else within & (site.c.code == self.site)


class SiteCount(Struct, frozen=True, rename="camel"):
    """The facts of one site: how many, how many of them the server would have refused, for which reasons, and flags."""

    site: str
    facts: int
    surplus: int
    reasons: dict[Reason, int]
    flags: dict[Flag, int]


class Told(Struct, frozen=True):
    """What stands under a key of a terminal."""

    terminal_id: UUID
    key: str
    fingerprint: bytes
    answer: bytes


async def told_under(connection: AsyncConnection, authority_id: UUID, keys: set[str]) -> list[Told]:
    """Read what stands under these keys, whichever terminal of the authority has used them, gone or not."""
    found = await connection.execute(
        select(scan_key.c.terminal_id, scan_key.c.key, scan_key.c.fingerprint, scan_key.c.answer)
        .select_from(terminal)
        .join(scan_key, scan_key.c.terminal_id == terminal.c.id)
        .where(terminal.c.authority_id == authority_id, scan_key.c.key.in_(sorted(keys)))
    )
    return [to_struct(row, Told) for row in found.mappings()]


class FactView(Struct, frozen=True, rename="camel"):
    """One passage that a terminal settled alone. `passage` is what to cancel; `pass` the number on somebody's pass.

    `outcome` and `reason` are the terminal's, `wouldBe` and `wouldBeReason` what the server would have answered.
    """

    passage: str
    pass_number: str | None
    site: str
    gate: str
    direction: Direction
    happened_at: datetime
    recorded_at: datetime
    terminal_time: datetime | None
    outcome: Outcome
    reason: Reason
    would_be: Outcome
    would_be_reason: Reason
    flags: list[Flag]
    cancelled: bool

    @property
    def may_be_cancelled(self) -> bool:
        """Whether there may be something to give back: of exits and refusals there is not."""
        return self.direction is not Direction.EXIT and self.outcome in _OPENED and not self.cancelled


async def count(connection: AsyncConnection, period: Period) -> list[SiteCount]:
    """Count the facts of a period by site; sites without any are left out."""
    columns = (site.c.code, SURPLUS.label("surplus"), passage_fact.c.judged_reason, passage_fact.c.flags)
    found = await connection.execute(
        _joined(select(*columns, func.count().label("count")), period).group_by(*columns).order_by(site.c.code)
    )
    counts: dict[str, tuple[list[int], Counter[Reason], Counter[Flag]]] = {}
    for code, surplus, reason, flags, number in found:
        totals, reasons, flagged = counts.setdefault(code, ([0, 0], Counter(), Counter()))
        totals[0] += number
        if surplus:
            totals[1] += number
            reasons[Reason(reason)] += number
        for flag in flags.split():
            flagged[Flag(flag)] += number
    return [
        SiteCount(code, totals[0], totals[1], dict(reasons.most_common()), dict(flagged.most_common()))
        for code, (totals, reasons, flagged) in counts.items()
    ]


async def list_(
    connection: AsyncConnection,
    period: Period,
    *,
    after: int,
    limit: int,
    reason: Reason | None = None,
    flag: Flag | None = None,
) -> list[FactView]:
    """List what was granted though the server would have refused it, or bears a flag, in the order of the ledger.

    With `reason`, those that would have been refused for it; with `flag`, those that bear it.
    """
    cancelled = select(passage_detail.c.number).where(passage_detail.c.cancels == validation.c.number).exists()
    wanted = SURPLUS | (passage_fact.c.flags != "")
    if reason is not None:
        wanted = SURPLUS & (passage_fact.c.judged_reason == reason)
    if flag is not None:
        # No flag's name is part of another's.
        wanted &= passage_fact.c.flags.contains(flag, autoescape=True)
    columns = (
        validation,
        passage_fact,
        pass_.c.number.label("pass_number"),
        site.c.code.label("site"),
        gate.c.code.label("gate"),
        cancelled.label("cancelled"),
    )
    found = await connection.execute(
        _joined(select(*columns), period)
        .join(gate, gate.c.id == validation.c.gate_id)
        .outerjoin(pass_, pass_.c.id == validation.c.pass_id)
        .where(wanted, validation.c.number > after)
        .order_by(validation.c.number)
        .limit(limit)
    )
    return [
        FactView(
            passage=str(row.number),
            pass_number=row.pass_number,
            site=row.site,
            gate=row.gate,
            direction=Direction(row.direction),
            happened_at=row.happened_at,
            recorded_at=row.recorded_at,
            terminal_time=row.terminal_at,
            outcome=Outcome(row.outcome),
            reason=Reason(row.reason),
            would_be=Outcome(row.judged_outcome),
            would_be_reason=Reason(row.judged_reason),
            flags=[Flag(one) for one in row.flags.split()],
            cancelled=row.cancelled,
        )
        for row in found
    ]


def _joined(query: Select[Any], period: Period) -> Select[Any]:
    return (
        query.select_from(passage_fact)
        .join(validation, validation.c.number == passage_fact.c.number)
        .join(site, site.c.id == validation.c.site_id)
        .where(period.condition)
    )
