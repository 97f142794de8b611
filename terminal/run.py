"""The loop of a gate: a code is read, settled, shown.

Codes come as lines, as a scanner that behaves as a keyboard types them. A line that is one of the words below is a
command of whoever stands at the terminal.
"""

import secrets
from collections.abc import Callable, Iterable
from enum import StrEnum

from msgspec import Struct

from domain.access.answer import Answer, plain
from domain.access.facts import Direction
from domain.access.reasons import Reason
from terminal.device import Device
from terminal.errors import TerminalError
from terminal.evidence import MOST_CHARACTERS
from terminal.offline import Tap

_TURNED = {Direction.ENTRY: Direction.EXIT, Direction.EXIT: Direction.ENTRY}


class Command(StrEnum):
    """What may be typed instead of a code."""

    TURN = "/"
    """From entries to exits, or back."""
    STATUS = "?"
    QUIT = "q"


class Shown(Struct, frozen=True):
    """What a tap hears. `alone`: this terminal decided it by itself. `trouble`: why there is no more than a refusal."""

    key: str
    answer: Answer
    alone: bool
    trouble: str = ""


class Gate:
    """One gate of a terminal, open one way at a time."""

    def __init__(self, device: Device, code: str, direction: Direction) -> None:
        self._device = device
        self._code = code
        self.direction = direction

    def turn(self) -> None:
        """Go over from entries to exits, or back."""
        self.direction = _TURNED[self.direction]

    def show(self, credential: str) -> Shown:
        """Settle what was read."""
        key, clock = secrets.token_hex(16), self._device.clock
        if len(credential) > MOST_CHARACTERS:
            # No pass is so long: it is noise, and neither asked about nor kept.
            return Shown(key, plain(Reason.UNREADABLE, self.direction, clock.now()), alone=True)
        try:
            said = self._device.link.ask(Tap(key, self._code, credential, self.direction, clock.own()))
        except TerminalError as problem:
            refusal = plain(Reason.TERMINAL_STOPPED, self.direction, clock.now())
            return Shown(key, refusal, alone=True, trouble=str(problem))
        return Shown(key, said.answer, said.alone)


def run(gate: Gate, lines: Iterable[str], *, show: Callable[[Shown], None], command: Callable[[Command], None]) -> None:
    """Settle line after line, until there are no more or somebody quits."""
    for line in lines:
        text = line.strip("\r\n")
        if text.strip() in set(Command):
            asked = Command(text.strip())
            if asked is Command.QUIT:
                return
            if asked is Command.TURN:
                gate.turn()
            command(asked)
        elif text.strip():
            show(gate.show(text))
