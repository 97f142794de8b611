"""The form of a notice: what was typed, as a notice; and a notice, as its form."""

from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from admin.forms import Form
from domain.agents import Agent
from domain.notices import LONGEST_BODY, LONGEST_TITLE, Notice, NoticeTopic
from domain.places import Authority
from domain.text import Text


def typed(notice: Notice, authority: Authority) -> Form:
    """Fill the form with a notice."""
    ends = notice.expires_at.astimezone(ZoneInfo(authority.zone))
    return Form(
        {
            "topic": notice.topic,
            "place": notice.place,
            "title_fr": notice.title.fr,
            "body_fr": notice.body.fr,
            "title_en": notice.title.en,
            "body_en": notice.body.en,
            "ends_on": ends.date().isoformat(),
            "ends_at": f"{ends:%H:%M}",
            "version": str(notice.version),
        }
    )


def read_notice(form: Form, agent: Agent, authority: Authority, *, new_id: UUID, now: datetime) -> Notice | None:
    """Read a new notice; None where something does not fit, and the form says what."""
    topic = form.one_of("topic", NoticeTopic)
    title = Text(fr=form.text("title_fr", longest=LONGEST_TITLE), en=form.text("title_en", longest=LONGEST_TITLE))
    body = Text(fr=form.lines("body_fr", longest=LONGEST_BODY), en=form.lines("body_en", longest=LONGEST_BODY))
    place = form.text("place", longest=80, required=False)
    ends = instant(form, "ends", authority)
    if ends is not None and ends <= now:
        form.refuse("ends_on", "ends_before")
    if form.is_wrong or topic is None or ends is None:
        return None
    return Notice(
        id=new_id,
        authority_id=authority.id,
        topic=topic,
        place=place,
        title=title,
        body=body,
        expires_at=ends,
        written_by=agent.id,
        changed_at=now,
    )


def over(before: Notice, written: Notice, version: int) -> Notice:
    """Put what was written in the place of what was read, in this version."""
    return replace(
        before,
        topic=written.topic,
        place=written.place,
        title=written.title,
        body=written.body,
        expires_at=written.expires_at,
        changed_at=written.changed_at,
        version=version,
    )


def instant(form: Form, name: str, authority: Authority) -> datetime | None:
    """Read a day and a time of it, where the authority is."""
    day, clock = form.day(f"{name}_on"), form.text(f"{name}_at", longest=5)
    try:
        at = time.fromisoformat(clock) if clock else None
    except ValueError:
        form.refuse(f"{name}_at", "no_time")
        return None
    if day is None or at is None:
        return None
    return datetime.combine(day, at, ZoneInfo(authority.zone)).astimezone(ZoneInfo("UTC"))
