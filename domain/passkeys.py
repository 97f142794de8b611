"""Passkeys: keys in a telephone, a computer or a small stick, which prove who holds them by themselves.

A passkey signs a challenge of ours only after it has asked for a finger, a face or a code: it is both factors at once
(W3C, Web Authentication Level 3). How it is read stands in `adapters/passkeys.py`; here is whose it is: an agent's, or
a resident's account's. They lie in two tables, and neither opens what the other does.
"""

from datetime import date, datetime
from typing import Final, Protocol
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.agent_ports import Passkeys
from domain.agents import Agent
from domain.errors import AlreadyExists
from domain.errors.agents import LastWayIn, TooManyPasskeys
from domain.ports import Unit

MOST_PASSKEYS: Final = 10
"""On one account: a telephone, a computer and a stick in a drawer, twice over."""

LONGEST_NAME: Final = 60


class Owner(Protocol):
    """Whose passkeys there are: an agent, or a resident's account."""

    @property
    def id(self) -> UUID:
        """By which its passkeys are found."""
        ...

    @property
    def authority_id(self) -> UUID:
        """Where it belongs."""
        ...

    @property
    def keep_until(self) -> date:
        """Until when what hangs on it is kept."""
        ...


class Passkey(Struct, frozen=True):
    """A passkey of an agent, or of a resident's account.

    `public_key` is a COSE key; `sign_count` what the authenticator has counted up to, 0 where it does not count.
    `suspect_at`: when it last counted less than before, as only a copy of its key does.
    """

    id: UUID
    authority_id: UUID
    owner_id: UUID
    credential_id: bytes
    public_key: bytes
    sign_count: int
    name: str
    created_at: datetime
    keep_until: date
    used_at: datetime | None = None
    suspect_at: datetime | None = None


async def register(
    unit: Unit,
    keys: Passkeys,
    owner: Owner,
    *,
    credential_id: bytes,
    public_key: bytes,
    sign_count: int,
    name: str,
    now: datetime,
) -> Passkey:
    """Let the owner in from now on who shows this passkey. `keys` are those of agents, or of residents.

    Raises:
        AlreadyExists: it is registered, here or by somebody else.
        TooManyPasskeys: the account has ten.
    """
    if len(await keys.of(owner.id)) >= MOST_PASSKEYS:
        raise TooManyPasskeys(f"An account has {MOST_PASSKEYS} passkeys at most: remove one first.")
    if await keys.by_credential(credential_id) is not None:
        raise AlreadyExists("This passkey is registered already.")
    new = Passkey(
        id=unit.ids.row(),
        authority_id=owner.authority_id,
        owner_id=owner.id,
        credential_id=credential_id,
        public_key=public_key,
        sign_count=sign_count,
        name=name,
        created_at=now,
        keep_until=owner.keep_until,
    )
    await keys.add(new)
    return new


async def rename(keys: Passkeys, owner: Owner, passkey_id: UUID, name: str) -> Passkey:
    """Give a passkey another name.

    Raises:
        PasskeyNotFound: the owner has none of this id.
    """
    renamed = replace(await keys.one(owner.id, passkey_id), name=name)
    await keys.save(renamed)
    return renamed


async def remove(unit: Unit, agent: Agent, passkey_id: UUID, *, is_second_factor: bool) -> Passkey:
    """Take a passkey off an agent. `is_second_factor`: whether the account must have one, and has no telephone.

    Raises:
        PasskeyNotFound: the agent has none of this id.
        LastWayIn: nothing else would let them in.
    """
    gone = await unit.passkeys.one(agent.id, passkey_id)
    others = len(await unit.passkeys.of(agent.id)) - 1
    by_other_ways = bool(agent.password_hash) and not is_second_factor
    if not others and not by_other_ways and not await unit.identities.of(agent.id):
        raise LastWayIn("It is the last way into this account.")
    await unit.passkeys.remove(agent.id, gone.id)
    return gone


async def use(keys: Passkeys, passkey: Passkey, sign_count: int, *, now: datetime) -> bool:
    """Note that a passkey has signed. False where its count did not go on: it is noted as suspect, and lets in nobody.

    Passkeys that are kept in step over several devices do not count: theirs is always 0.
    """
    if await keys.use(replace(passkey, sign_count=sign_count, used_at=now)):
        return True
    await keys.save(replace(passkey, suspect_at=now))
    return False
