"""Tokens that agents make for their programs: whoever logs in by a passkey alone has no password to give to one.

A token allows what its maker has ticked, and never more than their roles allow on the day: what a role loses, it loses.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.agents import Agent, Permission
from domain.errors import Forbidden, Invalid
from domain.errors.agents import TooManyTokens
from domain.ports import Unit

PREFIX: Final = "mpt_"
"""How each begins: software that looks for secrets in published files knows it by that."""

MOST_TOKENS: Final = 10
LONGEST_NAME: Final = 60

LONGEST_LIFE: Final = timedelta(days=366)
USUAL_LIFE: Final = timedelta(days=90)

CONSOLE_ALONE: Final = frozenset(
    {
        Permission.AGENT_MANAGE,
        Permission.FIGURES_ENTER,
        Permission.PEOPLE_IMPORT,
        Permission.PHOTO_SEE,
    }
)
"""What only pages of the console ask for: a token would have no use for it."""

REMEMBERED: Final = timedelta(days=30)
"""How long one that is over stays in its maker's list."""

NOTICED: Final = timedelta(hours=1)
"""How finely it is written down when one was last used: programs ask often, and a write is a write."""


class PersonalToken(Struct, frozen=True):
    """A token of an agent for one program. Of its text only a SHA-256 is known.

    `until` is the first day on which it opens nothing more, where the authority is.
    """

    id: UUID
    authority_id: UUID
    agent_id: UUID
    name: str
    token_hash: bytes
    permissions: tuple[Permission, ...]
    created_at: datetime
    until: date
    keep_until: date
    used_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_open(self, day: date) -> bool:
        """Tell whether it still opens anything."""
        return self.revoked_at is None and day < self.until

    def narrows(self, agent: Agent) -> Agent:
        """Return its agent as whoever shows it: with what it allows, of what their roles allow."""
        return replace(agent, only=frozenset(self.permissions))


def allowed_to(agent: Agent) -> tuple[Permission, ...]:
    """List what an agent may give a token: what they may do themselves, at some place at least, by the API."""
    return tuple(one for one in Permission if one not in CONSOLE_ALONE and agent.may_somewhere(one))


def check_wanted(agent: Agent, permissions: Collection[Permission], until: date, *, day: date) -> None:
    """Refuse a token that would do nothing, too much, or too long. `day` is today where the authority is.

    Raises:
        Forbidden: no role of theirs allows this.
        Invalid: it allows nothing, or does not end within a year from now.
    """
    if not permissions:
        raise Invalid("Say what the token allows.")
    if not set(permissions) <= set(allowed_to(agent)):
        raise Forbidden("A token allows nothing that its maker's roles do not.")
    if not day < until <= day + LONGEST_LIFE:
        raise Invalid(f"A token ends within {LONGEST_LIFE.days} days.")


async def make(
    unit: Unit,
    agent: Agent,
    *,
    name: str,
    permissions: tuple[Permission, ...],
    until: date,
    token_hash: bytes,
    now: datetime,
    day: date,
) -> PersonalToken:
    """Give an agent a token for a program. `day` is today where the authority is.

    Raises:
        Forbidden, Invalid: as `check_wanted` says.
        TooManyTokens: ten of theirs are open.
    """
    check_wanted(agent, permissions, until, day=day)
    if sum(one.is_open(day) for one in await unit.personal_tokens.of(agent.id)) >= MOST_TOKENS:
        raise TooManyTokens(f"An account has {MOST_TOKENS} tokens at most: revoke one first.")
    new = PersonalToken(
        id=unit.ids.row(),
        authority_id=agent.authority_id,
        agent_id=agent.id,
        name=name,
        token_hash=token_hash,
        permissions=permissions,
        created_at=now,
        until=until,
        keep_until=until + REMEMBERED,
    )
    await unit.personal_tokens.add(new)
    return new


async def revoke_token(unit: Unit, token: PersonalToken, *, now: datetime) -> None:
    """End a token at once, for good. One that has ended stays as it is."""
    if token.revoked_at is None:
        keep_until = min(token.keep_until, (now + REMEMBERED).date())
        await unit.personal_tokens.save(replace(token, revoked_at=now, keep_until=keep_until))


async def revoke_tokens(unit: Unit, agent: Agent, *, now: datetime) -> None:
    """End all tokens of an agent."""
    for token in await unit.personal_tokens.of(agent.id):
        await revoke_token(unit, token, now=now)
