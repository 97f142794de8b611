"""Sending notices: what is due becomes public, and letters leave to those who follow it.

What is promised of letters stands in `domain.deliveries`, and holds of messages to telephones too: one outbox, one
worker. Without either, notices become public all the same.
"""

import asyncio

import structlog

from adapters.masters import KeyMissing
from adapters.notice_letters import NoticeLetters
from adapters.notice_pushes import NoticePushes
from adapters.wrapping import KeyringAltered
from api.rounds import Rounds
from domain.deliveries import LONGEST_ATTEMPT_SECONDS, Delivery, Outcome
from domain.errors.mail import BadLetter, LetterRefused, MailAway, RecipientRefused
from domain.errors.push import PushAway, PushGone, PushRefused
from domain.mail import Mail
from domain.notices import send_due
from domain.places import Authority
from domain.ports import Clock
from domain.subscribers import Channel
from store.database import Database
from store.deliveries import claim_letters, letter_is_due, note_bounce, note_gone, settle_letter
from store.notices import notice_is_due

LOOKS_SECONDS = 5.0
"""How often somebody looks for what is due: another worker may have written it."""

_AT_ONCE = 5
"""Letters under way at one moment, of one worker: mail servers count connections."""

log = structlog.get_logger("notices")


class NoticeCarrier:
    """One for each process; what one has in hand no other takes."""

    def __init__(
        self,
        database: Database,
        letters: NoticeLetters,
        mail: Mail | None,
        clock: Clock,
        *,
        pushes: NoticePushes | None = None,
    ) -> None:
        self._database = database
        self._letters = letters
        self._mail = mail
        self._pushes = pushes
        self._clock = clock
        self.rounds = Rounds("notices", self.carry, every_seconds=LOOKS_SECONDS)

    def call(self) -> None:
        """Say that something was scheduled: what is due leaves at once."""
        self.rounds.call()

    async def carry(self) -> None:
        """Send whatever is due."""
        await self.publish()
        while await self.round():
            pass

    async def publish(self) -> None:
        """Make public what is due at every authority."""
        async with self._database.read() as connection:
            if not await notice_is_due(connection, self._clock()):
                return
        for authority in (await self._authorities()).values():
            async with self._database.begin() as unit:
                await send_due(unit, authority.id, self._clock())

    async def round(self) -> int:
        """Send what is due now, and return how many rows that were. What waits for a way that is not there waits."""
        ways = {Channel.EMAIL: self._mail, Channel.PUSH: self._pushes}
        open_ = [channel for channel, way in ways.items() if way is not None]
        async with self._database.read() as connection:
            if not open_ or not await letter_is_due(connection, self._clock(), open_):
                return 0
        authorities = await self._authorities()
        async with self._database.write() as connection:
            taken, letters = await claim_letters(connection, self._clock(), _AT_ONCE, open_)
        carried = await asyncio.gather(
            *(self._carry(each, authorities[each.authority]) for each in letters), return_exceptions=True
        )
        for problem in carried:
            # It is due again: one letter that cannot be sent keeps no other from its way.
            if isinstance(problem, Exception):
                log.error("not sent", exc_info=problem)
        return taken

    async def _carry(self, delivery: Delivery, authority: Authority) -> None:
        outcome = Outcome.SENT
        try:
            async with asyncio.timeout(LONGEST_ATTEMPT_SECONDS):
                await self._bring(delivery, authority)
        except RecipientRefused:
            async with self._database.write() as connection:
                await note_bounce(connection, delivery, self._clock())
            return
        except PushGone:
            async with self._database.write() as connection:
                await note_gone(connection, delivery, self._clock())
            return
        except (LetterRefused, BadLetter, PushRefused, KeyringAltered) as refusal:
            log.warning("refused", notice=str(delivery.notice.id), problem=type(refusal).__name__)
            outcome = Outcome.REFUSED
        except (MailAway, PushAway, KeyMissing, TimeoutError) as away:
            log.warning("not sent yet", notice=str(delivery.notice.id), problem=type(away).__name__)
            outcome = Outcome.WAITING
        async with self._database.write() as connection:
            await settle_letter(connection, delivery, outcome, self._clock())

    async def _bring(self, delivery: Delivery, authority: Authority) -> None:
        if delivery.channel is Channel.PUSH and self._pushes is not None:
            await self._pushes.send(authority, delivery)
        elif delivery.channel is Channel.EMAIL and self._mail is not None:
            await self._mail.send(self._letters.notice(authority, delivery))

    async def _authorities(self) -> dict[str, Authority]:
        async with self._database.look() as unit:
            return {one.code: one for one in await unit.places.authorities()}
