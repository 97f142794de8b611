"""Queries on passages of the past and on the gates where they took place, for whoever acts on them."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Select, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.access.facts import Direction
from domain.access.reasons import REASONS, Outcome, Reason
from domain.agents import Agent, Permission, Place
from domain.errors.passes import NotCancellable, PassageNotFound
from domain.errors.places import GateNotFound, SiteNotFound
from store.ledger.scan import Passed
from store.tables.agents import agent
from store.tables.ledger import passage_detail, passage_fact, scan_key, validation
from store.tables.passes import medium, pass_
from store.tables.places import gate, site, zone

_COUNTED_NOTHING = frozenset({Reason.DOUBLE_READ, Reason.SAME_TRIP, Reason.CANCELLED})
_OPENED = frozenset({Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING})


class Recorded(Struct, frozen=True):
    """A passage as it was recorded: where, and what a cancellation has to know of it."""

    gate_id: UUID
    passed: Passed


class Recent(Struct, frozen=True, rename="camel"):
    """A passage of a pass, for agents. `cancelled` tells that it was taken back.

    `happened_at` lies before `recorded_at` where a terminal decided alone and told it later.
    """

    passage: str
    recorded_at: datetime
    happened_at: datetime
    site: str
    gate: str
    direction: Direction
    outcome: Outcome
    reason: Reason
    cancelled: bool


class OverrideCount(Struct, frozen=True, rename="camel"):
    """How often an agent, by login, let somebody in or took a deposit against the rules, for one motive."""

    direction: Direction
    motive: str
    agent: str
    count: int


async def by_key(connection: AsyncConnection, terminal_id: UUID, key: str) -> Recorded:
    """Find the passage that a terminal recorded under a key, to cancel it.

    Raises:
        PassageNotFound: this terminal has used no such key.
        NotCancellable: the passage counted nothing.
    """
    return await _to_cancel(
        connection,
        validation.c.number
        == select(scan_key.c.number)
        .where(scan_key.c.terminal_id == terminal_id, scan_key.c.key == key)
        .scalar_subquery(),
    )


async def by_number(connection: AsyncConnection, authority_id: UUID, number: int) -> Recorded:
    """Find a passage of an authority by its number, to cancel it.

    Raises:
        PassageNotFound: this authority has no such passage.
        NotCancellable: the passage counted nothing.
    """
    return await _to_cancel(connection, (validation.c.number == number) & (validation.c.authority_id == authority_id))


async def _to_cancel(connection: AsyncConnection, which: ColumnElement[bool]) -> Recorded:
    found = await connection.execute(
        select(
            validation,
            passage_fact.c.happened_at,
            *(passage_detail.c[name] for name in ("billed_cents", "persons", "left_zone_id", "left_since")),
        )
        .outerjoin(passage_detail, passage_detail.c.number == validation.c.number)
        .outerjoin(passage_fact, passage_fact.c.number == validation.c.number)
        .where(which)
    )
    row = found.one_or_none()
    if row is None:
        raise PassageNotFound("There is no such passage.")
    direction, reason = Direction(row.direction), Reason(row.reason)
    counted = row.pass_id is not None and Outcome(row.outcome) in _OPENED and reason not in _COUNTED_NOTHING
    if not counted or direction is Direction.EXIT:
        raise NotCancellable(f"Nothing was counted: {direction}, {REASONS[reason].short.en.lower()}.")
    charges = msgspec.json.decode(row.charges, type=tuple[tuple[int, date, date, int], ...])
    return Recorded(
        row.gate_id,
        Passed(
            number=row.number,
            recorded_at=row.recorded_at,
            direction=direction,
            medium_id=row.medium_id,
            pass_id=row.pass_id,
            entitlement_id=row.entitlement_id,
            charges=charges,
            billed_cents=row.billed_cents or 0,
            happened_at=row.happened_at,
            persons=row.persons or 1,
            left_zone_id=row.left_zone_id,
            left_since=row.left_since,
        ),
    )


async def recent(
    connection: AsyncConnection,
    pass_id: UUID,
    *,
    limit: int,
    before: int | None = None,
    at: Collection[UUID] | None = None,
) -> list[Recent]:
    """List the newest passages of a pass, the newest first; with `before`, those with smaller numbers.

    `at` are the sites to look at; None: all.
    """
    media = await connection.execute(select(medium.c.id, medium.c.pass_id).where(medium.c.pass_id == pass_id))
    return await _recent(connection, [(row.id, row.pass_id) for row in media], limit, before, at)


async def recent_of_holder(
    connection: AsyncConnection,
    authority_id: UUID,
    holder_id: UUID,
    *,
    limit: int,
    before: int | None = None,
    at: Collection[UUID] | None = None,
) -> list[Recent]:
    """List the newest passages of all somebody's passes, as `recent`."""
    media = await connection.execute(
        select(medium.c.id, medium.c.pass_id)
        .join(pass_, pass_.c.id == medium.c.pass_id)
        .where(pass_.c.authority_id == authority_id, pass_.c.holder_id == holder_id)
        .order_by(medium.c.id)
    )
    return await _recent(connection, [(row.id, row.pass_id) for row in media], limit, before, at)


