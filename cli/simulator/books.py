"""What the client side saw: every tap, what its person heard, what was sent and what came back.

A tap is known by the instant that its terminal's own clock showed: no two taps of a run share one, and it goes with the
passage into the export.
"""

import hashlib
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.access.facts import Direction
from domain.access.merge import Flag
from domain.access.reasons import Outcome, Reason


class Heard(Struct, frozen=True):
    """What somebody at a gate heard, and whether the terminal decided it alone."""

    outcome: Outcome
    reason: Reason
    alone: bool


class Settled(Struct, frozen=True):
    """What the server said of a line, when, and by how much the terminal's clock was off as it was sent."""

    status: str
    flags: tuple[Flag, ...]
    at: datetime
    offset: timedelta


class Tap(Struct):
    """One showing. `medium` is what was shown; `offset` is the terminal's own clock less the true time."""

    number: int
    at: datetime
    shown_at: datetime
    station: int
    gate: str
    direction: Direction
    medium: str
    showing: str
    offset: timedelta
    heard: Heard | None = None
    """None: the power went before anybody heard."""
    trouble: str = ""
    damaged: bool = False
    answered: bytes | None = None
    """What the server answered under its key, whoever heard it."""
    settled: list[Settled] = []

    @property
    def on_record(self) -> bool:
        """Whether the person heard something that must be in the export."""
        if self.heard is None or self.trouble:
            return False
        return self.heard.reason not in {Reason.TERMINAL_STOPPED, Reason.NOT_RECORDED}

    @property
    def entered_alone(self) -> bool:
        """Whether the terminal let somebody in by itself, and not as a second reading."""
        said = self.heard
        return (
            said is not None
            and said.alone
            and self.direction is Direction.ENTRY
            and said.outcome in {Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING}
            and said.reason not in {Reason.DOUBLE_READ, Reason.SAME_TRIP}
        )


class Books:
    """Everything that was seen, and the log of it: the same run has the same log."""

    def __init__(self, now: Callable[[], datetime], tell: Callable[[str], None] | None = None) -> None:
        self._now = now
        self._tell = tell
        self._digest = hashlib.sha256()
        self.taps: dict[datetime, Tap] = {}
        self.counts: Counter[str] = Counter()
        self.blocked: dict[str, datetime] = {}
        self.revoked: dict[UUID, int] = {}
        """Terminals that were revoked, with the passages they had in the export as the server said so."""
        self.problems: list[str] = []
        """What was found wrong while it happened."""

    @property
    def digest(self) -> str:
        """The run in eight letters."""
        return self._digest.hexdigest()[:8]

    def log(self, words: str) -> None:
        """Note a step."""
        line = f"{self._now():%d %b %H:%M:%S.%f}  {words}"
        self._digest.update(line.encode())
        if self._tell is not None:
            self._tell(line)

    def wrong(self, words: str) -> None:
        """Note a step that must not be."""
        self.log(f"WRONG: {words}")
        self.problems.append(f"{self._now():%d %b %H:%M:%S}: {words}")

    def count(self, what: str, by: int = 1) -> None:
        """Count something for the ledger."""
        self.counts[what] += by

    def answered(self, body: bytes, answer: bytes) -> None:
        """Note what the server answered to a tap. Invariant I1: one key, one answer, byte for byte."""
        tap = self._tap(body)
        if tap is None:
            return
        if tap.answered is not None:
            self.count("answers heard again")
            if tap.answered != answer:
                self.wrong(f"I1: tap {tap.number} was answered in two ways: {tap.answered!r} and {answer!r}")
        tap.answered = answer

    def settled(self, body: bytes, answer: bytes, offset: timedelta) -> None:
        """Note what the server said of each line of an upload."""
        results = msgspec.json.decode(answer, type=_Results).results
        lines = [line for line in body.split(b"\n")[:-1] if line]
        if len(results) != len(lines):
            self.wrong(f"O1: {len(lines)} lines were sent and {len(results)} answered")
        for line, result in zip(lines, results, strict=False):
            self.count(f"lines {result.status}")
            tap = self._tap(line)
            if tap is not None:
                tap.settled = [*tap.settled, Settled(result.status, result.flags, self._now(), offset)]

    def _tap(self, body: bytes) -> Tap | None:
        try:
            return self.taps.get(msgspec.json.decode(body, type=_Sent).terminal_time)
        except msgspec.DecodeError:
            return None


class _Sent(Struct, rename="camel"):
    terminal_time: datetime


class _Result(Struct, rename="camel"):
    status: str
    flags: tuple[Flag, ...] = ()


class _Results(Struct):
    results: list[_Result]
