"""An act of a resident is done once: what it was answered is kept under its key, and told again whoever asks again."""

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from msgspec import Struct

from domain.accounts import Account
from domain.errors.passes import KeyReused
from domain.ports import Unit

KEPT: Final = timedelta(days=3)
"""A phone that was in a cellar for a weekend may still ask."""


class KeptAnswer(Struct, frozen=True):
    """What was answered. `fingerprint` stands for all that was asked, `body` is what was said."""

    account_id: UUID
    key: str
    authority_id: UUID
    fingerprint: bytes
    body: bytes
    keep_until: date


async def answered(unit: Unit, account: Account, key: str, fingerprint: bytes) -> bytes | None:
    """Return what this act was answered before; None where it is new.

    Raises:
        KeyReused: something else was asked under this key.
    """
    kept = await unit.account_sessions.answer(account.id, key)
    if kept is None:
        return None
    if kept.fingerprint != fingerprint:
        raise KeyReused("This key was used for something else; nothing was done.")
    return kept.body


async def keep(unit: Unit, account: Account, key: str, *, fingerprint: bytes, body: bytes, now: datetime) -> None:
    """Keep what an act is answered, in its own transaction.

    Raises:
        AlreadyExists: an answer stands under this key since a moment ago; nothing of the act may be written.
    """
    kept = KeptAnswer(account.id, key, account.authority_id, fingerprint, body, (now + KEPT).date())
    await unit.account_sessions.keep_answer(kept)
