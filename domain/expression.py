"""What people say at a point: how they feel about it, what they ask, what is broken. Nobody has to say who they are.

A feeling is counted. Words wait until an agent has read them: they may hold personal data, and are erased when they are
declined. A device speaks once a day of each kind at each point; it is known by a token under a salt that is drawn anew
every day and then thrown away, so that nobody can tell tomorrow who spoke today.
"""

import hmac
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Protocol
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.errors.expression import NothingSaid, SaidToday, TooMuchWaits
from domain.errors.floods import AlreadyDecided
from domain.points import Point
from domain.ports import Unit
from domain.tasks import TaskReason, open_task

SHORTEST_TEXT, LONGEST_TEXT = 3, 600
"""Characters: enough for a question, too little for a letter."""

SHOWN_FROM = 5
"""Fewer reactions of one kind are not counted out loud: they could be told apart."""

WORRIES = 10
"""So many worried people within a week are a task for the service that answers for the point."""

MOST_WAITING = 200
"""Words that may wait at one point: beyond, more of them would bury those that people have written."""

WORRIED_WITHIN = timedelta(days=7)

UNREAD_KEPT = timedelta(days=90)
"""Words that nobody has read by then are forgotten."""
DECLINED_KEPT = timedelta(days=30)
"""How long it is known that something was declined, and why: never what it said."""
PUBLISHED_KEPT = timedelta(days=730)

TOKEN_BYTES = 16


class Feeling(StrEnum):
    """How somebody feels about a point."""

    USEFUL = "useful"
    SURPRISED = "surprised"
    WORRIED = "worried"
    CURIOUS = "curious"
    """They want to know more."""


class RemarkKind(StrEnum):
    """What somebody says."""

    REACTION = "reaction"
    QUESTION = "question"
    FAULT = "fault"
    """Something is broken, dirty or wrong."""


class RemarkStatus(StrEnum):
    """What became of words."""

    WAITING = "waiting"
    APPROVED = "approved"
    """Everybody may read them."""
    DECLINED = "declined"


class Said(Struct, frozen=True):
    """What somebody says. `language` is that of the page they said it on."""

    kind: RemarkKind
    feeling: Feeling | None = None
    text: str = ""
    language: str = "fr"


class Remark(Struct, frozen=True):
    """Words that somebody left at a point. `text` is None once they were declined."""

    id: UUID
    authority_id: UUID
    point_id: UUID
    kind: RemarkKind
    feeling: Feeling | None
    language: str
    text: str | None
    received_at: datetime
    status: RemarkStatus
    keep_until: date
    decided_by: UUID | None = None
    decided_at: datetime | None = None
    reason: str = ""
    answer: str = ""
    answered_by: UUID | None = None
    answered_at: datetime | None = None


class Expression(Protocol):
    """Remarks, counts and tokens (`store.expression`)."""

    async def point(self, point_id: UUID) -> Point:
        """Find a point that residents may see.

        Raises:
            PointNotFound: there is none, or it is a draft or archived.
        """
        ...

    async def slug_of(self, point_id: UUID) -> str: ...
    async def salt(self, authority_id: UUID, day: date) -> bytes:
        """Return the salt of a day, drawing it if it is the day's first; that of the day before is gone."""
        ...

    async def spend(self, token: bytes, authority_id: UUID, day: date) -> bool:
        """Write that a token has spoken on a day; tell whether it had not."""
        ...

    async def count(self, point: Point, day: date, feeling: Feeling) -> None: ...
    async def counts(self, point_id: UUID, since: date) -> dict[Feeling, int]: ...
    async def waiting(self, point_id: UUID) -> int: ...
    async def add(self, new: Remark) -> None: ...
    async def save(self, changed: Remark, *, was: RemarkStatus) -> None:
        """Write what became of a remark.

        Raises:
            AlreadyDecided: it is not what it was any more.
        """
        ...

    async def remark(self, authority_id: UUID, remark_id: UUID) -> Remark: ...
    async def published(self, point_id: UUID, most: int) -> list[Remark]: ...
    async def queue(
        self, authority_id: UUID, status: RemarkStatus, most: int, *, after: tuple[datetime, UUID] | None = None
    ) -> list[tuple[str, Remark]]: ...


def coarse(address: str) -> str:
    """Return the neighbourhood of an address: 256 of the old ones, what one provider gives a house of the new ones."""
    try:
        known = ip_address(address)
    except ValueError:
        return "unknown"
    mapped = getattr(known, "ipv4_mapped", None) or known
    kept = 3 if mapped.version == 4 else 6
    return mapped.packed[:kept].hex()


def device_token(salt: bytes, *, neighbourhood: str, browser: str, point_id: UUID, kind: RemarkKind) -> bytes:
    """Return the name under which a device speaks today, of one kind and at one point: from one there is no way to
    another, nor back once the salt is gone.
    """
    told = "\n".join((neighbourhood, str(point_id), kind, browser)).encode()
    return hmac.digest(salt, told, "sha256")[:TOKEN_BYTES]


