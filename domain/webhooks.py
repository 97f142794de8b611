"""Telling other software of the city that something has happened: signed, tried again, and given up in the end.

The envelope and the signature are those of Standard Webhooks 1.0: whoever receives may take a library for it.
"""

import hmac
from base64 import b64encode
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.errors.floods import BadWebhook, TooManyWebhooks
from domain.ports import Unit

MOST_WEBHOOKS = 10
"""Of one authority. One that was ended counts no more."""

LONGEST_URL = 400

RETRIES = tuple(timedelta(seconds=each) for each in (10, 30, 60, 120, 300, 900, 3_600, 10_800, 21_600))
"""How long to wait after each attempt that failed. After the tenth, within eleven hours, nobody tries again."""

_AT_HOME = ("localhost", "localhost.")


class Kind(StrEnum):
    """What a webhook may be told of. Each names what it wants: a sign must not show what only agents may know."""

    FLOOD_WAITING = "flood.waiting"
    """Readings have turned a level, and somebody has to look. Not public."""
    FLOOD_LEVEL = "flood.level"
    """A public level has changed."""
    TASK_OPENED = "task.opened"
    """A service has something to look at. Not public."""


class Webhook(Struct, frozen=True):
    """Where an authority wants to be told. The secret of its signatures is derived from the keyring, never stored."""

    id: UUID
    authority_id: UUID
    url: str
    kinds: tuple[Kind, ...]
    created_by: UUID
    created_at: datetime
    ended_at: datetime | None = None


class Delivery(Struct, frozen=True):
    """One message to one webhook. `due_at` is None once it was delivered, given up or overtaken.

    `subject` is what it tells of: a newer message of the same kind and subject takes the place of one that waits.
    """

    id: UUID
    authority_id: UUID
    webhook_id: UUID
    kind: Kind
    subject: str
    body: bytes
    created_at: datetime
    attempts: int
    due_at: datetime | None
    delivered_at: datetime | None = None
    answer: str = ""
    """What the last attempt met: a status, or the kind of failure."""


class Webhooks(Protocol):
    """Webhooks and what is to be delivered to them (`store.webhooks`)."""

    async def add(self, new: Webhook) -> None: ...
    async def end(self, webhook: Webhook, now: datetime) -> None:
        """Let nothing more be sent to a webhook."""
        ...

    async def of(self, authority_id: UUID, webhook_id: UUID) -> Webhook: ...
    async def active(self, authority_id: UUID) -> list[Webhook]: ...
    async def enqueue(self, new: Delivery) -> None:
        """Write what is to be delivered, in the place of what still waits of the same kind and subject."""
        ...

    async def deliveries(self, authority_id: UUID, most: int) -> list[Delivery]: ...


class Envelope(Struct, frozen=True):
    """What is posted."""

    type: Kind
    timestamp: datetime
    data: Struct


async def register_webhook(unit: Unit, webhook: Webhook) -> None:
    """Write a webhook.

    Raises:
        BadWebhook: as `check_url`.
        TooManyWebhooks: the authority has ten.
    """
    check_url(webhook.url)
    if len(await unit.webhooks.active(webhook.authority_id)) >= MOST_WEBHOOKS:
        raise TooManyWebhooks(f"{MOST_WEBHOOKS} webhooks are the most: end one first.")
    await unit.webhooks.add(webhook)


async def announce(unit: Unit, authority_id: UUID, *, kind: Kind, subject: str, data: Struct, now: datetime) -> None:
    """Enqueue a message to each webhook that wants it, in the transaction of what it tells of."""
    body = msgspec.json.encode(Envelope(kind, now, data))
    for webhook in [one for one in await unit.webhooks.active(authority_id) if kind in one.kinds]:
        await unit.webhooks.enqueue(
            Delivery(unit.ids.row(), authority_id, webhook.id, kind, subject, body, now, attempts=0, due_at=now)
        )


def check_url(url: str) -> None:
    """Refuse an address where a message could be read on its way, or that names a user.

    Raises:
        BadWebhook: it is neither https nor an http address of this machine or this network.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise BadWebhook("This is no address.") from None
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise BadWebhook(f"An address has at most {LONGEST_URL} characters of ASCII, and no space.")
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise BadWebhook("An address names a host, and neither a user nor a fragment.")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_near(host)):
        raise BadWebhook("Only https leaves this network.")


def _is_near(host: str) -> bool:
    if host in _AT_HOME:
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or (address.is_private and not address.is_link_local and not address.is_unspecified)


def signature(secret: bytes, delivery: Delivery, at: datetime) -> dict[str, str]:
    """Return the headers that prove who sent a message, and when."""
    seconds = str(int(at.timestamp()))
    signed = b".".join((str(delivery.id).encode(), seconds.encode(), delivery.body))
    mac = b64encode(hmac.digest(secret, signed, "sha256")).decode()
    return {"webhook-id": str(delivery.id), "webhook-timestamp": seconds, "webhook-signature": f"v1,{mac}"}


def next_attempt(attempts: int, now: datetime) -> datetime | None:
    """Return when to try again after so many attempts; None where nobody does."""
    return now + RETRIES[attempts - 1] if attempts <= len(RETRIES) else None
