"""What is counted of passages, and of whom: the rows of the roll-ups, and which answers of a gate are a passage."""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from domain.access.facts import Direction
from domain.access.reasons import Outcome, Reason
from domain.text import Text

OPENED = frozenset({Outcome.GRANTED, Outcome.GRANTED_WITH_WARNING})

NO_PASSAGE = frozenset({Reason.DOUBLE_READ, Reason.SAME_TRIP, Reason.CANCELLED})
"""Answers that open a gate and count nobody: a code that stays before the reader, a change of bus, a cancellation."""

NO_REFUSAL = frozenset({Reason.CANCELLED_ALREADY, Reason.CANCELLED_TOO_LATE})
"""Answers to an agent or a terminal, not to somebody who wanted to come in."""


class Fate(StrEnum):
    """What an answer of a gate is to the dashboards."""

    ADMITTED = "admitted"
    REFUSED = "refused"
    OTHER = "other"
    """An exit, a deposit, a cancellation, a second reading."""


class Tally(Struct, frozen=True):
    """How many answers of one kind the gates of a site gave. `motive` is empty where no agent gave one."""

    site: str
    site_name: Text
    service: str
    direction: Direction
    outcome: Outcome
    reason: Reason
    motive: str
    offline: bool
    passages: int

    @property
    def fate(self) -> Fate:
        """Whether somebody was let in, refused, or neither."""
        return fate(self.direction, self.outcome, self.reason)


class HourTally(Struct, frozen=True):
    """Whom the gates of a service let in and whom not, in one hour of one weekday; Monday is 0."""

    service: str
    weekday: int
    hour: int
    admitted: int
    refused: int


class DayTally(Struct, frozen=True):
    """How many came through the gates of a service on one day."""

    service: str
    day: date
    admitted: int


class Adopted(Struct, frozen=True):
    """How many passes run in a commune, of one age band, at the end of a month."""

    month: date
    commune_code: str
    band: str
    passes: int


class TenthsUsed(Struct, frozen=True):
    """How many rights to a product have used how many tenths of one of its limits."""

    product: str
    product_name: Text
    service: str
    position: int
    tenth: int
    rights: int


class Silence(Struct, frozen=True):
    """How often a terminal was looked at in a period, and how often it was silent."""

    terminal: str
    looks: int
    silent: int


class PointTally(Struct, frozen=True):
    """How often the page of a point was shown, and what people felt about it, each feeling with its number."""

    slug: str
    title: Text
    visits: int
    feelings: dict[str, int]


def fate(direction: Direction, outcome: Outcome, reason: Reason) -> Fate:
    """Tell what an answer of a gate is to the dashboards."""
    if direction is not Direction.ENTRY or reason in NO_PASSAGE or reason in NO_REFUSAL:
        return Fate.OTHER
    return Fate.ADMITTED if outcome in OPENED else Fate.REFUSED