def cleaned(said: Said) -> Said:
    """Return what somebody says as it is kept.

    Raises:
        NothingSaid: it says nothing, or too much.
    """
    text = unicodedata.normalize("NFC", said.text).replace("\r\n", "\n").strip()
    if any(unicodedata.category(char) in {"Cc", "Cs", "Co"} and char != "\n" for char in text):
        raise NothingSaid("This is no text.")
    if (said.feeling is None) == (said.kind is RemarkKind.REACTION):
        raise NothingSaid("A reaction says how one feels, a question or a fault does not.")
    if said.kind is not RemarkKind.REACTION and not text:
        raise NothingSaid("Say in a few words what you ask, or what is wrong.")
    if text and not SHORTEST_TEXT <= len(text) <= LONGEST_TEXT:
        raise NothingSaid(f"Between {SHORTEST_TEXT} and {LONGEST_TEXT} characters, please.")
    return replace(said, text=text)


async def express(unit: Unit, point: Point, said: Said, token: bytes, *, day: date, now: datetime) -> Remark | None:
    """Take in what somebody says at a point; return what waits for an agent, if they left words.

    `token` is their device's of this day (`device_token`), `day` the local one.

    Raises:
        NothingSaid: as `cleaned`.
        SaidToday: the device has said something of this kind here today.
        TooMuchWaits: two hundred others have left words here that nobody has read yet.
    """
    said = cleaned(said)
    if said.text and await unit.expression.waiting(point.id) >= MOST_WAITING:
        raise TooMuchWaits("Many people have written here, and nobody has read it yet.")
    if not await unit.expression.spend(token, point.authority_id, day):
        raise SaidToday("You have said this here today. Come back tomorrow.")
    if said.feeling is not None:
        await unit.expression.count(point, day, said.feeling)
    if said.feeling is Feeling.WORRIED:
        counts = await unit.expression.counts(point.id, day - WORRIED_WITHIN + timedelta(days=1))
        if counts.get(Feeling.WORRIED, 0) >= WORRIES:
            await open_task(unit, point, TaskReason.WORRIED, now=now)
    if not said.text:
        return None
    remark = Remark(
        id=unit.ids.row(),
        authority_id=point.authority_id,
        point_id=point.id,
        kind=said.kind,
        feeling=said.feeling,
        language=said.language,
        text=said.text,
        received_at=now,
        status=RemarkStatus.WAITING,
        keep_until=day + UNREAD_KEPT,
    )
    await unit.expression.add(remark)
    return remark


async def approve(unit: Unit, remark: Remark, point: Point, *, agent_id: UUID, now: datetime) -> Remark:
    """Let everybody read words. A fault becomes a task for the service that answers for the point.

    Raises:
        AlreadyDecided: they do not wait any more.
    """
    if remark.status is not RemarkStatus.WAITING:
        raise AlreadyDecided(f"This remark is {remark.status}.")
    approved = replace(
        remark,
        status=RemarkStatus.APPROVED,
        decided_by=agent_id,
        decided_at=now,
        keep_until=now.date() + PUBLISHED_KEPT,
    )
    await unit.expression.save(approved, was=remark.status)
    if remark.kind is RemarkKind.FAULT:
        await open_task(unit, point, TaskReason.FAULT, remark_id=remark.id, now=now)
    return approved


async def decline(unit: Unit, remark: Remark, reason: str, *, agent_id: UUID, now: datetime) -> Remark:
    """Erase words, whether or not they were published, with the answer to them. A feeling stays counted.

    Raises:
        AlreadyDecided: they were declined before.
    """
    if remark.status is RemarkStatus.DECLINED:
        raise AlreadyDecided("This remark is declined.")
    declined = replace(
        remark,
        text=None,
        answer="",
        status=RemarkStatus.DECLINED,
        decided_by=agent_id,
        decided_at=now,
        reason=reason,
        keep_until=now.date() + DECLINED_KEPT,
    )
    await unit.expression.save(declined, was=remark.status)
    return declined


async def answer(unit: Unit, remark: Remark, words: str, *, agent_id: UUID, now: datetime) -> Remark:
    """Publish an answer beside the words, with its day. Another one takes its place.

    Raises:
        AlreadyDecided: nobody has approved the words, or they were declined.
    """
    if remark.status is not RemarkStatus.APPROVED:
        raise AlreadyDecided(f"This remark is {remark.status}: what is published can be answered.")
    answered = replace(remark, answer=words, answered_by=agent_id, answered_at=now)
    await unit.expression.save(answered, was=remark.status)
    return answered


def shown_counts(counts: Mapping[Feeling, int]) -> dict[Feeling, int | None]:
    """Return what everybody may know of the feelings: None where fewer than five share one."""
    return {one: counts[one] if counts.get(one, 0) >= SHOWN_FROM else None for one in Feeling}
