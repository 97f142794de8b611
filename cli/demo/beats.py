"""Letting the gates be seen: each says once a minute how it is, at the server's own door, as a real terminal does.

Most are well. One has a clock that is wrong, one has long got no lists, and one falls silent after its first word.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta

from msgspec import Struct

from domain.ports import Clock
from terminal.client import TerminalClient
from terminal.errors import NoAnswer, TerminalError
from terminal.state import State
from terminal.wire import Health

VERSION = "1.0.0"

_MINUTE = 60.0
_HURRY = 0.05
"""Seconds between two gates in the first round: whoever opens the page finds them there."""

_LISTS_OF = timedelta(minutes=9)


class Habit(Struct, frozen=True):
    """How a gate is: how far its clock is off, how old its lists are, how much waits, and whether it goes on."""

    drift: timedelta = timedelta()
    lists_of: timedelta = _LISTS_OF
    backlog: int = 0
    falls_silent: bool = False


MISHAPS = {
    2: Habit(drift=timedelta(seconds=-205)),
    5: Habit(lists_of=timedelta(hours=31), backlog=12),
    8: Habit(falls_silent=True),
}
"""By the place of a terminal in the city."""


def health(habit: Habit, gate: str, clock: Clock) -> Health:
    """What a gate says of itself."""
    now = clock()
    return Health(
        version=VERSION,
        terminal_time=now + habit.drift,
        backlog=habit.backlog,
        bundle=int((now - habit.lists_of).timestamp()),
        bundle_age_seconds=int(habit.lists_of.total_seconds()),
        gate=gate,
    )


@contextmanager
def beating(gates: Sequence[State], clock: Clock) -> Iterator[None]:
    """Let these gates be seen by their server until the context ends, in a thread beside it."""
    ended = threading.Event()
    thread = threading.Thread(target=_beat, args=(gates, clock, ended), name="beats", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=2)


def _beat(gates: Sequence[State], clock: Clock, ended: threading.Event) -> None:
    with ExitStack() as stack:
        left = {
            place: (gate, stack.enter_context(TerminalClient(gate, clock=clock))) for place, gate in enumerate(gates)
        }
        pause = _HURRY
        while left and not ended.is_set():
            answered = 0
            for place in list(left):
                gate, client = left[place]
                habit = MISHAPS.get(place, Habit())
                try:
                    client.heartbeat(health(habit, gate.gates[0], clock))
                except NoAnswer:
                    break  # it is not there yet, or no more: all wait for it
                except TerminalError:
                    del left[place]  # somebody has revoked it, or runs it with another key
                else:
                    answered += 1
                    if habit.falls_silent:
                        del left[place]
                if ended.wait(pause):
                    return
            if answered:
                pause = _MINUTE / max(1, len(left))
            elif ended.wait(0.5):
                return
