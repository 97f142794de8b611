"""What a parser puts its findings into: the one place where attributes are allowed or dropped, and times believed."""

from collections.abc import Container
from datetime import datetime

from tour.ingest.documents import short
from tour.ingest.frames import frame_id
from tour.ingest.numbers import number
from tour.ingest.sources import Message, Source
from tour.ingest.times import EARLIEST, believable
from tour.measures import Event, EventKind, Frame, Judgement, Measure, MessageTooLarge, Parsed, digest

MAX_MEASURES = 20_000
"""A page of the longest feed; a message of a device holds a dozen."""

MAX_DROPPED = 50
"""Names of dropped attributes that are kept for the agents."""


class Gathering:
    """The findings of one message.

    `allowed` defaults to the source's allow-list; a format whose standard fixes all its names passes them itself.
    """

    def __init__(self, message: Message, source: Source, *, allowed: Container[str] | None = None) -> None:
        self.message = message
        self.source = source
        self.allowed = source.fields if allowed is None else allowed
        self.measures: list[Measure] = []
        self.events: list[Event] = []
        self.dropped: dict[str, None] = {}
        self.timed = True

    def now(self, key: str, *, suspect: bool = False) -> datetime:
        """The time of receipt, for what carries none. The same body may then honestly come again: see `parsed`."""
        self.timed = False
        if suspect:
            self.happened(EventKind.TIME_MISSING, key)
        return self.message.received_at

    def add(
        self,
        key: str,
        name: str,
        said: object,
        at: datetime,
        *,
        until: datetime | None = None,
        unit: str | None = None,
        counter: int | None = None,
        channel: str = "",
        judged: Judgement = Judgement.NONE,
        periods_ago: int = 0,
    ) -> None:
        """Keep a value if it is allowed and its time can be believed. Null, and an empty word, are no values.

        A unit that is written after a number counts where the message declares none; where both stand and differ, there
        is no number, and the words are kept as said.

        Raises:
            MessageTooLarge: more measures than any format sends at once.
        """
        if said is None or said == "":
            return
        if name not in self.allowed:
            self.drop(name)
            return
        read = number(said, decimal_comma=self.source.decimal_comma)
        if read is not None and read[1] and unit and read[1] != unit:
            read = None
        text = "" if read else short(said)
        if read is None and not text:
            self.drop(name)
        elif at < EARLIEST or not believable(until or at, self.message.received_at):
            self.happened(EventKind.FALSE_TIME, key)
        else:
            if len(self.measures) >= MAX_MEASURES:
                raise MessageTooLarge(f"more than {MAX_MEASURES} measures")
            value, suffix = read or (None, None)
            self.measures.append(
                Measure(
                    source_key=key,
                    name=name,
                    observed_at=at,
                    until=until,
                    value=value,
                    unit=short(unit) or suffix,
                    counter=counter,
                    channel=short(channel),
                    text=text,
                    judged=judged,
                    periods_ago=periods_ago,
                )
            )

    def drop(self, name: str) -> None:
        """Name an attribute that is left out. Its value is not looked at."""
        if short(name) and len(self.dropped) < MAX_DROPPED:
            self.dropped[name] = None

    def happened(self, kind: EventKind, key: str, *, detail: str = "", battery_percent: float | None = None) -> None:
        """Note an event, at the time of receipt: once for each kind, device and detail."""
        if battery_percent is not None and not 0 <= battery_percent <= 100:
            battery_percent = None
        event = Event(
            kind=kind,
            source_key=key,
            observed_at=self.message.received_at,
            detail=short(detail),
            battery_percent=battery_percent,
        )
        if event not in self.events and len(self.events) < MAX_DROPPED:
            self.events.append(event)

    def parsed(self, frame: Frame | None = None) -> Parsed:
        """Close the gathering.

        The id is the frame's where there is one. Else it is the body's, from this source: a body that carries its own
        times is the same message when it comes again. One without times ("936") is not, so its receipt counts too.
        """
        if frame:
            message_id = frame_id(frame, epoch=0)
        else:
            receipt = "" if self.timed else self.message.received_at.isoformat()
            message_id = digest("body", self.source.code, self.message.address, receipt, self.message.body)
        return Parsed(
            measures=tuple(self.measures),
            events=tuple(self.events),
            message_id=message_id,
            dropped=tuple(self.dropped),
            frame=frame,
        )
