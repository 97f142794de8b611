"""The journal of what agents do with personal data: who, on whose behalf, what, to what, why, from where, when.

It names ids alone: no name, no number of a card, no word of a document. Each authority has one chain: every line
carries a hash of itself and of the line before, numbers have no gap. Whoever changes, removes, swaps or adds a line
breaks the chain where they did it; whoever cuts its end off, or writes all of it anew, is found by a link that was kept
elsewhere. Events of gates are no part of it: they stand in the ledger, by the million.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.acts import Act

KEPT = timedelta(days=365)
"""Twelve months at most (`journal_days` may make it less): CNIL recommends six months to a year for logs (2021-122)."""

LONGEST_REASON = 200
LONGEST_ID = 60


class Kind(StrEnum):
    """Of what sort the thing is that something was done to."""

    HOLDER = "holder"
    HOUSEHOLD = "household"
    ORGANISATION = "organisation"
    PASS = "pass"
    MEDIUM = "medium"
    RIGHT = "right"
    SALE = "sale"
    PASSAGE = "passage"
    LINE = "line"
    LETTER = "letter"
    """A message of a device that nobody could use, or all of a source."""
    DEVICE = "device"
    BATCH = "batch"
    CARD = "card"
    SITE = "site"
    AGENT = "agent"
    REQUEST = "request"
    REGISTER = "register"
    """Several people at once: a list, a search, an export."""
    JOURNAL = "journal"


class Door(StrEnum):
    """By which way somebody came."""

    API = "api"
    CONSOLE = "console"
    COMMAND = "command"
    JOB = "job"


class Object(Struct, frozen=True):
    """What something was done to. `id` is ours (a row's id, a medium in hexadecimal, a site's code), never a name.

    `holder_id` is the person whose file it is, where it is one person's.
    """

    kind: Kind
    id: str = ""
    holder_id: UUID | None = None


class Origin(Struct, frozen=True):
    """From where: the door, the network address behind it, and the session where the door has sessions.

    At the API it is the token that its agent has made for a program (`domain.personal_tokens`), if it came with one.
    """

    door: Door
    address: str | None = None
    session_id: UUID | None = None


class Entry(Struct, frozen=True):
    """One act. `agent_id` is None where the system itself acted, or a command that named nobody.

    `on_behalf_of` is the holder whose mandate the agent acted on. `why` is a motive's code.
    """

    authority_id: UUID
    agent_id: UUID | None
    act: Act
    object: Object
    origin: Origin
    at: datetime
    on_behalf_of: UUID | None = None
    why: str | None = None

    @property
    def keep_until(self) -> date:
        """The first day on which the journal may say it no more."""
        return self.at.astimezone(UTC).date() + KEPT


class Link(Struct, frozen=True):
    """A place in a chain: the number of a line, and the hash that ties it to all before."""

    number: int
    hash: bytes

    def __str__(self) -> str:
        """As it is printed, to be kept elsewhere."""
        return f"{self.number}:{self.hash.hex()}"


class Line(Struct, frozen=True):
    """An entry with its place in the chain."""

    entry: Entry
    link: Link


class Broken(Struct, frozen=True):
    """The first line of a chain that is not what was written, and what is wrong there."""

    number: int
    fault: str


class Wanted(Struct, frozen=True):
    """Which lines somebody looks for; what is None may be anything. `before` is the number of the last line seen."""

    agent_id: UUID | None = None
    holder_id: UUID | None = None
    object: Object | None = None
    act: Act | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


class Journal(Protocol):
    """The journal of one unit of work."""

    async def add(self, entry: Entry) -> Link:
        """Write an act at the end of its authority's chain, with everything else of the unit or not at all.

        Other acts of the authority wait until the unit is over: add it last.
        """
        ...

    async def head(self, authority_id: UUID) -> Link: ...
    async def stump(self, authority_id: UUID) -> Link:
        """Return the last line that retention has erased: the chain begins after it."""
        ...

    async def lines(self, authority_id: UUID, after: int, limit: int) -> list[Line]: ...
    async def search(self, authority_id: UUID, wanted: Wanted, limit: int) -> list[Line]:
        """List the lines that somebody looks for, newest first."""
        ...

    async def holder_of(self, authority_id: UUID, kind: Kind, key: UUID | int) -> UUID | None:
        """Return whose pass, medium, sale or passage it is; None if nobody's that we know."""
        ...

    async def purge(self, authority_id: UUID, day: date) -> "Purged | None":
        """Erase the lines that have come to their end; None if there are none. What is left still verifies."""
        ...


class Purged(Struct, frozen=True):
    """The last of the lines that were erased, which is the stump, and how many those were."""

    stump: Link
    lines: int


def beginning(authority_id: UUID) -> Link:
    """Return what an authority's first line is tied to."""
    return Link(0, hashlib.sha256(b"multipass journal " + authority_id.bytes).digest())


def chained(previous: Link, entry: Entry) -> Link:
    """Return the place of an entry after another."""
    number = previous.number + 1
    said = (
        number,
        entry.authority_id.hex,
        entry.agent_id and entry.agent_id.hex,
        entry.on_behalf_of and entry.on_behalf_of.hex,
        entry.act,
        entry.object.kind,
        entry.object.id,
        entry.object.holder_id and entry.object.holder_id.hex,
        entry.why,
        entry.origin.door,
        entry.origin.address,
        entry.origin.session_id and entry.origin.session_id.hex,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
    )
    return Link(number, hashlib.sha256(previous.hash + msgspec.json.encode(said)).digest())


def follow(previous: Link, lines: Iterable[Line]) -> Link | Broken:
    """Walk on from a place over the lines that come after it: to the last one, or to where they break."""
    for line in lines:
        if line.link.number != previous.number + 1:
            return Broken(previous.number + 1, "the line is missing")
        if line.link != chained(previous, line.entry):
            return Broken(line.link.number, "the line, or its tie to the one before, was changed")
        previous = line.link
    return previous
