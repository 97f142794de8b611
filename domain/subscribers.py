"""Who follows notices, apart from everything else that is known about anybody.

A subscriber is an address that nobody can read in the database, and a few choices: no name, no pass, no household. An
address counts once whoever reads its letters has said yes (double opt-in); each letter holds the link that ends it.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from domain.errors.notices import BadSubscription, SubscriberNotFound
from domain.notices import AT_ANY_HOUR, Notice, NoticeTopic
from domain.ports import Unit

CONFIRMED_WITHIN = timedelta(days=2)
KEPT = timedelta(days=3 * 365)
"""After the last time that somebody looked at their choices."""

MOST_FOLLOWED = 30

DAY_MINUTES = 24 * 60


class Channel(StrEnum):
    """By which way a notice is brought."""

    EMAIL = "email"
    PUSH = "push"
    """To a browser or a telephone, which shows it."""
    APP = "app"
    """Not at all: it is read in the app."""


BROUGHT = frozenset({Channel.EMAIL, Channel.PUSH})


class Follow(Struct, frozen=True, order=True):
    """One choice. Without a place: everywhere. `band` is how bad the air must be (3: poor), 0 for other topics."""

    topic: NoticeTopic
    place: str = ""
    band: int = 0


class Quiet(Struct, frozen=True):
    """Hours in which nothing is sent, in minutes of the local day; they may pass midnight."""

    begins: int
    ends: int

    def covers(self, minute: int) -> bool:
        """Tell whether a minute of the day is quiet."""
        if self.begins <= self.ends:
            return self.begins <= minute < self.ends
        return minute >= self.begins or minute < self.ends


class Subscriber(Struct, frozen=True, kw_only=True):
    """Somebody who follows notices. `whose` is an HMAC of the address, 32 bytes; `address` lies encrypted.

    Who follows in an app alone has an empty address, and `whose` is the mark of the account. A device of an account
    follows what lies under that mark, `choices_of`; its own is that of its session.
    """

    id: UUID
    authority_id: UUID
    whose: bytes
    address: bytes
    language: str
    quiet_begins: int | None = None
    quiet_ends: int | None = None
    created_at: datetime
    confirmed_at: datetime | None = None
    bounces: int = 0
    bounced_at: datetime | None = None
    paused_at: datetime | None = None
    channel: Channel = Channel.EMAIL
    choices_of: bytes | None = None
    keep_until: date

    @property
    def quiet(self) -> Quiet | None:
        """The quiet hours, where there are any."""
        if self.quiet_begins is None or self.quiet_ends is None:
            return None
        return Quiet(self.quiet_begins, self.quiet_ends)


class Purpose(StrEnum):
    """What a link may do. One of one purpose is no link of another."""

    CONFIRM = "confirm"
    CHOOSE = "choose"
    LEAVE = "leave"


class Subscribers(Protocol):
    """Who follows what (`store.subscribers`)."""

    async def add(self, new: Subscriber) -> None: ...
    async def save(self, changed: Subscriber) -> None: ...
    async def remove(self, subscriber_id: UUID) -> None:
        """Erase somebody with their choices. What is still to be delivered finds nobody, and is not."""
        ...

    async def remove_devices(self, authority_id: UUID, choices_of: bytes) -> None:
        """Erase the devices that follow what lies under a mark."""
        ...

    async def of(self, authority_id: UUID, subscriber_id: UUID) -> Subscriber | None: ...
    async def by_whose(self, authority_id: UUID, whose: bytes) -> Subscriber | None: ...
    async def follows(self, subscriber_id: UUID) -> list[Follow]: ...
    async def set_follows(self, subscriber: Subscriber, follows: Sequence[Follow]) -> None: ...
    async def followed_places(self, authority_id: UUID, topic: NoticeTopic) -> set[str]:
        """Return the places that somebody follows under a topic; with an empty one where somebody follows all."""
        ...

    async def count_left(self, notice_id: UUID) -> None:
        """Note with a notice that somebody has left by its letter: a number, not who."""
        ...


async def subscribe(unit: Unit, new: Subscriber, follows: Sequence[Follow], *, now: datetime) -> Subscriber:
    """Take a wish to follow. Who follows already keeps what they chose: a letter leads them to their choices.

    The answer tells by `confirmed_at` which letter to write; a page must not show the difference.

    Raises:
        BadSubscription: nothing was chosen, or too much.
    """
    chosen = check_follows(follows)
    known = await unit.subscribers.by_whose(new.authority_id, new.whose)
    if known is not None and known.confirmed_at is not None:
        return known
    if known is not None:
        # Asked again before they said yes: the last wish counts, and its two days begin anew.
        new = replace(new, id=known.id, created_at=now)
        await unit.subscribers.save(new)
    else:
        await unit.subscribers.add(new)
    await unit.subscribers.set_follows(new, chosen)
    return new


async def confirm(unit: Unit, subscriber: Subscriber, *, now: datetime) -> Subscriber:
    """Begin, for whoever has opened the first letter. Saying yes twice changes nothing.

    Raises:
        SubscriberNotFound: the two days are over.
    """
    if subscriber.confirmed_at is not None:
        return subscriber
    if now >= subscriber.created_at + CONFIRMED_WITHIN:
        raise SubscriberNotFound("This link is over.")
    confirmed = replace(subscriber, confirmed_at=now, keep_until=kept_until(now))
    await unit.subscribers.save(confirmed)
    return confirmed


async def choose(
    unit: Unit, subscriber: Subscriber, follows: Sequence[Follow], *, language: str, quiet: Quiet | None, now: datetime
) -> Subscriber:
    """Change what somebody follows. Whoever comes to say so reads their letters: a pause is over.

    Raises:
        BadSubscription: nothing was chosen, too much, or quiet hours that are none.
        SubscriberNotFound: they have not said yes yet.
    """
    if subscriber.confirmed_at is None:
        raise SubscriberNotFound("Say yes first.")
    chosen = check_follows(follows)
    check_quiet(quiet)
    changed = replace(
        subscriber,
        language=language,
        quiet_begins=None if quiet is None else quiet.begins,
        quiet_ends=None if quiet is None else quiet.ends,
        bounces=0,
        bounced_at=None,
        paused_at=None,
        keep_until=kept_until(now),
    )
    await unit.subscribers.save(changed)
    await unit.subscribers.set_follows(changed, chosen)
    return changed


async def leave(unit: Unit, subscriber: Subscriber, topic: NoticeTopic | None) -> bool:
    """End one topic, or everything (None). Who follows nothing any more is erased; tell whether that was so."""
    follows = await unit.subscribers.follows(subscriber.id)
    left = [one for one in follows if topic is not None and one.topic is not topic]
    if left:
        await unit.subscribers.set_follows(subscriber, left)
        return False
    await unit.subscribers.remove(subscriber.id)
    return True


def check_follows(follows: Sequence[Follow]) -> tuple[Follow, ...]:
    """Return choices in order, each place of a topic once.

    Raises:
        BadSubscription: there is none, or there are too many.
    """
    chosen = {(one.topic, one.place): one for one in follows}
    if not chosen or len(chosen) > MOST_FOLLOWED:
        raise BadSubscription(f"Choose 1 to {MOST_FOLLOWED} things to follow.")
    return tuple(sorted(chosen.values()))


def check_quiet(quiet: Quiet | None) -> None:
    """Refuse quiet hours that last no time, or all day.

    Raises:
        BadSubscription: they do.
    """
    if quiet is None:
        return
    if quiet.begins == quiet.ends or not all(0 <= minute < DAY_MINUTES for minute in (quiet.begins, quiet.ends)):
        raise BadSubscription("Quiet hours begin and end at two times of the day.")


def quiet_ends_at(quiet: Quiet | None, topic: NoticeTopic, now: datetime, zone: str) -> datetime | None:
    """Return when a letter may leave that falls into quiet hours; None where it may leave now."""
    local = now.astimezone(ZoneInfo(zone))
    if quiet is None or topic in AT_ANY_HOUR or not quiet.covers(local.hour * 60 + local.minute):
        return None
    end = local.replace(hour=quiet.ends // 60, minute=quiet.ends % 60, second=0, microsecond=0)
    if end <= local:
        end += timedelta(days=1)
    return end.astimezone(now.tzinfo)


def kept_until(now: datetime) -> date:
    """Return the day until which somebody is kept who has just been here."""
    return (now + KEPT).date()


async def choose_in_app(unit: Unit, new: Subscriber, follows: Sequence[Follow]) -> None:
    """Write what an app or a browser follows: a row of its own, erased with the last choice.

    Raises:
        BadSubscription: there are too many choices.
    """
    known = await unit.subscribers.by_whose(new.authority_id, new.whose)
    if not follows:
        if known is not None:
            await unit.subscribers.remove(known.id)
        return
    chosen = check_follows(follows)
    kept = new if known is None else replace(new, id=known.id, created_at=known.created_at)
    if known is None:
        await unit.subscribers.add(kept)
    else:
        await unit.subscribers.save(kept)
    await unit.subscribers.set_follows(kept, chosen)


def is_followed(notice: Notice, follows: Sequence[Follow]) -> bool:
    """Tell whether somebody who follows this wants to read a notice."""
    return any(
        one.topic is notice.topic and one.place in {"", notice.place} and one.band <= notice.band for one in follows
    )
