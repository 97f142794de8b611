"""What the cases for terminals share: passes are shown, the double errs or not, and it is watched what comes."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from msgspec import Struct

from terminal.conformance.cases import Failed
from terminal.conformance.city import GOOD, STOPPED
from terminal.conformance.double import Asked, Double, Reply, lines_of, problem

VALIDATIONS: Final = "/v1/access/validations"
UPLOADS: Final = "/v1/access/uploads"
BUNDLES: Final = "/v1/terminals/bundles/"
TOKENS: Final = "/v1/terminals/tokens"
QUESTION_SECONDS: Final = 6.0
"""How soon a tap becomes a question: what takes longer was decided by the terminal itself."""

_ANSWER_SECONDS = 0.5
"""An answer is on its way when its request was heard, and what follows counts on it."""


class Told(Struct, frozen=True):
    """One line of an upload as it came."""

    at: float
    line: dict[str, Any]
    text: bytes


class Scene:
    """One terminal before the double. `show` has somebody show a pass at it, by the text of its code."""

    def __init__(self, double: Double, show: Callable[[str], object], *, patience: float) -> None:
        self.double = double
        self._show = show
        self.patience = patience
        self._taps = 0

    def mark(self) -> float:
        """Now, for what comes after."""
        return time.monotonic()

    def requests(self, path: str, *, since: float = 0.0) -> list[Asked]:
        """The requests to a path, or below it, from a mark on."""
        with self.double.heard:
            return [asked for asked in self.double.asked if asked.path.startswith(path) and asked.at >= since]

    def told(self, *, since: float = 0.0) -> list[Told]:
        """The lines that came up from a mark on."""
        return [
            Told(asked.at, line, text)
            for asked in self.requests(UPLOADS, since=since)
            for line, text in zip(lines_of(asked.body), asked.body.split(b"\n")[:-1], strict=True)
        ]

    def wait(self, found: Callable[[], object], *, otherwise: str, seconds: float | None = None) -> None:
        """Wait until something is there.

        Raises:
            Failed: it did not come; `otherwise` is the sentence.
        """
        until = time.monotonic() + (seconds if seconds is not None else self.patience)
        while not found():
            left = until - time.monotonic()
            if left <= 0:
                raise Failed(otherwise)
            with self.double.heard:
                self.double.heard.wait(min(left, 0.2))

    def tap(self, credential: str | None = None) -> str:
        """Have a pass shown, another each time, and return its code."""
        if credential is None:
            credential = self.double.city.passes[GOOD[self._taps % len(GOOD)]]
            self._taps += 1
        self._show(credential)
        return credential

    @property
    def stopped(self) -> str:
        """The pass that was stopped."""
        return self.double.city.passes[STOPPED]

    def question(self) -> Asked:
        """Show passes until one is asked about, and return the question.

        Raises:
            Failed: nothing is asked.
        """
        began = since = self.mark()
        while True:
            code = self.tap()
            try:
                self.wait(
                    lambda: self._about(code, since),  # noqa: B023 - called at once
                    otherwise="Nothing is asked of the server when a pass is shown.",
                    seconds=min(QUESTION_SECONDS, self.patience),
                )
            except Failed:
                if time.monotonic() - began > self.patience:
                    raise
            else:
                return self._about(code, since)[0]

    def again(self, first: Asked, *, seconds: float | None = None) -> Asked | None:
        """Return the next question under the key of one; None where it is decided alone and told instead.

        Raises:
            Failed: neither comes: the passage is lost.
        """
        key = first.json().get("key")

        def repeated() -> list[Asked]:
            return [one for one in self.requests(VALIDATIONS, since=first.at)[1:] if one.json().get("key") == key]

        def settled() -> list[Told]:
            return [one for one in self.told(since=first.at) if one.line.get("key") == key]

        self.wait(
            lambda: repeated() or settled(),
            otherwise="The question is neither asked again nor told afterwards under its key: the passage is lost.",
            seconds=seconds,
        )
        return repeated()[0] if repeated() else None

    def alone(self, credential: str | None = None) -> Told:
        """Show a pass while the server cannot decide, and return the line that tells of it.

        Raises:
            Failed: nothing is told.
        """
        since = self.mark()
        with self.away():
            code = self.tap(credential)
            self.wait(
                lambda: [one for one in self.told(since=since) if one.line.get("credential") == code],
                otherwise="What was decided without the server is not told once it answers.",
            )
            time.sleep(_ANSWER_SECONDS)
        return next(one for one in self.told(since=since) if one.line.get("credential") == code)

    @contextmanager
    def away(self) -> Iterator[None]:
        """The server runs and cannot decide: its database is away."""
        with self.script(
            lambda asked: problem(503, "ledger-unavailable") if asked.path == VALIDATIONS else None,
        ):
            yield

    @contextmanager
    def script(self, script: Callable[[Asked], Reply | None]) -> Iterator[None]:
        """Have the double err for a while, beside what it errs in already."""
        before = self.double.script
        self.double.script = lambda asked: script(asked) or before(asked)
        try:
            yield
        finally:
            self.double.script = before

    def fetch(self, since: float) -> None:
        """Say that there is a new bundle, and wait until it is fetched.

        Raises:
            Failed: it is not.
        """
        self.double.tell("bundle")
        self.wait(
            lambda: self.requests(BUNDLES, since=since),
            otherwise="The bundle is not asked for, neither after an event `bundle` nor by and by.",
        )
        time.sleep(_ANSWER_SECONDS)

    def _about(self, credential: str, since: float) -> list[Asked]:
        return [one for one in self.requests(VALIDATIONS, since=since) if one.json().get("credential") == credential]


def once(path: str, reply: Reply) -> Callable[[Asked], Reply | None]:
    """Err with the first request to a path, and never again."""
    spent: list[Asked] = []

    def script(asked: Asked) -> Reply | None:
        if asked.path != path or spent:
            return None
        spent.append(asked)
        return reply

    return script
