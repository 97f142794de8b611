"""Sessions of agents at the console: a browser that somebody has logged in with, until they leave or time is up."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.agents import Agent
from domain.places import Authority
from domain.ports import Unit

IDLE = timedelta(minutes=30)
"""A browser that nobody touches is left behind sooner than its agent notices."""

LONGEST = timedelta(hours=10)
"""A day of work: nobody stays logged in overnight."""

NOTICED = timedelta(minutes=1)
"""How finely it is written down when a session was last used: a page is read without a write, most of the time."""

REMEMBERED = timedelta(days=30)
"""How long a session that is over stays in its agent's list."""


HALF_WAY = timedelta(minutes=5)
"""How long a password waits for its second factor."""


class Proof(StrEnum):
    """How somebody has proved who they are."""

    HALF = "half"
    """By a password, which is not enough: it lets nobody in until the second factor has come."""
    PASSWORD = "password"
    CODE = "code"
    PROVIDER = "provider"
    """At an identity provider, which answers for it."""
    PASSKEY = "passkey"


class AgentSession(Struct, frozen=True):
    """One browser of one agent. Of its secret only a SHA-256 is known; `browser` is its family and system, no more."""

    id: UUID
    authority_id: UUID
    agent_id: UUID
    secret_hash: bytes
    created_at: datetime
    seen_at: datetime
    address: str
    browser: str
    keep_until: date
    proof: Proof = Proof.PASSWORD
    revoked_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Tell whether it still lets its agent in."""
        return (
            self.proof is not Proof.HALF
            and self.revoked_at is None
            and now < min(self.seen_at + IDLE, self.created_at + LONGEST)
        )

    def awaits_code(self, now: datetime) -> bool:
        """Tell whether a second factor would still complete it."""
        return self.proof is Proof.HALF and self.revoked_at is None and now < self.created_at + HALF_WAY


class Entered(Struct, frozen=True):
    """Who stands behind a session, open or not: what every page of the console asks, at once."""

    session: AgentSession
    agent: Agent
    authority: Authority


async def open_session(
    unit: Unit, agent: Agent, *, secret_hash: bytes, address: str, browser: str, proof: Proof, now: datetime
) -> AgentSession:
    """Let an agent in who has just proved who they are. Its secret is new with each login: none is ever taken over."""
    opened = AgentSession(
        id=unit.ids.row(),
        authority_id=agent.authority_id,
        agent_id=agent.id,
        secret_hash=secret_hash,
        created_at=now,
        seen_at=now,
        address=address,
        browser=browser,
        proof=proof,
        keep_until=(now + LONGEST + REMEMBERED).date(),
    )
    await unit.agent_sessions.add(opened)
    if proof is not Proof.HALF:
        await unit.agents.noticed(agent.id, now)
    return opened


async def revoke(unit: Unit, session: AgentSession, *, now: datetime) -> AgentSession:
    """End a session, by whoever may. One that is over already stays as it is."""
    if not session.is_open(now) and not session.awaits_code(now):
        return session
    ended = replace(session, revoked_at=now)
    await unit.agent_sessions.save(ended)
    return ended


async def revoke_all(unit: Unit, agent: Agent, *, now: datetime, but: UUID | None = None) -> None:
    """End every session of an agent, but perhaps the one that asks for it."""
    for session in await unit.agent_sessions.of(agent.id):
        if session.id != but:
            await revoke(unit, session, now=now)
