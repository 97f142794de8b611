"""Notices: what the city has to say now, by topic and place. Draft, scheduled, sent, and over at their end.

A notice is public from the moment it is sent to its end. Who wanted it by e-mail is written to once
(`domain.deliveries`). Before it is sent it can be called back; afterwards it can be taken off the pages, and put right
by another that corrects it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.air_alerts import AirStanding
from domain.errors.notices import BadNotice, NoticeMoved
from domain.ports import Unit
from domain.text import Text

LONGEST_TITLE = 120
LONGEST_BODY = 5_000
"""Characters of Markdown, in each language."""

LONGEST_LIFE = timedelta(days=366)
FARTHEST = timedelta(days=366)
"""How far ahead a notice may be scheduled."""


class NoticeTopic(StrEnum):
    """What people choose among."""

    EVENTS = "events"
    INTERRUPTIONS = "interruptions"
    SITES = "sites"
    """A place is shut, or opens at other hours."""
    FLOODS = "floods"
    AIR = "air"


OF_SITES = frozenset({NoticeTopic.EVENTS, NoticeTopic.INTERRUPTIONS, NoticeTopic.SITES})
"""Topics whose place is a site. The others' is a device of the tour."""

AT_ANY_HOUR = frozenset({NoticeTopic.FLOODS})
"""What waits for nobody's quiet hours to end."""


