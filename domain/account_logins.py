"""Logging in by a code of six digits, which is sent to an address and proves that it is somebody's.

The code is nowhere: it is derived from a master of the authority and the random seed of its attempt, so a database that
leaks opens nothing. It holds for ten minutes, for five tries, and once.
"""

import hmac
import secrets
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec import Struct

from domain.accounts import Account, Contact, ContactChannel, add_contact, open_account, was_used
from domain.errors.accounts import LoginCodeWrong
from domain.ports import Unit
from domain.second_factors import code_at

LIFE: Final = timedelta(minutes=10)
MOST_TRIES: Final = 5
"""Of a million codes: one attempt of two hundred thousand guesses it, and each of them writes to somebody."""

SEED_BYTES: Final = 16


class LoginAttempt(Struct, frozen=True):
    """A code on its way. `account_id` is whose account the address is to open too; None: somebody logs in by it."""

    id: UUID
    authority_id: UUID
    channel: ContactChannel
    address: str
    language: str
    seed: bytes
    expires_at: datetime
    keep_until: date
    account_id: UUID | None = None
    tries: int = 0


async def begin(
    unit: Unit,
    *,
    authority_id: UUID,
    channel: ContactChannel,
    address: str,
    language: str,
    now: datetime,
    account: Account | None = None,
) -> LoginAttempt:
    """Open an attempt, whether or not the address is known: that is not even looked up."""
    attempt = LoginAttempt(
        id=unit.ids.row(),
        authority_id=authority_id,
        channel=channel,
        address=address,
        language=language,
        seed=secrets.token_bytes(SEED_BYTES),
        expires_at=now + LIFE,
        keep_until=(now + LIFE).date() + timedelta(days=1),
        account_id=account.id if account is not None else None,
    )
    await unit.accounts.add_attempt(attempt)
    return attempt


def code_of(secret: bytes) -> str:
    """Return the code of an attempt, from what its seed and the authority's master give."""
    return code_at(secret, 0)


def is_right(secret: bytes, typed: str) -> bool:
    """Compare what somebody typed with the code, in the same time whatever they typed."""
    said = "".join(typed.split()).encode()
    return hmac.compare_digest(code_of(secret).encode(), said)


async def log_in(unit: Unit, attempt: LoginAttempt, *, now: datetime) -> Account:
    """Spend an attempt whose code was right; return the account that its address opens, a new one if it opens none.

    Raises:
        LoginCodeWrong: it was spent a moment ago, or was not made for logging in.
    """
    if attempt.account_id is not None:
        raise LoginCodeWrong("The code is wrong or over.")
    await _spend(unit, attempt)
    known = await unit.accounts.by_address(attempt.authority_id, attempt.channel, attempt.address)
    if known is not None:
        # Who types the code reads what is sent there.
        await unit.accounts.confirm_anew(attempt.authority_id, attempt.channel, attempt.address, now)
        return await was_used(unit, known, now=now)
    return await open_account(
        unit,
        authority_id=attempt.authority_id,
        channel=attempt.channel,
        address=attempt.address,
        language=attempt.language,
        now=now,
    )


async def confirm_contact(unit: Unit, account: Account, attempt: LoginAttempt, *, now: datetime) -> Contact:
    """Spend an attempt whose code was right; let its address open the account too.

    Raises:
        LoginCodeWrong: it was spent a moment ago, or was made for somebody else.
        ContactTaken: the address opens another account.
    """
    if attempt.account_id != account.id:
        raise LoginCodeWrong("The code is wrong or over.")
    await _spend(unit, attempt)
    return await add_contact(unit, account, channel=attempt.channel, address=attempt.address, now=now)


async def _spend(unit: Unit, attempt: LoginAttempt) -> None:
    if not await unit.accounts.spend_attempt(attempt.id):
        raise LoginCodeWrong("The code is wrong or over.")
