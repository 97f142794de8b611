"""A second factor: six digits that a telephone draws anew every thirty seconds (TOTP, RFC 6238), and codes on paper.

The secret is derived from the authority's master and a random seed, so that the database alone lets nobody in. A code
counts once: the step it was drawn for is remembered, and none before it is taken any more.
"""

import base64
import hmac
import secrets
from datetime import datetime
from hashlib import sha256
from typing import Final
from urllib.parse import quote, urlencode
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.agents import Agent
from domain.errors.agents import SecondFactorWrong
from domain.ports import Unit

SEED_BYTES: Final = 16
SECRET_BYTES: Final = 20
"""As long as SHA-1, which every authenticator program can do (RFC 4226, section 4)."""

STEP_SECONDS: Final = 30
DIGITS: Final = 6
_STEPS_AROUND: Final = 1
"""How far a telephone's clock may be off, in steps either way."""

PAPER_CODES: Final = 8
_PAPER_BYTES: Final = 10
"""80 bits: nobody guesses one, so its bare SHA-256 tells nothing."""


class SecondFactor(Struct, frozen=True):
    """The telephone of one agent. It counts once `confirmed_at` says that a first code was right."""

    agent_id: UUID
    seed: bytes
    last_step: int = 0
    confirmed_at: datetime | None = None


def code_at(secret: bytes, step: int) -> str:
    """Return the code of one step: HOTP (RFC 4226) of the number of half minutes since 1970."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_of(secret: bytes, code: str, now: datetime, *, after: int) -> int | None:
    """Return the step that a code was drawn for, around now and after the last one that was taken; None: wrong."""
    typed = "".join(code.split()).encode()
    present = int(now.timestamp()) // STEP_SECONDS
    steps = range(max(present - _STEPS_AROUND, after + 1), present + _STEPS_AROUND + 1)
    matching = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), typed)]
    return matching[-1] if matching else None


def address_for(secret: bytes, *, login: str, issuer: str) -> str:
    """Write what an authenticator program reads from a QR code (Key URI format)."""
    fields = {"secret": base64.b32encode(secret).decode(), "issuer": issuer}
    return f"otpauth://totp/{quote(issuer)}:{quote(login)}?{urlencode(fields, quote_via=quote)}"


def secret_to_type(secret: bytes) -> str:
    """Write a secret for whoever cannot scan: groups of four."""
    text = base64.b32encode(secret).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


async def prepare(unit: Unit, agent: Agent) -> SecondFactor:
    """Begin with a telephone: a fresh seed, which counts nothing until its first code is right."""
    prepared = SecondFactor(agent.id, secrets.token_bytes(SEED_BYTES))
    await unit.second_factors.prepare(prepared)
    return prepared


async def confirm(unit: Unit, factor: SecondFactor, secret: bytes, code: str, *, now: datetime) -> tuple[str, ...]:
    """Take the first code of a telephone, and return the codes to be kept on paper, which are shown this once.

    Raises:
        SecondFactorWrong: it is another code.
    """
    step = step_of(secret, code, now, after=factor.last_step)
    if step is None or not await unit.second_factors.use(replace(factor, last_step=step)):
        raise SecondFactorWrong("The code is wrong.")
    await unit.second_factors.confirm(factor.agent_id, now)
    return await new_paper(unit, factor.agent_id)


async def new_paper(unit: Unit, agent_id: UUID) -> tuple[str, ...]:
    """Draw new codes for paper in place of all earlier ones."""
    raw = [base64.b32encode(secrets.token_bytes(_PAPER_BYTES)).decode().lower() for _ in range(PAPER_CODES)]
    await unit.second_factors.replace_paper(agent_id, [_hash(code) for code in raw])
    return tuple("-".join(code[start : start + 4] for start in range(0, len(code), 4)) for code in raw)


async def prove(unit: Unit, factor: SecondFactor, secret: bytes, code: str, *, now: datetime) -> None:
    """Take a code of the telephone, or one from the paper; each counts once.

    Raises:
        SecondFactorWrong: it is neither, or was used before.
    """
    step = step_of(secret, code, now, after=factor.last_step)
    if step is not None:
        taken = await unit.second_factors.use(replace(factor, last_step=step))
    else:
        taken = await unit.second_factors.use_paper(factor.agent_id, _hash(code))
    if not taken:
        raise SecondFactorWrong("The code is wrong, or was used before.")


def _hash(code: str) -> bytes:
    return sha256("".join(code.split()).replace("-", "").lower().encode()).digest()
