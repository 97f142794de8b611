"""What the server says without being asked: a stream of server-sent events that stays open (WHATWG HTML, 9.2).

Each event only says *that* something has changed. The terminal fetches it as it always does, so a stream that breaks,
or that a proxy holds back, loses nothing but time: `terminal.keeper` looks by itself twice a minute.
"""

from collections.abc import Generator, Iterable
from enum import StrEnum

from msgspec import Struct


class Change(StrEnum):
    """What has changed. An event of another name is none of ours."""

    CONFIGURATION = "configuration"
    BUNDLE = "bundle"
    REVOKED = "revoked"


class News(Struct, frozen=True):
    """One event. `id` is that of the last event that had one: a new stream goes on after it."""

    change: Change
    id: str


def read(lines: Iterable[str]) -> Generator[News]:
    """Read events as they come. Comments, data and events that we do not know are passed over."""
    name = last_id = ""
    for line in lines:
        if not line:
            if name in set(Change):
                yield News(Change(name), last_id)
            name = ""
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "id" and "\0" not in value:
            last_id = value
