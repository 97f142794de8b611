"""Queries on webhooks, and on what is to be delivered to them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors.floods import WebhookNotFound
from domain.webhooks import Delivery, Webhook, next_attempt
from store.rows import insert, only, to_struct
from store.tables.places import authority
from store.tables.webhooks import webhook, webhook_delivery

DELIVERIES_KEPT = timedelta(days=30)


class SqlWebhooks:
    """`domain.webhooks.Webhooks` on one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, new: Webhook) -> None:
        """Write a webhook."""
        await insert(self._connection, webhook, new)

    async def end(self, ended: Webhook, now: datetime) -> None:
        """Let nothing more be sent to a webhook."""
        await self._connection.execute(
            update(webhook).where(webhook.c.id == ended.id, webhook.c.ended_at.is_(None)).values(ended_at=now)
        )
        await self._connection.execute(
            update(webhook_delivery)
            .where(webhook_delivery.c.webhook_id == ended.id, webhook_delivery.c.due_at.is_not(None))
            .values(due_at=None, answer="ended")
        )

    async def of(self, authority_id: UUID, webhook_id: UUID) -> Webhook:
        """Find a webhook of this authority."""
        found = await self._connection.execute(
            select(webhook).where(webhook.c.authority_id == authority_id, webhook.c.id == webhook_id)
        )
        return only(found, Webhook, WebhookNotFound("No such webhook."))

    async def active(self, authority_id: UUID) -> list[Webhook]:
        """List the webhooks of an authority that were not ended, oldest first."""
        found = await self._connection.execute(
            select(webhook)
            .where(webhook.c.authority_id == authority_id, webhook.c.ended_at.is_(None))
            .order_by(webhook.c.created_at, webhook.c.id)
        )
        return [to_struct(row, Webhook) for row in found]

    async def enqueue(self, new: Delivery) -> None:
        """Write what is to be delivered, in the place of what still waits of the same kind and subject."""
        await self._connection.execute(
            update(webhook_delivery)
            .where(
                webhook_delivery.c.webhook_id == new.webhook_id,
                webhook_delivery.c.kind == new.kind,
                webhook_delivery.c.subject == new.subject,
                webhook_delivery.c.due_at.is_not(None),
            )
            .values(due_at=None, answer="overtaken")
        )
        await insert(self._connection, webhook_delivery, new)

    async def deliveries(self, authority_id: UUID, most: int) -> list[Delivery]:
        """List what was and is to be delivered, the newest first."""
        found = await self._connection.execute(
            select(webhook_delivery)
            .where(webhook_delivery.c.authority_id == authority_id)
            .order_by(webhook_delivery.c.created_at.desc(), webhook_delivery.c.id.desc())
            .limit(most)
        )
        return [to_struct(row, Delivery) for row in found]


async def is_due(connection: AsyncConnection, now: datetime) -> bool:
    """Tell whether anything is to be delivered by now: asked often, and of no writer."""
    found = await connection.execute(
        select(webhook_delivery.c.id)
        .where(webhook_delivery.c.due_at.is_not(None), webhook_delivery.c.due_at <= now)
        .limit(1)
    )
    return found.first() is not None


async def claim_due(connection: AsyncConnection, now: datetime, most: int) -> Sequence[tuple[Delivery, str, str]]:
    """Take what is due, oldest first, with its address and its authority's code. The attempt counts before it is made.

    Whoever dies with it in hand leaves it to be tried again: at least once, never lost. No two workers take the same.
    """
    found = await connection.execute(
        select(webhook_delivery, webhook.c.url, authority.c.code)
        .join(webhook, webhook.c.id == webhook_delivery.c.webhook_id)
        .join(authority, authority.c.id == webhook_delivery.c.authority_id)
        .where(webhook_delivery.c.due_at.is_not(None), webhook_delivery.c.due_at <= now)
        .order_by(webhook_delivery.c.due_at)
        .limit(most)
        .with_for_update(of=webhook_delivery, skip_locked=True)
    )
    claimed = [(to_struct(row, Delivery), row.url, row.code) for row in found]
    for delivery, _, _ in claimed:
        attempts = delivery.attempts + 1
        await connection.execute(
            update(webhook_delivery)
            .where(webhook_delivery.c.id == delivery.id)
            .values(attempts=attempts, due_at=next_attempt(attempts, now), answer="no answer")
        )
    return claimed


async def settle(connection: AsyncConnection, delivery: Delivery, answer: str, delivered_at: datetime | None) -> None:
    """Write what an attempt met; what was delivered is due no more."""
    done = {"due_at": None, "delivered_at": delivered_at} if delivered_at is not None else {}
    await connection.execute(
        update(webhook_delivery).where(webhook_delivery.c.id == delivery.id).values(answer=answer[:60], **done)
    )


async def deliveries_end(connection: AsyncConnection, authority_id: UUID, now: datetime) -> bool:
    """Tell whether anything was told more than thirty days ago."""
    found = await connection.execute(select(webhook_delivery.c.id).where(_old(authority_id, now)).limit(1))
    return found.first() is not None


async def forget_deliveries(connection: AsyncConnection, authority_id: UUID, now: datetime) -> dict[str, int]:
    """Forget it, and return how many rows of which table that was."""
    gone = await connection.execute(delete(webhook_delivery).where(_old(authority_id, now)))
    return {webhook_delivery.name: gone.rowcount}


def _old(authority_id: UUID, now: datetime) -> ColumnElement[bool]:
    return and_(webhook_delivery.c.authority_id == authority_id, webhook_delivery.c.created_at < now - DELIVERIES_KEPT)