async def _recent(
    connection: AsyncConnection,
    media: list[tuple[int, UUID]],
    limit: int,
    before: int | None,
    at: Collection[UUID] | None,
) -> list[Recent]:
    newest = [_newest(medium_id, pass_id, before, limit, at) for medium_id, pass_id in media]
    if not newest:
        return []
    cancelled = select(passage_detail.c.number).where(passage_detail.c.cancels == validation.c.number).exists()
    found = await connection.execute(
        select(
            validation,
            passage_fact.c.happened_at,
            gate.c.code.label("gate"),
            site.c.code.label("site"),
            cancelled.label("cancelled"),
        )
        .join(gate, gate.c.id == validation.c.gate_id)
        .join(site, site.c.id == validation.c.site_id)
        .outerjoin(passage_fact, passage_fact.c.number == validation.c.number)
        .where(validation.c.number.in_(union_all(*newest)))
        .order_by(validation.c.number.desc())
        .limit(limit)
    )
    return [
        Recent(
            passage=str(row.number),
            recorded_at=row.recorded_at,
            happened_at=row.happened_at or row.recorded_at,
            site=row.site,
            gate=row.gate,
            direction=Direction(row.direction),
            outcome=Outcome(row.outcome),
            reason=Reason(row.reason),
            cancelled=row.cancelled,
        )
        for row in found
    ]


def _newest(
    medium_id: int, pass_id: UUID, before: int | None, limit: int, at: Collection[UUID] | None
) -> Select[tuple[int]]:
    """Select the newest passages of one medium: a stretch of the index, however long the history is."""
    wanted = select(validation.c.number).where(validation.c.medium_id == medium_id, validation.c.pass_id == pass_id)
    if before is not None:
        wanted = wanted.where(validation.c.number < before)
    if at is not None:
        wanted = wanted.where(validation.c.site_id.in_(at))
    numbers = wanted.order_by(validation.c.number.desc()).limit(limit).subquery()
    return select(numbers.c.number)


async def place_of(connection: AsyncConnection, authority_id: UUID, number: int) -> Place:
    """Tell where a passage was.

    Raises:
        PassageNotFound: this authority has no such passage.
    """
    found = await connection.execute(
        select(site.c.code, site.c.service_code)
        .join(validation, validation.c.site_id == site.c.id)
        .where(validation.c.number == number, validation.c.authority_id == authority_id)
    )
    row = found.one_or_none()
    if row is None:
        raise PassageNotFound("There is no such passage.")
    return Place(*row)


async def sites_of(connection: AsyncConnection, who: Agent, permission: Permission) -> list[UUID] | None:
    """List the sites where somebody may do something; None: wherever it is."""
    if who.may(permission):
        return None
    sites = select(site.c.id, site.c.code, site.c.service_code).where(site.c.authority_id == who.authority_id)
    found = await connection.execute(sites)
    return [row.id for row in found if who.may(permission, at=Place(row.code, row.service_code))]


async def service_at(connection: AsyncConnection, gate_id: UUID) -> str:
    """Return the code of the service behind a gate.

    Raises:
        GateNotFound: the gate is gone.
    """
    found = await connection.execute(
        select(site.c.service_code)
        .join(zone, zone.c.site_id == site.c.id)
        .join(gate, gate.c.zone_id == zone.c.id)
        .where(gate.c.id == gate_id)
    )
    code = found.scalar_one_or_none()
    if code is None:
        raise GateNotFound("This gate does not exist any more.")
    return str(code)


async def gate_of(connection: AsyncConnection, authority_id: UUID, site_code: str, gate_code: str) -> UUID:
    """Find a gate of a site.

    Raises:
        SiteNotFound: no site of this authority has this code.
        GateNotFound: the site has no gate of this code.
    """
    site_id = await site_of(connection, authority_id, site_code)
    found = await connection.execute(
        select(gate.c.id)
        .join(zone, zone.c.id == gate.c.zone_id)
        .where(zone.c.site_id == site_id, gate.c.code == gate_code)
    )
    gate_id: UUID | None = found.scalar_one_or_none()
    if gate_id is None:
        raise GateNotFound(f"The site {site_code} has no gate of the code {gate_code}.")
    return gate_id


async def site_of(connection: AsyncConnection, authority_id: UUID, code: str) -> UUID:
    """Find a site by its code.

    Raises:
        SiteNotFound: no site of this authority has this code.
    """
    # No code holds such a character, and PostgreSQL would not even compare it.
    usable = code.isprintable()
    found = await connection.execute(
        select(site.c.id).where(site.c.authority_id == authority_id, site.c.code == (code if usable else ""))
    )
    site_id: UUID | None = found.scalar_one_or_none()
    if site_id is None:
        raise SiteNotFound(f"No site has the code {code}.")
    return site_id


async def overrides(
    connection: AsyncConnection, site_id: UUID, since: datetime, before: datetime
) -> list[OverrideCount]:
    """Count what agents did at a site against the rules in a stretch of time, by direction, motive and agent."""
    count = func.count()
    found = await connection.execute(
        select(validation.c.direction, passage_detail.c.motive, agent.c.login, count)
        .join(validation, validation.c.number == passage_detail.c.number)
        .join(agent, agent.c.id == passage_detail.c.agent_id)
        .where(
            validation.c.site_id == site_id,
            validation.c.reason == Reason.OVERRIDDEN,
            validation.c.recorded_at >= since,
            validation.c.recorded_at < before,
        )
        .group_by(validation.c.direction, passage_detail.c.motive, agent.c.login)
        .order_by(count.desc(), validation.c.direction.desc(), passage_detail.c.motive, agent.c.login)
    )
    return [OverrideCount(Direction(way), motive, login, number) for way, motive, login, number in found]
