"""Who a resident is at an identity provider (FranceConnect): a number that the provider uses for us alone.

That number opens an account, as an address does. It ties nobody to a person of the register: a code of a desk or a
letter does (`domain.account_links`; ADR 0053 says why). Whoever comes back from the provider is given a ticket, which
only the device that began can turn in: another app that catches it has nothing (RFC 7636, RFC 8252).
"""

import base64
import hmac
import re
import secrets
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from msgspec import Struct

from domain.accounts import Account, new_account, was_used
from domain.errors.accounts import IdentityTaken, TicketRefused
from domain.errors.agents import LastWayIn
from domain.ports import Unit

TICKET_LIFE: Final = timedelta(minutes=2)
CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
"""A SHA-256 in base64url, as RFC 7636 has it (S256)."""

LONGEST_SUBJECT: Final = 255


class ResidentIdentity(Struct, frozen=True):
    """An identity that opens an account. `subject` is the provider's number for this person and this city's service."""

    id: UUID
    authority_id: UUID
    account_id: UUID
    issuer: str
    subject: str
    linked_at: datetime
    keep_until: date


class Ticket(Struct, frozen=True):
    """Who has come back from the provider. Of the ticket itself only a SHA-256 is known, as of the device's secret."""

    ticket_hash: bytes
    authority_id: UUID
    issuer: str
    subject: str
    id_token: str
    challenge: str
    language: str
    expires_at: datetime
    keep_until: date


async def issue_ticket(
    unit: Unit,
    *,
    authority_id: UUID,
    issuer: str,
    subject: str,
    id_token: str,
    challenge: str,
    language: str,
    now: datetime,
) -> str:
    """Write down who came back, and return the ticket that their browser takes to the device that began."""
    text = secrets.token_urlsafe(32)
    ticket = Ticket(
        ticket_hash=_hash(text),
        authority_id=authority_id,
        issuer=issuer,
        subject=subject,
        id_token=id_token,
        challenge=challenge,
        language=language,
        expires_at=now + TICKET_LIFE,
        keep_until=(now + TICKET_LIFE).date() + timedelta(days=1),
    )
    await unit.account_identities.add_ticket(ticket)
    return text


async def turn_in(unit: Unit, text: str, verifier: str, *, now: datetime) -> Ticket:
    """Take a ticket that the device which began turns in.

    Raises:
        TicketRefused: it is over, was turned in before, or belongs to another device.
    """
    ticket = await unit.account_identities.take_ticket(_hash(text))
    if ticket is None or ticket.expires_at <= now:
        raise TicketRefused("The ticket is over, or was used.")
    shown = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    if not hmac.compare_digest(shown, ticket.challenge):
        raise TicketRefused("The ticket is over, or was used.")
    return ticket


async def log_in(unit: Unit, ticket: Ticket, *, now: datetime) -> Account:
    """Return the account that an identity opens, a new one if it opens none."""
    known = await unit.account_identities.by_subject(ticket.authority_id, ticket.issuer, ticket.subject)
    account = await unit.accounts.by_id(known.authority_id, known.account_id) if known is not None else None
    if account is not None:
        return await was_used(unit, account, now=now)
    opened = new_account(unit, authority_id=ticket.authority_id, language=ticket.language, now=now)
    await unit.accounts.add(opened)
    await attach(unit, opened, ticket, now=now)
    return opened


async def attach(unit: Unit, account: Account, ticket: Ticket, *, now: datetime) -> ResidentIdentity:
    """Let an identity open an account from now on.

    Raises:
        IdentityTaken: it opens another one, or this account has another one of the same provider.
    """
    if ticket.authority_id != account.authority_id:
        raise IdentityTaken("The ticket is for another city.")
    for known in await unit.account_identities.of(account.id):
        if (known.issuer, known.subject) == (ticket.issuer, ticket.subject):
            return known
    new = ResidentIdentity(
        id=unit.ids.row(),
        authority_id=account.authority_id,
        account_id=account.id,
        issuer=ticket.issuer,
        subject=ticket.subject,
        linked_at=now,
        keep_until=account.keep_until,
    )
    await unit.account_identities.add(new)
    return new


async def detach(unit: Unit, account: Account, identity_id: UUID) -> None:
    """Let an identity open an account no more; one that is gone is gone.

    Raises:
        LastWayIn: no address opens the account, so no code could be sent.
    """
    if not await unit.accounts.contacts(account.id):
        raise LastWayIn("Add an address first.")
    await unit.account_identities.remove(account.id, identity_id)


def _hash(text: str) -> bytes:
    return sha256(text.encode()).digest()
