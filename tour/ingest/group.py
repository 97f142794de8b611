"""A group of messages, from what arrived to what is to be stored. Pure: `tour.ingest.taking` asks and writes.

Radio frames are counted in the order in which they arrived; a join, or a counter that begins anew, begins an epoch.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.device_states import ArrivalKey, DeviceEvent, DeviceState
from tour.ingest.arrivals import Arrival
from tour.ingest.documents import short
from tour.ingest.frames import Progress, follow, frame_id, has_restarted, restart
from tour.ingest.judging import Heard
from tour.ingest.meaning import Meaning
from tour.measures import Event, EventKind, Measure, Parsed, digest

Speaker = tuple[str, str]
"""A source, and the name of a device there."""

MODEL_MISSING = "model-missing"
"""The kind of event of a device whose model the catalogue no longer has."""

_QUIET = frozenset({EventKind.STATUS, EventKind.NETWORK})
"""Events without a trace of their own: the one is in the device's state, the other is between the network and it."""


class Message(Struct, frozen=True):
    """A message that counts, under its id."""

    arrival: Arrival
    parsed: Parsed
    message_id: bytes


class Group:
    """Messages of one authority while they are taken. `states` are how their devices were before."""

    def __init__(
        self, arrivals: Sequence[Arrival], known: Mapping[Speaker, Meaning], states: Mapping[UUID, DeviceState]
    ) -> None:
        self._arrivals = arrivals
        self._known = known
        self._before = states
        self._states = dict(states)

    def changed(self) -> list[DeviceState]:
        """How the devices are now whose state has moved on."""
        return [state for device_id, state in self._states.items() if state != self._before.get(device_id)]

    def without_frame(self) -> dict[ArrivalKey, Message]:
        """Messages that are no radio frames, each once."""
        found: dict[ArrivalKey, Message] = {}
        for arrival in self._arrivals:
            if arrival.parsed is not None and arrival.parsed.frame is None:
                message = Message(arrival, arrival.parsed, arrival.parsed.message_id)
                found.setdefault(ArrivalKey(arrival.source, message.message_id), message)
        return found

    def frames(self, new: Mapping[ArrivalKey, Message]) -> dict[ArrivalKey, Message]:
        """Radio frames, each once, counted on; `new` are the other messages that had not come before."""
        found: dict[ArrivalKey, Message] = {}
        joins = {id(message.arrival) for message in new.values()}
        for arrival in self._arrivals:
            if arrival.parsed is None:
                continue
            if id(arrival) in joins:
                self._restart(arrival)
            elif arrival.parsed.frame is not None:
                message = self._counted(arrival, arrival.parsed)
                found.setdefault(ArrivalKey(arrival.source, message.message_id), message)
        return found

    def _restart(self, arrival: Arrival) -> None:
        for event in arrival.parsed.events if arrival.parsed is not None else ():
            meaning = self._known.get((arrival.source, event.source_key))
            state = self._states.get(meaning.device.id) if meaning is not None else None
            last = _progress(state)
            if state is not None and last is not None and has_restarted(event):
                self._states[state.device_id] = _moved(state, restart(last, event.observed_at))

    def _counted(self, arrival: Arrival, parsed: Parsed) -> Message:
        """Give a frame the id of its epoch. Of a stranger nobody knows the epoch: it is set aside, not counted."""
        frame = parsed.frame
        meaning = self._known.get((arrival.source, frame.source_key)) if frame is not None else None
        if frame is None or meaning is None:
            return Message(arrival, parsed, parsed.message_id)
        frame = replace(frame, session=_session(frame.session))
        state = self._states.get(meaning.device.id) or DeviceState(meaning.device.id, arrival.message.received_at)
        progress = follow(_progress(state), frame)
        self._states[state.device_id] = _moved(state, progress)
        return Message(arrival, parsed, frame_id(frame, epoch=progress.epoch))

    def heard(self, messages: Iterable[Message]) -> list[Heard]:
        """What the messages claim about streams; and note of their devices when they were heard."""
        claims: list[Heard] = []
        for message in messages:
            received_at = message.arrival.message.received_at
            for key, measures in by_device(message.parsed).items():
                meaning = self._known.get((message.arrival.source, key))
                if meaning is None:
                    continue
                self._was_heard(meaning, message, meaning.battery_percent(measures))
                claims += (
                    Heard(meaning.device, meant, message.message_id) for meant in meaning.of(measures, received_at)
                )
        return claims

    def events(self, messages: Iterable[Message]) -> list[DeviceEvent]:
        """What the messages tell beside values. What a device says of its battery goes into its state."""
        told = []
        for message in messages:
            for event in message.parsed.events:
                meaning = self._known.get((message.arrival.source, event.source_key))
                if meaning is None:
                    continue
                self._was_heard(meaning, message, event.battery_percent)
                if event.kind not in _QUIET:
                    told.append(_event(meaning, event))
            for key in by_device(message.parsed):
                meaning = self._known.get((message.arrival.source, key))
                if meaning is not None and meaning.model is None:
                    at = message.arrival.message.received_at
                    told.append(DeviceEvent(meaning.device.id, MODEL_MISSING, meaning.device.model, at, at))
        return told

    def _was_heard(self, meaning: Meaning, message: Message, battery_percent: float | None) -> None:
        at = message.arrival.message.received_at
        state = self._states.get(meaning.device.id) or DeviceState(meaning.device.id, at)
        if battery_percent is not None and (state.battery_at is None or at >= state.battery_at):
            state = replace(state, battery_percent=battery_percent, battery_at=at)
        self._states[state.device_id] = replace(state, heard_at=max(state.heard_at, at))


def speakers(arrivals: Iterable[Arrival]) -> dict[str, set[str]]:
    """Which devices a group speaks of, by source."""
    found: dict[str, set[str]] = {}
    for arrival in arrivals:
        if arrival.parsed is not None:
            keys = found.setdefault(arrival.source, set())
            keys.update(measure.source_key for measure in arrival.parsed.measures)
            keys.update(event.source_key for event in arrival.parsed.events)
            if arrival.parsed.frame is not None:
                keys.add(arrival.parsed.frame.source_key)
    return found


def by_device(parsed: Parsed) -> dict[str, list[Measure]]:
    """The measures of a message by their devices; a frame has one, even when it measured nothing."""
    found: dict[str, list[Measure]] = {parsed.frame.source_key: []} if parsed.frame is not None else {}
    for measure in parsed.measures:
        found.setdefault(measure.source_key, []).append(measure)
    return found


def _event(meaning: Meaning, event: Event) -> DeviceEvent:
    return DeviceEvent(meaning.device.id, event.kind, event.detail, event.observed_at, event.observed_at)


def _progress(state: DeviceState | None) -> Progress | None:
    if state is None or state.counted_at is None:
        return None
    return Progress(state.epoch, state.session, state.counter, state.counted_at)


def _moved(state: DeviceState, progress: Progress) -> DeviceState:
    return replace(
        state,
        epoch=progress.epoch,
        session=progress.session,
        counter=progress.counter,
        counted_at=progress.observed_at,
    )


def _session(said: str) -> str:
    """What names a session, short enough to keep: a network server may write what it likes."""
    return short(said) or digest(said).hex()