class NoticeStatus(StrEnum):
    """How far a notice has come. One that is sent is over at its end; no row says so."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENT = "sent"
    WITHDRAWN = "withdrawn"
    """Taken off the pages after it was sent, or corrected by another."""


class Notice(Struct, frozen=True, kw_only=True):
    """One notice. `body` is Markdown; `place` a code, empty for everywhere; `band` how bad the air is, 0 elsewhere.

    `occasion` names what a rule has written it for: one occasion makes one notice. `version` counts its writes.
    """

    id: UUID
    authority_id: UUID
    topic: NoticeTopic
    place: str = ""
    band: int = 0
    title: Text
    body: Text
    status: NoticeStatus = NoticeStatus.DRAFT
    send_at: datetime | None = None
    sent_at: datetime | None = None
    expires_at: datetime
    corrects: UUID | None = None
    occasion: str | None = None
    written_by: UUID | None = None
    """The agent, by id; None where a rule of the city has."""
    changed_at: datetime
    version: int = 1

    @property
    def site(self) -> str:
        """The code of the site that it is about; empty for none."""
        return self.place if self.topic in OF_SITES else ""

    def is_over(self, now: datetime) -> bool:
        """Tell whether its end has come."""
        return self.expires_at <= now


class Notices(Protocol):
    """Notices (`store.notices`)."""

    async def add(self, new: Notice) -> None: ...
    async def save(self, changed: Notice) -> None:
        """Write the next version of a notice.

        Raises:
            NoticeMoved: somebody else has written since it was read.
        """
        ...

    async def of(self, authority_id: UUID, notice_id: UUID) -> Notice: ...
    async def by_occasion(self, authority_id: UUID, occasion: str) -> Notice | None: ...
    async def current(self, authority_id: UUID, now: datetime, *, most: int, place: str = "") -> list[Notice]:
        """List what is sent and not over, the newest first."""
        ...

    async def current_of(self, authority_id: UUID, topic: NoticeTopic, place: str, now: datetime) -> list[Notice]: ...
    async def take_due(self, authority_id: UUID, now: datetime) -> list[Notice]:
        """List what is to be sent by now, keeping others from it to the end of the unit."""
        ...

    async def enqueue(self, notice: Notice, now: datetime) -> int:
        """Write one delivery for each who follows it, and return how many: never a second one for anybody."""
        ...

    async def hold_air(self, device_id: UUID) -> AirStanding | None:
        """Find where the air of a place stands, and keep others from changing it to the end of the unit."""
        ...

    async def save_air(self, standing: AirStanding) -> None: ...
    async def stop_deliveries(self, notice_id: UUID) -> None:
        """Let nothing more of a notice be delivered."""
        ...


def check(notice: Notice) -> None:
    """Refuse a notice that somebody could not read.

    Raises:
        BadNotice: with what is wrong.
    """
    for text in (notice.title.fr, notice.title.en):
        if not text.strip() or len(text) > LONGEST_TITLE or not text.isprintable():
            raise BadNotice(f"A title is one line of 1 to {LONGEST_TITLE} characters, in French and in English.")
    for text in (notice.body.fr, notice.body.en):
        if not text.strip() or len(text) > LONGEST_BODY or "\0" in text:
            raise BadNotice(f"A notice has 1 to {LONGEST_BODY} characters, in French and in English.")
    begins = notice.send_at or notice.changed_at
    if not begins < notice.expires_at <= begins + LONGEST_LIFE:
        raise BadNotice("A notice ends after it begins, and within a year.")


async def write(unit: Unit, notice: Notice) -> Notice:
    """Write a draft.

    Raises:
        BadNotice: as `check`.
        SiteNotFound: the authority has no such site.
    """
    await _check_place(unit, notice)
    check(notice)
    await unit.notices.add(notice)
    return notice


async def rewrite(unit: Unit, notice: Notice, *, was: NoticeStatus) -> Notice:
    """Write what has changed in a draft.

    Raises:
        BadNotice, SiteNotFound: as `write`.
        NoticeMoved: it is no draft, or somebody else has written since.
    """
    if was is not NoticeStatus.DRAFT:
        raise NoticeMoved(f"This notice is {was}: call it back, or correct it.")
    await _check_place(unit, notice)
    check(notice)
    return await _save(unit, notice)


async def schedule(unit: Unit, notice: Notice, *, send_at: datetime, now: datetime) -> Notice:
    """Have a draft sent at an instant; one that is over means at once.

    Raises:
        BadNotice: it would be over by then, or lies too far ahead.
        NoticeMoved: it is no draft.
    """
    _check_status(notice, NoticeStatus.DRAFT)
    if send_at > now + FARTHEST:
        raise BadNotice("A notice is scheduled for the year to come at most.")
    scheduled = replace(notice, status=NoticeStatus.SCHEDULED, send_at=max(send_at, now), changed_at=now)
    check(scheduled)
    return await _save(unit, scheduled)


async def call_back(unit: Unit, notice: Notice, *, now: datetime) -> Notice:
    """Make a notice that was not sent yet a draft again.

    Raises:
        NoticeMoved: it is sent already, or was never scheduled.
    """
    _check_status(notice, NoticeStatus.SCHEDULED)
    return await _save(unit, replace(notice, status=NoticeStatus.DRAFT, send_at=None, changed_at=now))


async def withdraw(unit: Unit, notice: Notice, *, now: datetime) -> Notice:
    """Take a notice off the pages; who has not been written to yet is not.

    Raises:
        NoticeMoved: it is not sent.
    """
    _check_status(notice, NoticeStatus.SENT)
    await unit.notices.stop_deliveries(notice.id)
    return await _save(unit, replace(notice, status=NoticeStatus.WITHDRAWN, changed_at=now))


async def send_due(unit: Unit, authority_id: UUID, now: datetime) -> Sequence[Notice]:
    """Send what is due: it becomes public, and a delivery is written for each who follows it, in one transaction."""
    sent = []
    for notice in await unit.notices.take_due(authority_id, now):
        done = await _save(unit, replace(notice, status=NoticeStatus.SENT, sent_at=now, changed_at=now))
        await unit.notices.enqueue(done, now)
        if notice.corrects is not None:
            wrong = await unit.notices.of(authority_id, notice.corrects)
            if wrong.status is NoticeStatus.SENT:
                await withdraw(unit, wrong, now=now)
        sent.append(done)
    return sent


async def publish_by_rule(unit: Unit, notice: Notice, *, now: datetime) -> Notice | None:
    """Have a notice of a rule sent at once, in the place of what it said before of the same place; once an occasion."""
    if notice.occasion is None or await unit.notices.by_occasion(notice.authority_id, notice.occasion) is not None:
        return None
    for before in await unit.notices.current_of(notice.authority_id, notice.topic, notice.place, now):
        if before.occasion is not None:
            await withdraw(unit, before, now=now)
    due = replace(notice, status=NoticeStatus.SCHEDULED, send_at=now)
    check(due)
    await unit.notices.add(due)
    return due


async def _save(unit: Unit, changed: Notice) -> Notice:
    await unit.notices.save(changed)
    return replace(changed, version=changed.version + 1)


async def _check_place(unit: Unit, notice: Notice) -> None:
    if notice.site:
        await unit.places.place(notice.authority_id, notice.site)


def _check_status(notice: Notice, wanted: NoticeStatus) -> None:
    if notice.status is not wanted:
        raise NoticeMoved(f"This notice is {notice.status}.")
