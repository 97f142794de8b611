"""Who an agent is at an identity provider: their employer's number and their own there (ProConnect: `siret`, `uid`).

An administrator attaches an identity to an agent; nobody becomes an agent by logging in somewhere.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from domain.agents import Agent
from domain.errors import AlreadyExists, Invalid
from domain.errors.agents import IdentityRefused
from domain.ports import Unit

SCOPES = "openid given_name usual_name email uid siret"
"""What ProConnect is asked to say; each names the claims that it brings."""

LONGEST_UID = 255


class Claimed(Struct, frozen=True):
    """What a provider says of whoever logged in there. The name is for a page of words, and is not kept."""

    siret: str
    uid: str
    name: str = ""

    @classmethod
    def of(cls, claims: Mapping[str, object]) -> "Claimed":
        """Read the claims of ProConnect.

        Raises:
            IdentityRefused: the two numbers are not there.
        """
        siret, uid = str(claims.get("siret", "")), str(claims.get("uid", ""))
        if not is_siret(siret) or not 0 < len(uid) <= LONGEST_UID or not uid.isprintable():
            raise IdentityRefused("The provider says neither siret nor uid.")
        name = f"{claims.get('given_name', '')} {claims.get('usual_name', '')}".strip()
        return cls(siret, uid, name[:120])


class Identity(Struct, frozen=True):
    """An identity that an administrator has attached to an agent."""

    id: UUID
    authority_id: UUID
    agent_id: UUID
    siret: str
    uid: str
    attached_at: datetime
    keep_until: date
    attached_by: UUID | None = None


def is_siret(text: str) -> bool:
    """Tell whether this is the number of an establishment: fourteen digits (INSEE)."""
    return re.fullmatch(r"[0-9]{14}", text) is not None


async def attach(unit: Unit, agent: Agent, *, siret: str, uid: str, by: Agent | None, now: datetime) -> Identity:
    """Let somebody who proves this identity in as an agent.

    Raises:
        Invalid: the siret has not fourteen digits, or there is no uid.
        AlreadyExists: it is attached to somebody, here or at another authority.
    """
    siret = "".join(siret.split())
    if not is_siret(siret) or not 0 < len(uid) <= LONGEST_UID or not uid.isprintable():
        raise Invalid("A siret has fourteen digits; the uid is as the provider says it.")
    if await unit.identities.by_claim(siret, uid) is not None:
        raise AlreadyExists("This identity belongs to an agent already.")
    new = Identity(
        id=unit.ids.row(),
        authority_id=agent.authority_id,
        agent_id=agent.id,
        siret=siret,
        uid=uid,
        attached_at=now,
        attached_by=None if by is None else by.id,
        keep_until=agent.keep_until,
    )
    await unit.identities.add(new)
    return new
