"""What a case is, and how what came of it is told."""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Final, Generic, TypeVar

from msgspec import Struct

GUIDE: Final = "docs/terminal-integration.md"

T = TypeVar("T")


class Failed(Exception):
    """The other side does not do what the case expects; the message says what it did."""


class Skipped(Exception):
    """The case cannot be tried here; the message says why."""


class Verdict(StrEnum):
    """What came of a case."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class Case(Struct, Generic[T], frozen=True):
    """One case: what is expected, and which section of the guide says so (`anchor`)."""

    id: str
    expects: str
    anchor: str
    check: Callable[[T], None]

    @property
    def guide(self) -> str:
        """Where the guide tells it."""
        return f"{GUIDE}#{self.anchor}"


class Result(Struct, frozen=True, rename="camel"):
    """What came of a case. `said` is empty where it passed."""

    id: str
    verdict: Verdict
    expects: str
    guide: str
    said: str = ""


def run(cases: Iterable[Case[T]], subject: T) -> Iterator[Result]:
    """Try one case after the other. One that fails keeps no other from being tried."""
    for case in cases:
        verdict, said = Verdict.PASSED, ""
        try:
            case.check(subject)
        except Failed as problem:
            verdict, said = Verdict.FAILED, str(problem)
        except Skipped as reason:
            verdict, said = Verdict.SKIPPED, str(reason)
        yield Result(case.id, verdict, case.expects, case.guide, said)
