"""One notice to one subscriber: when it is tried, what becomes of it, and what of the address.

What is promised: a notice is written once for each subscriber and channel, whatever happens (the key of the row); one
worker at a time has it in hand; what the mail server has taken and we have noted is never sent again. Only who dies
between the two leaves a letter that goes a second time, under the same `Message-ID`, by which mailboxes know it again.
Nothing is lost by dying: a letter in hand is due again.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from domain.notices import Notice, NoticeStatus
from domain.subscribers import Channel, Subscriber, quiet_ends_at

RETRIES = tuple(timedelta(minutes=each) for each in (5, 15, 60, 180, 360, 720))
"""How long to wait after each attempt that failed: seven attempts within 22 hours. The first is longer than any
attempt may take, so that nobody takes a letter that another has in hand.
"""

LONGEST_ATTEMPT_SECONDS = 90.0

KEPT = timedelta(days=92)


class Outcome(StrEnum):
    """What became of a delivery."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    GIVEN_UP = "given-up"
    TOO_LATE = "too-late"
    """The notice was over, or taken back, before it could leave."""
    NOBODY = "nobody"
    """They had left, or their address is paused."""


ENDED = frozenset(Outcome) - {Outcome.WAITING}


class Delivery(Struct, frozen=True):
    """A letter to be sent, with all that it takes."""

    notice: Notice
    subscriber: Subscriber
    authority: str
    attempts: int
    """This one included: who writes what became of it names it, so that a late word changes nothing."""
    channel: Channel = Channel.EMAIL


class Step(Struct, frozen=True):
    """What is done with a delivery that is due: carried now, put off until `due_at`, or ended."""

    outcome: Outcome
    due_at: datetime | None
    is_carried: bool = False


def step_of(notice: Notice, subscriber: Subscriber | None, zone: str, attempts: int, now: datetime) -> Step:
    """Decide on a delivery that is due, after so many attempts."""
    if notice.status is not NoticeStatus.SENT or notice.is_over(now):
        return Step(Outcome.TOO_LATE, None)
    if subscriber is None or subscriber.confirmed_at is None or subscriber.paused_at is not None:
        return Step(Outcome.NOBODY, None)
    if attempts > len(RETRIES):
        return Step(Outcome.GIVEN_UP, None)
    waits = quiet_ends_at(subscriber.quiet, notice.topic, now, zone)
    if waits is not None:
        return Step(Outcome.WAITING, waits)
    return Step(Outcome.WAITING, now + (RETRIES[attempts] if attempts < len(RETRIES) else RETRIES[-1]), is_carried=True)


class Tally(Struct, frozen=True):
    """What became of a notice: how many letters, and how many left by one of them."""

    sent: int = 0
    failed: int = 0
    waiting: int = 0
    not_sent: int = 0
    left: int = 0


def message_id(notice_id: UUID, subscriber_id: UUID, host: str) -> str:
    """Return the name of a letter: the same for the same letter, telling nothing of whom it is for."""
    return f"<{notice_id.hex}.{subscriber_id.hex}@{host}>"
