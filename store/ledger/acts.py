"""What is done in the place of a gate: letting somebody in on an agent's account, or taking what they bring, and taking
a passage back.
"""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from domain.access.facts import Direction, Evidence
from domain.agents import Agent, Permission
from domain.conditions import Vehicle
from domain.errors import Forbidden
from domain.limits import Measure
from domain.motives import Motive
from domain.waste import together
from store import passages
from store.database import Database
from store.ledger.lane import Lane
from store.ledger.scan import AgentAct, Scan, answer_of
from store.ledger.what_if import evidence_of, shown_of
from store.passages import Recorded


class Act(Struct, frozen=True):
    """What an agent signs for: who, why and when, under a key of their own that stands for all that was said."""

    agent: Agent
    motive: Motive
    key: str
    fingerprint: bytes
    at: datetime


async def evidence_on_pass(database: Database, authority_id: UUID, number: str, at: datetime) -> Evidence:
    """Return what a code of this pass would prove, where the person has nothing that could be read.

    Raises:
        PassNotFound: no pass of this authority has this number.
        MediumNotFound: no medium shows the pass.
    """
    async with database.look() as unit:
        pass_ = await unit.passes.by_number(authority_id, number)
        medium = shown_of(await unit.passes.media(pass_.id))
        owner = await unit.places.authority_by_id(authority_id)
    return evidence_of(medium, owner.code, at)


async def let_in(
    lane: Lane,
    act: Act,
    *,
    gate_id: UUID,
    evidence: Evidence,
    asked: dict[Measure, int],
    vehicle: Vehicle | None = None,
) -> bytes:
    """Let somebody in on an agent's account, and return the recorded answer: what may not be overridden is refused.

    Raises:
        KeyReused: the agent used the key for something else.
        LedgerUnavailable, Overloaded: not confirmed, or not taken.
    """
    scan = Scan(
        terminal_id=act.agent.id,
        key=act.key,
        fingerprint=act.fingerprint,
        gate_id=gate_id,
        direction=Direction.ENTRY,
        evidence=evidence,
        asked=asked,
        at=act.at,
        vehicle=vehicle,
        act=_signed(act),
    )
    return answer_of(await lane.submit(scan))


async def take_in(
    lane: Lane, act: Act, *, gate_id: UUID, evidence: Evidence, kinds: dict[str, dict[Measure, int]]
) -> bytes:
    """Take what somebody hands over on an agent's account, and return the recorded answer.

    Raises:
        KeyReused: the agent used the key for something else.
        LedgerUnavailable, Overloaded: not confirmed, or not taken.
    """
    scan = Scan(
        terminal_id=act.agent.id,
        key=act.key,
        fingerprint=act.fingerprint,
        gate_id=gate_id,
        direction=Direction.DEPOSIT,
        evidence=evidence,
        asked=together(kinds),
        at=act.at,
        kinds=kinds,
        act=_signed(act),
    )
    return answer_of(await lane.submit(scan))


async def take_back(database: Database, lane: Lane, act: Act, number: int) -> bytes:
    """Cancel a passage on an agent's account, whenever it was, and return the recorded answer.

    Raises:
        PassageNotFound: the agent's authority has no such passage.
        Forbidden: it was at a place that none of their roles is for.
        NotCancellable: the passage counted nothing.
        KeyReused: the agent used the key for something else.
        LedgerUnavailable, Overloaded: not confirmed, or not taken.
    """
    async with database.read() as connection:
        place = await passages.place_of(connection, act.agent.authority_id, number)
        if not act.agent.may(Permission.VALIDATION_CANCEL, at=place):
            raise Forbidden(f"Their role is not for {place.site}.")
        recorded = await passages.by_number(connection, act.agent.authority_id, number)
    scan = cancellation(
        recorded,
        terminal_id=act.agent.id,
        key=act.key,
        fingerprint=act.fingerprint,
        at=act.at,
        act=_signed(act),
    )
    return answer_of(await lane.submit(scan))


def cancellation(
    recorded: Recorded, *, terminal_id: UUID, key: str, fingerprint: bytes, at: datetime, act: AgentAct | None = None
) -> Scan:
    """Make the scan that takes a passage back, at the gate where it was."""
    passed = recorded.passed
    return Scan(
        terminal_id=terminal_id,
        key=key,
        fingerprint=fingerprint,
        gate_id=recorded.gate_id,
        direction=passed.direction,
        evidence=Evidence(medium_id=passed.medium_id),
        asked={},
        at=at,
        act=act,
        cancels=passed,
    )


def _signed(act: Act) -> AgentAct:
    return AgentAct(act.agent.id, act.motive)
