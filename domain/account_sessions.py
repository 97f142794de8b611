"""Devices and browsers that a resident is logged in with, and the tokens by which each stays so.

A refresh token is used once; the next one comes with its answer. It names its session and how many came before it, and
proves both by a code (HMAC-SHA256) under a key that is derived from the authority's master: nothing of it is stored. So
an old token is known as what it is, however old. Whoever shows one has a copy, and the session ends for both.
"""

import base64
import hmac
import secrets
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.accounts import Account
from domain.errors.accounts import RefreshRefused
from domain.places import Authority
from domain.ports import Unit

LIFE: Final = timedelta(days=90)
"""How long a device stays logged in that nobody uses: a phone may be without network for a month."""

LONGEST: Final = timedelta(days=365)
"""Then a code is asked for again, however often it was used."""

RETRY: Final = timedelta(seconds=30)
"""The answer to a renewal may get lost: for so long the token before gets the same answer again."""

REMEMBERED: Final = timedelta(days=90)
"""How long a session that is over stays among the logins of its account: whoever comes by once a season still sees a
stranger's."""

MOST_LISTED: Final = 50
"""Logins that are listed, the last ones."""

SEED_BYTES: Final = 16
_TOKEN_BYTES: Final = 16 + 4 + 32


class Client(StrEnum):
    """What a session is for: its tokens are taken nowhere else."""

    APP = "app"
    PORTAL = "portal"


class LoginWay(StrEnum):
    """By what somebody has proved who they are, when they logged in."""

    EMAIL = "email"
    """A code that came by e-mail."""
    SMS = "sms"
    """A code that came by text message."""
    PASSKEY = "passkey"
    PROVIDER = "provider"


class AccountSession(Struct, frozen=True):
    """One device or browser of one account, from its login on: no address of a network is part of it.

    `generation` counts its refresh tokens; the newest one alone is good. `way` is None where nobody has noted it.
    """

    id: UUID
    authority_id: UUID
    account_id: UUID
    client: Client
    name: str
    seed: bytes
    generation: int
    created_at: datetime
    renewed_at: datetime
    keep_until: date
    revoked_at: datetime | None = None
    way: LoginWay | None = None

    @property
    def expires_at(self) -> datetime:
        """When it ends, if nobody renews it."""
        return min(self.renewed_at + LIFE, self.created_at + LONGEST)

    def is_open(self, now: datetime) -> bool:
        """Tell whether its tokens are still good."""
        return self.revoked_at is None and now < self.expires_at

    def ended_at(self, now: datetime) -> datetime | None:
        """Return when it was ended or has ended by itself; None while its tokens are good."""
        if self.revoked_at is not None:
            return self.revoked_at
        return self.expires_at if self.expires_at <= now else None


class Entered(Struct, frozen=True):
    """Who stands behind a session, open or not: what every request of somebody who is logged in asks, at once."""

    session: AccountSession
    account: Account
    authority: Authority


class RefreshToken(Struct, frozen=True):
    """What a refresh token says of itself; nothing of it is believed before `is_genuine`."""

    session_id: UUID
    generation: int
    proof: bytes


def write_token(session: AccountSession, key: bytes) -> str:
    """Write the refresh token of a session that is good now; `key` is derived from the session's seed."""
    named = session.id.bytes + session.generation.to_bytes(4, "big")
    return base64.urlsafe_b64encode(named + _proof(session.client, named, key)).decode().rstrip("=")


def read_token(text: str) -> RefreshToken:
    """Read a refresh token.

    Raises:
        RefreshRefused: nobody has written this.
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raw = b""
    if len(raw) != _TOKEN_BYTES:
        raise RefreshRefused("The refresh token is not valid.")
    return RefreshToken(UUID(bytes=raw[:16]), int.from_bytes(raw[16:20], "big"), raw[20:])


def is_genuine(session: AccountSession, token: RefreshToken, key: bytes) -> bool:
    """Tell whether we wrote this token, now or before."""
    named = token.session_id.bytes + token.generation.to_bytes(4, "big")
    return hmac.compare_digest(_proof(session.client, named, key), token.proof)


async def open_session(
    unit: Unit, account: Account, *, client: Client, name: str, way: LoginWay, now: datetime
) -> AccountSession:
    """Let a device in whose holder has just proved who they are. `name` is what the list of devices calls it."""
    opened = AccountSession(
        id=unit.ids.row(),
        authority_id=account.authority_id,
        account_id=account.id,
        client=client,
        name=name,
        seed=secrets.token_bytes(SEED_BYTES),
        generation=1,
        created_at=now,
        renewed_at=now,
        keep_until=(now + LIFE + REMEMBERED).date(),
        way=way,
    )
    await unit.account_sessions.add(opened)
    return opened


async def renew(unit: Unit, session: AccountSession, generation: int, *, now: datetime) -> AccountSession:
    """Spend a genuine refresh token of a session; return the session with its next one.

    Whoever shows a token that was spent before ends the session: it comes back revoked, and is to be committed so.

    Raises:
        RefreshRefused: the session is over.
    """
    if not session.is_open(now):
        raise RefreshRefused("Log in again.")
    if generation == session.generation:
        next_ = replace(
            session,
            generation=generation + 1,
            renewed_at=now,
            keep_until=(now + LIFE + REMEMBERED).date(),
        )
        if await unit.account_sessions.renew(next_, was=session):
            return next_
        # Two renewals at once: the other one was written a moment ago, and this is its retry.
        session = await unit.account_sessions.one(session.account_id, session.id)
    if generation == session.generation - 1 and now <= session.renewed_at + RETRY and session.is_open(now):
        return session
    return await revoke(unit, session, now=now)


async def revoke(unit: Unit, session: AccountSession, *, now: datetime) -> AccountSession:
    """End a session. One that is over already stays as it is."""
    if session.revoked_at is not None:
        return session
    ended = replace(session, revoked_at=now, keep_until=(now + REMEMBERED).date())
    await unit.account_sessions.end(ended)
    return ended


async def revoke_all(unit: Unit, account: Account, *, now: datetime, but: UUID | None = None) -> None:
    """End every session of an account, but perhaps the one that asks for it."""
    for session in await unit.account_sessions.of(account.id):
        if session.id != but:
            await revoke(unit, session, now=now)


def _proof(client: Client, named: bytes, key: bytes) -> bytes:
    return hmac.digest(key, client.encode() + b"\0" + named, "sha256")
