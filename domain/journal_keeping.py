"""Keeping a journal: is it whole, and what has come to its end?"""

from datetime import date, datetime
from uuid import UUID

from domain.acts import Act
from domain.journal import Broken, Door, Entry, Journal, Kind, Line, Link, Object, Origin, Purged, follow

PAGE = 2_000


async def verify(journal: Journal, authority_id: UUID, *, kept: Link | None = None) -> Link | Broken:
    """Walk over an authority's whole chain: return its end, or the first place where it breaks.

    What the chain alone cannot show is that its end was cut off with its head, or that all of it was written anew: for
    that, `kept` is a link that an earlier check has returned, and that nobody of the database could reach.
    """
    place = stump = await journal.stump(authority_id)
    head = await journal.head(authority_id)
    purged = 0
    while lines := await journal.lines(authority_id, place.number, PAGE):
        walked = follow(place, lines)
        if isinstance(walked, Broken):
            return walked
        if kept is not None and not _holds(kept, lines):
            return Broken(kept.number, "this is not the line that was kept elsewhere")
        purged = max([purged, *(int(line.entry.object.id) for line in lines if line.entry.act is Act.JOURNAL_PURGED)])
        place = walked
    if place != head:
        return Broken(place.number + 1, "the end of the chain is missing, or its head was changed")
    if purged != stump.number:
        return Broken(stump.number, "what is missing before the chain was not erased by retention")
    if kept is not None and kept.number > head.number:
        return Broken(head.number + 1, "the end was cut off: a later line was kept elsewhere")
    if kept is not None and kept.number == stump.number and kept != stump:
        return Broken(kept.number, "this is not the line that was kept elsewhere")
    return head


def _holds(kept: Link, lines: list[Line]) -> bool:
    """Tell whether these lines agree with what was kept: also where they do not reach it."""
    return all(line.link == kept for line in lines if line.link.number == kept.number)


async def forget(journal: Journal, authority_id: UUID, *, day: date, now: datetime) -> Purged | None:
    """Erase what has come to its end on a day, and write into the journal how far: None if there was nothing."""
    purged = await journal.purge(authority_id, day)
    if purged is not None:
        erased = Object(Kind.JOURNAL, str(purged.stump.number))
        await journal.add(Entry(authority_id, None, Act.JOURNAL_PURGED, erased, Origin(Door.JOB), now))
    return purged
