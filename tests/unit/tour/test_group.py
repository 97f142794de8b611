"""Frames of a group, counted: each is one however often it comes, in whatever order and however it is cut up."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.device_states import ArrivalKey, DeviceState
from tests.tour_streams import AIR, CO2
from tests.tour_world import AGREEMENT, NOW, SOURCE, eui, frame, join
from tour.ingest.arrivals import Arrival, arrive
from tour.ingest.group import Group, Message, Speaker, speakers
from tour.ingest.leftovers import of_strangers
from tour.ingest.meaning import Meaning, meaning_of
from tour.ingest.sources import Message as Body

KNOWN: dict[Speaker, Meaning] = {(SOURCE, eui(1)): meaning_of(AIR, [CO2])}
OWNER = UUID(int=9)


class Memory:
    """What the database would remember, in memory."""

    def __init__(self) -> None:
        self.seen: set[ArrivalKey] = set()
        self.states: dict[UUID, DeviceState] = {}

    def take(self, arrivals: list[Arrival]) -> list[Message]:
        group = Group(arrivals, KNOWN, self.states)
        others = self._new(group.without_frame())
        kept = [*others.values(), *self._new(group.frames(others)).values()]
        group.heard(kept)
        group.events(kept)
        self.states.update({state.device_id: state for state in group.changed()})
        return kept

    def _new(self, found: dict[ArrivalKey, Message]) -> dict[ArrivalKey, Message]:
        new = {key: message for key, message in found.items() if key not in self.seen}
        self.seen |= new.keys()
        return new


def uplink(counter: int, seconds: float, session: str = "20000001") -> Arrival:
    """A frame of this many seconds after noon; its bytes are the counter's."""
    at = NOW + timedelta(seconds=seconds)
    body = frame(1, counter, at, session=session, said=str(counter).encode(), co2=500 + counter)
    return arrive(AGREEMENT, Body(body, at, "?event=up"))


def joined(seconds: float) -> Arrival:
    at = NOW + timedelta(seconds=seconds)
    return arrive(AGREEMENT, Body(join(1, at), at, "?event=join"))


def counters(messages: list[Message]) -> list[int]:
    return [message.parsed.frame.counter for message in messages if message.parsed.frame is not None]


@given(
    order=st.permutations([counter for counter in range(5) for _ in range(3)]),
    cuts=st.sets(st.integers(1, 14)),
    late=st.lists(st.floats(0, 48), min_size=15, max_size=15),
)
def test_each_frame_counts_once(order: list[int], cuts: set[int], late: list[float]) -> None:
    """Five frames of ten seconds, each handed over three times within 48 s, under different times."""
    memory = Memory()
    said = [uplink(counter, counter * 10 + after) for counter, after in zip(order, late, strict=True)]
    kept: list[int] = []
    for begin, end in zip([0, *sorted(cuts)], [*sorted(cuts), 15], strict=True):
        if begin < end:
            kept += counters(memory.take(said[begin:end]))
    assert sorted(kept) == list(range(5))
    (state,) = memory.states.values()
    assert (state.epoch, state.counter) == (0, 4)


@given(epochs=st.lists(st.integers(1, 4), min_size=1, max_size=4), twice=st.booleans())
def test_after_a_join_the_same_counters_and_bytes_are_other_frames(epochs: list[int], *, twice: bool) -> None:
    memory = Memory()
    kept = 0
    for number, many in enumerate(epochs):
        start = number * 60
        group = [*([joined(start)] if number else []), *(uplink(step, start + 1 + step) for step in range(many))]
        kept += len(counters(memory.take(group)))
        if twice:
            assert memory.take(group) == []
    assert kept == sum(epochs)
    assert memory.states[AIR.id].epoch == len(epochs) - 1


def test_another_session_begins_an_epoch_without_a_join_being_heard() -> None:
    memory = Memory()
    assert counters(memory.take([uplink(0, 0), uplink(0, 60, session="20000002")])) == [0, 0]
    assert memory.states[AIR.id].session == "20000002"


def test_a_session_may_be_called_anything() -> None:
    memory = Memory()
    memory.take([uplink(0, 0, session="\0" * 3), uplink(1, 60, session="x" * 9_000)])
    assert len(memory.states[AIR.id].session) == 64


def test_a_device_was_heard_when_its_message_came_and_never_earlier() -> None:
    memory = Memory()
    memory.take([uplink(5, 60)])
    memory.take([uplink(4, 30)])
    assert memory.states[AIR.id].heard_at == NOW + timedelta(seconds=60)


def test_a_stranger_who_measures_nothing_is_told_once() -> None:
    def letters(arrival: Arrival) -> list[UUID]:
        group = Group([arrival], {}, {})
        messages = [*group.without_frame().values(), *group.frames({}).values()]
        return [letter.id for message in messages for letter in of_strangers(OWNER, message, {})]

    assert speakers([joined(0)]) == {SOURCE: {eui(1)}}
    assert len(letters(joined(0))) == 1
    assert letters(joined(0)) == letters(joined(60))
    assert letters(uplink(1, 0)) != letters(uplink(2, 0))
