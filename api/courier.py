"""Carrying messages to webhooks: as soon as one is written, and again until it is taken or given up."""

import asyncio

import structlog

from adapters.keyring import KeyRing
from adapters.masters import KeyMissing
from adapters.webhooks import Poster
from api.rounds import Rounds
from domain.ports import Clock
from domain.webhooks import Delivery, signature
from store.database import Database
from store.webhooks import claim_due, is_due, settle

LOOKS_SECONDS = 5.0
"""How often somebody looks for what is due: another worker may have written it."""

_AT_ONCE = 20

log = structlog.get_logger("webhooks")


class Courier:
    """One for each process; what one has in hand no other takes."""

    def __init__(self, database: Database, keyring: KeyRing, clock: Clock, poster: Poster) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._poster = poster
        self.rounds = Rounds("courier", self.carry, every_seconds=LOOKS_SECONDS)

    def call(self) -> None:
        """Say that something was written: the courier leaves at once."""
        self.rounds.call()

    async def carry(self) -> None:
        """Carry whatever is due."""
        while await self.round():
            pass

    async def round(self) -> int:
        """Carry what is due now, and return how many messages that were."""
        async with self._database.read() as connection:
            if not await is_due(connection, self._clock()):
                return 0
        async with self._database.write() as connection:
            claimed = await claim_due(connection, self._clock(), _AT_ONCE)
        carried = await asyncio.gather(*(self._carry(*each) for each in claimed), return_exceptions=True)
        for problem in carried:
            # It is due again: one message that cannot be carried keeps no other from its way.
            if isinstance(problem, Exception):
                log.error("not carried", exc_info=problem)
        return len(claimed)

    async def _carry(self, delivery: Delivery, url: str, authority: str) -> None:
        try:
            secret = self._keyring.webhook_key(authority, delivery.webhook_id)
        except KeyMissing:
            answer, taken = "no key", False
        else:
            answer, taken = await self._poster.post(url, delivery.body, signature(secret, delivery, self._clock()))
        async with self._database.write() as connection:
            await settle(connection, delivery, answer, self._clock() if taken else None)
        if not taken:
            log.warning("not delivered", delivery=str(delivery.id), attempts=delivery.attempts + 1, answer=answer)
