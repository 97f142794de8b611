"""What nobody can use yet: set aside for agents, so that what was said is not lost while somebody mends the register.

Of a message that cannot be read the body is kept as it came. Of a device that nobody knows only the measures are kept:
what the source's allow-list had left.
"""

from collections.abc import Iterator, Mapping
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.readings import DeadLetter
from tour.ingest.arrivals import Arrival
from tour.ingest.group import Message, Speaker, by_device
from tour.ingest.meaning import Meaning
from tour.ingest.sources import Message as Body
from tour.measures import EventKind, Malformed, Measure, Parsed, digest

UNKNOWN_DEVICE = "unknown-device"
UNSTORABLE = "unstorable"

_AT_ONCE = 150
"""Measures of one letter: within the bytes that a letter keeps."""

_SPEAKING = frozenset({EventKind.JOIN, EventKind.DECODER_MISSING, EventKind.EMPTY_PAYLOAD, EventKind.STATUS})


class Leftover(Struct, frozen=True):
    """What is kept of a message of an unknown device."""

    source_key: str
    message_id: bytes
    measures: tuple[Measure, ...]


def not_read(authority_id: UUID, arrival: Arrival, why: str, detail: str) -> DeadLetter:
    """Set a message aside as it came. The same body at the same address is one letter."""
    message = arrival.message
    return DeadLetter(
        id=_id("body", arrival.source, message.address, message.body),
        authority_id=authority_id,
        source=arrival.source,
        received_at=message.received_at,
        why=why,
        detail=detail,
        payload=message.body,
        address=message.address,
    )


def of_strangers(authority_id: UUID, message: Message, known: Mapping[Speaker, Meaning]) -> Iterator[DeadLetter]:
    """Set aside what devices measured that nobody knows. Of one that measured nothing, that it spoke, once."""
    arrival = message.arrival
    silent: dict[str, list[Measure]] = {
        event.source_key: [] for event in message.parsed.events if event.kind in _SPEAKING
    }
    for key, measures in {**silent, **by_device(message.parsed)}.items():
        if (arrival.source, key) in known:
            continue
        for place in range(0, max(len(measures), 1), _AT_ONCE):
            some = tuple(measures[place : place + _AT_ONCE])
            name = (message.message_id, str(place)) if some else ("spoke",)
            yield DeadLetter(
                id=_id("stranger", arrival.source, key, *name),
                authority_id=authority_id,
                source=arrival.source,
                received_at=arrival.message.received_at,
                why=UNKNOWN_DEVICE,
                detail=key,
                payload=msgspec.json.encode(Leftover(key, message.message_id, some)),
                address=arrival.message.address,
            )


def leftover(letter: DeadLetter) -> Parsed:
    """Read what was kept of a message of an unknown device.

    Raises:
        Malformed: the letter holds none.
    """
    try:
        kept = msgspec.json.decode(letter.payload, type=Leftover)
    except msgspec.DecodeError as problem:
        raise Malformed(str(problem)[:200]) from problem
    return Parsed(kept.measures, (), kept.message_id)


def body_of(letter: DeadLetter) -> Body:
    """The message of a letter, as it arrived then."""
    return Body(letter.payload, letter.received_at, letter.address)


def _id(*parts: bytes | str) -> UUID:
    return UUID(bytes=digest(*parts)[:16])
